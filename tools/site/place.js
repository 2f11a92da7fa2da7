// The reader's own place: chosen once for all pages of the site, kept by the browser, sent nowhere.
// It reads what a reader writes as course/place.py does, and says what that says: a test holds both.
const silkroadPlace = (() => {
  "use strict";
  const KEY = "silkroad-place", FIELDS = "country,iso3,lat,lon,name,zone", EARTH_KM = 6371.0088;
  const BY_HAND = "latitude and longitude in degrees, as 31.55 74.34 or 33.9 S 151.2 E";

  // ---- keeping it ------------------------------------------------------------------------------
  let held = null; // where the browser keeps nothing: it ends with the page
  const heard = []; // who must know of another place
  const tellAll = () => heard.forEach((react) => react());
  function checked(place) { // what was kept may have been written by anybody
    const fits = place && Object.keys(place).sort().join() === FIELDS
      && [place.name, place.country, place.iso3, place.zone].every((text) => typeof text === "string" && text.length < 80)
      && place.name.trim() && Math.abs(place.lat) <= 90 && Math.abs(place.lon) <= 180
      && [place.lat, place.lon].every(Number.isFinite);
    return fits ? place : null;
  }
  function mine() {
    if (held) return held;
    try { return checked(JSON.parse(localStorage.getItem(KEY))); } catch { return null; }
  }
  function keep(place) {
    try {
      localStorage.setItem(KEY, JSON.stringify(place));
      held = null;
      return "Kept by this browser for all pages of this site, and sent nowhere.";
    } catch {
      held = place;
      return "It holds until you leave this page, as this browser keeps nothing for it. It is sent nowhere.";
    }
  }
  function forget() {
    held = null;
    try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
    return "Forgotten: this browser keeps no place.";
  }
  for (const changed of ["storage", "pageshow"]) addEventListener(changed, (event) => { // on another page
    if (event.key === KEY || event.persisted) tellAll();
  });

  // ---- finding a place by what a reader writes ---------------------------------------------------
  const HAN = /[\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/u;
  class Refused extends Error {}
  const radians = (degrees) => (degrees * Math.PI) / 180;
  function km([lat1, lon1], [lat2, lon2]) {
    const half = Math.sin(radians(lat2 - lat1) / 2) ** 2
      + Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * Math.sin(radians(lon2 - lon1) / 2) ** 2;
    return 2 * EARTH_KM * Math.asin(Math.sqrt(Math.min(1, half)));
  }
  const spoken = (number) => Math.round(number).toLocaleString("en");
  const short = (number) => String(Number(number.toPrecision(6)));
  const listed = (things, last) => (things.length > 1 ? `${things.slice(0, -1).join(", ")} ${last} ${things.at(-1)}` : things.join());
  function quoted(text) {
    const sign = text.includes("'") && !text.includes('"') ? '"' : "'";
    return sign + text.replace(/\\/g, "\\\\").replaceAll(sign, sign === "'" ? "\\'" : sign) + sign;
  }
  // A text without accents, signs and capitals.
  const plain = (text) => text.toLowerCase().replace(/ß/g, "ss").normalize("NFKD").replace(/\p{Mn}|['’‘ʻ`]/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const written = (lat, lon) => `${Math.abs(lat).toFixed(2)}° ${lat >= 0 ? "N" : "S"}, ${Math.abs(lon).toFixed(2)}° ${lon >= 0 ? "E" : "W"}`;
  const byHand = (place) => place.name === written(place.lat, place.lon);
  const label = (place) => (byHand(place) ? place.name : `${place.name}, ${place.country}`);

  class Cities {
    constructor(table) {
      this.all = table.name.map((name, i) => {
        const [iso3, country] = table.countries[table.country[i]];
        return { name, country, iso3, lat: table.lat[i], lon: table.lon[i], zone: table.zones[table.zone[i]] };
      });
      this.names = new Map(); // what may be written: the cities that are called so, the largest first
      this.called = this.all.map((city, i) => [...new Set([plain(label(city)), plain(city.name), ...table.also[i]])]);
      this.also = new Map(this.all.map((city, i) => [city, table.also[i]]));
      this.called.forEach((names, i) => {
        for (const name of names) this.names.set(name, [...(this.names.get(name) || []), this.all[i]]);
      });
    }
    find(text) {
      text = text.split(/\s+/).filter(Boolean).join(" ");
      let wanted = plain(text);
      if (!wanted) throw new Refused(`Nothing was written: give a city, or ${BY_HAND}.`);
      if (!this.names.has(wanted)) wanted = wanted.replace(/市$/, "") || wanted;
      const exact = this.names.get(wanted);
      if (exact?.length === 1) return exact[0];
      if (/^[-+−]?[\d.]/.test(text) && !exact) return this.byHand(text);
      const begun = [...this.names].filter(([name]) => name.startsWith(wanted)).flatMap(([, cities]) => cities);
      const found = [...new Set(exact || begun)];
      if (found.length === 1) return found[0];
      if (found.length) {
        const more = found.length > 4 ? ` or another of ${found.length}` : "";
        throw new Refused(`Several cities fit: write ${listed(found.slice(0, 4).map(label), "or")}${more}.`);
      }
      const chinese = HAN.test(wanted), alike = chinese ? 0.6 : 0.7; // two of three signs are enough
      const near = [...new Set(closest(wanted, [...this.names.keys()], alike).map((name) => label(this.names.get(name)[0])))];
      let known = near.length ? `try ${listed(near, "or")}, or ` : "";
      if (chinese) known += "write its name in Latin letters, ";
      throw new Refused(`There is no ${quoted(text.slice(0, 60))} among our ${spoken(this.all.length)} cities: ${known}give a larger city near it, or ${BY_HAND}.`);
    }
    byHand(text) {
      const number = (sides) => `([-+]?\\d+(?:[.,]\\d+)?|[-+]?\\.\\d+)\\s*°?\\s*([${sides}]?)`;
      const both = new RegExp(`^${number("NSns")}(?:\\s*[,;]\\s+|\\s*;\\s*|\\s+|,)${number("EWew")}$`);
      const signs = text.replace(/−/g, "-").replace(/º/g, "°");
      // 31.55,74.34: a comma between numbers that have a point parts them.
      const found = both.exec(signs.includes(".") ? signs.replace(/(\d),(?=[-+]?\d+\.)/g, "$1 ") : signs);
      if (!found) throw new Refused(`${quoted(signs.slice(0, 60))} is no place: give ${BY_HAND}.`);
      const [lat, lon] = [found[1], found[3]].map((part) => Number(part.replace(",", ".")));
      for (const [value, side] of [[lat, found[2]], [lon, found[4]]])
        if (side && value < 0) throw new Refused(`${quoted(signs.slice(0, 60))} has a sign and a letter: leave one of them away.`);
      return this.at(/s/i.test(found[2]) ? -lat : lat, /w/i.test(found[4]) ? -lon : lon);
    }
    at(lat, lon) {
      if (!(Math.abs(lat) <= 90)) {
        const round = Math.abs(lat) <= 180 && Math.abs(lon) <= 90;
        throw new Refused(`Latitude ${short(lat)} is not on the Earth: it comes first, so ${round ? `write ${short(lon)} ${short(lat)}` : "give -90 to 90"}.`);
      }
      if (!(Math.abs(lon) <= 180)) {
        const turned = ((((lon + 180) % 360) + 360) % 360) - 180;
        throw new Refused(`Longitude ${short(lon)} goes beyond 180: write ${short(lat)} ${short(turned)}.`);
      }
      const { country, iso3, zone } = this.nearest(lat, lon).city;
      return { name: written(lat, lon), country, iso3, lat, lon, zone };
    }
    nearest(lat, lon) {
      const away = this.all.map((city) => km([lat, lon], [city.lat, city.lon]));
      const least = away.reduce((best, one, i) => (one < away[best] ? i : best), 0);
      return { city: this.all[least], km: away[least] };
    }
    // What a click on a map chooses, as in course/place.py: a city within reach, or the point itself.
    clicked([lat, lon, reach], most) {
      if (Math.abs(lat) > 90 || Math.abs(lon) > 180) throw new Refused("You clicked beside the Earth: click within the frame of the map.");
      const turn = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;
      const away = this.all.map((city) => Math.hypot(city.lat - lat, turn(city.lon - lon)));
      const least = away.reduce((best, one, i) => (one < away[best] ? i : best), 0), city = this.all[least];
      if (away[least] > Math.min(reach, most)) return { place: this.at(Number(lat.toFixed(3)), Number(lon.toFixed(3))), km: 0 };
      return { place: city, km: km([lat, lon], [city.lat, city.lon]) };
    }
    // What a list offers, as [city, what it is called in Chinese if that was written]: first cities
    // that begin so, then those that have a word that does.
    offers(text, most) {
      const wanted = plain(text);
      if (!wanted || /^\d/.test(wanted)) return [];
      const fit = (begins) => this.all.filter((_, i) => this.called[i].some(begins));
      const first = fit((name) => name.startsWith(wanted));
      const then = first.length < most ? fit((name) => ` ${name}`.includes(` ${wanted}`)) : [];
      const chinese = (city) => (HAN.test(wanted) && this.also.get(city).find((name) => name.startsWith(wanted))) || "";
      return [...new Set([...first, ...then])].slice(0, most).map((city) => [city, chinese(city)]);
    }
  }
  // The three names most like one, as Python's difflib counts: twice what they share by their length.
  function closest(wanted, names, alike) {
    const scored = [];
    for (const name of names) {
      const both = name.length + wanted.length;
      if ((2 * Math.min(name.length, wanted.length)) / both < alike) continue;
      const score = (2 * shared(name, wanted)) / both;
      if (score >= alike) scored.push([score, name]);
    }
    return scored.sort(([a, one], [b, other]) => b - a || (other > one ? 1 : -1)).slice(0, 3).map(([, name]) => name);
  }
  function shared(one, other) {
    let long = 0, i = 0, j = 0, before = [];
    for (let a = 0; a < one.length; a++) {
      const now = [];
      for (let b = 0; b < other.length; b++) {
        if (one[a] !== other[b]) continue;
        now[b] = (before[b - 1] || 0) + 1;
        if (now[b] > long) { long = now[b]; i = a - long + 1; j = b - long + 1; }
      }
      before = now;
    }
    if (!long) return 0;
    return long + shared(one.slice(0, i), other.slice(0, j)) + shared(one.slice(i + long), other.slice(j + long));
  }

  // ---- its clocks --------------------------------------------------------------------------------
  // How far they are ahead of UTC: "UTC+5:30", "UTC-3", "UTC"; "" for a zone that this browser lacks.
  function ahead(zone, time) {
    try {
      const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(time);
      const said = parts.find(({ type }) => type === "timeZoneName").value;
      const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)$/.exec(said) || ["", "", "", ""];
      return Number(hours + minutes) ? `UTC${sign}${Number(hours)}${minutes === "00" ? "" : ":" + minutes}` : "UTC";
    } catch { return ""; }
  }
  function about(place, cities, { at, day }) {
    if (!place) return "No place is chosen: each view starts where its lesson does.";
    let words = label(place);
    if (byHand(place)) {
      const near = cities?.nearest(place.lat, place.lon);
      words += near ? `. Clocks as in the nearest city, ${label(near.city)}, ${spoken(near.km)} km away` : ". Clocks there";
    } else words += `, ${written(place.lat, place.lon)}. Clocks there`;
    const offset = ahead(place.zone, new Date(at));
    return offset ? `${words}, on ${day}: ${offset}.` : `${words}: this browser does not know the zone ${place.zone}.`;
  }

  // ---- on a map: as the function `mark` of course/place.py -----------------------------------------
  const mark = (place) => ({
    name: "My place", legend: [{ text: "My place", color: "#AA4499", shape: "diamond" }], visible: true, kind: "points",
    lat: [place.lat], lon: [place.lon], class: [0], label: [place.name], fields: [], popup: [[]], size: 7, labels: true,
  });

  // ---- the control -------------------------------------------------------------------------------
  const OFFERED = 8;
  function make(tag, parent, text, values = {}) {
    const node = parent.appendChild(document.createElement(tag));
    if (text) node.textContent = text;
    for (const [key, value] of Object.entries(values)) node.setAttribute(key, value);
    return node;
  }
  class Control {
    constructor(node, load, chooser) {
      this.words = node.dataset;
      this.chooser = chooser;
      this.node = node;
      this.load = () => (this.cities ||= load(node.dataset.cities).then((table) => new Cities(table)));
      const row = make("div", node, "", { class: "silkroad-controls" });
      const name = make("label", row, "", { class: "silkroad-control" });
      make("span", name, "My place", { class: "silkroad-label" });
      this.box = make("input", name, "", {
        type: "text", role: "combobox", placeholder: "Lahore, 拉合尔, or 31.55 74.34", autocomplete: "off", spellcheck: "false",
        "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "silkroad-cities",
      });
      this.opener = make("button", row, "On a map", { type: "button", class: "silkroad-back" });
      this.button = make("button", row, "Forget it", { type: "button", class: "silkroad-back" });
      this.list = make("ul", node, "", { id: "silkroad-cities", role: "listbox", "aria-label": "Cities", class: "silkroad-cities" });
      this.said = make("p", node, "", { role: "status", class: "silkroad-yours" });
      this.at = -1;
      this.offer([]);
      const told = (problem) => this.tell(`The cities cannot be opened (${problem.message}).`);
      this.box.addEventListener("focus", () => this.load().catch(told));
      this.box.addEventListener("input", () => this.search().catch(told));
      this.box.addEventListener("keydown", (event) => this.press(event));
      this.box.addEventListener("blur", () => { this.offer([]); this.read(); });
      this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
      this.list.addEventListener("click", ({ target }) => {
        const option = target.closest("[role=option]");
        if (option) this.take(this.offered[[...this.list.children].indexOf(option)]);
      });
      this.opener.addEventListener("click", () => this.openOrClose().catch(told));
      this.button.addEventListener("click", () => { this.change(forget()); this.box.focus(); });
      heard.push(() => this.show(""));
      this.show("");
    }
    async openOrClose() {
      const open = this.map ? this.map.hidden : true;
      this.opener.textContent = open ? "Close the map" : "On a map";
      if (!this.map) {
        this.map = make("div", this.node, "", { class: "silkroad-chooser" });
        this.mark = await this.chooser(this.words.chooser, this.map, (click, most) => this.clicked(click, most));
        this.mark(mine());
      }
      this.map.hidden = !open;
    }
    async clicked(click, most) {
      try {
        const { place, km: away } = (await this.load()).clicked(click, most);
        const far = away >= 1 ? `It lies ${spoken(away)} km from your click: to be exact, zoom in. ` : "";
        this.change(far + keep(place));
      } catch (problem) { this.tell(problem.message); }
    }
    async search() {
      const text = this.box.value, cities = await this.load();
      if (text === this.box.value) this.offer(cities.offers(text, OFFERED));
    }
    offer(found) {
      this.offered = found.map(([city]) => city);
      this.list.replaceChildren();
      found.forEach(([city, chinese], i) => {
        const option = make("li", this.list, label(city) + (chinese && ` · ${chinese}`), { role: "option", id: `silkroad-city-${i}` });
        markChinese(option);
      });
      this.list.hidden = !found.length;
      this.box.setAttribute("aria-expanded", String(found.length > 0));
      this.point(-1);
    }
    point(at) {
      this.at = at;
      [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
      if (at < 0) this.box.removeAttribute("aria-activedescendant");
      else this.box.setAttribute("aria-activedescendant", `silkroad-city-${at}`);
    }
    press(event) {
      const count = this.offered.length, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && count) this.point((this.at + step + (this.at < 0 && step < 0 ? 1 : 0) + count) % count);
      else if (event.key === "Enter" && this.at >= 0) this.take(this.offered[this.at]);
      else if (event.key === "Enter") { this.offer([]); this.read(true); }
      else if (event.key === "Escape" && count) this.offer([]);
      else return;
      event.preventDefault();
    }
    async read(entered = false) {
      const text = this.box.value.trim(), here = mine();
      if ((!text && !entered) || (here && text === label(here))) return;
      try {
        this.take((await this.load()).find(text));
      } catch (problem) { this.tell(problem.message); }
    }
    take(place) {
      this.offer([]);
      this.change(keep(place));
    }
    change(words) {
      tellAll();
      this.show(words);
    }
    async show(more) {
      const here = mine();
      this.box.value = here ? label(here) : "";
      this.button.disabled = !here;
      this.mark?.(here);
      this.said.classList.toggle("silkroad-none", !here); // paper says nothing of no place
      const cities = here && byHand(here) ? await this.load().catch(() => null) : null;
      this.tell([about(here, cities, this.words), more].filter(Boolean).join(" "));
    }
    tell(words) { this.said.textContent = words; }
  }

  return {
    mine, km, spoken, mark, ahead, about, Cities,
    watch(react) { heard.push(react); },
    open(load, chooser) {
      document.querySelectorAll(".silkroad-place").forEach((node) => new Control(node, load, chooser));
    },
  };
})();
