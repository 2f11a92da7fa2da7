"""A globe seen from outside: satellites at their heights to scale, turned and played in the page.

    globe.show(elements, time, follow="BEIDOU-3 IGSO-1")

The page computes without a kernel and without a network. It is sent, once, the land and, for each
satellite, its mean orbit: six equinoctial elements as polynomials in time, fitted here to a day
and more of `orbits.positions`. The page solves Kepler's equation and adds the short-period terms
of the Earth's bulge (J2), in static/orbits.js. tests/test_globe.py holds the page's own numbers
against the models: they agree to some kilometres, far less than a pixel.
"""

import base64
import gzip
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from course import usual
from helpers import data, maps, style
from helpers.inputs import InputError, one_of
from helpers.kept import kept
from helpers.words import counted
from silkroad import orbits, sun
from silkroad.values import instant, number

STATIC = Path(__file__).parent / "static"
FRAMES = {"earth": "turning with the Earth", "stars": "still against the stars"}
KINDS = ("LEO", "SSO", "MEO", "IGSO", "GEO", "HEO")
HEO = ("yellow", "star")  # the one kind that has no look of its own in `usual.LOOKS`
STEP_MINUTES, HALF_STEP_S = 10, 1.0
MU_KM3_S2 = 398600.8  # WGS 72, which SGP4 keeps
UNIT_KM, UNIT_RAD = 0.05, 2e-6  # of what is sent: tenths of a kilometre
STEEPEST_DEG = 170  # where the elements that the page takes have no meaning
COARSE_DEG, ISLAND_DEG = 0.3, 0.8  # what of the coast is left out: less than a pixel
UNITS = 20  # in a degree of a coast
LONGEST_DEG = 4  # between two points of a coast, so that it bends with the globe


@dataclass(frozen=True)
class Globe:
    """What `show` returns: it displays itself.

    `summary` says in words what is shown at first, `table` has the satellites, by class and
    height, `tables` also the classes.
    """

    title: str
    height: int
    config: dict
    summary: str
    tables: dict

    @property
    def table(self):
        """The satellites, with class, height and the place below them at the beginning."""
        return self.tables["Satellites"]

    def page(self):
        """Return the whole page as one HTML text: a file that opens anywhere, offline."""
        files = {name: (STATIC / name).read_text("utf-8") for name in _FILES}
        parts = {
            "title": escape(self.title),
            "style": files["globe.css"],
            "config": maps.embedded(self.config),
            "code": "\n".join(_bare(files[name]) for name in ("orbits.js", "globe.js")),
        }
        # In one go: what is put in holds no place for another part.
        return re.sub(_PLACE, lambda found: parts[found[1] or found[2]], files["globe.html"])

    def __repr__(self):
        """Return the summary."""
        return self.summary

    def _repr_html_(self):
        layers = [maps.Layer(name, {}, "", table) for name, table in self.tables.items()]
        twin = maps.twins(layers, self.summary)
        twin = re.sub(r">\s+<", "><", twin)  # pandas puts each cell on a line
        packed = base64.b64encode(gzip.compress(self.page().encode(), 9, mtime=0)).decode()
        page = _OPENS.format(title=escape(self.title), packed=packed)
        return (
            f"<style>{_FRAME}</style>{_KEEPS}"
            f'<iframe class="silkroad-globe" style="--high:{self.height}px" '
            f'srcdoc="{escape(page)}" title="{escape(self.title)}" '
            'sandbox="allow-scripts" allowfullscreen></iframe>'
            f"<details><summary>The globe as text and tables</summary>{twin}</details>"
        )


# What travels is the page, packed, and how to open it.
_OPENS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><script>
(async () => {{
const bytes = Uint8Array.from(atob("{packed}"), (sign) => sign.charCodeAt(0));
const open = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const page = await new Response(open).text();
document.open();
document.write(page);
document.close();
}})();
</script>
<noscript>The globe needs scripts. The text and the tables beneath say what it shows.</noscript>
"""
# A frame that a notebook took out of its page and put back begins anew, under the name that it has
# by then: what the reader had set.
_KEEPS = """<script>
window.silkroadGlobes ||= !addEventListener("message", ({ data, source }) => {
if (typeof data?.silkroadGlobe !== "string") return;
for (const frame of document.querySelectorAll(".silkroad-globe"))
if (frame.contentWindow === source) frame.name = data.silkroadGlobe;
});
</script>"""
_PLACE = re.compile(r"<!-- (title|config) -->|/\* (style|code) \*/")
_FILES = ("globe.html", "globe.css", "orbits.js", "globe.js")
# A frame takes the theme of the page around it: of JupyterLab, of the site, else of the reader. It
# is higher where it is narrow, as on a telephone, for the controls take more lines there.
_FRAME = (
    ".silkroad-globe{box-sizing:border-box;width:100%;border:1px solid #8a94a0;max-height:92vh;"
    "height:max(var(--high),calc(var(--high) + 380px - 60vw));color-scheme:light}"
    '[data-jp-theme-light="false"] .silkroad-globe,'
    '[data-theme="dark"] .silkroad-globe{color-scheme:dark}'
    "@media (prefers-color-scheme:dark)"
    '{[data-theme="auto"] .silkroad-globe{color-scheme:dark}}'
    # On paper the text goes on beside it.
    "@media print{.silkroad-globe{float:right;margin:0 0 2mm 4mm;width:84mm;height:44mm}}"
)


def show(
    elements,
    time,
    *,
    follow=None,
    frame="earth",
    near=False,
    lon=None,
    lat=20,
    mask_deg=0,
    hours=24,
    title="Satellites round the Earth",
    height=560,
):
    """Return a globe with the satellites of `elements`, a frame as that table or a list of them.

    time: where the slider begins (UTC); it runs over `hours`. follow: the name of a satellite
    whose way is drawn: the last day, or of a low one three turns. frame: "earth", turning with
    the Earth, or "stars", which do not turn. near: begin close to the Earth, where low orbits are
    told apart. lon, lat: the place that the reader looks down on at first; without lon, beside the
    followed satellite. mask_deg: what a satellite sees is where it stands higher than this.
    InputError: what `orbits.positions` refuses, a name or a frame that is none, an orbit that runs
    straight backwards (an inclination above 170 degrees).
    """
    start = instant(time, "time")
    hours = number(hours, "hours", above=0, high=48)
    mask_deg = number(mask_deg, "mask_deg", 0, below=90)
    one_of(frame, list(FRAMES), "frame")
    if isinstance(elements, list):
        elements = pd.concat(elements, join="inner")
    elements = orbits.with_orbit_class(elements).reset_index(drop=True)
    names = elements["name"].astype(str).tolist()
    if follow is not None:
        one_of(follow, names, "satellite")
    if (elements["inclination_deg"] > STEEPEST_DEG).any():
        steep = elements.loc[elements["inclination_deg"].idxmax()]
        raise InputError(
            f"{steep['name']} has an inclination of {steep['inclination_deg']:g}°: a globe takes "
            f"orbits up to {STEEPEST_DEG}°; leave it out."
        )
    here = orbits.below(elements, start)
    kinds = [kind for kind in KINDS if kind in set(here["orbit_class"])]
    looks = {kind: usual.LOOKS["orbit_class"].get(kind, HEO) for kind in kinds}
    chosen = names.index(follow) if follow is not None else None
    aside = 90.0 if chosen is None else float(here["lon"][chosen]) - 50
    day = np.timedelta64(1, "D")
    config = {
        "start": str(start.astype("datetime64[ms]")) + "Z",
        "minutes": round(hours * 60),
        "names": "\n".join(" ".join(name.split()) for name in names),
        "kinds": [{"name": k, "color": style.color(c), "shape": s} for k, (c, s) in looks.items()],
        "kind": [kinds.index(kind) for kind in here["orbit_class"]],
        "orbits": _planes(mean_orbits(elements, start, hours)),
        "land": _packed(np.diff(land(), axis=0, prepend=0), "<i2"),  # steps pack to half the size
        "gmst": float(orbits.gmst_rad(start)),
        "sun": [_inertial(sun.direction(at), at).round(7).tolist() for at in (start, start + day)],
        "follow": chosen,
        "frame": frame,
        "near": bool(near),
        "view": [aside if lon is None else number(lon, "lon"), number(lat, "lat", -90, 90)],
        "mask": mask_deg,
        "title": title,
    }
    summary, tables = _twins(here, kinds, start, follow, frame, mask_deg, title)
    return Globe(title, height, config, summary, tables)


def pattern(walker, time, name):
    """Return elements of a pattern as `constellations.walker` returns it: `name` 1, `name` 2, …"""
    first = walker.iloc[0]
    one = orbits.synthetic_elements(time, first["height_km"], first["inclination_deg"])
    return one.loc[[0] * len(walker)].assign(
        name=[f"{name} {number}" for number in range(1, len(walker) + 1)],
        raan_deg=walker["raan_deg"].to_numpy(),
        mean_anomaly_deg=walker["along_deg"].to_numpy(),
    )


def mean_orbits(elements, start, hours=24):
    """Return the mean orbits that the page takes, an array (satellite, 18).

    Six equinoctial elements in SGP4's own frame TEME, each as three coefficients of 1, t and t²,
    where t is in days from `start`: the semi-major axis a (km), h = e sin(ω+Ω), k = e cos(ω+Ω),
    p = tan(i/2) sin Ω, q = tan(i/2) cos Ω, and the mean longitude λ = M+ω+Ω (radians). They are
    fitted to positions from a day before `start`, as the page draws the way a satellite has come,
    to `hours` after it; osculating elements swing round the mean ones, and a fit takes the middle.
    Formulas: Broucke and Cefola, "On the equinoctial orbit elements", 1972.
    """
    seconds = np.arange(-86400, hours * 3600 + 1, STEP_MINUTES * 60)
    ends = (seconds[:, None] + HALF_STEP_S * np.array([-1, 1])).ravel()
    times = start + (ends * 1e9).astype("timedelta64[ns]")
    place = _inertial(orbits.positions(elements, times).to_numpy(), times)
    before, after = place[:, 0::2], place[:, 1::2]
    found = _equinoctial((before + after) / 2, (after - before) / (2 * HALF_STEP_S))
    powers = np.vander(seconds / 86400, 3, increasing=True)
    fit = np.linalg.pinv(powers)
    return np.concatenate([element @ fit.T for element in found], axis=-1)


def _equinoctial(place, velocity):
    """Return a, h, k, p, q, λ (satellite, time) of positions in km and velocities in km/s."""
    spin = np.cross(place, velocity)
    pole = spin / np.linalg.norm(spin, axis=-1, keepdims=True)
    p, q = pole[..., 0] / (1 + pole[..., 2]), -pole[..., 1] / (1 + pole[..., 2])
    size = 1 + p**2 + q**2
    ahead = np.stack([1 - p**2 + q**2, 2 * p * q, -2 * p], axis=-1) / size[..., None]
    beside = np.stack([2 * p * q, 1 + p**2 - q**2, 2 * q], axis=-1) / size[..., None]
    far = np.linalg.norm(place, axis=-1)
    axis = 1 / (2 / far - (velocity**2).sum(-1) / MU_KM3_S2)
    oval = np.cross(velocity, spin) / MU_KM3_S2 - place / far[..., None]
    k, h = (oval * ahead).sum(-1), (oval * beside).sum(-1)
    x, y = (place * ahead).sum(-1), (place * beside).sum(-1)
    root = np.sqrt(1 - h**2 - k**2)
    part = 1 / (1 + root)
    cos = k + ((1 - k**2 * part) * x - h * k * part * y) / (axis * root)
    sin = h + ((1 - h**2 * part) * y - h * k * part * x) / (axis * root)
    turned = np.unwrap(np.arctan2(sin, cos) + h * cos - k * sin)
    return axis, h, k, p, q, turned


def _inertial(vectors, times):
    """Turn Earth-fixed vectors (..., time, 3) back into the frame that does not turn."""
    angle = orbits.gmst_rad(times)
    cos, sin = np.cos(angle), np.sin(angle)
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=-1)


def _packed(values, kind):
    return base64.b64encode(np.asarray(values, kind).tobytes()).decode()


def _planes(mean):
    """Return mean orbits in whole units, number by number, low bytes first: they pack small."""
    whole = np.rint(mean / np.repeat([UNIT_KM, *[UNIT_RAD] * 5], 3)).astype("<i4")
    return _packed(np.ascontiguousarray(whole.T).view("u1").reshape(-1, 4).T, "u1")


def _bare(script):
    """Return a script without its comments and margins, as each globe carries it."""
    lines = map(str.strip, script.split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("//"))


@cache
def land():
    """Return the coasts as rows of lon, lat in UNITS a degree; 16383, n opens a ring of n points.

    They are the countries of the maps without the borders between them, and coarser.
    """
    return np.frombuffer(kept("coasts", _land, [data.FOLDER / "countries.geojson"]), "<i4").reshape(
        -1, 2
    )


def _land():
    rows = []
    for ring in _coasts(data.shapes()["features"]):
        ring = _coarse(np.array(ring, float))
        if len(ring) > 3:
            rows += [[16383, len(ring)], *np.rint(UNITS * ring).astype(int).tolist()]
    return np.array(rows, "<i4").tobytes()


def _coasts(shapes):
    """Return the rings of the edges that only one country has."""
    edges = []
    for shape in shapes:
        polygons = shape["geometry"]["coordinates"]
        for ring in _rings(polygons):
            corners = list(map(tuple, ring))
            edges += pairwise(corners)
    count = Counter(frozenset(edge) for edge in edges)
    follows = {}
    for one, other in edges:
        if count[frozenset((one, other))] == 1:
            follows.setdefault(one, []).append(other)
    while follows:
        ring = [next(iter(follows))]
        while goes := follows.get(ring[-1]):
            ring.append(goes.pop())
            if not goes:
                del follows[ring[-2]]
        yield ring


def _rings(nested):
    """Yield the rings of a polygon or of several."""
    for part in nested:
        if isinstance(part[0][0], list | tuple):
            yield from _rings(part)
        else:
            yield part


def _coarse(ring):
    """Return a ring with fewer points: none nearer to the coast between its neighbours (Douglas
    and Peucker, 1973); nothing of a small island; more points where an edge is long."""
    if np.ptp(ring, axis=0).max() < ISLAND_DEG:
        return ring[:0]
    keep = np.zeros(len(ring), bool)
    keep[[0, -1, len(ring) // 2]] = True
    spans = [(0, len(ring) // 2), (len(ring) // 2, len(ring) - 1)]
    points = ring @ [1, 1j]  # one number for each, as there are thousands of short spans
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        way, off = points[last] - points[first], points[first + 1 : last] - points[first]
        part = (off * (way.conjugate() / max(abs(way) ** 2, 1e-12))).real
        apart = np.abs(off - np.minimum(np.maximum(part, 0), 1) * way)
        middle = int(apart.argmax())
        if apart[middle] > COARSE_DEG:
            middle += first + 1
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    ring = ring[keep]
    pieces = [ring[:1]]
    for one, other in pairwise(ring):
        count = max(1, int(np.ceil(np.abs(other - one).max() / LONGEST_DEG)))
        pieces.append(one + (other - one) * np.arange(1, count + 1)[:, None] / count)
    return np.concatenate(pieces)


def _twins(here, kinds, start, follow, frame, mask_deg, title):
    """Return (summary, tables) of what stands where at the beginning."""
    here = here.assign(height_km=here["height_km"].round())
    order = here["orbit_class"].map(kinds.index)
    here = here.iloc[np.lexsort([here["height_km"], order])]
    columns = ["name", "orbit_class", "height_km", "lat", "lon"]
    each = here[columns].round({"lat": 1, "lon": 1})
    heights = here.groupby("orbit_class")["height_km"]
    classes = heights.agg(["size", "min", "median", "max"]).loc[kinds].reset_index()
    classes.columns = ["orbit_class", "satellites", "lowest_km", "middle_km", "highest_km"]
    parts = ", ".join(
        f"{row.satellites} {row.orbit_class} at {row.lowest_km:,.0f} to {row.highest_km:,.0f} km"
        for row in classes.itertuples()
    )
    when = pd.Timestamp(start).strftime("%d %B %Y %H:%M UTC")
    said = f"{title}: {counted(len(here), 'satellite')} on {when}, heights to scale, the frame "
    said += f"{FRAMES[frame]}: {parts}."
    if follow is not None:
        one = each[each["name"] == follow].iloc[0]
        share = 100 * seen_share(one["height_km"], mask_deg)
        above = f"higher than {mask_deg:g}°" if mask_deg else "above the horizon"
        said += f" Followed: {follow} ({one['orbit_class']}), {one['height_km']:,.0f} km high "
        said += f"over {_place(one['lat'], one['lon'])}; it stands {above} for {share:.1f} % of "
        said += "the Earth."
    return said, {"Orbit classes": classes, "Satellites": each.reset_index(drop=True)}


def _place(lat, lon):
    return f"{abs(lat):.1f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.1f}° {'E' if lon >= 0 else 'W'}"


def seen_share(height_km, mask_deg=0):
    """Return the share of the Earth, a sphere, from which a satellite stands above `mask_deg`."""
    low = np.radians(mask_deg)
    wide = np.arccos(np.cos(low) / (1 + height_km / orbits.EQUATOR_KM)) - low
    return float((1 - np.cos(wide)) / 2)
