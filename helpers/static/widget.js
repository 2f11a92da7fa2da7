// The notebook's side of a live map: holds the frame, passes on only the layers that changed,
// and shows beneath it the sentence, the text and table twins, and how it is drawn.
const layersOf = (model) => model.get("layer_keys").map((key) => model.get(key)).filter(Boolean);
const onMap = (layer) => layer.kind !== "chart";
// A map's frame is a process of its own: text gets there in half the time of lists of lists.
const packed = (layer) => (layer.cells ? layer : JSON.stringify(layer));

// What all maps share is unpacked by loader.js; the page holds marks in its place.
async function wholePage(model) {
  const page = model.get("page"), parts = model.get("parts");
  if (!parts) return page; // whole already, as on the site
  const shared = await model.widget_manager.get_model(parts.replace("IPY_MODEL_", ""));
  const assets = await shared.silkroadAssets;
  return page.replace(/<!-- silkroad (\w+) -->/g, (_, name) => assets[name]);
}

// Python's words, comments and texts, set apart without colours: for every theme, and on paper.
const WORDS = "and|as|assert|break|class|continue|def|elif|else|except|finally|for|from|if|import|in|is|lambda|not|or|pass|raise|return|try|while|with|yield|None|True|False";
const TOKENS = new RegExp(`(#.*)|("""[^]*?"""|"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*')|\\b(${WORDS})\\b`, "g");
function setCode(code, text) {
  let done = 0;
  for (const found of text.matchAll(TOKENS)) {
    const part = document.createElement("span");
    part.className = "silkroad-code-" + ["comment", "text", "word"].find((_, i) => found[i + 1]);
    part.textContent = found[0];
    code.append(text.slice(done, found.index), part);
    done = found.index + found[0].length;
  }
  code.append(text.slice(done));
}

// ipywidgets leaves sliders and play buttons without a name, and a slider of choices reads out its
// number instead of the choice; screen readers need both.
const BUTTONS = { "fa-play": "Play", "fa-pause": "Pause", "fa-stop": "Stop", "fa-retweet": "Repeat" };
function nameControls(row) {
  const put = (node, key, value) => { if (value && node.getAttribute(key) !== value) node.setAttribute(key, value); };
  const text = (part, selector) => part?.querySelector(selector)?.textContent.trim();
  for (const node of row.querySelectorAll('[title="null"]')) node.removeAttribute("title"); // ipywidgets, of no tooltip
  for (const part of row.children) {
    // What a slider of choices says cannot be typed; ipywidgets gives it, alone, no class of its own.
    if (!part.classList.contains("jupyter-widgets")) for (const said of part.querySelectorAll(".widget-readout")) put(said, "contenteditable", "false");
    for (const handle of part.querySelectorAll(".noUi-handle")) {
      put(handle, "aria-label", text(part, ".widget-label"));
      put(handle, "aria-valuetext", text(part, ".widget-readout"));
    }
    for (const icon of part.querySelectorAll("button > i.fa")) {
      const kind = Object.keys(BUTTONS).find((name) => icon.classList.contains(name));
      if (kind) put(icon.parentNode, "aria-label", `${BUTTONS[kind]} ${text(part.previousElementSibling, ".widget-label") || ""}`.trim());
    }
  }
}

// A chart comes as a drawing, and as another for a telephone where there is one or nothing moves,
// with a box and a sentence for each row drawn. A pointer that comes near a box, or the arrow keys,
// show its sentence; a click or Enter passes it on to `pick`, for a map beside it. A drawing smaller
// than half a page may stand beside it.
const NARROW = 620, NEAR = 24; // pixels
class Chart {
  constructor(parent, pick, narrowed) {
    Object.assign(this, { pick, narrowed });
    const make = (name, within) => {
      const node = document.createElement("div");
      node.className = "silkroad-" + name;
      within.appendChild(node);
      return node;
    };
    this.node = make("chart", parent);
    this.picture = make("picture", this.node);
    this.slider = make("values", this.node); // to a screen reader: one control with many values
    this.ring = make("ring", this.node);
    this.word = make("value", this.node);
    this.at = 0;
    this.hide();
    this.slider.setAttribute("role", "slider");
    this.slider.addEventListener("pointermove", (event) => this.point(event));
    this.slider.addEventListener("pointerdown", (event) => this.point(event));
    this.slider.addEventListener("click", (event) => { this.point(event); this.choose(); });
    this.slider.addEventListener("pointerleave", () => this.hide());
    this.slider.addEventListener("focus", () => { if (this.slider.matches(":focus-visible")) this.show(this.at); });
    this.slider.addEventListener("blur", () => this.hide());
    this.slider.addEventListener("keydown", (event) => this.press(event));
    this.width = 0;
    // Asked for at each move it would be a layout more.
    this.sized = new ResizeObserver(() => { this.width = this.node.clientWidth; this.draw(); });
    this.sized.observe(this.node);
  }
  set(spec) {
    if (spec === this.spec) return;
    const open = !this.word.hidden;
    if (!spec.wide || spec.wide !== this.spec?.wide) this.drawn = null; // else it comes with the other drawing
    this.spec = spec;
    const own = Number(/ width="(\d+)"/.exec(spec.wide)?.[1] || 0); // pixels
    this.node.style.maxWidth = own ? own + "px" : "";
    this.node.classList.toggle("silkroad-beside", own > 0 && own < NARROW);
    this.draw();
    const count = spec.values?.length || 0, name = spec.name;
    this.at = Math.min(this.at, Math.max(count - 1, 0));
    this.slider.hidden = !count;
    this.slider.tabIndex = 0;
    for (const [key, value] of Object.entries({ label: `Values of the chart: ${name}`, valuemin: 1, valuemax: count })) this.slider.setAttribute("aria-" + key, value);
    this.tell();
    if (open && count) this.show(this.at);
  }
  draw() {
    const narrow = this.width && this.width < NARROW && !this.spec.src && this.spec.narrow !== "";
    if (narrow) this.narrowed();
    const way = this.spec.src ? "src" : narrow && this.spec.narrow ? "narrow" : "wide";
    if (way === this.drawn) return;
    this.drawn = way;
    if (way === "src") {
      const image = document.createElement("img");
      Object.assign(image, { src: this.spec.src, alt: this.spec.alt });
      this.picture.replaceChildren(image);
    } else {
      this.picture.innerHTML = this.spec[way]; // every text in it was escaped
      this.picture.firstChild.setAttribute("role", "img");
      this.picture.firstChild.setAttribute("aria-label", this.spec.alt);
    }
    this.hide();
  }
  // Boxes are in the drawing's own units: thousandths of an inch.
  box(i) { return this.spec[this.drawn === "narrow" ? "narrow_boxes" : "boxes"][i]; }
  point(event) {
    const { a: scale, e, f } = this.picture.firstChild.getScreenCTM();
    const x = (event.clientX - e) / scale, y = (event.clientY - f) / scale;
    let best = NEAR / scale, found = -1;
    this.spec.values.forEach((_, i) => {
      const [left, top, right, bottom] = this.box(i);
      const away = Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
      if (away <= best) { best = away; found = i; }
    });
    if (found < 0) this.hide();
    else this.show(found);
  }
  press(event) {
    const last = this.spec.values.length - 1;
    const to = { ArrowRight: this.at + 1, ArrowDown: this.at + 1, ArrowLeft: this.at - 1, ArrowUp: this.at - 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") this.hide();
    if (event.key === "Enter") this.choose();
    if (to === undefined) return;
    event.preventDefault();
    this.show(Math.max(0, Math.min(to, last)));
  }
  choose() { if (!this.word.hidden) this.pick(this.spec.values[this.at]); }
  tell() {
    this.slider.setAttribute("aria-valuenow", this.at + 1);
    this.slider.setAttribute("aria-valuetext", this.spec.values?.[this.at] || "");
  }
  show(i) {
    this.at = i;
    this.tell();
    const svg = this.picture.firstChild, zoom = this.node.offsetWidth / this.node.getBoundingClientRect().width || 1;
    const { a: scale, e, f } = svg.getScreenCTM(), place = this.node.getBoundingClientRect();
    const away = [e - place.left, f - place.top, e - place.left, f - place.top];
    const [left, top, right, bottom] = this.box(i).map((side, k) => (side * scale + away[k]) * zoom);
    Object.assign(this.ring.style, { left: left - 5 + "px", top: top - 5 + "px", width: right - left + 10 + "px", height: bottom - top + 10 + "px" });
    this.word.textContent = this.spec.values[i];
    this.ring.hidden = this.word.hidden = false;
    const room = this.node.clientWidth - this.word.offsetWidth, high = this.word.offsetHeight;
    this.word.style.left = Math.max(0, Math.min((left + right - this.word.offsetWidth) / 2, room)) + "px";
    this.word.style.top = (top - 8 - high < 0 ? bottom + 8 : top - 8 - high) + "px";
  }
  hide() { this.ring.hidden = this.word.hidden = true; }
  remove() { this.sized.disconnect(); this.node.remove(); }
}

// A kernel that ended takes its views along, and they say so. While the network is down they wait;
// then the kernel is asked whether it still has the view's widgets.
const ENDED = "The kernel of this view has ended: run this cell again to move it.";
const WAITS = "The kernel cannot be reached: this view waits for the connection.";
const WAIT_MS = 3000;
function watchKernel(model, tell) {
  const session = model.widget_manager?.context?.sessionContext; // no page but JupyterLab's has one
  if (!session) return () => {};
  let waiting = 0;
  const ask = async () => {
    const { content } = await session.session.kernel.requestCommInfo({ target_name: "jupyter.widget" });
    tell(model.get("key") in content.comms ? "" : ENDED);
  };
  const status = (_, now) => { if (["restarting", "autorestarting", "dead", "terminating"].includes(now)) tell(ENDED); };
  const connection = (_, now) => {
    clearTimeout(waiting);
    if (now === "connected") ask().catch(() => {});
    else if (session.session?.kernel) waiting = setTimeout(() => tell(WAITS), WAIT_MS);
  };
  const changed = (_, { newValue }) => { clearTimeout(waiting); if (newValue) ask().catch(() => {}); else tell(ENDED); };
  session.statusChanged.connect(status);
  session.connectionStatusChanged.connect(connection);
  session.kernelChanged.connect(changed);
  if (model.get("layout")?.comm_live === false) tell(ENDED); // saved with the notebook, without its kernel
  return () => {
    clearTimeout(waiting);
    session.statusChanged.disconnect(status);
    session.connectionStatusChanged.disconnect(connection);
    session.kernelChanged.disconnect(changed);
  };
}

function render({ model, el }) {
  el.classList.add("silkroad");
  const make = (tag, name, parent = el) => {
    const node = document.createElement(tag);
    node.className = "silkroad-" + name;
    parent.appendChild(node);
    return node;
  };
  const key = model.get("key");
  // What is stored as text is for a page without this widget.
  if (key) make("style", "hides").textContent = `.jp-OutputArea-child:has([data-silkroad="${key}"]), [data-silkroad="${key}"] { display: none; }`;
  const gone = make("p", "gone");
  gone.setAttribute("role", "status");
  const error = make("p", "error");
  error.setAttribute("role", "alert");
  const headline = make("p", "headline");
  headline.setAttribute("aria-live", "polite");
  const busy = make("p", "busy");
  busy.textContent = "computing the exact result…";
  const hasMap = Boolean(model.get("page"));
  const frame = hasMap ? make("iframe", "frame") : null;
  const charts = make("div", "charts"), drawn = [];
  const fold = (name, title) => {
    const details = make("details", name);
    make("summary", name + "-title", details).textContent = title;
    const body = make("div", name + "-body", details);
    // It scrolls, so the keyboard must be able to reach it.
    body.tabIndex = 0;
    body.setAttribute("role", "region");
    body.setAttribute("aria-label", title);
    return [details, body];
  };
  const [details, twin] = fold("twin", `The ${hasMap ? "map" : "chart"} as text and tables`);
  const sources = Object.entries(model.get("source"));
  if (sources.length) {
    const [, body] = fold("source", "How is this drawn?");
    for (const [file, text] of sources) {
      make("p", "source-file", body).textContent = file;
      const block = make("pre", "source-code", body);
      block.tabIndex = 0; // wide code is scrolled by keyboard, too
      setCode(make("code", "code", block), text);
    }
  }

  const post = (message) => frame?.contentWindow?.postMessage({ silkroad: message }, "*");
  const everything = () => post({ set: layersOf(model).filter(onMap).map(packed), view: model.silkroadView });
  let ready = false;
  const receive = (event) => {
    if (!frame || event.source !== frame.contentWindow || !event.data?.silkroad) return;
    if (event.data.silkroad.leave) details.firstChild.focus();
    if (event.data.silkroad.click && !lost) model.send({ click: event.data.silkroad.click });
    // Together with its controls; where the browser refuses, the map stays as it is.
    if (event.data.silkroad.screen) (document.fullscreenElement ? document.exitFullscreen() : box.requestFullscreen()).catch(() => {});
    // A frame that was moved in the page starts anew: give it all layers and the reader's view.
    if (event.data.silkroad.ready) { ready = true; everything(); }
    if (event.data.silkroad.view) model.silkroadView = event.data.silkroad.view;
  };
  window.addEventListener("message", receive);
  if (frame) {
    frame.title = model.get("title");
    frame.style.height = model.get("height") + "px";
    frame.allowFullscreen = true;
    frame.setAttribute("sandbox", "allow-scripts allow-popups allow-popups-to-escape-sandbox");
    wholePage(model).then((page) => { frame.srcdoc = page; }, () => {
      error.textContent = "This map has lost its parts: run the lesson again.";
      error.hidden = false;
    });
  }

  const drawCharts = () => {
    const specs = layersOf(model).filter((layer) => !onMap(layer));
    while (drawn.length > specs.length) drawn.pop().remove();
    const pick = (words) => post({ pick: words });
    // While a control moves, the kernel draws for a telephone only where there is one.
    const narrowed = () => { if (model.get("narrow") === false) { model.set("narrow", true); model.save_changes(); } };
    specs.forEach((spec, i) => (drawn[i] ||= new Chart(charts, pick, narrowed)).set(spec));
    el.classList.toggle("silkroad-pair", hasMap && !!charts.querySelector(".silkroad-beside"));
  };
  const drawText = () => {
    headline.textContent = model.get("headline");
    markChinese(headline);
    headline.hidden = !model.get("headline");
    error.textContent = model.get("error");
    error.hidden = !model.get("error");
  };
  let lost = ""; // what happened to its kernel
  const drawTwin = () => {
    twin.innerHTML = model.get("twin") || (lost && document.querySelector(`[data-silkroad="${key}"] .mathjax_ignore`)?.outerHTML) || "";
    markChinese(twin);
  };
  // What is shown is a preview, and the fine result on its way.
  const drawBusy = () => {
    busy.hidden = !model.get("computing");
    el.setAttribute("aria-busy", String(!busy.hidden));
  };
  details.addEventListener("toggle", () => {
    drawTwin();
    if (details.open !== model.get("twin_open")) { model.set("twin_open", details.open); model.save_changes(); }
  });

  // Several layers change in one message from the kernel: pass them on as one, too.
  const shown = new Map(model.get("layer_keys").map((key) => [key, model.get(key)]));
  const changed = new Set();
  const flush = () => {
    const before = [...changed].map((key) => shown.get(key)).filter(Boolean);
    const set = [...changed].map((key) => model.get(key)).filter(Boolean).filter(onMap).map(packed);
    for (const key of changed) shown.set(key, model.get(key));
    changed.clear();
    const kept = new Set(layersOf(model).map((layer) => layer.name));
    const remove = before.map((layer) => layer.name).filter((name) => !kept.has(name));
    if (ready) post({ set, remove });
    drawCharts();
  };
  const watched = model.get("layer_keys").map((key) => [`change:${key}`, () => {
    if (!changed.size) queueMicrotask(flush);
    changed.add(key);
  }]);
  watched.push(["change:headline", drawText], ["change:error", drawText], ["change:twin", drawTwin], ["change:computing", drawBusy]);
  for (const [event, react] of watched) model.on(event, react);
  drawText();
  drawCharts();
  drawBusy();
  // The controls stand beside this widget, in the box that holds both: there once the page holds it.
  // JupyterLab takes the arrow and Enter keys from what has the focus, unless that says no.
  const keepKeys = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  // Escape is JupyterLab's: it ends the slides.
  const giveEscape = (event) => {
    if (event.key !== "Escape") return;
    event.target.removeAttribute("data-lm-suppress-shortcuts");
    setTimeout(() => keepKeys(event));
  };
  let box = null, row = null;
  // Controls, headline and map are seen together: the map takes what the others leave of the window.
  let width = 0, tall = 0, rest = 0;
  const fitFrame = () => {
    if (!frame || !box || !el.clientWidth) return;
    const page = el.closest(".jp-WindowedPanel-outer"), whole = document.fullscreenElement === box;
    const high = page && !whole ? page.clientHeight : innerHeight;
    box.classList.toggle("silkroad-low", high < 480);
    if (width !== el.clientWidth || tall !== high) { width = el.clientWidth; tall = high; rest = 0; }
    rest = Math.max(rest, frame.getBoundingClientRect().top - box.getBoundingClientRect().top); // the longest headline, so that nothing jumps
    const room = high - rest - 44;
    const most = whole ? room : Math.min(model.get("height"), room, width / 2 + 200); // a telephone is narrow
    frame.style.height = Math.max(150, Math.round(most)) + "px";
  };
  const sized = new ResizeObserver(() => setTimeout(fitFrame)); // what is observed changes by it
  for (const part of [el, headline]) sized.observe(part);
  window.addEventListener("resize", fitFrame);
  const name = () => {
    if (!row && (row = box.querySelector(".silkroad-controls"))) // it may come after this widget
      named.observe(row, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-valuetext", "class", "contenteditable", "title"] });
    if (!row) return;
    nameControls(row);
    row.inert = Boolean(lost);
  };
  const drawLost = () => {
    gone.textContent = lost;
    box?.classList.toggle("silkroad-lost", Boolean(lost));
    if (!row) return;
    row.inert = Boolean(lost);
    if (lost) for (const icon of row.querySelectorAll(".fa-pause")) icon.parentNode.click(); // else it would play on
  };
  const named = new MutationObserver(name);
  const placed = new ResizeObserver(() => {
    box ||= el.closest(".silkroad-view");
    if (!box) return;
    placed.disconnect();
    box.addEventListener("focusin", keepKeys);
    box.addEventListener("keydown", giveEscape);
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", model.get("title"));
    markNotebook(box.closest(".jp-Notebook"));
    setTimeout(fitFrame);
    named.observe(box, { childList: true });
    name();
    drawLost();
  });
  const unwatch = watchKernel(model, (words) => { lost = words; drawLost(); drawTwin(); });
  placed.observe(el);
  return () => {
    unwatch();
    named.disconnect();
    placed.disconnect();
    sized.disconnect();
    window.removeEventListener("resize", fitFrame);
    box?.removeEventListener("focusin", keepKeys);
    box?.removeEventListener("keydown", giveEscape);
    window.removeEventListener("message", receive);
    drawn.forEach((chart) => chart.remove());
    for (const [event, react] of watched) model.off(event, react);
  };
}
export default { render };
