// In a page without a kernel: the same widget, answered by frames that were recorded beforehand.
// A control can only be moved to what was recorded with the others where they stand.
window.silkroad = (() => {
  "use strict";
  const base = document.currentScript.src.replace(/[^/]*$/, "");
  const arrived = new Map(); // key -> what waits for its recording
  let assets = null;         // the script and the countries all maps share
  let sharing = null;        // the one fetching of them

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
      Object.assign(this, recording, { place, specs: new Map(), timer: 0 });
      this.places = this.controls.map((control) => control.start);
      const keys = Array.from({ length: this.slots }, (_, i) => `layer_${i}`);
      this.model = new Model({
        ...Object.fromEntries(keys.map((key) => [key, null])),
        layer_keys: keys, title: this.title, height: this.height, error: "", twin_open: false,
        page: whole(this.page), parts: null, source: this.source,
      });
      const view = make("div", "view");
      const row = make("div", "controls", view);
      this.parts = this.controls.map((control, i) => this.control(control, i, row));
      const widget = make("div", "", view);
      this.summary = make("p", "summary", view);
      this.note = make("p", "note", view);
      silkroadWidget.render({ model: this.model, el: widget });
      this.show();
      place.replaceChildren(view);
      place.dataset.state = "ready";
    }

    // ---- what is shown ----------------------------------------------------------------------
    known(places) { return Object.hasOwn(this.states, places.join(",")); }
    // The stops of one control that were recorded with the others where they stand.
    open(i) {
      const at = (stop) => this.places.map((place, k) => (k === i ? stop : place));
      return this.controls[i].stops.map((_, stop) => stop).filter((stop) => this.known(at(stop)));
    }
    spec(parts) { // equal frames give the very same object, so the map redraws only what changed
      const key = JSON.stringify(parts);
      if (!this.specs.has(key)) {
        this.specs.set(key, Object.fromEntries(Object.entries(parts).map(([name, number]) => [name, this.pool[number]])));
      }
      return this.specs.get(key);
    }
    show() {
      const [headline, summary, layers, twins] = this.states[this.places.join(",")];
      this.model.set("twin", twins.map((number) => this.pool[number]).join(""));
      for (let i = 0; i < this.slots; i++) this.model.set(`layer_${i}`, i < layers.length ? this.spec(layers[i]) : null);
      this.model.set("headline", this.pool[headline]);
      this.summary.textContent = this.pool[summary];
      this.parts.forEach((draw) => draw());
      this.explain();
      this.place.dataset.shown = this.places.join(",");
    }
    move(i, stop) {
      this.places[i] = stop;
      this.show();
    }
    explain() {
      const shut = this.controls.filter((control, i) => this.open(i).length < 2).map((control) => `“${control.label}”`);
      const moved = this.places.some((place, i) => String(place) !== String(this.controls[i].start));
      const count = Object.keys(this.states).length.toLocaleString("en");
      this.note.replaceChildren(`${count} settings are recorded here. `);
      if (shut.length) this.note.append(`Greyed, because not recorded with this setting: ${shut.join(", ")}. `);
      if (moved) {
        const back = make("button", "back", this.note, "Back to the start");
        back.type = "button";
        back.addEventListener("click", () => {
          this.places = this.controls.map((control) => control.start);
          this.show();
          this.place.querySelector("input:enabled, select:enabled")?.focus();
        });
        this.note.append(" ");
      }
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
      const menu = make("select", "", label);
      control.stops.forEach((text) => make("option", "", menu, text));
      if (!control.stops.length) make("option", "", menu, "free text");
      menu.addEventListener("change", () => this.move(i, menu.selectedIndex));
      return () => {
        const open = new Set(this.open(i));
        [...menu.options].forEach((option, stop) => { option.disabled = !open.has(stop); });
        menu.disabled = open.size < 2;
        menu.selectedIndex = control.stops.length ? this.places[i] : 0;
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
  async function begin(place) {
    place.dataset.state = "loading";
    try {
      if (place.matches("iframe")) { // a map that stands still
        await (sharing ||= script("map.js"));
        place.srcdoc = whole(place.dataset.page);
        place.dataset.state = "ready";
        return;
      }
      const recording = await load(place.dataset.key);
      if (recording.page) await (sharing ||= script("map.js"));
      new Player(place, recording);
    } catch (problem) {
      place.dataset.state = "failed";
      place.insertAdjacentElement("afterend", make("p", "error", null, `The recording could not be opened (${problem.message}). The text and tables still hold.`));
    }
  }
  // What scrolls sideways must be within reach of the keyboard.
  function reachable() {
    for (const box of document.querySelectorAll("pre, .cell_output, .table-wrapper")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }
  document.addEventListener("DOMContentLoaded", () => {
    new ResizeObserver(reachable).observe(document.body);
    const near = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) { near.unobserve(target); begin(target); }
      }
    }, { rootMargin: "700px" });
    document.querySelectorAll(".silkroad-recorded, iframe[data-page]").forEach((place) => near.observe(place));
  });

  return {
    recorded(key, packed) { arrived.get(key)(packed); },
    assets(shared) { assets = shared; },
  };
})();
