// Draws the layers of helpers/maps.py on a Leaflet map, and replaces them one by one.
// One renderer for the map that stands still and the map that answers to sliders.
function silkroad(map, config) {
  "use strict";
  map.ours = true;
  const drawn = new Map();   // name -> {spec, group, parts}
  const hidden = new Map();  // name -> true where the reader switched a layer off
  const land = JSON.parse(document.getElementById("land").textContent);
  let updates = 0;

  // From the bottom up: land, grid, borders, then everything that can be clicked.
  const pane = (name, z) => { map.createPane(name).style.zIndex = z; map.getPane(name).style.pointerEvents = "none"; return name; };
  const still = (name) => L.canvas({ pane: name, padding: 0.6 });
  const LAND_STYLE = { stroke: false, fillColor: config.land, fillOpacity: 1, interactive: false };
  const landRenderer = still(pane("land", 200));
  pane("grid", 300);
  const ground = L.geoJSON(land, { style: LAND_STYLE, renderer: landRenderer, interactive: false }).addTo(map);
  L.geoJSON(land, { style: { fill: false, color: "#4a5560", weight: 0.6, opacity: 0.8 }, renderer: still(pane("borders", 350)), interactive: false }).addTo(map);
  const graticule = [];
  for (let lon = -150; lon < 180; lon += 30) graticule.push([[-90, lon], [90, lon]]);
  for (let lat = -60; lat < 90; lat += 30) graticule.push([[lat, -180], [lat, 180]]);
  L.polyline(graticule, { color: "#52606d", weight: 0.4, opacity: 0.5, renderer: still(pane("graticule", 360)), interactive: false }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
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
    if (parent) parent.appendChild(node);
    return node;
  }
  function card(title, fields) {
    const box = element("div");
    element("h4", title, box);
    const body = element("tbody", undefined, element("table", undefined, box));
    for (const [field, value] of fields) {
      const row = element("tr", undefined, body);
      element("th", field, row).scope = "row";
      element("td", value, row);
    }
    return box;
  }

  // ---- layers ---------------------------------------------------------------------------------
  const painters = {
    points(spec, old) {
      const group = old ? old.group : L.layerGroup();
      const marks = old ? old.parts : [];
      while (marks.length > spec.lat.length) group.removeLayer(marks.pop());
      spec.lat.forEach((lat, i) => {
        const look = spec.legend[spec.class[i]];
        let mark = marks[i];
        if (!mark) {
          mark = marks[i] = new Shape([lat, spec.lon[i]], { renderer: vectors, radius: spec.size, weight: 1.2, color: "#fff", fillOpacity: 0.95 });
          mark.bindPopup(() => card(mark.text, mark.fields));
          if (spec.labels) mark.bindTooltip(() => element("span", mark.text), { permanent: true, direction: "right", className: "place-label" });
          else mark.bindTooltip(() => element("span", mark.text));
          mark.options.fillColor = look.color;
          mark.options.shape = look.shape;
          group.addLayer(mark);
        } else {
          const at = mark.getLatLng();
          if (at.lat !== lat || at.lng !== spec.lon[i]) mark.setLatLng([lat, spec.lon[i]]);
        }
        if (mark.text !== undefined && mark.text !== spec.label[i] && mark.isPopupOpen()) mark.closePopup();
        const changedLabel = mark.text !== spec.label[i];
        mark.text = spec.label[i];
        mark.fields = spec.fields.map((field, k) => [field, spec.popup[i][k]]);
        if (mark.options.fillColor !== look.color) mark.setStyle({ fillColor: look.color });
        if (mark.options.shape !== look.shape) { mark.options.shape = look.shape; mark.redraw(); }
        if (changedLabel && spec.labels && mark.getTooltip()) mark.setTooltipContent(mark.getTooltip()._content);
      });
      return { group, parts: marks };
    },
    lines(spec, old) {
      const group = old ? old.group : L.layerGroup();
      group.clearLayers();
      spec.paths.forEach((path, i) => {
        const options = { renderer: vectors, color: spec.color[i], weight: spec.weight, dashArray: spec.dash[i] || null };
        const line = spec.kind === "areas"
          ? L.polygon(path.map((ring) => [ring]), { ...options, fillColor: spec.color[i], fillOpacity: spec.opacity })
          : L.polyline(path, { ...options, smoothFactor: 0.5 });
        line.bindTooltip(() => element("span", spec.label[i]), { sticky: true });
        if (spec.popup[i].length) line.bindPopup(() => card(spec.label[i], spec.popup[i]));
        group.addLayer(line);
      });
      return { group };
    },
    areas(spec, old) { return painters.lines(spec, old); },
    countries() { return { group: L.layerGroup() }; },
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
      const palette = spec.legend.map(({ color }) => {
        const v = parseInt(color.slice(1), 16);
        return (255 << 24) | ((v & 255) << 16) | (v & 0xff00) | (v >> 16);
      });
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
      for (let y = 0; y < height; y++) {
        const lat = crs.projection.unproject(L.point(0, north * (1 - (2 * (y + 0.5)) / height))).lat;
        const r = Math.round(((lat - lat0) / (lat1 - lat0)) * (rows - 1));
        if (r < 0 || r >= rows) continue;
        for (let x = 0, at = y * width, from = r * columns; x < width; x++) {
          const value = column[x] < 0 ? 255 : cells[from + column[x]];
          if (value !== 255) out[at + x] = palette[value];
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
  function keepRoom() {
    if (width !== innerWidth) { width = innerWidth; tallest = 0; legend.style.minHeight = ""; }
    tallest = Math.max(tallest, legend.offsetHeight);
    legend.style.minHeight = tallest + "px";
  }
  function drawLegend() {
    const rows = [...drawn.values()].map(({ spec }) => [spec.name, spec.legend]);
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
      box.addEventListener("change", () => { hidden.set(name, !box.checked); show(name); tally(); });
      const only = entries.length === 1 && entries[0].text === name;
      if (only) label.append(swatch(entries[0]));
      label.append(name);
      if (!only) for (const entry of entries) { const span = element("span", undefined, item); span.append(swatch(entry), entry.text); }
    }
    keepRoom();
  }
  function swatch({ color, shape, dash }) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("width", shape === "line" ? 22 : 14);
    svg.setAttribute("height", 14);
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    if (shape === "line") {
      path.setAttribute("d", "M0 7H22"); path.setAttribute("stroke", color); path.setAttribute("stroke-width", 2.5);
      if (dash) path.setAttribute("stroke-dasharray", dash);
    } else {
      path.setAttribute("d", shape === "area" ? "M0 1H14V13H0Z" : shapePath(shape, 7, 7, 6)); path.setAttribute("fill", color);
    }
    svg.append(path);
    return svg;
  }

  // ---- what lies under the pointer ------------------------------------------------------------
  const boxes = land.features.map((f) => {
    const b = L.geoJSON(f).getBounds();
    return [b.getSouth(), b.getNorth(), b.getWest(), b.getEast(), f];
  });
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
  const hemisphere = (v, plus, minus) => Math.abs(v).toFixed(1) + "°" + (v < 0 ? minus : plus);
  map.on("mousemove", ({ latlng }) => {
    const country = countryAt(latlng.lat, latlng.lng);
    const parts = [hemisphere(latlng.lat, "N", "S") + " " + hemisphere(latlng.lng, "E", "W"), country && country.name];
    for (const { spec, at } of drawn.values()) if (at && !isHidden(spec)) parts.push(at(latlng.lat, latlng.lng));
    readout.textContent = parts.filter(Boolean).join(" · ");
  });
  map.on("mouseout", () => { readout.textContent = config.hint; });
  map.on("click", ({ latlng }) => {
    const country = countryAt(latlng.lat, latlng.lng);
    if (!country) return;
    for (const { spec } of drawn.values()) {
      const fields = spec.kind === "countries" && !isHidden(spec) && spec.popup[country.iso3];
      if (fields) L.popup().setLatLng(latlng).setContent(card(country.name, fields)).openOn(map);
    }
  });

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
    added.forEach(set);
    if (view) map.setView(view.center, view.zoom, { animate: false });
    drawLegend();
    updates += 1;
    tally();
  }

  readout.textContent = config.hint;
  const fit = () => map.fitBounds(config.bounds, { animate: false, padding: [0, 0] });
  fit();
  receive({ set: config.layers });
  // The frame may get its size only after the page has run; refit until the reader takes over.
  let touched = false;
  new ResizeObserver(() => { map.invalidateSize({ animate: false, pan: false }); if (!touched) fit(); }).observe(map.getContainer());
  map.on("dragstart zoomstart", (event) => { if (event.type === "dragstart" || map._userZoom) touched = true; });
  map.getContainer().addEventListener("wheel", () => { touched = true; }, { passive: true });
  map.getContainer().addEventListener("pointerdown", () => { touched = true; });
  map.getContainer().addEventListener("keydown", () => { touched = true; });

  if (!config.live) return;
  const tell = (message) => window.parent.postMessage({ silkroad: message }, "*");
  window.addEventListener("message", (event) => {
    // Only the notebook that made this frame may draw on it.
    if (event.source !== window.parent || !event.data || !event.data.silkroad) return;
    const message = event.data.silkroad;
    if (message.view) touched = true;
    receive(message);
  });
  map.on("moveend", () => { if (touched) tell({ view: { center: [map.getCenter().lat, map.getCenter().lng], zoom: map.getZoom() } }); });
  tell({ ready: true });
}

// A plain folium map, too, may get its size only after its page has run.
L.Map.addInitHook(function () {
  new ResizeObserver(() => { if (!this.ours) this.invalidateSize({ animate: false }); }).observe(this.getContainer());
});
