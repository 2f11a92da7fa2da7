// Draws the layers of helpers/maps.py on a Leaflet map, and replaces them one by one.
// One renderer for the map that stands still and the map that answers to sliders.
function silkroad(map, config) {
  "use strict";
  map.ours = true;
  const drawn = new Map();   // name -> {spec, group, parts}
  const hidden = new Map();  // name -> true where the reader switched a layer off
  const land = JSON.parse(document.getElementById("land").textContent);
  let updates = 0;
  const box = map.getContainer();
  const tell = (message) => window.parent.postMessage({ silkroad: message }, "*");

  // From the bottom up: land, grid, borders, then everything that can be clicked.
  const pane = (name, z) => { map.createPane(name).style.zIndex = z; map.getPane(name).style.pointerEvents = "none"; return name; };
  const still = (name) => L.canvas({ pane: name, padding: 0.6 });
  const SEA = getComputedStyle(box).backgroundColor;
  const LAND_STYLE = { stroke: false, fillColor: config.land, fillOpacity: 1, interactive: false };
  const landRenderer = still(pane("land", 200));
  pane("grid", 300);
  const ground = L.geoJSON(land, { style: LAND_STYLE, renderer: landRenderer, interactive: false }).addTo(map);
  // A light edge beside the dark line: one of the two is seen on any class of a grid.
  const Coast = L.Canvas.extend({
    _fillStroke(context, layer) {
      Object.assign(context, { globalAlpha: 0.5, lineWidth: 2, strokeStyle: "#fff" });
      context.stroke();
      L.Canvas.prototype._fillStroke.call(this, context, layer);
    },
  });
  const coast = new Coast({ pane: pane("borders", 350), padding: 0.6 });
  L.geoJSON(land, { style: { fill: false, color: "#4a5560", weight: 0.6, opacity: 0.8 }, renderer: coast, interactive: false }).addTo(map);
  const graticule = [];
  for (let lon = -150; lon < 180; lon += 30) graticule.push([[-90, lon], [90, lon]]);
  for (let lat = -60; lat < 90; lat += 30) graticule.push([[lat, -180], [lat, 180]]);
  L.polyline(graticule, { color: "#52606d", weight: 0.4, opacity: 0.5, renderer: still(pane("graticule", 360)), interactive: false }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
  map.attributionControl.setPrefix("Leaflet");
  const vectors = L.svg({ padding: 0.3 });

  // ---- shapes -------------------------------------------------------------------------------
  function shapePath(shape, x, y, r) {
    const polygon = (n, turn, inner) => {
      const steps = inner ? 2 * n : n, out = [];
      for (let i = 0; i < steps; i++) {
        const a = turn + (2 * Math.PI * i) / steps, q = inner && i % 2 ? r * inner : r;
        out.push((x + q * Math.cos(a)).toFixed(1) + "," + (y + q * Math.sin(a)).toFixed(1));
      }
      return "M" + out.join("L") + "Z";
    };
    const up = -Math.PI / 2;
    switch (shape) {
      case "square": return `M${x - r * 0.85},${y - r * 0.85}h${1.7 * r}v${1.7 * r}h${-1.7 * r}Z`;
      case "triangle": return polygon(3, up);
      case "down": return polygon(3, -up);
      case "diamond": return polygon(4, up);
      case "hexagon": return polygon(6, up);
      case "star": return polygon(5, up, 0.45);
      case "cross": { const t = r * 0.32; return `M${x - t},${y - r}h${2 * t}v${r - t}h${r - t}v${2 * t}h${t - r}v${r - t}h${-2 * t}v${t - r}h${t - r}v${-2 * t}h${r - t}Z`; }
      default: return `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
    }
  }
  const Shape = L.CircleMarker.extend({
    _updatePath() {
      const p = this._point;
      this._renderer._setPath(this, this._empty() ? "M0 0" : shapePath(this.options.shape, p.x, p.y, this._radius));
    },
  });
  // A line with a ring at its start and arrows along it, where its dash has a "→".
  const dashes = (dash) => (dash || "").replace("→", "").trim() || null;
  const Line = L.Polyline.extend({
    _updatePath() {
      const start = this.options.arrows && this._rings[0] && this._rings[0][0];
      const ring = start ? shapePath("circle", start.x, start.y, 4) : "";
      const arrows = this.options.arrows ? this._parts.map(arrowsAlong).join("") : "";
      this._renderer._setPath(this, (L.SVG.pointsToPath(this._parts) + ring + arrows) || "M0 0");
    },
  });
  function arrowsAlong(points) {
    const every = 90, side = 5; // pixels
    let path = "", left = every / 2;
    for (let i = 1; i < points.length; i++) {
      const from = points[i - 1], to = points[i], length = from.distanceTo(to);
      const x = (to.x - from.x) / length, y = (to.y - from.y) / length;
      for (; left <= length; left += every) {
        const tip = [from.x + left * x, from.y + left * y];
        const ends = [[tip[0] - side * (x + y), tip[1] - side * (y - x)], [tip[0] - side * (x - y), tip[1] - side * (y + x)]];
        path += "M" + [ends[0], tip, ends[1]].map((point) => point.map((v) => v.toFixed(1)).join()).join("L");
      }
      left -= length;
    }
    return path;
  }
  const Raster = L.ImageOverlay.extend({
    _initImage() {
      this._image = this._url;
      L.DomUtil.addClass(this._image, "leaflet-image-layer leaflet-zoom-animated");
      this._image.style.imageRendering = "pixelated";
    },
  });

  // ---- text: built as nodes, never as markup, so no value can become code ---------------------
  function element(tag, text, parent) {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    markChinese(node);
    if (parent) parent.appendChild(node);
    return node;
  }
  function card(title, fields) {
    const content = element("div");
    content.tabIndex = -1;
    content.setAttribute("role", "dialog");
    content.setAttribute("aria-label", title);
    element("h4", title, content);
    const body = element("tbody", undefined, element("table", undefined, content));
    for (const [field, value] of fields) {
      const row = element("tr", undefined, body);
      element("th", field, row).scope = "row";
      element("td", value, row);
    }
    return content;
  }
  const BESIDE = 46; // pixels at each side, where the buttons are
  // A card stays inside the map: aside where its mark is near an edge, below where above is no room.
  const Card = L.Popup.extend({
    options: { autoPan: false },
    _updateLayout() {
      const wide = map.getSize().x; // half a card on a small map; 30 are its own
      this.options.maxWidth = Math.min(280, wide - 2 * BESIDE - 30, Math.max(170, 0.42 * wide));
      L.Popup.prototype._updateLayout.call(this);
    },
    _updatePosition() {
      L.Popup.prototype._updatePosition.call(this);
      if (!this._map) return;
      const size = map.getSize(), at = map.latLngToContainerPoint(this._latlng);
      if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return; // dragged out with its mark
      const half = this._containerWidth / 2 + BESIDE, height = this._container.offsetHeight;
      const aside = Math.max(half, Math.min(size.x - half, at.x)) - at.x;
      const above = at.y - this._containerBottom - 20 - height;
      const below = above < 0 ? Math.min(height + 34, size.y - at.y + this._containerBottom + 18) : 0;
      this._container.style.left = this._containerLeft + aside + "px";
      this._container.style.bottom = this._containerBottom - Math.max(below, above < 0 ? -above : 0) + "px";
      this._tipContainer.style.visibility = aside || below ? "hidden" : "";
    },
  });
  const carded = (mark, content) => mark.bindPopup(new Card().setContent(content));

  // ---- marks: what can be clicked, or walked to with the arrow keys ----------------------------
  // `text` names a mark, `at()` is where it lies.
  function introduce(mark) {
    const node = mark.getElement();
    if (!node) return; // its layer is switched off
    node.setAttribute("role", mark.getPopup() || asked() ? "button" : "img");
    node.setAttribute("aria-label", mark.text);
    node.setAttribute("tabindex", "-1");
    for (const [event, on] of Object.entries({ onmouseover: true, onmouseout: false, onfocus: true, onblur: false }))
      node[event] = () => mark.getTooltip()?._container?.classList.toggle("pointed", on); // its label, if left out
  }
  const announced = (mark, at) => Object.assign(mark.on("add", () => introduce(mark)), { at });

  // ---- layers ---------------------------------------------------------------------------------
  // The marks in the order of their new names: each keeps its own, so that its card follows it.
  function sameMarks(marks, labels) {
    if (labels.every((label, i) => marks[i] && marks[i].text === label)) return marks.slice(0, labels.length);
    const spare = new Map();
    for (const mark of marks) spare.set(mark.text, [...(spare.get(mark.text) || []), mark]);
    const found = labels.map((label) => (spare.get(label) || []).shift());
    const rest = [...spare.values()].flat();
    return found.map((mark) => mark || rest.shift());
  }
  // A label stands where it covers no other: right of its mark, or on another side, else it is left
  // out until its mark is pointed at. `spread` decides for all of them. Where it can, it covers no
  // mark of a small layer without labels either: the station over a town, a hub beside a port.
  const AWAY = 8; // pixels from the middle of a mark
  const FEW = 30; // marks without labels that are heeded
  const SIDES = {
    right: (x, y, w, h) => [x + AWAY, y - h / 2],
    left: (x, y, w, h) => [x - AWAY - w, y - h / 2],
    top: (x, y, w, h) => [x - w / 2, y - AWAY - h],
    bottom: (x, y, w, h) => [x - w / 2, y + AWAY],
  };
  const PlaceLabel = L.Tooltip.extend({
    _setPosition(at) {
      const corner = SIDES[this.side || "right"](at.x, at.y, ...this.size());
      L.DomUtil.setPosition(this._container, L.point(corner).round());
    },
    _updateContent() {
      this.known = null;
      L.Tooltip.prototype._updateContent.call(this);
    },
    // Asked once for its words: to measure a label after another has moved, the page is laid out anew.
    size() {
      if (!this.known?.[0]) this.known = [this._container.offsetWidth, this._container.offsetHeight];
      return this.known;
    },
  });
  function spread() {
    const labels = [], room = map.getSize();
    for (const { spec, group } of [...drawn.values()].reverse())
      if (spec.labels && !isHidden(spec)) for (const mark of group.getLayers()) if (mark.getTooltip()?._container) labels.push(mark);
    const boxes = labels.map((mark) => { // all are measured before one is moved
      const { x, y } = map.latLngToContainerPoint(mark.getLatLng()), [w, h] = mark.getTooltip().size();
      return { mark, x, y, w, h };
    });
    const taken = boxes.map(({ x, y, mark }) => [x - 5, y - 5, x + 5, y + 5, mark]);
    const bare = labels.length ? [...drawn.values()].filter(({ spec }) => spec.kind === "points" && !spec.labels && !isHidden(spec) && spec.lat.length <= FEW)
      .flatMap(({ spec, group }) => group.getLayers().map((mark) => [map.latLngToContainerPoint(mark.getLatLng()), spec.size]))
      .map(([{ x, y }, r]) => [x - r, y - r, x + r, y + r]) : [];
    const free = ([left, top], { w, h, mark }, boxes) => left >= 0 && top >= 0 && left + w <= room.x && top + h <= room.y
      && !boxes.some((box) => box[4] !== mark && left < box[2] && left + w > box[0] && top < box[3] && top + h > box[1]);
    for (const box of boxes) {
      const { mark, x, y, w, h } = box, label = mark.getTooltip();
      const clear = (boxes) => Object.keys(SIDES).find((one) => free(SIDES[one](x, y, w, h), box, boxes));
      const side = clear([...taken, ...bare]) || clear(taken);
      label._container.classList.toggle("leaflet-tooltip-left", side === "left");
      label._container.classList.toggle("crowded", !side);
      if (side) {
        const [left, top] = SIDES[side](x, y, w, h);
        taken.push([left, top, left + w, top + h, mark]);
      }
      if ((label.side || "right") === (side || "right")) continue;
      label.side = side;
      label._updatePosition();
    }
  }
  const painters = {
    points(spec, old) {
      const group = old ? old.group : L.layerGroup();
      const marks = sameMarks(old ? old.parts : [], spec.label);
      const kept = new Set(marks);
      for (const mark of old ? old.parts : []) if (!kept.has(mark)) group.removeLayer(mark);
      spec.lat.forEach((lat, i) => {
        const look = spec.legend[spec.class[i]];
        let mark = marks[i];
        const renamed = mark && mark.text !== spec.label[i];
        if (renamed && mark.isPopupOpen()) mark.closePopup();
        const fields = spec.fields.map((field, k) => [field, spec.popup[i][k]]);
        if (!mark) {
          mark = marks[i] = new Shape([lat, spec.lon[i]], { renderer: vectors, radius: spec.size, weight: 1.2, color: "#fff", fillOpacity: 0.95, fillColor: look.color, shape: look.shape });
          Object.assign(announced(mark, () => mark.getLatLng()), { text: spec.label[i], fields });
          if (!spec.asks) carded(mark, () => card(mark.text, mark.fields));
          if (spec.labels) mark.bindTooltip(new PlaceLabel({ permanent: true, className: "place-label" }).setContent(() => element("span", mark.text)));
          else mark.bindTooltip(() => element("span", mark.text));
          group.addLayer(mark);
          return;
        }
        Object.assign(mark, { text: spec.label[i], fields });
        const at = mark.getLatLng();
        if (at.lat !== lat || at.lng !== spec.lon[i]) mark.setLatLng([lat, spec.lon[i]]);
        if (mark.options.fillColor !== look.color) mark.setStyle({ fillColor: look.color });
        if (mark.options.shape !== look.shape) { mark.options.shape = look.shape; mark.redraw(); }
        if (mark.isPopupOpen()) mark.getPopup().update();
        if (!renamed) return;
        introduce(mark);
        if (spec.labels) mark.setTooltipContent(mark.getTooltip()._content);
      });
      return { group, parts: marks };
    },
    lines(spec, old) {
      const group = old ? old.group : L.layerGroup();
      const read = group.getLayers().find((line) => line.isPopupOpen()), where = read && read.getPopup().getLatLng();
      group.clearLayers();
      spec.paths.forEach((path, i) => {
        const options = { renderer: vectors, color: spec.color[i], weight: spec.weight, dashArray: dashes(spec.dash[i]) };
        const line = spec.kind === "areas"
          ? L.polygon(path.map((ring) => [ring]), { ...options, fillColor: spec.color[i], fillOpacity: spec.opacity })
          : new Line(path, { ...options, smoothFactor: 0.5, arrows: spec.dash[i].includes("→") });
        const middle = path.length ? path[0][path[0].length >> 1] : [0, 0];
        announced(line, () => L.latLng(middle)).text = spec.label[i];
        line.bindTooltip(() => element("span", spec.label[i]), { sticky: true });
        if (spec.popup[i].length) carded(line, () => card(spec.label[i], spec.popup[i]));
        group.addLayer(line);
        if (read && read.text === line.text && line.getPopup() && group._map) line.openPopup(where);
      });
      return { group };
    },
    areas(spec, old) { return painters.lines(spec, old); },
    // The land itself is coloured; a card hangs on a mark that is seen only while it has the focus.
    countries(spec, old) {
      const group = old ? old.group : L.layerGroup();
      const before = old ? old.parts : new Map(), parts = new Map();
      for (const [iso3, fields] of Object.entries(spec.popup)) {
        const country = byCode.get(iso3);
        if (!country) continue;
        let anchor = before.get(iso3);
        if (!anchor) {
          anchor = L.circleMarker(country.middle, { renderer: vectors, radius: 12, opacity: 0, fillOpacity: 0, interactive: false });
          announced(anchor, () => anchor.getLatLng()).text = country.name;
          anchor.bindTooltip(() => element("span", country.name));
          group.addLayer(carded(anchor, () => card(country.name, anchor.fields)));
        }
        anchor.fields = fields;
        if (anchor.isPopupOpen()) anchor.getPopup().update();
        parts.set(iso3, anchor);
      }
      for (const [iso3, anchor] of before) if (!parts.has(iso3)) group.removeLayer(anchor);
      return { group, parts };
    },
    grid(spec, old) {
      const crs = map.options.crs, mercator = crs === L.CRS.EPSG3857;
      const top = mercator ? 85.0511287798066 : 90;
      const canvas = old ? old.parts : element("canvas");
      const width = 720, height = mercator ? 720 : 360;
      canvas.width = width; canvas.height = height;
      const cells = typeof spec.cells === "string"
        ? Uint8Array.from(atob(spec.cells), (c) => c.charCodeAt(0))
        : new Uint8Array(spec.cells.buffer || spec.cells, spec.cells.byteOffset || 0, spec.cells.byteLength);
      const [lat0, lat1, rows] = spec.lat, [lon0, step, columns] = spec.lon;
      const inks = (share) => spec.legend.map(({ color }) => {
        const [r, g, b] = [1, 3, 5].map((i) => share * parseInt(color.slice(i, i + 2), 16));
        return (255 << 24) | (b << 16) | (g << 8) | r;
      });
      const palette = inks(1), edge = inks(0.6); // neighbours are told apart by a darker line
      const pixels = new ImageData(width, height), out = new Uint32Array(pixels.data.buffer);
      // The column of cells at a longitude; -1 where the grid has none.
      const around = Math.round(360 / step);
      const columnAt = (lon) => {
        const k = Math.round(((((lon - lon0) % 360) + 360) % 360) / step) % around;
        return k < columns ? k : -1;
      };
      const column = Int32Array.from({ length: width }, (_, x) => columnAt(-180 + (360 * (x + 0.5)) / width));
      // Equal steps on the map are equal steps of the projection, not of latitude.
      const north = crs.projection.project(L.latLng(top, 0)).y;
      const above = new Uint8Array(width).fill(255);
      for (let y = 0; y < height; y++) {
        const lat = crs.projection.unproject(L.point(0, north * (1 - (2 * (y + 0.5)) / height))).lat;
        const r = Math.round(((lat - lat0) / (lat1 - lat0)) * (rows - 1));
        if (r < 0 || r >= rows) continue;
        for (let x = 0, at = y * width, from = r * columns, left = 255; x < width; x++) {
          const value = column[x] < 0 ? 255 : cells[from + column[x]];
          const border = (left !== value && left !== 255) || (above[x] !== value && above[x] !== 255);
          if (value !== 255) out[at + x] = (border ? edge : palette)[value];
          left = above[x] = value;
        }
      }
      canvas.getContext("2d").putImageData(pixels, 0, 0);
      const group = old ? old.group : L.layerGroup([new Raster(canvas, [[-top, -180], [top, 180]], { pane: "grid" })]);
      group.eachLayer((layer) => layer.setOpacity(spec.opacity));
      const at = (lat, lon) => {
        const r = Math.round(((lat - lat0) / (lat1 - lat0)) * (rows - 1));
        const k = columnAt(lon);
        const value = cells[r * columns + k];
        return k < 0 || value === undefined || value === 255 ? "" : `${spec.name}: ${spec.legend[value].text}`;
      };
      return { group, parts: canvas, at };
    },
  };

  function paintLand() {
    const fills = {};
    for (const { spec } of drawn.values())
      if (spec.kind === "countries" && !isHidden(spec)) for (const [iso3, k] of Object.entries(spec.class)) fills[iso3] = spec.legend[k].color;
    ground.eachLayer((shape) => {
      const fillColor = fills[shape.feature.properties.iso3] || config.land;
      if (shape.options.fillColor !== fillColor) shape.setStyle({ fillColor });
    });
  }
  const isHidden = (spec) => (hidden.has(spec.name) ? hidden.get(spec.name) : !spec.visible);
  function show(name) {
    const { spec, group } = drawn.get(name);
    if (isHidden(spec)) map.removeLayer(group); else map.addLayer(group);
    if (spec.kind === "countries") paintLand();
  }
  // What is switched on again lies where it lay: below the layers that come after it.
  function stack(name) {
    const all = [...drawn.values()], i = all.findIndex(({ spec }) => spec.name === name);
    for (const { group } of all.slice(i + 1)) group.eachLayer((part) => part.bringToFront?.());
  }
  function set(spec) {
    const before = drawn.get(spec.name);
    const same = before && before.spec.kind === spec.kind;
    if (before && !same) map.removeLayer(before.group);
    drawn.set(spec.name, { ...painters[spec.kind](spec, same ? before : undefined), spec });
    show(spec.name);
  }
  function drop(name) {
    const old = drawn.get(name);
    if (!old) return;
    map.removeLayer(old.group);
    drawn.delete(name);
    if (old.spec.kind === "countries") paintLand();
  }

  // ---- legend: also the switches ----------------------------------------------------------------
  const legend = document.getElementById("legend");
  let legendKey = "", tallest = 0, width = 0;
  // A legend that shrank would give the map another size, and all of it would be drawn anew.
  const BUTTON_PX = 28; // what "The whole legend" takes: a legend that lacks less is shown whole
  function keepRoom() {
    if (width !== innerWidth) { width = innerWidth; tallest = 0; legend.style.minHeight = ""; }
    legend.style.maxHeight = "";
    if (legend.scrollHeight <= legend.clientHeight + BUTTON_PX) legend.style.maxHeight = "none";
    tallest = Math.max(tallest, legend.offsetHeight);
    legend.style.minHeight = tallest + "px";
    more.hidden = !legend.classList.contains("whole") && legend.scrollHeight <= legend.clientHeight + 2;
  }
  // A long legend says that it goes on, and opens.
  const more = element("button", "The whole legend");
  more.type = "button";
  more.id = "more";
  legend.after(more);
  more.addEventListener("click", () => {
    const whole = legend.classList.toggle("whole");
    more.textContent = whole ? "A shorter legend" : "The whole legend";
    more.setAttribute("aria-expanded", whole);
    width = 0;
    keepRoom();
  });
  function drawLegend() {
    const seen = ({ kind, opacity }, entry) => ({ ...entry, opacity: kind === "grid" || kind === "areas" ? opacity : 1 });
    const rows = [...drawn.values()].map(({ spec }) => [spec.name, spec.legend.map((entry) => seen(spec, entry))]);
    const key = JSON.stringify(rows);
    if (key === legendKey) return;
    legendKey = key;
    legend.replaceChildren();
    for (const [name, entries] of rows) {
      const item = element("li", undefined, legend);
      const label = element("label", undefined, item);
      const box = element("input", undefined, label);
      box.type = "checkbox";
      box.checked = !isHidden(drawn.get(name).spec);
      box.addEventListener("change", () => { hidden.set(name, !box.checked); show(name); stack(name); spread(); tally(); });
      const only = entries.length === 1 && entries[0].text === name;
      if (only) label.append(swatch(entries[0]));
      label.append(name);
      if (!only) for (const entry of entries) { const span = element("span", undefined, item); span.append(swatch(entry), entry.text); }
    }
    markChinese(legend);
    keepRoom();
  }
  // As on the map: what is drawn half transparent has sea and land beneath it here, too.
  function swatch({ color, shape, dash, opacity }) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("width", shape === "line" ? 22 : 14);
    svg.setAttribute("height", 14);
    svg.setAttribute("aria-hidden", "true");
    const draw = (d, looks) => {
      const path = document.createElementNS(space, "path");
      for (const [key, value] of Object.entries({ d, ...looks })) path.setAttribute(key, value);
      svg.append(path);
    };
    if (shape === "line") draw("M0 7H22", { stroke: color, "stroke-width": 2.5, "stroke-dasharray": dashes(dash) || "none" });
    else if (shape !== "area") draw(shapePath(shape, 7, 7, 6), { fill: color });
    else {
      if (opacity < 1) draw("M0 1H7V13H0Z", { fill: SEA });
      if (opacity < 1) draw("M7 1H14V13H7Z", { fill: config.land });
      draw("M0 1H14V13H0Z", { fill: color, "fill-opacity": opacity });
    }
    return svg;
  }

  // ---- what lies under the pointer ------------------------------------------------------------
  const boxes = land.features.map((f) => {
    const b = L.geoJSON(f).getBounds();
    return [b.getSouth(), b.getNorth(), b.getWest(), b.getEast(), f];
  });
  // Where the card of a country hangs: in the middle of its largest piece.
  const byCode = new Map(land.features.map(({ properties, geometry }) => {
    const rings = geometry.type === "Polygon" ? [geometry.coordinates[0]] : geometry.coordinates.map((p) => p[0]);
    const around = rings.map((ring) => L.latLngBounds(ring.map(([lon, lat]) => [lat, lon])));
    const size = (b) => (b.getNorth() - b.getSouth()) * (b.getEast() - b.getWest());
    const largest = around.reduce((a, b) => (size(b) > size(a) ? b : a));
    return [properties.iso3, { name: properties.name, middle: largest.getCenter() }];
  }));
  const inRing = (ring, lat, lon) => {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i], [xj, yj] = ring[j];
      if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  };
  function countryAt(lat, lon) {
    for (const [s, n, w, e, f] of boxes) {
      if (lat < s || lat > n || lon < w || lon > e) continue;
      const polygons = f.geometry.type === "Polygon" ? [f.geometry.coordinates] : f.geometry.coordinates;
      if (polygons.some((p) => inRing(p[0], lat, lon) && !p.slice(1).some((hole) => inRing(hole, lat, lon)))) return f.properties;
    }
    return null;
  }
  const readout = document.getElementById("readout");
  const hint = matchMedia("(hover: none)").matches ? "Tap a mark for its card." : config.hint;
  const hemisphere = (v, plus, minus) => Math.abs(v).toFixed(1) + "°" + (v < 0 ? minus : plus);
  map.on("mousemove", ({ latlng }) => {
    const country = countryAt(latlng.lat, latlng.lng);
    const parts = [hemisphere(latlng.lat, "N", "S") + " " + hemisphere(latlng.lng, "E", "W"), country && country.name];
    for (const { spec, at } of drawn.values()) if (at && !isHidden(spec)) parts.push(at(latlng.lat, latlng.lng));
    readout.textContent = parts.filter(Boolean).join(" · ");
  });
  map.on("mouseout", () => { readout.textContent = asked() || hint; });
  // A layer may ask for places, in words: a click, or Enter on a mark, then tells where it was and
  // how far a click reaches, in degrees of latitude. Such a layer has no cards.
  const asked = () => [...drawn.values()].map(({ spec }) => spec.asks).find(Boolean);
  function answer({ lat, lng }) {
    const { y } = map.latLngToContainerPoint([lat, lng]), north = (at) => map.containerPointToLatLng([0, at]).lat;
    tell({ click: [lat, lng, north(y) - north(y + REACH)] });
  }
  // Every layer that is shown and holds marks, from the bottom up; folium's own have stops of theirs.
  const walks = () => [...drawn.values()]
    .filter(({ spec }) => spec.kind !== "grid" && !isHidden(spec))
    .map(({ spec, group }) => ({ name: spec.name, kind: spec.kind, marks: group.getLayers() }))
    .filter(({ marks }) => marks.length);
  const REACH = 12; // pixels: what is small is hit within a square of 24
  function nearest(point) {
    let best = null, least = REACH;
    for (const { kind, marks } of walks()) {
      if (kind === "countries") continue;
      for (const mark of marks) {
        if (!mark.getPopup()) continue;
        const lines = kind === "lines" && mark.closestLayerPoint(point);
        const away = lines ? lines.distance : kind === "points" ? map.latLngToLayerPoint(mark.at()).distanceTo(point) : Infinity;
        if (away < least) { best = mark; least = away; }
      }
    }
    return best;
  }
  map.on("click", ({ latlng, layerPoint }) => {
    if (asked()) { answer(latlng); return; }
    const mark = nearest(layerPoint);
    if (mark) { mark.openPopup(mark.at()); return; }
    const country = countryAt(latlng.lat, latlng.lng);
    for (const { marks, kind } of country ? walks() : [])
      if (kind === "countries") marks.find((one) => one.text === country.name)?.openPopup(latlng);
  });

  // ---- by keyboard: one stop of the Tab key, arrows between the marks ---------------------------
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", `Map: ${document.title}`);
  const keys = element("p", "Arrow keys go from mark to mark, Enter opens a card, Shift with arrows moves the map, plus and minus zoom, Escape leaves.", document.body);
  keys.id = "keys";
  box.setAttribute("aria-describedby", keys.id);
  let here = null; // where the reader walks: {name of the layer, mark}
  const focused = () => walks().flatMap(({ name, marks }) => marks.map((mark) => ({ name, mark }))).find(({ mark }) => mark.getElement() === document.activeElement);
  function walkTo(name, mark) {
    here = { name, mark };
    if (!map.getBounds().contains(mark.at())) map.panTo(mark.at(), { animate: false });
    mark.getElement()?.focus({ preventScroll: true });
  }
  const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
  function walk(event) {
    const layers = walks(), [along, across] = STEPS[event.key];
    if (!layers.length) return false;
    const now = focused() || { name: layers.at(-1).name };
    let k = layers.findIndex(({ name }) => name === now.name);
    k = (k + across + layers.length) % layers.length;
    const { name, marks } = layers[k];
    // From west to east along a layer; to the nearest mark of the layer above or below.
    const order = [...marks].sort((a, b) => a.at().lng - b.at().lng || a.at().lat - b.at().lat);
    const from = now.mark ? now.mark.at() : map.getCenter();
    const away = (mark) => Math.hypot(mark.at().lat - from.lat, mark.at().lng - from.lng);
    const close = () => order.reduce((a, b) => (away(b) < away(a) ? b : a));
    const i = order.indexOf(now.mark);
    walkTo(name, i < 0 || across ? close() : order[(i + along + order.length) % order.length]);
    return true;
  }
  function openCard(mark) {
    if (asked()) answer(mark.at());
    if (!mark?.getPopup()) return;
    mark.openPopup(mark.at());
    mark.getPopup().getElement().querySelector("[role=dialog]").focus({ preventScroll: true });
  }
  // A row of a chart was chosen, told as "name: …": the mark of that name shows its card.
  function pick(words) {
    const mark = walks().flatMap(({ marks }) => marks).find((one) => one.getPopup() && `${words}:`.startsWith(`${one.text}:`));
    if (!mark) return;
    if (!map.getBounds().contains(mark.at())) map.panTo(mark.at(), { animate: false });
    mark.openPopup(mark.at());
  }
  // Out of a card to its mark, from a mark to the map, from the map to what follows it.
  function leave() {
    if (map._popup?.isOpen()) {
      const within = map._popup.getElement().contains(document.activeElement);
      map.closePopup();
      if (within) (here?.mark.getElement() || box).focus({ preventScroll: true });
    } else if (document.activeElement !== box) box.focus({ preventScroll: true });
    else if (config.live) tell({ leave: true });
    else past.focus({ preventScroll: true });
  }
  const past = element("p", "End of the map.", document.body);
  past.id = "past";
  past.tabIndex = -1;
  // While it has the focus it is a stop, else Chromium would go round within the frame.
  past.addEventListener("focus", () => { past.tabIndex = 0; });
  past.addEventListener("blur", () => { past.tabIndex = -1; });
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("button, a")) return;
    const pan = event.shiftKey && STEPS[event.key], zoom = { "+": 0.5, "=": 0.5, "-": -0.5 }[event.key];
    if (pan) map.panBy([80 * pan[0], -80 * pan[1]]);
    else if (STEPS[event.key]) { if (!walk(event)) return; } // without marks the arrows move the map
    else if (zoom) map.setZoom(map.getZoom() + zoom);
    else if (event.key === "Escape") leave();
    else if ((event.key === "Enter" || event.key === " ") && focused()) openCard((here = focused()).mark);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // else Leaflet would answer, too
  }, true);

  // ---- the whole world, and the whole screen -----------------------------------------------------
  const WORLD = [[-90, -180], [90, 180]], WHOLE = { padding: [7, 7] }; // marks at the edge, too
  function button(parent, label, drawing, react) {
    const node = element("button", undefined, parent);
    node.type = "button";
    node.title = label;
    node.setAttribute("aria-label", label);
    node.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${drawing}"/></svg>`;
    L.DomEvent.disableClickPropagation(node).on(node, "click", react);
  }
  const Buttons = L.Control.extend({
    onAdd() {
      const bar = L.DomUtil.create("div", "leaflet-bar silkroad-buttons");
      button(bar, "The whole world", "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0ZM2 8H14M8 2c-4 4-4 8 0 12M8 2c4 4 4 8 0 12", () => map.fitBounds(WORLD, { animate: false, ...WHOLE }));
      if (document.fullscreenEnabled) button(bar, "The whole screen", "M2 6V2H6M10 2H14V6M14 10V14H10M6 14H2V10", wholeScreen);
      return bar;
    },
  });
  function wholeScreen() { // with its controls, where it has some
    if (config.live) tell({ screen: true });
    else if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  }
  new Buttons({ position: "topright" }).addTo(map);

  // ---- what tests and screen readers can count --------------------------------------------------
  function tally() {
    const body = document.body;
    body.dataset.land = land.features.length;
    body.dataset.updates = updates;
    body.dataset.layers = JSON.stringify(Object.fromEntries([...drawn.values()].map(({ spec, group }) => [
      spec.name,
      isHidden(spec) ? 0 : spec.kind === "countries" ? Object.keys(spec.class).length : group.getLayers().length,
    ])));
  }
  function receive({ set: added = [], remove = [], view }) {
    remove.forEach(drop);
    for (const layer of added) set(typeof layer === "string" ? JSON.parse(layer) : layer);
    lookAround();
    if (view) map.setView(view.center, view.zoom, { animate: false });
    if (asked()) {
      readout.textContent = asked();
      keys.textContent = keys.textContent.replace("opens a card", "chooses it");
      box.style.cursor = "crosshair";
    }
    spread();
    drawLegend();
    updates += 1;
    tally();
  }

  readout.textContent = hint;
  // The frame may get its size only after the page has run; refit until the reader takes over.
  let touched = false, ours = true, look, sight;
  const quietly = (move) => { ours = true; move(); ours = false; };
  // Nor does Leaflet, where a map that grew would show what lies beyond the world.
  map.on("movestart zoomstart", () => { if (!ours && !map._enforcingBounds) touched = true; });
  function fit() {
    // The frame has no size yet, or none while it is hidden: what a map shows would slip away.
    if (Math.min(box.clientWidth, box.clientHeight) < 20) return;
    // Leaflet calls a map back into its bounds after each change of size, as a move that goes on after
    // this one, in which the least zoom is another: so it does once, when all is set.
    map.off("moveend", map._panInsideMaxBounds);
    map.invalidateSize({ animate: false, pan: false });
    map.options.minZoom = -9;
    map.options.minZoom = Math.min(0, map.getBoundsZoom(WORLD, false, [14, 14])); // the whole world fits a telephone
    if (!touched) map.fitBounds(sight || config.bounds, { animate: false, ...WHOLE });
    map.on("moveend", map._panInsideMaxBounds);
    map._panInsideMaxBounds();
  }
  // A layer may say where to look. What it says anew counts more than the reader's view before. But
  // what is well seen already makes no map jump, nor does a move there and back: both are shown.
  const well = (where, zoom) => map.getBoundsZoom(where) < zoom + 1.2; // not small at that zoom
  function lookAround() {
    const now = [...drawn.values()].map(({ spec }) => spec.look).find(Boolean);
    if (JSON.stringify(now) === JSON.stringify(look)) return;
    look = now;
    if (look && map.getBounds().contains(look) && well(look, map.getZoom())) return;
    const near = look && sight && L.latLngBounds(look).intersects(sight);
    const both = near && L.latLngBounds(look).extend(sight);
    sight = both && well(look, map.getBoundsZoom(both)) ? both : look;
    if (look) touched = false;
    quietly(fit);
  }
  quietly(fit);
  receive({ set: config.layers });
  map.on("moveend", spread);
  function resized() {
    keepRoom();
    quietly(fit);
    box.style.setProperty("--map-height", box.clientHeight + "px");
  }
  new ResizeObserver(() => setTimeout(resized)).observe(box); // later, as the box changes by it

  if (!config.live) return;
  window.addEventListener("message", (event) => {
    // Only the notebook that made this frame may draw on it.
    if (event.source !== window.parent || !event.data || !event.data.silkroad) return;
    const message = event.data.silkroad;
    if (message.pick) { pick(message.pick); return; }
    if (message.view) touched = true;
    const walking = focused(), number = walking && drawn.get(walking.name).group.getLayers().indexOf(walking.mark);
    quietly(() => receive(message));
    if (!walking || focused()) return;
    // The mark that had the focus was drawn anew.
    const again = drawn.get(walking.name)?.group.getLayers()[number];
    if (again) walkTo(walking.name, again); else box.focus({ preventScroll: true });
  });
  map.on("moveend", () => { map._popup?._updatePosition?.(); });
  map.on("moveend", () => { if (touched) tell({ view: { center: [map.getCenter().lat, map.getCenter().lng], zoom: map.getZoom() } }); });
  tell({ ready: true });
}

// By finger and wheel: the page scrolls, unless the reader means the map. For every map on our pages.
function leaveThePage(box) {
  const alone = window === window.parent; // nothing else here could scroll
  let awake = alone, pointed = -Infinity;
  const free = () => awake || document.fullscreenElement;
  const word = L.DomUtil.create("div", "silkroad-word", box);
  word.setAttribute("aria-hidden", "true");
  let fading = 0;
  function say(text) {
    word.textContent = text;
    word.classList.add("said");
    clearTimeout(fading);
    fading = setTimeout(() => { word.classList.remove("said"); }, 1500);
  }
  // Once clicked, the map has the wheel until the pointer leaves it or rests for three seconds.
  function point() {
    if (performance.now() - pointed > 3000) awake = alone;
    pointed = performance.now();
  }
  box.addEventListener("pointermove", ({ movementX, movementY }) => { if (movementX || movementY) point(); });
  box.addEventListener("pointerdown", ({ pointerType }) => { if (pointerType === "mouse") { point(); awake = true; } });
  document.documentElement.addEventListener("mouseleave", () => { awake = alone; });
  box.addEventListener("wheel", (event) => {
    if (free() || event.ctrlKey || event.metaKey) { pointed = performance.now(); return; }
    event.stopImmediatePropagation();
    if (performance.now() - pointed < 2000) say("Click the map, or hold Ctrl: then the wheel zooms it.");
  }, { capture: true, passive: true });
  for (const kind of ["touchstart", "touchmove"]) box.addEventListener(kind, (event) => {
    if (free() || event.touches.length > 1 || event.target.closest(".leaflet-popup")) return;
    if (kind === "touchmove") say("Two fingers move the map.");
    event.stopImmediatePropagation();
  }, { capture: true, passive: true });
}

// Readers who asked for less motion get none.
if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
  L.Map.mergeOptions({ zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false });
  const { panBy } = L.Map.prototype;
  L.Map.include({ panBy(offset, options) { return panBy.call(this, offset, { ...options, animate: false }); } });
}
// A plain folium map, too, may get its size only after its page has run.
L.Map.addInitHook(function () {
  leaveThePage(this.getContainer());
  new ResizeObserver(() => { if (!this.ours) this.invalidateSize({ animate: false }); }).observe(this.getContainer());
});
