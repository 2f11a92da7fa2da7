// The globe on a canvas of its own: what the reader turns, plays, follows. The arithmetic stands in
// orbits.js. One frame is drawn for whatever changed since the last one, and none where nothing did.
const config = JSON.parse(document.getElementById("config").textContent);
const $ = (id) => document.getElementById(id);
const canvas = $("globe"), pen = canvas.getContext("2d");
const names = config.names.split("\n"), count = names.length;
const orbits = meanOrbits(config.orbits), land = coasts(unpacked(config.land, Int16Array));
const start = Date.parse(config.start), mask = config.mask * TURN / 360;
const still = matchMedia("(prefers-reduced-motion: reduce)"), dark = matchMedia("(prefers-color-scheme: dark)");

const LIGHT = { space: "#ffffff", sea: "#d3e4f0", land: "#b9b091", edge: "#5f7182", night: "#10203a66", grid: "#5f718244", way: "#1f2933", cap: "#ffd24d66", rim: "#8a6400", ink: "#1f2933", ring: "#5f7182" };
const DARK = { space: "#0b1018", sea: "#2b4a66", land: "#8d8a6c", edge: "#9fb2c4", night: "#00000099", grid: "#d0dae444", way: "#f2f5f8", cap: "#ffd24d55", rim: "#ffd24d", ink: "#e6ebf0", ring: "#8fa2b5" };
// On a dark sky the same colours, lighter: as far from it as the others are from paper.
const lighter = (color) => "#" + [1, 3, 5].map((i) => Math.round(parseInt(color.slice(i, i + 2), 16) * 0.62 + 97).toString(16).padStart(2, "0")).join("");

const HIGHEST = 42164 / EQUATOR_KM, DEGREE = TURN / 360;
const CLOSE = 1.55, WHOLE = HIGHEST * 1.06, LEAST = 0.25, MOST = 14; // Earth's radii from the middle to the edge
const LOW_DAYS = 0.13; // periods below three hours: the way of three turns, else of a day
const state = { minutes: 0, follow: config.follow, named: config.follow, frame: config.frame, lon: config.view[0], lat: config.view[1], reach: config.near ? CLOSE : WHOLE, hidden: new Set(), playing: false };
if (state.frame === "stars") state.lon += config.gmst / DEGREE;
const first = { ...state };
// A notebook takes a frame that is far away out of its page, and begins it anew when it comes back:
// the page around it keeps what the reader had set, as the frame's name.
if (window.name.startsWith("{")) {
  const kept = JSON.parse(window.name);
  Object.assign(state, kept, { hidden: new Set(kept.hidden), playing: false });
}
let keeping = 0;
function keep() {
  keeping ||= setTimeout(() => {
    keeping = 0;
    parent.postMessage({ silkroadGlobe: JSON.stringify({ ...state, hidden: [...state.hidden] }) }, "*");
  }, 100);
}

// ---- what stands where ---------------------------------------------------------------------------
const places = new Float64Array(3 * count), seen = new Float64Array(3 * count); // km; on the screen
const angle = () => sidereal(config.gmst, state.minutes);
const speedOf = (index) => orbits[18 * index + 16]; // radians a day
function wayMinutes(index) {
  const days = TURN / speedOf(index);
  return days < LOW_DAYS ? 3 * days * DAY_MINUTES : DAY_MINUTES;
}
function placed() {
  const one = [0, 0, 0];
  for (let i = 0; i < count; i++) places.set(inertial(orbits, i, state.minutes, one), 3 * i);
}
// Seen from far away, so that heights keep their scale: rows of east, north and towards the eye.
// A hair beside the place that is asked for: the map of the land is cut along 180 degrees and at the
// pole, and what lies just there, behind the globe, would be on neither side.
const HAIR_DEG = [7.3e-4, 3.1e-4];
function camera() {
  const lon = (state.lon + HAIR_DEG[0]) * DEGREE + (state.frame === "earth" ? angle() : 0), lat = (state.lat + HAIR_DEG[1]) * DEGREE;
  const east = [-Math.sin(lon), Math.cos(lon), 0], near = [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
  return [east, [-Math.sin(lat) * Math.cos(lon), -Math.sin(lat) * Math.sin(lon), Math.cos(lat)], near];
}
function through(rows, x, y, z, out) {
  for (let i = 0; i < 3; i++) out[i] = rows[i][0] * x + rows[i][1] * y + rows[i][2] * z;
  return out;
}

// ---- drawing -------------------------------------------------------------------------------------
let width = 0, height = 0, zoom = 1, frames = 0, paper = false;
const SHEET = [560, 300]; // what is drawn for paper, whatever the size of the frame there
function sized() {
  const scale = paper ? 3 : Math.min(devicePixelRatio || 1, 2);
  [width, height] = paper ? SHEET : [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
}
const X = (x) => width / 2 + x * zoom, Y = (y) => height / 2 - y * zoom;

// Draw a ring on the ground, filled as far as it is seen: what is behind runs along the limb. Where
// the ring holds the place farthest from the eye, that counts the whole limb once too often.
function ground(points, holdsBack) {
  const rows = view.ground, last = points.length / 3;
  let at = 0, behind = false, begun = false, turn0 = 0;
  for (let i = 0; i < last; i++) {
    const [x, y, z] = through(rows, points[3 * i], points[3 * i + 1], points[3 * i + 2], spare);
    if (z >= 0) {
      if (begun) pen.lineTo(X(x), Y(y));
      else pen.moveTo(X(x), Y(y));
      behind = false;
    } else {
      const turn = Math.atan2(y, x);
      if (!begun) pen.moveTo(X(Math.cos(turn)), Y(Math.sin(turn)));
      else if (behind && Math.abs(turn - at) > 0.03) pen.arc(X(0), Y(0), zoom, -at, -turn, ((turn - at + 3 * TURN / 2) % TURN) - TURN / 2 > 0);
      else pen.lineTo(X(Math.cos(turn)), Y(Math.sin(turn)));
      at = turn;
      behind = true;
    }
    if (!begun) turn0 = Math.atan2(y, x);
    begun = true;
  }
  if (behind && Math.abs(turn0 - at) > 0.03) {
    const [, , z] = through(rows, points[0], points[1], points[2], spare);
    if (z < 0) pen.arc(X(0), Y(0), zoom, -at, -turn0, ((turn0 - at + 3 * TURN / 2) % TURN) - TURN / 2 > 0);
  }
  pen.closePath();
  if (holdsBack) {
    pen.moveTo(X(1), Y(0));
    pen.arc(X(0), Y(0), zoom, 0, TURN);
    pen.closePath();
  }
}

const SHAPES = {
  circle: (pen, x, y, r) => { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, TURN); },
  square: (pen, x, y, r) => pen.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r),
  triangle: (pen, x, y, r) => corners(pen, x, y, 1.25 * r, 3, 0.25),
  down: (pen, x, y, r) => corners(pen, x, y, 1.25 * r, 3, -0.25),
  diamond: (pen, x, y, r) => corners(pen, x, y, 1.3 * r, 4, 0.25),
  star: (pen, x, y, r) => corners(pen, x, y, 1.3 * r, 10, 0.25, 0.5),
};
function corners(pen, x, y, r, many, turn, inner = 1) {
  for (let i = 0; i < many; i++) {
    const far = i % 2 ? r * inner : r, to = TURN * (turn + i / many);
    pen[i ? "lineTo" : "moveTo"](x + far * Math.cos(to), y - far * Math.sin(to));
  }
  pen.closePath();
}

let view = null;
const spare = [0, 0, 0], other = [0, 0, 0];
function draw() {
  frames++;
  placed();
  const theta = angle(), rows = camera(), look = paper || !dark.matches ? LIGHT : DARK, unit = 1 / EQUATOR_KM;
  zoom = Math.min(width, height) / 2 / state.reach;
  // The rows for what turns with the Earth: places there are turned first.
  const cos = Math.cos(theta), sin = Math.sin(theta);
  view = { rows, ground: rows.map(([x, y, z]) => [x * cos + y * sin, y * cos - x * sin, z]) };
  pen.fillStyle = look.space;
  pen.fillRect(0, 0, width, height);
  pen.lineJoin = "round";
  for (let i = 0; i < count; i++) {
    through(rows, places[3 * i] * unit, places[3 * i + 1] * unit, places[3 * i + 2] * unit, spare);
    seen.set(spare, 3 * i);
  }
  const size = Math.max(2.6, Math.min(4.6, Math.min(width, height) / 110));
  ring(look, false);
  const way = state.follow === null ? null : wayOf(state.follow, theta);
  if (way) wayIn(way, look, false);
  const edges = state.follow === null ? null : cone(look);
  if (edges && seen[3 * state.follow + 2] < 0) rays(edges, look);
  dots(size, look, false);
  earth(look, theta, way);
  if (edges && seen[3 * state.follow + 2] >= 0) rays(edges, look);
  ring(look, true);
  if (way) wayIn(way, look, true);
  dots(size, look, true);
  marks(look, size);
  words(look);
  document.body.dataset.frames = frames;
}

function earth(look, theta, way) {
  pen.fillStyle = look.sea;
  pen.beginPath();
  pen.arc(X(0), Y(0), zoom, 0, TURN);
  pen.fill();
  // The place farthest from the eye, as longitude and latitude on the map.
  const back = view.ground[2], lon = Math.atan2(-back[1], -back[0]) / DEGREE;
  const lat = Math.atan(Math.tan(Math.asin(-back[2])) / (1 - FLATTENING) ** 2) / DEGREE;
  pen.fillStyle = look.land;
  pen.beginPath();
  for (const { points, degrees } of land) ground(points, holds(degrees, lon, lat));
  pen.fill("evenodd");
  grid(look);
  if (state.follow !== null) cap(look);
  night(look);
  if (way) track(way, look);
  pen.strokeStyle = look.edge;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.arc(X(0), Y(0), zoom, 0, TURN);
  pen.stroke();
}

// The equator, and the axis that sticks out at the poles.
function grid(look) {
  pen.strokeStyle = look.grid;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const lat of zoom > 70 ? [-60, -30, 0, 30, 60] : [0]) circle(Math.cos(lat * DEGREE), Math.sin(lat * DEGREE));
  for (let lon = 0; zoom > 70 && lon < 180; lon += 30) {
    for (let i = 0, on = false; i <= 72; i++) {
      const up = i * TURN / 72, flat = Math.cos(up);
      on = step(view.ground, flat * Math.cos(lon * DEGREE), flat * Math.sin(lon * DEGREE), Math.sin(up), on);
    }
  }
  pen.stroke();
}
function circle(flat, up) {
  for (let i = 0, on = false; i <= 72; i++) on = step(view.ground, flat * Math.cos(i * TURN / 72), flat * Math.sin(i * TURN / 72), up, on);
}
function step(rows, x, y, z, on) {
  through(rows, x, y, z, other);
  if (other[2] < 0) return false;
  pen[on ? "lineTo" : "moveTo"](X(other[0]), Y(other[1]));
  return true;
}

// Half of the limb and half of the ellipse that parts day from night.
function night(look) {
  const [x, y, z] = through(view.rows, ...sunward(config.sun, state.minutes), other);
  const turn = Math.atan2(y, x), flat = Math.max(Math.abs(z), 1e-6);
  pen.fillStyle = look.night;
  pen.beginPath();
  pen.arc(X(0), Y(0), zoom, -turn + TURN / 4, -turn + 3 * TURN / 4);
  pen.ellipse(X(0), Y(0), zoom * flat, zoom, -turn, -TURN / 4, TURN / 4, z > 0);
  pen.fill();
}

// Where the followed satellite stands high enough.
function capRing(index) {
  const x = places[3 * index], y = places[3 * index + 1], z = places[3 * index + 2], far = Math.hypot(x, y, z);
  const wide = reach(far, mask), up = [x / far, y / far, z / far];
  const flat = Math.hypot(up[0], up[1]) || 1e-9, east = [-up[1] / flat, up[0] / flat, 0];
  const north = [-up[2] * east[1], up[2] * east[0], flat];
  const points = new Float64Array(3 * 90);
  for (let i = 0; i < 90; i++) {
    const to = i * TURN / 90, c = Math.cos(wide), s = Math.sin(wide);
    for (let k = 0; k < 3; k++) points[3 * i + k] = c * up[k] + s * (Math.cos(to) * east[k] + Math.sin(to) * north[k]);
  }
  return { points, up, wide };
}
function cap(look) {
  const { points, up, wide } = capRing(state.follow);
  const kept = view.ground;
  view.ground = view.rows; // these points do not turn with the Earth
  const away = -(view.rows[2][0] * up[0] + view.rows[2][1] * up[1] + view.rows[2][2] * up[2]);
  pen.fillStyle = look.cap;
  pen.beginPath();
  ground(points, away > Math.cos(wide));
  pen.fill("evenodd");
  pen.strokeStyle = look.rim;
  pen.lineWidth = 1.4;
  pen.beginPath();
  for (let i = 0, on = false; i <= 90; i++) on = step(view.rows, points[3 * (i % 90)], points[3 * (i % 90) + 1], points[3 * (i % 90) + 2], on);
  pen.stroke();
  view.ground = kept;
}
// From the satellite to the rim of what it sees: the two edges that bound it for the eye.
function cone(look) {
  const { points } = capRing(state.follow), [sx, sy] = [seen[3 * state.follow], seen[3 * state.follow + 1]];
  const middle = Math.atan2(-sy, -sx);
  let left = null, right = null, least = 0, most = 0;
  for (let i = 0; i < 90; i++) {
    through(view.rows, points[3 * i], points[3 * i + 1], points[3 * i + 2], other);
    let turn = Math.atan2(other[1] - sy, other[0] - sx) - middle;
    turn = ((turn + 3 * TURN / 2) % TURN) - TURN / 2;
    if (turn < least) { least = turn; left = [other[0], other[1]]; }
    if (turn > most) { most = turn; right = [other[0], other[1]]; }
  }
  if (!left || !right || !visible(state.follow)) return null;
  const edges = [left, [sx, sy], right];
  lined(edges);
  pen.fillStyle = look.cap;
  pen.fill();
  return edges;
}
function rays(edges, look) {
  lined(edges);
  pen.strokeStyle = look.rim;
  pen.lineWidth = 1;
  pen.stroke();
}
function lined(places) {
  pen.beginPath();
  places.forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](X(x), Y(y)));
}

// The geostationary ring, the scale of everything here.
function ring(look, front) {
  if (state.reach < 3) return;
  pen.strokeStyle = look.ring;
  pen.setLineDash([2, 4]);
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 0, on = false; i <= 120; i++) {
    through(view.rows, HIGHEST * Math.cos(i * TURN / 120), HIGHEST * Math.sin(i * TURN / 120), 0, other);
    const drawn = other[2] >= 0 === front;
    if (drawn) pen[on ? "lineTo" : "moveTo"](X(other[0]), Y(other[1]));
    on = drawn;
  }
  pen.stroke();
  pen.setLineDash([]);
}

// The way that a satellite has come, in the frame that the reader chose; and over the ground.
function wayOf(index, theta) {
  const long = wayMinutes(index), many = long < DAY_MINUTES ? 270 : 240, space = new Float64Array(3 * many + 3), below = new Float64Array(3 * many + 3);
  for (let i = 0; i <= many; i++) {
    const minutes = state.minutes - long + long * i / many, then = sidereal(config.gmst, minutes);
    inertial(orbits, index, minutes, spare);
    const far = Math.hypot(...spare);
    turned(spare, -then, other);
    below.set([other[0] / far, other[1] / far, other[2] / far], 3 * i);
    if (state.frame === "earth") turned(spare, theta - then, spare);
    space.set([spare[0] / EQUATOR_KM, spare[1] / EQUATOR_KM, spare[2] / EQUATOR_KM], 3 * i);
  }
  return { space, below };
}
function wayIn({ space }, look, front) {
  pen.strokeStyle = look.way;
  pen.globalAlpha = front ? 1 : 0.45;
  pen.lineWidth = front ? 1.8 : 1.3;
  pen.beginPath();
  for (let i = 0, on = false; i < space.length / 3; i++) {
    const [x, y, z] = through(view.rows, space[3 * i], space[3 * i + 1], space[3 * i + 2], other);
    const drawn = z >= 0 === front && (front || Math.hypot(x, y) > 1);
    if (drawn) pen[on ? "lineTo" : "moveTo"](X(x), Y(y));
    on = drawn;
  }
  pen.stroke();
  pen.globalAlpha = 1;
}
function track({ below }, look) {
  pen.strokeStyle = look.way;
  pen.setLineDash([4, 3]);
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (let i = 0, on = false; i < below.length / 3; i++) on = step(view.ground, below[3 * i], below[3 * i + 1], below[3 * i + 2], on);
  pen.stroke();
  pen.setLineDash([]);
}

// A satellite is hidden by the Earth where it is behind the disc.
const visible = (i) => !state.hidden.has(config.kind[i]) && (seen[3 * i + 2] >= 0 || Math.hypot(seen[3 * i], seen[3 * i + 1]) > 1);
const LOW = new Set(["LEO", "SSO"]);
function dots(size, look, front) {
  pen.globalAlpha = front ? 1 : 0.5;
  const low = Math.max(1.6, Math.min(size, zoom / 20)); // or hundreds of them would hide the Earth
  config.kinds.forEach(({ name, color, shape }, kind) => {
    const large = (front ? 1 : 0.8) * (LOW.has(name) ? low : size);
    pen.fillStyle = look === DARK ? lighter(color) : color;
    pen.beginPath();
    for (let i = 0; i < count; i++) {
      if (config.kind[i] !== kind || !visible(i) || seen[3 * i + 2] >= 0 !== front) continue;
      SHAPES[shape](pen, X(seen[3 * i]), Y(seen[3 * i + 1]), large);
    }
    pen.fill();
  });
  pen.globalAlpha = 1;
}
function marks(look, size) {
  pen.font = "600 12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  for (const i of new Set([state.follow, state.named])) {
    if (i === null || !visible(i)) continue;
    const x = X(seen[3 * i]), y = Y(seen[3 * i + 1]);
    pen.strokeStyle = look.ink;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, y, size + 4, 0, TURN);
    pen.stroke();
    const long = pen.measureText(names[i]).width, left = x + size + 8 + long > width ? x - size - 8 - long : x + size + 8;
    pen.lineWidth = 3;
    pen.strokeStyle = look.space;
    pen.strokeText(names[i], left, y);
    pen.fillStyle = look.ink;
    pen.fillText(names[i], left, y);
  }
}
// The poles, the scale, the height of the ring.
const LENGTHS = [500, 1000, 2000, 5000, 10000, 20000];
function words(look) {
  pen.font = "11px system-ui, sans-serif";
  pen.fillStyle = pen.strokeStyle = look.ink;
  pen.lineWidth = 1;
  const km = LENGTHS.findLast((one) => one / EQUATOR_KM * zoom < Math.min(140, width / 3)) || LENGTHS[0], long = km / EQUATOR_KM * zoom;
  pen.beginPath();
  pen.moveTo(10, height - 16);
  pen.lineTo(10, height - 11);
  pen.lineTo(10 + long, height - 11);
  pen.lineTo(10 + long, height - 16);
  pen.stroke();
  pen.fillText(`${km.toLocaleString("en")} km`, 14, height - 21);
  const [x, y, z] = through(view.rows, 0, 0, 1.12, other);
  if (z > -0.3 || Math.hypot(x, y) > 1) pen.fillText("N", X(x) - 4, Y(y));
}

// One frame for all that changed since the last.
let asked = 0;
function changed() {
  asked ||= requestAnimationFrame(() => { asked = 0; draw(); tell(); keep(); });
}

// ---- in words ------------------------------------------------------------------------------------
const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
const whenText = () => `${clock.format(start + state.minutes * 60000).replace(" at ", ", ")} UTC`;
const placeText = (lat, lon) => `${Math.abs(lat).toFixed(1)}° ${lat < 0 ? "S" : "N"}, ${Math.abs(lon).toFixed(1)}° ${lon < 0 ? "W" : "E"}`;
function about(i) {
  const [x, y, z] = places.subarray(3 * i, 3 * i + 3), here = geodetic(turned([x, y, z], -angle()));
  const hours = TURN / speedOf(i) * 24, wide = reach(Math.hypot(x, y, z), mask);
  return {
    "orbit class": config.kinds[config.kind[i]].name,
    height: `${Math.round(here.height).toLocaleString("en")} km`,
    over: placeText(here.lat, here.lon),
    "one turn": hours < 3 ? `${Math.round(hours * 60)} minutes` : `${hours.toFixed(2)} hours`,
    [config.mask ? `above ${config.mask}° for` : "sees"]: `${(50 * (1 - Math.cos(wide))).toFixed(1)} % of the Earth`,
  };
}
let told = null;
function tell() {
  const words = whenText(), i = state.named;
  $("when").textContent = words;
  $("time").setAttribute("aria-valuetext", words);
  $("card").hidden = i === null;
  let facts = {};
  if (i !== null) {
    facts = about(i);
    $("name").textContent = names[i];
    $("take").textContent = state.follow === i ? "stop following" : "follow";
    const list = $("facts"), texts = Object.entries(facts).flat();
    if (list.childElementCount !== texts.length) list.replaceChildren(...texts.map((_, n) => document.createElement(n % 2 ? "dd" : "dt")));
    texts.forEach((text, n) => { if (list.children[n].textContent !== text) list.children[n].textContent = text; });
  }
  // To a voice only once things rest.
  clearTimeout(told);
  if (!state.playing) told = setTimeout(() => {
    const one = i === null ? "" : ` ${names[i]}: ${Object.entries(facts).map(([what, value]) => `${what} ${value}`).join(", ")}.`;
    const over = ((state.lon - (state.frame === "stars" ? angle() / DEGREE : 0) + 540) % 360 + 360) % 360 - 180;
    $("said").textContent = `${words}. Seen from above ${placeText(state.lat, over)}.${one}`;
  }, 400);
}

// ---- controls ------------------------------------------------------------------------------------
function setTime(minutes) {
  state.minutes = Math.max(0, Math.min(config.minutes, minutes));
  $("time").value = state.minutes;
  changed();
}
function setFrame(frame) {
  if (frame === state.frame) return;
  state.lon += (frame === "stars" ? 1 : -1) * angle() / DEGREE; // the eye stays where it is
  state.frame = frame;
  document.querySelector(`[name=frame][value=${frame}]`).checked = true;
  changed();
}
function setFollow(i) {
  state.follow = state.named = i;
  $("follow").value = i === null ? "" : i;
  changed();
}
function turn(lon, lat) {
  state.lon = (state.lon + lon) % 360;
  state.lat = Math.max(-90, Math.min(90, state.lat + lat));
  changed();
}
function setReach(to) {
  state.reach = Math.max(LEAST, Math.min(MOST, to));
  changed();
}
let before = 0;
function play(on) {
  state.playing = on;
  $("play").textContent = on ? "❚❚ Pause" : "▶ Play";
  $("play").setAttribute("aria-pressed", on);
  if (on && state.minutes >= config.minutes) state.minutes = 0;
  before = performance.now();
  if (on) requestAnimationFrame(onward);
  else changed();
}
// Readers who want less motion get ten minutes a second, in steps.
function onward(now) {
  if (!state.playing) return;
  const passed = now - before;
  if (!still.matches || passed >= 1000) {
    before = now;
    setTime(state.minutes + (still.matches ? 10 : Math.min(passed, 250) / 60000 * $("speed").value));
    if (state.minutes >= config.minutes) return play(false);
  }
  requestAnimationFrame(onward);
}
function next(by) {
  for (let n = 1, i = state.named ?? (by > 0 ? -1 : 0); n <= count; n++) {
    i = (i + by + count) % count;
    if (visible(i)) { state.named = i; return changed(); }
  }
}
function back() {
  Object.assign(state, { ...first, hidden: state.hidden, playing: state.playing });
  $("follow").value = first.follow ?? "";
  document.querySelector(`[name=frame][value=${first.frame}]`).checked = true;
  setTime(0);
}

const signs = [];
function options() {
  const order = names.map((_, i) => i).sort((a, b) => names[a].localeCompare(names[b], "en", { numeric: true }));
  config.kinds.forEach(({ name, color, shape }, kind) => {
    const group = document.createElement("optgroup"), mine = order.filter((i) => config.kind[i] === kind);
    group.label = name;
    group.append(...mine.map((i) => new Option(names[i], i)));
    $("follow").append(group);
    const label = document.createElement("label"), box = document.createElement("input"), sign = document.createElement("canvas");
    Object.assign(box, { type: "checkbox", checked: !state.hidden.has(kind) });
    box.addEventListener("change", () => { state.hidden[box.checked ? "delete" : "add"](kind); changed(); });
    sign.style.cssText = "width:14px;height:14px";
    sign.setAttribute("aria-hidden", "true");
    label.append(box, sign, `${name} (${mine.length})`);
    $("legend").append(label);
    signs.push([sign, color, shape]);
  });
}
function drawSigns() {
  for (const [sign, color, shape] of signs) {
    Object.assign(sign, { width: 28, height: 28 });
    const mark = sign.getContext("2d");
    mark.fillStyle = dark.matches && !paper ? lighter(color) : color;
    mark.beginPath();
    SHAPES[shape](mark, 14, 14, 9);
    mark.fill();
  }
}

// ---- mouse, fingers, keys ------------------------------------------------------------------------
const fingers = new Map();
let moved = 0, pinch = 0;
const PER_PIXEL = () => Math.min(0.5, 60 / zoom); // degrees: the ground follows the pointer
function spread() {
  const [one, two] = [...fingers.values()];
  return two ? Math.hypot(one.x - two.x, one.y - two.y) : 0;
}
canvas.addEventListener("pointerdown", (event) => {
  fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  canvas.setPointerCapture(event.pointerId);
  if (fingers.size === 1) moved = 0;
  pinch = spread();
  canvas.classList.add("dragged");
});
canvas.addEventListener("pointermove", (event) => {
  const was = fingers.get(event.pointerId);
  if (!was) return;
  const x = event.offsetX - was.x, y = event.offsetY - was.y;
  fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  moved += Math.abs(x) + Math.abs(y);
  if (moved < 4) return;
  turn(-x * PER_PIXEL() / fingers.size, y * PER_PIXEL() / fingers.size);
  if (fingers.size > 1 && pinch) {
    const now = spread();
    setReach(state.reach * pinch / now);
    pinch = now;
  }
});
function lifted(event) {
  if (!fingers.delete(event.pointerId)) return;
  pinch = spread();
  if (!fingers.size) canvas.classList.remove("dragged");
  if (event.type === "pointerup" && moved < 4) clicked(event.offsetX, event.offsetY);
}
for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, lifted);
const NEAR_PIXELS = 14;
function clicked(x, y) {
  let best = NEAR_PIXELS, found = null;
  for (let i = 0; i < count; i++) {
    if (!visible(i)) continue;
    const away = Math.hypot(X(seen[3 * i]) - x, Y(seen[3 * i + 1]) - y) + (seen[3 * i + 2] < 0 ? 3 : 0);
    if (away < best) { best = away; found = i; }
  }
  state.named = found;
  changed();
}
canvas.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !document.fullscreenElement) return; // the wheel is the page's
  event.preventDefault();
  setReach(state.reach * Math.exp(event.deltaY / 400));
}, { passive: false });
const STEP_DEG = 10, FINE_DEG = 2;
const KEYS = {
  ArrowLeft: (by) => turn(-by, 0), ArrowRight: (by) => turn(by, 0), ArrowUp: (by) => turn(0, by), ArrowDown: (by) => turn(0, -by),
  "+": () => setReach(state.reach / 1.25), "=": () => setReach(state.reach / 1.25), "-": () => setReach(state.reach * 1.25),
  n: () => next(1), b: () => next(-1), " ": () => play(!state.playing), Home: back,
  Enter: () => { if (state.named !== null) setFollow(state.named); },
  Escape: () => { if (state.named !== null && state.named !== state.follow) { state.named = state.follow; changed(); } else setFollow(null); },
};
canvas.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act(event.shiftKey ? FINE_DEG : STEP_DEG);
});

$("play").addEventListener("click", () => play(!state.playing));
$("time").addEventListener("input", () => setTime(Number($("time").value)));
$("follow").addEventListener("change", () => setFollow($("follow").value === "" ? null : Number($("follow").value)));
for (const one of document.querySelectorAll("[name=frame]")) one.addEventListener("change", () => setFrame(one.value));
$("nearer").addEventListener("click", () => setReach(state.reach / 1.25));
$("farther").addEventListener("click", () => setReach(state.reach * 1.25));
$("close").addEventListener("click", () => setReach(CLOSE));
$("whole").addEventListener("click", () => setReach(WHOLE));
$("take").addEventListener("click", () => setFollow(state.follow === state.named ? null : state.named));
$("away").addEventListener("click", () => { state.named = null; changed(); canvas.focus(); });
if (matchMedia("(pointer: coarse)").matches) $("hint").textContent = "Draw a finger sideways to turn, two apart to come nearer; touch a satellite for its name.";
$("screen").hidden = !document.fullscreenEnabled;
$("screen").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
});

// Paper is white, whatever the theme; a printing page cannot wait for the next frame.
function onPaper(on) {
  paper = on;
  drawSigns();
  sized();
  draw();
}
addEventListener("beforeprint", () => onPaper(true));
addEventListener("afterprint", () => onPaper(false));
dark.addEventListener("change", () => { drawSigns(); changed(); });
new ResizeObserver(() => {
  if (paper) return; // the picture that is there fits itself
  sized();
  draw();
}).observe(canvas);

canvas.setAttribute("aria-label", config.title);
$("time").max = config.minutes;
$("time").value = state.minutes;
options();
drawSigns();
document.querySelector(`[name=frame][value=${state.frame}]`).checked = true;
$("follow").value = state.follow ?? "";
sized();
draw();
tell();
