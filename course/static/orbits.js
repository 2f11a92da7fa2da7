// Where satellites, the Sun and the land stand: all the arithmetic of the globe, and no picture.
// Lengths in km, angles in radians. "Inertial" is SGP4's frame TEME, which does not turn; z is the
// Earth's axis. Mean orbits come from `mean_orbits` in course/globe.py, 18 numbers a satellite.
const EQUATOR_KM = 6378.137, FLATTENING = 1 / 298.257223563, J2 = 1.08262668e-3;
const TURN = 2 * Math.PI, DAY_MINUTES = 1440;
const EARTH_RATE = TURN * 1.002737909350795 / DAY_MINUTES; // radians of sidereal time in a minute

function unpacked(text, Kind) {
  return new Kind(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);
}

// The mean orbits in a row, 18 numbers a satellite, from whole units sent as planes of bytes.
const UNIT_KM = 0.05, UNIT_RAD = 2e-6;
function meanOrbits(text) {
  const bytes = unpacked(text, Uint8Array), many = bytes.length / 4, each = many / 18, found = new Float64Array(many);
  for (let i = 0; i < many; i++) {
    const whole = bytes[i] | bytes[many + i] << 8 | bytes[2 * many + i] << 16 | bytes[3 * many + i] << 24;
    const number = Math.floor(i / each);
    found[18 * (i % each) + number] = whole * (number < 3 ? UNIT_KM : UNIT_RAD);
  }
  return found;
}

// Kepler's equation in equinoctial elements, then the short-period terms of J2 as SGP4 has them
// (Hoots and Roehrich, "Spacetrack Report No. 3", 1980), which move a low satellite by ten km.
function inertial(orbits, index, minutes, out) {
  const t = minutes / DAY_MINUTES, c = 18 * index;
  const at = (i) => orbits[c + 3 * i] + t * (orbits[c + 3 * i + 1] + t * orbits[c + 3 * i + 2]);
  const a = at(0), h = at(1), k = at(2), p = at(3), q = at(4), mean = at(5) % TURN;
  let full = mean;
  for (let turn = 0; turn < 30; turn++) {
    const sin = Math.sin(full), cos = Math.cos(full);
    const step = (full + h * cos - k * sin - mean) / (1 - h * sin - k * cos);
    full -= step;
    if (Math.abs(step) < 1e-10) break;
  }
  const sinF = Math.sin(full), cosF = Math.cos(full), root = Math.sqrt(1 - h * h - k * k), part = 1 / (1 + root);
  const x = a * ((1 - h * h * part) * cosF + h * k * part * sinF - k);
  const y = a * ((1 - k * k * part) * sinF + h * k * part * cosF - h);
  const half = Math.hypot(p, q), cosI = (1 - half * half) / (1 + half * half), sinI = 2 * half / (1 + half * half);
  const node = Math.atan2(p, q), u = Math.atan2(y, x) - node;
  const wide = a * root * root / EQUATOR_KM, once = 0.5 * J2 / wide, twice = once / wide;
  const sin2u = Math.sin(2 * u), cos2u = Math.cos(2 * u), square = cosI * cosI;
  const r = Math.hypot(x, y) * (1 - 1.5 * twice * root * (3 * square - 1)) + 0.5 * once * (1 - square) * cos2u * EQUATOR_KM;
  const along = u - 0.25 * twice * (7 * square - 1) * sin2u;
  const turned = node + 1.5 * twice * cosI * sin2u, tilt = 1.5 * twice * cosI * sinI * cos2u;
  const sinT = sinI + tilt * cosI, cosT = cosI - tilt * sinI;
  const cosA = Math.cos(along), sinA = Math.sin(along), cosN = Math.cos(turned), sinN = Math.sin(turned);
  out[0] = r * (cosN * cosA - sinN * sinA * cosT);
  out[1] = r * (sinN * cosA + cosN * sinA * cosT);
  out[2] = r * sinA * sinT;
  return out;
}

// Greenwich sidereal time `minutes` after the start.
function sidereal(gmst, minutes) { return gmst + EARTH_RATE * minutes; }

function turned(place, angle, out = []) {
  const cos = Math.cos(angle), sin = Math.sin(angle), [x, y] = place;
  out[0] = cos * x - sin * y;
  out[1] = sin * x + cos * y;
  out[2] = place[2];
  return out;
}

// The Sun goes a degree a day: a straight line between its two directions is right to 0.01 degrees.
function sunward([from, to], minutes) {
  const part = minutes / DAY_MINUTES, way = from.map((one, i) => one + part * (to[i] - one));
  const far = Math.hypot(...way);
  return way.map((one) => one / far);
}

// Latitude and longitude (degrees, WGS 84) and height (km) of an Earth-fixed place; Bowring 1985.
function geodetic([x, y, z]) {
  const across = Math.hypot(x, y), squash = 1 - FLATTENING, e2 = 1 - squash * squash;
  let low = Math.atan2(z, across * squash), lat = 0;
  for (let i = 0; i < 2; i++) {
    lat = Math.atan2(z + e2 / squash * EQUATOR_KM * Math.sin(low) ** 3, across - e2 * EQUATOR_KM * Math.cos(low) ** 3);
    low = Math.atan2(squash * Math.sin(lat), Math.cos(lat));
  }
  const sin = Math.sin(lat);
  const height = across * Math.cos(lat) + z * sin - EQUATOR_KM * Math.sqrt(1 - e2 * sin * sin);
  return { lat: lat * 360 / TURN, lon: Math.atan2(y, x) * 360 / TURN, height };
}

// The angle at the Earth's centre between the point below a satellite `far` km from the centre and
// the places where it stands `mask` high.
function reach(far, mask) {
  return far > EQUATOR_KM ? Math.acos(Math.cos(mask) * EQUATOR_KM / far) - mask : 0;
}

// Rings of the land of steps from point to point, {points: unit vectors, degrees: lon, lat}, in rows. Latitudes on maps
// are geodetic; in space, as seen from the centre, they are a little nearer to the equator.
const UNITS = 20; // in a degree
function coasts(steps) {
  const found = [], squash = (1 - FLATTENING) ** 2, rows = Int32Array.from(steps);
  for (let i = 2; i < rows.length; i++) rows[i] += rows[i - 2];
  for (let i = 0; i < rows.length;) {
    const count = rows[i + 1], points = new Float64Array(3 * count), degrees = new Float64Array(2 * count);
    for (let n = 0; n < count; n++) {
      const lon = rows[i + 2 + 2 * n] / UNITS, lat = rows[i + 3 + 2 * n] / UNITS;
      degrees.set([lon, lat], 2 * n);
      const up = Math.abs(lat) > 89.99 ? lat * TURN / 360 : Math.atan(squash * Math.tan(lat * TURN / 360));
      const east = lon * TURN / 360;
      points.set([Math.cos(up) * Math.cos(east), Math.cos(up) * Math.sin(east), Math.sin(up)], 3 * n);
    }
    found.push({ points, degrees });
    i += 2 + 2 * count;
  }
  return found;
}

// Tell whether a ring of lon, lat holds a place, by the crossings of its meridian.
function holds(degrees, lon, lat) {
  let inside = false;
  const last = degrees.length - 2;
  for (let i = 0, j = last; i <= last; j = i, i += 2) {
    const north = degrees[i + 1] > lat, other = degrees[j + 1] > lat;
    if (north !== other && lon < (degrees[j] - degrees[i]) * (lat - degrees[i + 1]) / (degrees[j + 1] - degrees[i + 1]) + degrees[i]) inside = !inside;
  }
  return inside;
}
