// In a page without a kernel: the same widget, answered by frames that were recorded beforehand.
// A control can only be moved to what was recorded with the others where they stand. Where controls
// stand is in the address, as #view-growth?date=2018-12-31, so that a state can be linked to.
window.silkroad = ((SHARED, REFERENCES) => {
  "use strict";
  const base = document.currentScript.src.replace(/[^/]*$/, "");
  const arrived = new Map(); // key -> what waits for what is packed there
  let assets = null;         // the script and the countries all maps share
  let about = null;          // {code: what the source or the claim is}
  let telling = 0;           // the view moved last will be told in the address

  const script = (name) => new Promise((done, fail) => {
    const node = document.createElement("script");
    Object.assign(node, { src: base + name, onload: done, onerror: () => fail(new Error(`${name} is missing`)) });
    document.head.append(node);
  });
  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  async function load(key) {
    const packed = new Promise((done) => arrived.set(key, done));
    await script(`${key}.js`);
    return unpack(await packed);
  }
  const once = new Map(); // what all views share: key -> promise
  const share = (key) => once.get(key) || once.set(key, load(key)).get(key);
  const withAssets = async () => { assets = await share(SHARED); };
  const withReferences = async () => { about = await share(REFERENCES); };

  // ---- what is packed, see tools/packing.py ----------------------------------------------------
  // Texts of one shape stand together: the shape, then a column for each number in it, in which
  // nothing stands for what is as before. Each is put together when it is asked for.
  function pool(shapes) {
    return shapes.flatMap(([shape, ...columns]) => {
      const words = shape.split("0");
      const numbers = columns.map((column) => {
        let before = "";
        return column.split(",").map((number) => (before = number || before));
      });
      const text = (i) => words.map((word, k) => (k ? numbers[k - 1][i] : "") + word).join("");
      return Array.from({ length: numbers[0]?.length || 1 }, (_, i) => () => JSON.parse(text(i)));
    });
  }
  // A grid: the value of each run of equal cells, and how long it is, each as a character.
  const FIRST = 58;
  function cells([values, lengths]) {
    const long = Array.from(lengths, (letter) => letter.charCodeAt(0) - FIRST);
    const all = new Uint8Array(long.reduce((sum, one) => sum + one, 0));
    let done = 0;
    long.forEach((length, i) => all.fill(values.charCodeAt(i) - FIRST, done, (done += length)));
    return all;
  }
  // Tracks: how each step changes from the step before, in the characters of encoded polylines.
  function track(text, unit) {
    const whole = [];
    let number = 0, place = 1;
    for (const letter of text) {
      const part = letter.charCodeAt(0) - 63;
      number += (part % 32) * place;
      place *= 32;
      if (part >= 32) continue;
      whole.push(number % 2 ? -(number + 1) / 2 : number / 2);
      number = 0; place = 1;
    }
    const half = whole.length / 2, rows = [];
    for (let i = 0, at = [0, 0], step = [0, 0]; i < half; i++) {
      step = step.map((before, k) => before + whole[i + k * half]);
      at = at.map((before, k) => before + step[k]);
      rows.push(at.map((n) => n / unit));
    }
    return rows;
  }
  const paths = ([digits, all]) => all.map((path) => path.map((piece) => track(piece, 10 ** digits)));
  const PACKED = { cells, paths };

  const make = (tag, name, parent, text) => {
    const node = document.createElement(tag);
    if (name) node.className = "silkroad-" + name;
    if (text !== undefined) node.textContent = text;
    parent?.append(node);
    return node;
  };

  // Puts the script and the countries back into a page that was stored without them.
  const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
  const escaped = (text) => text.replace(/[&<>"']/g, (sign) => SIGNS[sign]);
  const whole = (page) => page.replace(/<!-- silkroad (\w+)( escaped)? -->/g,
    (_, name, within) => (within ? escaped(assets[name]) : assets[name]));

  // ---- codes of sources (S222) and claims (C084) lead to their entries ------------------------
  const CODE = /\b[SC]\d{3}\b/, CODES = /\b[SC]\d{3}\b/g;
  const ROOT = base.replace(/_static\/silkroad\/$/, "");
  const entry = (code) => `${ROOT}${code[0] === "S" ? "sources" : "claims"}.html#${code}`;
  function refer(root, link) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) =>
      CODE.test(node.data) && !node.parentNode.closest("a, pre, code, script, style, svg, select")
        ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const node of texts) {
      const parts = [];
      let done = 0;
      for (const found of node.data.matchAll(CODES)) {
        if (!about[found[0]]) continue;
        parts.push(node.data.slice(done, found.index), link(found[0]));
        done = found.index + found[0].length;
      }
      if (parts.length) node.replaceWith(...parts, node.data.slice(done));
    }
  }
  function reference(code, doc = document) {
    const link = doc.createElement("a");
    Object.assign(link, { className: "silkroad-ref", href: entry(code), textContent: code });
    link.dataset.about = about[code];
    link.setAttribute("aria-description", about[code]);
    return link;
  }
  const referring = async (root) => {
    if (!CODE.test(root.textContent)) return;
    await withReferences();
    refer(root, reference);
  };
  // A map's cards stand in a frame that may lead nowhere itself: it asks its page.
  const CARDS = `<script>(() => {
    const CODES = /\\b[SC]\\d{3}\\b/g;
    addEventListener("message", ({ data, source }) => {
      const about = source === parent && data?.silkroadAbout;
      if (!about) return;
      for (const cell of document.querySelectorAll(".leaflet-popup-content td")) {
        if (cell.querySelector("a")) continue;
        const text = cell.textContent, parts = [];
        let done = 0;
        for (const found of text.matchAll(CODES)) {
          if (!about[found[0]]) continue;
          const link = document.createElement("a");
          Object.assign(link, { href: "#", textContent: found[0], title: about[found[0]] });
          link.setAttribute("aria-label", found[0] + ", " + about[found[0]]);
          link.addEventListener("click", (event) => {
            event.preventDefault();
            parent.postMessage({ silkroadEntry: found[0] }, "*");
          });
          parts.push(text.slice(done, found.index), link);
          done = found.index + 4;
        }
        if (parts.length) cell.replaceChildren(...parts, text.slice(done));
      }
    });
    new MutationObserver((changes) => {
      const text = changes.map((c) => [...c.addedNodes].map((n) => n.textContent).join()).join();
      const codes = text.match(CODES);
      if (codes) parent.postMessage({ silkroadAsk: codes }, "*");
    }).observe(document, { subtree: true, childList: true });
  })();<\/script>`;
  addEventListener("message", async ({ data, source }) => {
    const ours = [...document.querySelectorAll("iframe")].some((frame) => frame.contentWindow === source);
    if (!ours || !data) return;
    if (data.silkroadAsk) {
      await withReferences();
      const asked = data.silkroadAsk.filter((code) => about[code]).map((code) => [code, about[code]]);
      source.postMessage({ silkroadAbout: Object.fromEntries(asked) }, "*");
    }
    if (CODE.test(data.silkroadEntry)) location.href = entry(data.silkroadEntry.slice(0, 4));
  });

  // ---- the reader's own place -------------------------------------------------------------------
  const NARROW_DEG = 10; // a map of less than this is a street or a coast, not the world
  function isWide(page) {
    const [, found] = /"bounds": ?(\[\[.+?\]\])/.exec(page) || [];
    const [[south], [north]] = found ? JSON.parse(found) : [[-90], [90]];
    return north - south >= NARROW_DEG;
  }
  function nearWords({ name, km, country }, here) {
    if (country) return km ? `${here.country || "its country"} is not recorded here.` : `${here.country} is recorded here.`;
    if (km < 1) return "it is a town recorded here.";
    return `the nearest town recorded here is ${name}, ${silkroadPlace.spoken(km)} km away.`;
  }
  function twinOf({ name, label: [town], lat: [lat], lon: [lon] }) { // as helpers/maps.py has it
    const row = [town, lat, lon].map((value) => `<td>${escaped(String(value))}</td>`).join("");
    return `<p><strong>${name}</strong></p><table class="dataframe"><thead><tr><th>name</th><th>lat</th><th>lon</th></tr></thead><tbody><tr>${row}</tr></tbody></table>`;
  }

  // The map on which a click chooses a place. Returns a function that marks the present one.
  async function chooser(key, parent, clicked) {
    const { page, title, height, twin, layers, reach_deg: reach } = await share(key);
    await withAssets();
    const model = new Model({
      ...layers, layer_keys: [...layers.keys(), "layer_mine"], layer_mine: null, title, height, twin,
      headline: "", error: "", twin_open: false, page: whole(page), parts: null, source: {},
    });
    model.send = ({ click }) => clicked(click, reach);
    const view = make("div", "view", parent);
    silkroadWidget.render({ model, el: make("div", "", view) });
    return (place) => {
      const spec = place && { ...silkroadPlace.mark(place), asks: layers[0].asks };
      model.set("layer_mine", spec);
      model.set("twin", twin + (spec ? twinOf(spec) : ""));
    };
  }

  // What the widget asks of its model in a notebook, without a kernel behind it.
  class Model {
    constructor(values) { this.values = values; this.heard = new Map(); }
    get(key) { return this.values[key]; }
    set(key, value) {
      if (this.values[key] === value) return;
      this.values[key] = value;
      for (const react of this.heard.get("change:" + key) || []) react();
    }
    on(event, react) { this.heard.set(event, [...(this.heard.get(event) || []), react]); }
    off(event, react) { this.heard.set(event, (this.heard.get(event) || []).filter((one) => one !== react)); }
    save_changes() {}
  }

  class Player {
    constructor(place, recording) {
      Object.assign(this, recording, { place, pool: pool(recording.pool), known: new Map(), specs: new Map(), timer: 0 });
      this.begun = this.controls.map((control) => control.start);
      this.starts = this.nearMine();
      this.places = [...this.starts];
      const all = Object.keys(this.states).map((key) => key.split(","));
      // The stops of each control that were recorded at all, with the others wherever they stood.
      this.recorded = this.controls.map((control, i) => {
        const found = new Set(all.map((state) => state[i]));
        return control.stops.map((_, stop) => stop).filter((stop) => found.has(String(stop)));
      });
      const keys = [...Array.from({ length: this.slots }, (_, i) => `layer_${i}`), "layer_mine"];
      this.model = new Model({
        ...Object.fromEntries(keys.map((key) => [key, null])),
        layer_keys: keys, title: this.title, height: this.height, error: "", twin_open: false,
        page: this.page && whole(this.page) + CARDS, parts: null, source: this.source,
      });
      const view = make("div", "view");
      const row = make("div", "controls", view);
      this.parts = this.controls.map((control, i) => this.control(control, i, row));
      this.yours = make("p", "yours", view);
      const widget = make("div", "", view);
      this.summary = make("p", "summary", view);
      this.note = make("p", "note", view);
      silkroadWidget.render({ model: this.model, el: widget });
      place.player = this;
      this.tellMine();
      this.show();
      silkroadPlace.watch(() => this.settle());
      place.replaceChildren(view);
      place.dataset.state = "ready";
      const dress = () => { markChinese(view); referring(view); };
      new MutationObserver(dress).observe(view, { subtree: true, childList: true });
      dress();
    }

    // ---- the address --------------------------------------------------------------------------
    // Go where the address says: all its controls, or the start with a word on what is not here.
    go(asked) {
      clearTimeout(telling);
      if (this.timer) this.stop();
      const places = [...(asked ? this.begun : this.starts)], wrong = [];
      for (const [name, value] of new URLSearchParams(asked)) {
        const i = this.controls.findIndex((control) => control.name === name);
        const stop = i < 0 ? -1 : this.controls[i].stops.indexOf(value);
        if (stop < 0) wrong.push(`${name}=${value}`);
        else places[i] = stop;
      }
      const here = !wrong.length && this.recordedAt(places);
      this.places = here ? places : [...this.starts];
      this.show();
      if (!here) {
        const why = wrong.length ? `no setting “${wrong.join(", ")}” here` : "this setting was not recorded";
        this.note.prepend(`The address asks for something else, but ${why}: shown is the start. `);
      }
    }
    // It names a place even at the start: who follows it may have another of their own.
    address() {
      const moved = this.controls.map((control, i) => [control.name, control.stops[this.places[i]]])
        .filter((_, i) => this.places[i] !== this.begun[i] || this.controls[i].where);
      return `#${this.place.id}${moved.length ? "?" + new URLSearchParams(moved) : ""}`;
    }

    // ---- the reader's own place -----------------------------------------------------------------
    // Where the view begins: at what was recorded nearest to the place, with all else at its start.
    nearMine() {
      const here = silkroadPlace.mine(), i = this.controls.findIndex((control) => control.where);
      this.near = null;
      if (!here || i < 0) return [...this.begun];
      const { where, stops } = this.controls[i];
      const at = (stop) => this.begun.map((place, k) => (k === i ? stop : place));
      // A country lies nowhere nearer or farther: it is that of the place, or another.
      const away = (one) => (typeof one === "string" ? (one === here.iso3 ? 0 : Infinity) : silkroadPlace.km([here.lat, here.lon], one));
      for (const [stop, one] of where.entries()) {
        if (!one || !this.recordedAt(at(stop))) continue;
        const km = away(one);
        if (!this.near || km < this.near.km) this.near = { stop, km, name: stops[stop], country: typeof one === "string" };
      }
      return this.near && this.near.km < Infinity ? at(this.near.stop) : [...this.begun];
    }
    tellMine() {
      const here = silkroadPlace.mine(), { near } = this;
      const drawn = here && this.page && isWide(this.page);
      this.model.set("layer_mine", drawn ? silkroadPlace.mark(here) : null);
      this.yours.replaceChildren();
      this.yours.hidden = !here || !(near || drawn);
      if (this.yours.hidden) return;
      if (near) this.yours.append(`Your place, ${here.name}: ${nearWords(near, here)} ${this.lostWords()}`);
      if (drawn) make("span", "mark", this.yours, `The purple diamond named ${here.name} on the map is your place.`);
    }
    // What moves where the recording begins, and does not at the reader's own start.
    lostWords() {
      const still = (i) => this.open(i, this.starts).length < 2 && this.open(i, this.begun).length > 1;
      const lost = this.controls.filter((_, i) => still(i)).map(({ label }) => `“${label}”`);
      const there = this.controls.findIndex((control) => control.where);
      return lost.length ? `To move ${lost.join(" or ")}, choose ${this.controls[there].stops[this.begun[there]]}: there it was recorded. ` : "";
    }
    // Another place was chosen: a view that stood at its start goes to the new one.
    settle() {
      const before = this.starts.join();
      this.starts = this.nearMine();
      const follows = this.places.join() === before && this.starts.join() !== before;
      if (follows) this.places = [...this.starts];
      this.tellMine();
      this.show();
      if (follows && location.hash.startsWith(`#${this.place.id}?`)) this.tell();
    }

    // ---- what is shown ----------------------------------------------------------------------
    recordedAt(places) { return Object.hasOwn(this.states, places.join(",")); }
    // The stops of one control that were recorded with the others where they stand.
    open(i, places = this.places) {
      const at = (stop) => places.map((place, k) => (k === i ? stop : place));
      return this.controls[i].stops.map((_, stop) => stop).filter((stop) => this.recordedAt(at(stop)));
    }
    value(number) {
      if (!this.known.has(number)) this.known.set(number, this.pool[number]());
      return this.known.get(number);
    }
    spec(parts) { // equal frames give the very same object, so the map redraws only what changed
      const key = JSON.stringify(parts);
      if (!this.specs.has(key)) {
        const given = (name, number) => (PACKED[name] || ((value) => value))(this.value(number));
        this.specs.set(key, Object.fromEntries(Object.entries(parts).map(([name, number]) => [name, given(name, number)])));
      }
      return this.specs.get(key);
    }
    show() {
      const [headline, summary, layers, twins] = this.states[this.places.join(",")];
      const mine = this.model.get("layer_mine");
      this.model.set("twin", twins.map((number) => this.value(number)).join("") + (mine ? twinOf(mine) : ""));
      for (let i = 0; i < this.slots; i++) this.model.set(`layer_${i}`, i < layers.length ? this.spec(layers[i]) : null);
      this.model.set("headline", this.value(headline));
      this.summary.textContent = this.value(summary);
      this.parts.forEach((draw) => draw());
      this.explain();
      this.place.dataset.shown = this.places.join(",");
    }
    move(i, stop) {
      this.places[i] = stop;
      this.show();
      this.tell();
    }
    tell() { // once the control rests: browsers refuse an address that changes with every step
      const before = location.hash;
      clearTimeout(telling);
      telling = setTimeout(() => { // the reader may have gone elsewhere, which the page hears of later
        if (location.hash === before) history.replaceState(null, "", this.address());
      }, 300);
    }
    explain() {
      const names = (some) => some.map((control) => `“${control.label}”`).join(", ");
      const fixed = this.controls.filter((control, i) => this.recorded[i].length < 2);
      const shut = this.controls.filter((control, i) => this.recorded[i].length > 1 && this.open(i).length < 2);
      const count = Object.keys(this.states).length.toLocaleString("en");
      this.note.replaceChildren(`${count} settings are recorded here. `);
      if (fixed.length) this.note.append(`Recorded here at one setting only: ${names(fixed)}. `);
      if (shut.length) this.note.append(`Greyed, because not recorded with this setting: ${names(shut)}. `);
      if (this.places.some((place, i) => place !== this.starts[i])) {
        const back = make("button", "back", this.note, "Back to the start");
        back.type = "button";
        back.addEventListener("click", () => {
          this.places = [...this.starts];
          this.show();
          this.tell();
          this.place.querySelector("input:enabled, select:enabled")?.focus();
        });
        this.note.append(" ");
      }
      const here = make("a", "", this.note, "Link to this setting");
      here.href = this.address();
      this.note.append(" · ");
      const link = make("a", "", this.note, "Run the lesson on Binder");
      link.href = this.place.dataset.binder;
      this.note.append(" for every setting.");
    }

    // ---- controls: each returns a function that draws it anew --------------------------------
    control(control, i, row) {
      const label = make("label", "control", row);
      const name = make("span", "label", label, control.label);
      if (control.kind === "slider") return this.slider(control, i, label, row);
      if (control.kind === "check") {
        const box = make("input", "", label);
        box.type = "checkbox";
        label.prepend(box);
        box.addEventListener("change", () => this.move(i, box.checked ? 1 : 0));
        return () => { box.checked = this.places[i] === 1; box.disabled = this.open(i).length < 2; };
      }
      const menu = make("select", "", label), stops = this.recorded[i];
      stops.forEach((stop) => make("option", "", menu, control.stops[stop]));
      if (!control.stops.length) make("option", "", menu, "free text");
      menu.addEventListener("change", () => this.move(i, stops[menu.selectedIndex]));
      if (stops.length < control.all) {
        const some = make("span", "some", row, `${stops.length} of ${control.all} recorded here, all `);
        make("a", "", some, "on Binder").href = this.place.dataset.binder;
      }
      return () => {
        const open = new Set(this.open(i));
        [...menu.options].forEach((option, k) => { option.disabled = !open.has(stops[k]); });
        menu.disabled = open.size < 2;
        menu.selectedIndex = control.stops.length ? stops.indexOf(this.places[i]) : 0;
      };
    }
    slider(control, i, label, row) {
      const range = make("input", "", label);
      const readout = make("output", "readout", label);
      Object.assign(range, { type: "range", min: 0, step: 1 });
      range.addEventListener("input", () => this.move(i, this.open(i)[range.value]));
      const play = control.every_ms ? make("button", "play", row) : null;
      if (play) {
        play.type = "button";
        play.addEventListener("click", () => (this.timer ? this.stop() : this.start(i, control.every_ms)));
      }
      return () => {
        const open = this.open(i);
        range.max = Math.max(open.length - 1, 0);
        range.value = open.indexOf(this.places[i]);
        range.disabled = open.length < 2;
        readout.textContent = control.stops[this.places[i]];
        range.setAttribute("aria-valuetext", readout.textContent);
        if (!play) return;
        play.disabled = range.disabled;
        play.textContent = this.timer ? "❚❚" : "▶";
        play.setAttribute("aria-label", `${this.timer ? "Pause" : "Play"} ${control.label}`);
      };
    }
    start(i, every) {
      this.timer = setInterval(() => {
        const open = this.open(i), next = open.indexOf(this.places[i]) + 1;
        if (next < open.length) this.move(i, open[next]);
        if (next >= open.length - 1) this.stop();
      }, every);
      if (this.open(i).at(-1) === this.places[i]) this.move(i, this.open(i)[0]);
      this.parts.forEach((draw) => draw());
    }
    stop() {
      clearInterval(this.timer);
      this.timer = 0;
      this.parts.forEach((draw) => draw());
    }
  }

  // A view is fetched when it comes near the reader's eyes: most readers do not scroll to the end.
  const opening = new Map(); // place -> promise
  const begin = (place) => opening.get(place) || opening.set(place, opened(place)).get(place);
  async function opened(place) {
    place.dataset.state = "loading";
    try {
      if (place.matches("iframe")) { // a map that stands still
        await withAssets();
        place.srcdoc = whole(await unpack(place.dataset.page)) + CARDS;
        await new Promise((done) => { place.onload = done; });
        place.dataset.state = "ready";
        return;
      }
      const recording = await load(place.dataset.key);
      if (recording.page) await withAssets();
      new Player(place, recording);
      if (wanted?.place === place) place.player.go(wanted.state);
    } catch (problem) {
      place.dataset.state = "failed";
      place.insertAdjacentElement("afterend", make("p", "error", null, `The recording could not be opened (${problem.message}). The text and tables still hold.`));
    }
  }
  const views = () => document.querySelectorAll(".silkroad-recorded, iframe[data-page]");

  // ---- the address leads to a place, and the reader stays there while views above it open -------
  let target = null, wanted = null, top = 0, height = 0;
  function aim() {
    const [id, ...state] = location.hash.slice(1).split("?");
    target = document.getElementById(id) || document.getElementById(plain(id));
    wanted = { place: target, state: state.join("?") };
    // After a reload the browser would go back to where the page stood, before or after this.
    if (target) history.scrollRestoration = "manual";
    hold();
    if (target?.matches(".silkroad-recorded")) begin(target);
    target?.player?.go(wanted.state);
  }
  function plain(id) {
    try { return decodeURIComponent(id); } catch { return ""; } // no address of ours
  }
  function hold() {
    if (!target) return;
    height = document.documentElement.scrollHeight;
    target.scrollIntoView({ behavior: "instant", block: "start" });
    top = target.getBoundingClientRect().top;
  }
  const leave = () => { target = null; };
  addEventListener("hashchange", aim);
  addEventListener("click", ({ target: node }) => { // the same address once more is no change of it
    const link = node.closest?.("a[href*='#']");
    if (link && link.href === location.href) setTimeout(aim);
  });
  for (const moved of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(moved, leave, { passive: true });
  addEventListener("scroll", () => { // by the bar at the side: nothing grew, and the place is another
    const still = target && document.documentElement.scrollHeight === height;
    if (still && Math.abs(target.getBoundingClientRect().top - top) > 40) leave();
  });

  // ---- paper: every view is there before it prints ----------------------------------------------
  // A map cannot draw itself anew while a browser prints: at its start it is printed as a picture.
  async function paper(place) {
    place.querySelector(".silkroad-onpaper")?.remove();
    const { player } = place;
    if (!player || player.places.join() !== player.begun.join()) return;
    const image = document.createElement("img");
    Object.assign(image, { className: "silkroad-onpaper", src: base + place.dataset.still, alt: player.summary.textContent });
    place.querySelector(".silkroad-frame").after(image);
    await image.decode().catch(() => image.remove());
  }
  const DRAWN_MS = 800; // a map draws in a frame of its own, which cannot be asked
  async function everything() {
    await Promise.all([...views()].map(begin));
    await Promise.all([...document.querySelectorAll("[data-still]")].map(paper));
    await new Promise((done) => setTimeout(done, DRAWN_MS));
    fold();
  }
  async function print(button) {
    const words = button?.textContent;
    if (button) Object.assign(button, { textContent: "Opening all views …", disabled: true });
    await everything();
    if (button) Object.assign(button, { textContent: words, disabled: false });
    window.print();
  }
  // Long tables stay closed on paper, and say how many rows they have.
  const SHORT = 6;
  function fold() {
    for (const twin of document.querySelectorAll(".silkroad-twin, .silkroad-recorded > details")) {
      const rows = [...twin.querySelectorAll("tr")].filter((row) => !row.closest("thead")).length;
      twin.dataset.was ??= twin.open ? "open" : "";
      twin.querySelector("summary").dataset.rows = rows;
      twin.open = rows > 0 && rows <= SHORT;
    }
  }
  addEventListener("beforeprint", () => {
    everything(); // by the browser's menu: what is not there yet shows its words and tables
    fold();
  });
  addEventListener("afterprint", () => {
    document.querySelectorAll(".silkroad-onpaper").forEach((image) => image.remove());
    for (const twin of document.querySelectorAll("[data-was]")) {
      twin.open = Boolean(twin.dataset.was);
      delete twin.dataset.was;
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    print();
  });

  // What scrolls sideways must be within reach of the keyboard.
  function reachable() {
    for (const box of document.querySelectorAll("pre, .cell_output, .table-wrapper")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }
  function hideCode(hidden) {
    document.body.classList.toggle("silkroad-no-code", hidden);
    for (const button of document.querySelectorAll(".silkroad-code-switch")) {
      button.setAttribute("aria-pressed", hidden);
      button.textContent = hidden ? "Show code" : "Hide code";
    }
    try { localStorage.setItem("silkroad-no-code", hidden ? "1" : ""); } catch { /* a private window keeps nothing */ }
  }
  document.addEventListener("DOMContentLoaded", () => {
    // The body itself is as high as the window; what grows is the text.
    new ResizeObserver(() => { reachable(); hold(); }).observe(document.querySelector("article") || document.body);
    aim();
    // The browser goes to the address by itself too, some before this and some after.
    const near = new IntersectionObserver((entries) => {
      for (const { target: place, isIntersecting } of entries) {
        if (isIntersecting) { near.unobserve(place); begin(place); }
      }
    }, { rootMargin: "700px" });
    views().forEach((place) => near.observe(place));
    silkroadPlace.open(share, chooser);
    document.querySelectorAll(".silkroad-tools button").forEach((button) => { button.hidden = false; });
    document.querySelector(".silkroad-print")?.addEventListener("click", (event) => print(event.target));
    const code = document.querySelector(".silkroad-code-switch");
    let hidden = false;
    try { hidden = Boolean(localStorage.getItem("silkroad-no-code")); } catch { /* as above */ }
    if (code) hideCode(hidden);
    code?.addEventListener("click", () => hideCode(!document.body.classList.contains("silkroad-no-code")));
  });

  return { arrived(key, packed) { arrived.get(key)(packed); }, everything };
})("map", "references"); // build.py puts the names with their versions here
