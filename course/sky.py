"""My sky: what stands above a place, as a round chart, and how that changes over a day.

The middle of a sky plot is the zenith, its rim the horizon. North is up and **east at the right**,
as on a map and in the sky plots of tools that plan measurements: whoever holds the chart flat,
its top to the north, finds each satellite in the direction in which it stands. (A star chart,
held overhead, has east at the left.) The distance from the middle grows with the angle from the
zenith, degree by degree. Directions are those of `silkroad.visibility.look_angles`.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

import numpy as np
import pandas as pd

from course import place, usual
from helpers import charts
from helpers.inputs import InputError
from helpers.words import counted, listed
from silkroad import geometry, positioning, station, visibility

# What stands around: nothing, or a street by its azimuth, with roofs as high as those of lesson 05.
OPEN = "open country"  # a menu takes None for nothing chosen
AROUND = {OPEN: OPEN, "street, north-south": 0, "street, east-west": 90}
ROOFS_DEG = 45
STEP = pd.Timedelta("15min")
TRACK_STEPS = 8  # of a track, before and behind: two hours
HIDDEN = "hidden"
LOOKS = usual.LOOKS["orbit_class"] | {HIDDEN: ("grey", "cross")}
# Of a path of a drawing: where the lines of both ends of the day stand, the first one whole.
HOUR_LINES = re.compile(r'd="M(\d+) (\d+)(l[^M"]+)M(\d+)[^"]*"(?=[^>]*stroke="#D55E00")')
PDOP_MOST = 10  # of the curve's axis
STANDS = 0.04  # a way shorter than this on the plot gets no arrow
SINGULAR = 1e7  # a squared PDOP beyond it is none, as in `visibility.dop`
HEARD_AGAIN = pd.Timedelta("10min")  # after a longer silence a way begins anew
ENLARGED = 0.45  # of the plot: the longer half of an error ellipse
ENDS = ("rise", "culmination", "set")  # of a pass
AROUND_DEG = np.linspace(0, 360, 73)
HOUR_WIDE, HOUR_HIGH = 0.25, 0.115  # of words such as 18:40 on the plot
RIM_DEG = -2.7  # where they stand: on the horizon, clear of what is 10° high
EDGE = 1.13  # of the panel, so that the letters of the compass have room outside of the horizon


def times(day):
    """Return the times of a day (UTC), every 15 minutes, and of two hours before and after it."""
    day = pd.Timestamp(day).floor("D")
    return pd.date_range(
        day - TRACK_STEPS * STEP, day + pd.Timedelta("1D") + TRACK_STEPS * STEP, freq=STEP
    )


@dataclass(frozen=True, eq=False)
class Day:
    """Satellites (a frame with `name` and `orbit_class`) and their `positions` at even times."""

    satellites: pd.DataFrame
    positions: object

    @lru_cache(maxsize=16)  # noqa: B019 - a slider of hours asks for the same place again
    def over(self, lat, lon, mask_deg=5, street_deg=None):
        """Return the `Overhead` over a place: lat, lon in degrees, east positive.

        In view is what stands `mask_deg` high or higher, and above the roofs where there is a
        street, of azimuth `street_deg`. InputError: as of `look_angles`; a mask beyond 0 to 90.
        """
        if not 0 <= mask_deg < 90:
            raise InputError(f"mask_deg is {mask_deg}: give 0 to less than 90.")
        look = visibility.look_angles(self.positions, lat, lon)
        return Overhead(
            self.satellites.reset_index(drop=True),
            pd.DatetimeIndex(self.positions["time"].values).tz_localize("UTC"),
            look["elevation_deg"].values,
            look["azimuth_deg"].values,
            mask_deg,
            None if street_deg == OPEN else street_deg,
        )

    def at(self, time):
        """Return the positions (satellite, axis) at one of the times."""
        return self.positions.sel(time=pd.Timestamp(time).tz_convert(None))


@dataclass(frozen=True, eq=False)
class Overhead:
    """Directions of satellites over a day: `elevation_deg`, `azimuth_deg` (satellite, time)."""

    satellites: pd.DataFrame
    times: pd.DatetimeIndex
    elevation_deg: np.ndarray
    azimuth_deg: np.ndarray
    mask_deg: float
    street_deg: float | None

    def hidden_below(self, azimuth_deg):
        """Return the elevation in degrees below which nothing is in view, at azimuths (any shape).

        It is the mask's, or that of the roofs of the street where they are higher.
        """
        azimuth_deg = np.asarray(azimuth_deg, float)
        if self.street_deg is None:
            return np.full(azimuth_deg.shape, float(self.mask_deg))
        return positioning.street_mask(azimuth_deg, self.street_deg, ROOFS_DEG, self.mask_deg)

    @property
    def roofs(self):
        """The elevation hidden at `AROUND_DEG`; None in open country."""
        return None if self.street_deg is None else self.hidden_below(AROUND_DEG)

    @cached_property
    def above(self):
        """Degrees above what hides (satellite, time); in view where it is zero or more."""
        return self.elevation_deg - self.hidden_below(self.azimuth_deg)

    @cached_property
    def pdop(self):
        """PDOP at each time, of the satellites in view, with one clock; inf without a fix."""
        up, right = np.radians(self.elevation_deg), np.radians(self.azimuth_deg)
        rows = np.stack([np.cos(up) * np.sin(right), np.cos(up) * np.cos(right), np.sin(up)], -1)
        rows = np.concatenate([rows, np.ones((*up.shape, 1))], -1) * (self.above >= 0)[..., None]
        normal = np.einsum("sti,stj->tij", rows, rows)
        solved = (self.above >= 0).sum(axis=0) >= 4
        solved &= np.linalg.cond(normal) < SINGULAR
        found = np.full(len(self.times), np.inf)
        inverse = np.linalg.inv(normal[solved])
        found[solved] = np.sqrt(np.trace(inverse[:, :3, :3], axis1=1, axis2=2))
        return found

    @cached_property
    def changes(self):
        """Times at which a satellite comes into view or leaves it: a frame `satellite`, `time`,
        `comes`, in order. Between samples a cubic through four of them is followed.
        """
        before, after = self.above[:, 1:-2], self.above[:, 2:-1]
        rows = []
        for one, at in zip(*np.nonzero((before >= 0) != (after >= 0)), strict=True):
            four = self.above[one, at : at + 4]
            roots = np.roots(np.polyfit((-1, 0, 1, 2), four, 3))
            real = roots[np.abs(roots.imag) < 1e-6].real
            share = real[np.abs(real - 0.5).argmin()]
            rows.append(
                (one, self.times[at + 1] + STEP * float(np.clip(share, 0, 1)), four[2] >= 0)
            )
        return pd.DataFrame(rows, columns=["satellite", "time", "comes"]).sort_values("time")

    @cached_property
    def _numbers(self):
        return {time: number for number, time in enumerate(self.times)}

    def number(self, time):
        """Return which of the sky's times this is. InputError: none of them."""
        found = self._numbers.get(time)
        if found is None:
            ends = f"{self.times[0]:%Y-%m-%d %H:%M} to {self.times[-1]:%Y-%m-%d %H:%M}"
            raise InputError(
                f"{time} is no time of this sky: give a quarter of an hour from {ends}."
            )
        return found

    def at(self, time):
        """Return what is above the horizon at a time, the highest first, as a frame.

        Columns: name, orbit_class, azimuth_deg, elevation_deg, in_view, until (when that changes,
        NaT where not within these times), and for the chart x, y, label, kind, says.
        """
        now = self.number(time)
        high = self.elevation_deg[:, now]
        which = [one for one in np.argsort(-high) if high[one] >= 0]
        names, classes = (self.satellites[k].to_numpy(object) for k in ("name", "orbit_class"))
        seen = self.above[which, now] >= 0
        x, y = on_plot(self.azimuth_deg[which, now], high[which])
        every = reversed(list(_each(self.changes, "satellite", "time")))
        then = {one: when for one, when in every if when > time}  # the first of each stays
        return pd.DataFrame(
            {
                "name": names[which],
                "orbit_class": classes[which],
                "azimuth_deg": self.azimuth_deg[which, now],
                "elevation_deg": high[which],
                "in_view": seen,
                "until": pd.DatetimeIndex([then.get(one) for one in which], tz="UTC"),
                "x": x,
                "y": y,
                "label": [short(name) for name in names[which]],
                "kind": np.where(seen, classes[which], HIDDEN),
            }
        )


# --- the round chart


def on_plot(azimuth_deg, elevation_deg):
    """Return x to the east and y to the north on the plot; the horizon is 1 from the middle."""
    away = 1 - np.asarray(elevation_deg, float) / 90
    azimuth = np.radians(np.asarray(azimuth_deg, float))
    return away * np.sin(azimuth), away * np.cos(azimuth)


def short(name):
    """Return the part of a satellite's name that tells it from its sisters: M21, IGSO-1, 03.

    A geostationary satellite of BeiDou is GEO-1, as G1 looks like one of GPS to a receiver.
    """
    return re.sub(r"^G(?=\d+$)", "GEO-", name.rpartition(" ")[2].strip("()"))


def utc_hour(time):
    """Return an hour of UTC in words; lessons may give another clock."""
    return f"{time:%H:%M} UTC"


def plot(sky, time, *, name="The sky", clock=utc_hour, rows=None):
    """Return the sky plot at one of the sky's times, as a layer.

    clock: a function that says a time. rows: what to draw instead of `sky.at(time)`.
    """
    rows = sky.at(time) if rows is None else rows
    until = ["" if pd.isna(time) else clock(time) for time in rows["until"].tolist()]
    rows = rows.assign(says=_sentences(rows, sky, until))
    marks = [*empty_sky(sky.mask_deg, sky.roofs), *_tracks(sky, time)]
    marks.append(_satellites(rows))
    table = pd.DataFrame(
        {
            **{c: rows[c].to_numpy() for c in ("name", "orbit_class")},
            **{c: np.round(rows[c].to_numpy(), 1) for c in ("azimuth_deg", "elevation_deg")},
            "in_view": rows["in_view"].to_numpy(),
            "until": [hour or "the end of the day" for hour in until],
        }
    )
    told = [
        f"{label} {geometry.compass(azimuth)} {high:.0f}°"
        for label, azimuth, high, seen in _each(
            rows, "label", "azimuth_deg", "elevation_deg", "in_view"
        )
        if seen
    ]
    words = f"{name}: {counted(len(told), 'satellite')} in view. {'; '.join(told)}"
    return on_compass(marks, name=name, words=words, table=table)


def on_compass(marks, *, name, words, table):
    """Return marks on the compass as a layer: a square, north up and east at the right."""
    ends = (-EDGE, EDGE)
    looks = {"x": "", "y": "", "xticks": (), "yticks": (), "xlim": ends, "ylim": ends}
    size = {"width": 3.8, "height": 3.4, "equal": True}
    return charts.draw(*marks, name=name, words=words, table=table, **looks, **size)


def empty_sky(mask_deg=0, roofs_deg=None):
    """Return the marks of an empty sky: rings of elevation, letters, the mask, roofs of a street.

    roofs_deg: the elevation that is hidden at the azimuths `AROUND_DEG`.
    """
    marks = [_RINGS, _LETTERS]
    if mask_deg:
        label = f"below the mask of {mask_deg}°"
        marks.append(_area(0, mask_deg, color="grey", label=label))
        marks.append(_line(AROUND_DEG, mask_deg, color="orange", dash="6 4", width=1.4))
    if roofs_deg is not None:
        marks.append(_area(mask_deg, roofs_deg, color="black", label="houses"))
    return marks


def _way(x, y, **looks):
    rows = pd.DataFrame(np.column_stack([x, y]), columns=["x", "y"])  # twice as fast as by columns
    return charts.lines(rows, x="x", y="y", show=None, **looks)


def _line(azimuth_deg, elevation_deg, **looks):
    return _way(*on_plot(azimuth_deg, elevation_deg), **looks)


def _area(low_deg, high_deg, **looks):
    """Return the part of the sky between two elevations, all around."""
    rim, edge = (on_plot(AROUND_DEG, at) for at in (low_deg, high_deg))
    x, y = (np.r_[out, inner[::-1]] for out, inner in zip(rim, edge, strict=True))
    return charts.band(pd.DataFrame({"x": x, "y": y}), x="x", y="y", show=None, **looks)


def _gaps(pieces):
    """Return pieces (azimuths, elevations) as one pair of arrays with a gap after each."""
    return (
        np.concatenate([np.r_[part, np.nan] for part in side]) for side in zip(*pieces, strict=True)
    )


_SPOKES = [(np.array([a, a, a + 180.0, a + 180.0]), np.array([0, 90.0, 90, 0])) for a in (0, 90)]
_RINGS = _line(
    *_gaps([*((AROUND_DEG, np.full(len(AROUND_DEG), high)) for high in (0.0, 30, 60)), *_SPOKES]),
    color="grey",
    width=0.7,
)
_LETTERS = charts.dots(
    pd.DataFrame(
        {
            "x": [0, 1.07, 0, -1.07, 0.05, 0.05],
            "y": [1.07, 0, -1.07, 0, 1 / 3 + 0.04, 2 / 3 + 0.04],
            "text": ["N", "E", "S", "W", "60°", "30°"],
        }
    ),
    x="x",
    y="y",
    text="text",
    size=0,
    show=None,
)


def _satellites(rows):
    if rows.empty:
        words = pd.DataFrame({"x": [0.0], "y": [0.2], "text": ["no satellite above the horizon"]})
        return charts.dots(words, x="x", y="y", text="text", size=0, show=None)
    looks = {"color": "kind", "styles": LOOKS, "text": "label", "says": "says", "size": 8}
    return charts.dots(rows, x="x", y="y", **looks)


def _each(rows, *columns):
    """Yield the rows' values of some columns; `itertuples` takes twenty times as long."""
    return zip(*(rows[column].tolist() for column in columns), strict=True)


def _sentences(rows, sky, until):
    """Return what is said of each satellite; it begins with the name that the map has, too.

    until: the hour in words at which each comes into view or leaves it, "" for none.
    """
    said = []
    columns = "name", "orbit_class", "azimuth_deg", "elevation_deg", "in_view"
    for hour, (name, orbit, azimuth, high, seen) in zip(until, _each(rows, *columns), strict=True):
        where = f"azimuth {azimuth:.0f}° ({geometry.compass(azimuth)})"
        state = "in view" if seen else "hidden"
        state += f" until {hour}" if hour else " to the end of the day" * (len(sky.times) > 1)
        orbit = f"{orbit}, " if isinstance(orbit, str) else ""
        said.append(f"{name}: {orbit}{where}, elevation {high:.0f}°, {state}")
    return said


def _tracks(sky, time):
    """Return the ways of the last two hours (lines) and of the next two (dotted, with an arrow)."""
    now, marks = sky.number(time), []
    first, last = max(now - TRACK_STEPS, 0), min(now + TRACK_STEPS, len(sky.times) - 1)
    up = np.flatnonzero(sky.elevation_deg[:, now] >= 0)
    way = slice(first, last + 1)
    x, y = _cut_at_horizon(sky.azimuth_deg[up, way], sky.elevation_deg[up, way])
    classes = sky.satellites["orbit_class"].to_numpy(object)[up]
    for kind in dict.fromkeys(classes):
        these, here = classes == kind, now - first
        color = usual.LOOKS["orbit_class"].get(kind, ("blue",))[0]
        past = [x[these, : here + 1], y[these, : here + 1]]
        ahead = [x[these, here:], y[these, here:]]
        heads = _arrows(*ahead)
        for ways, dash in (((past, heads), ""), ((ahead,), "2 4")):
            x_y = [np.concatenate([_flat(way[axis]) for way in ways]) for axis in (0, 1)]
            marks.append(_way(*x_y, color=color, dash=dash, width=1.1))
    return marks


def _flat(values):
    """Return rows as one line with a gap after each."""
    return np.column_stack([values, np.full(len(values), np.nan)]).ravel()


def _cut_at_horizon(azimuth_deg, elevation_deg):
    """Return ways (satellite, time) as x and y, whole to the horizon and nothing below it."""
    x, y = on_plot(azimuth_deg, elevation_deg)
    up = elevation_deg >= 0
    cut_x, cut_y = np.where(up, x, np.nan), np.where(up, y, np.nan)
    for inner, outer in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:, 1:], np.s_[:, :-1])):
        edge = up[inner] & ~up[outer]
        share = elevation_deg[inner] / np.where(
            edge, elevation_deg[inner] - elevation_deg[outer], 1
        )
        for cut, whole in ((cut_x, x), (cut_y, y)):
            at = whole[inner] + share * (whole[outer] - whole[inner])
            cut[outer] = np.where(edge, at, cut[outer])
    return cut_x, cut_y


def _arrows(x, y):
    """Return the two strokes of an arrow's head at the end of each way; none where it stands."""
    heads = []
    for way in np.stack([x, y], axis=-1):
        known = np.isfinite(way[:, 0])
        way = way[: len(known) if known.all() else known.argmin()]  # to where it leaves
        if len(way) < 2 or np.hypot(*(way[-1] - way[0])) < STANDS:
            heads.append(np.full((3, 2), np.nan))
            continue
        back = np.arctan2(*(way[-2] - way[-1])[::-1]) + np.radians([-25, 25])
        sides = way[-1] + 0.05 * np.stack([np.cos(back), np.sin(back)], axis=-1)
        heads.append([sides[0], way[-1], sides[1]])
    return np.moveaxis(np.array(heads).reshape(-1, 3, 2), -1, 0)


# --- the day beneath it


def curves(sky, time, *, name="Over the day", at="hour (UTC)"):
    """Return satellites in view and PDOP over the day as two lines, with the time marked.

    From hour to hour nothing moves but the line that marks it: the drawing is made once, with that
    line at both ends of the day, and shows it between them. Anew it would take ten times as long.
    """
    day = _whole_day(sky, name, at)
    share = (time - sky.times[TRACK_STEPS]) / pd.Timedelta("1D")
    wide = {"wide": _at_hour(day.drawn["wide"], share)}
    return replace(day, drawn=day.drawn | wide, more=partial(_narrow_at_hour, day, share))


def _at_hour(drawing, share):
    """Return a drawing of the whole day with the time marked after that share of the day."""

    def now(line):
        first, top, down, last = line.groups()
        return f'd="M{round(int(first) + share * (int(last) - int(first)))} {top}{down}"'

    return HOUR_LINES.sub(now, drawing)


def _narrow_at_hour(day, share):
    """Return the same for a telephone: what the layer has `more`, where it is asked for."""
    narrow = _at_hour(day.spec["narrow"], share)
    return {"narrow": narrow, "narrow_boxes": day.spec["narrow_boxes"]}


@lru_cache(maxsize=16)
def _whole_day(sky, name, at):
    """Return the curves, with the lines of both ends of the day."""
    inside = slice(TRACK_STEPS, len(sky.times) - TRACK_STEPS)
    hours = (sky.times[inside] - sky.times[TRACK_STEPS]) / pd.Timedelta("1h")
    count, pdop = (sky.above[:, inside] >= 0).sum(axis=0), sky.pdop[inside]
    rows = pd.DataFrame({"hour": hours, "satellites in view": count, "PDOP": pdop})
    every = _day_words(rows)
    rows = rows.iloc[::2].reset_index(drop=True)  # half hours, as lessons step: half the bytes
    rows["says"] = [
        f"{int(hour):02d}:{60 * (hour % 1):02.0f}: {counted(seen, 'satellite')}, {_dilution(dop)}"
        for hour, seen, dop in rows.itertuples(index=False)
    ]
    ends = pd.DataFrame({"hour": [0.0, 24.0]})
    now = charts.rules(ends, x="hour", color="orange", show=None)
    few = charts.rules(y=4, color="grey", dash="2 4", show=None)
    good = charts.rules(y=6, color="grey", dash="2 4", show=None)
    lines = [
        charts.lines(rows, x="hour", y=y, says="says", color=color)
        for y, color in (("satellites in view", "blue"), ("PDOP", "purple"))
    ]
    table = rows[["hour", "satellites in view", "PDOP"]].iloc[::2].round(2)
    return charts.draw(
        [lines[0], few, now],
        [lines[1], good, now],
        name=name,
        words=every,
        table=table.replace(np.inf, "no fix"),
        x=at,
        ylim=[(0, 5 * np.ceil(0.12 * len(sky.satellites))), (0, PDOP_MOST)],
        xlim=(0, 24),
        xticks=tuple(range(0, 25, 6)),
        height=0.95,
        legend="",
    )


def _day_words(rows):
    low, high = rows["satellites in view"].min(), rows["satellites in view"].max()
    best, worst = _dilution(rows["PDOP"].min()), _dilution(rows["PDOP"].max())
    return f"Over the day {low} to {high} satellites in view; {best} at best, {worst} at worst"


def _dilution(pdop):
    return f"PDOP {pdop:.1f}" if np.isfinite(pdop) else "no fix"


def words(sky, time, row):
    """Return how many satellites are in view over a row of places, and how good a fix is."""
    now = sky.number(time)
    seen = int((sky.above[:, now] >= 0).sum())
    above = f"above {sky.mask_deg}°" + " and the roofs" * (sky.street_deg is not None)
    if not seen:
        return f"{utc_hour(time)}, {place.local(time, row)}: no satellite is in view {above}."
    how = _dilution(sky.pdop[now])
    return (
        f"{utc_hour(time)}, {place.local(time, row)}: {counted(seen, 'satellite')} {above}, {how}."
    )


def pointing(sky, time, where):
    """Return in words where each satellite stands over the place `where`, those in view first."""
    rows = sky.at(time).sort_values("in_view", ascending=False, kind="stable")
    said = [
        f"{row.name}: {geometry.compass(row.azimuth_deg)} ({row.azimuth_deg:.0f}°), "
        f"{row.elevation_deg:.0f}° high" + ("" if row.in_view else ", too low")
        for row in rows.itertuples()
    ]
    below = [name for name in sky.satellites["name"] if name not in set(rows["name"])]
    said += [f"{listed(below)}: below the horizon"] if below else []
    return f"{where}. {'. '.join(said)}."


# --- one night: the ways of a low satellite


def ways(found, elements, row, styles, *, name="The sky of that day"):
    """Return the passes of `station.sightings` over a row of places as ways on the sky plot.

    Each begins and ends where it is as high as those passes ask; its look is that of what an eye
    sees, {reason: (colour, shape)}, moment by moment. Hours are those of the place's clocks; where
    a way begins, the hour of its rise stands on the horizon.
    """
    if found.empty:
        words = pd.DataFrame({"x": [0.0], "y": [0.2], "text": ["no pass on that day"]})
        marks = [*empty_sky(), charts.dots(words, x="x", y="y", text="text", size=0, show=None)]
        return on_compass(marks, name=name, words=f"{name}: no pass", table=words[["text"]])
    times = [pd.date_range(one.rise, one.set, periods=41) for one in found.itertuples()]
    # One look at all passes together is ten times faster.
    seen = station.sky(elements, row, pd.DatetimeIndex(np.concatenate(times), tz="UTC"))
    azimuth, high, why = (
        seen[column].to_numpy().reshape(len(times), -1)
        for column in ("azimuth_deg", "elevation_deg", "reason")
    )
    x, y = on_plot(azimuth, high)
    marks = empty_sky()
    for reason, (color, _) in styles.items():
        here = why == reason
        here[:, 1:] |= why[:, :-1] == reason  # a moment more, so that ways of two looks meet
        ways = [_flat(np.where(here, axis, np.nan)) for axis in (x, y)]
        label = reason if here.any() and not found["reason"].eq(reason).any() else ""
        marks.append(_way(*ways, color=color, width=2, label=label))  # dots name the others
    marks.append(_way(*map(_flat, _arrows(x, y)), color="grey", width=1.4))
    top, ones = np.arange(len(times)), high.argmax(axis=1)
    hours = {c: [place.hour_there(time, row) for time in found[c]] for c in ENDS}
    winds = [[geometry.compass(a) for a in azimuth[top, at]] for at in (0, ones, -1)]
    rows = pd.DataFrame(
        {
            "rise": hours["rise"],
            "from": winds[0],
            "top": hours["culmination"],
            "highest, °": found["max_elevation_deg"].round().to_numpy(),
            "in the": winds[1],
            "set": hours["set"],
            "to": winds[2],
            "reason": found["reason"].to_numpy(object),
        }
    )
    says = [_pass_words(one, row) for one in rows.to_dict("records")]
    tops = rows.assign(x=x[top, ones], y=y[top, ones], says=says)
    looks = {"color": "reason", "styles": styles, "says": "says", "size": 9}
    marks.append(charts.dots(tops, x="x", y="y", **looks))
    # The tops of a day lie close together; where the ways begin there is room for hours.
    horizon = dict(zip("xy", on_plot(_apart(azimuth[:, 0]), RIM_DEG), strict=True))
    looks = {"text": "rise", "size": 0, "show": None}
    marks.append(charts.dots(rows.assign(**horizon), x="x", y="y", **looks))
    words = f"{name}: {counted(len(rows), 'pass', 'passes')}. {' '.join(says)}"
    return on_compass(marks, name=name, words=words, table=rows)


def _apart(azimuth_deg):
    """Return azimuths in their order where no hour on the horizon covers another or a letter."""
    moved, taken = np.array(azimuth_deg, float), [(0, 1.07), (1.07, 0), (0, -1.07), (-1.07, 0)]
    before = -360.0

    def free(azimuth):
        x, y = on_plot(azimuth, RIM_DEG)
        near = (abs(x - a) < HOUR_WIDE and abs(y - b) < HOUR_HIGH for a, b in taken)
        return azimuth > before and not any(near)

    for one in np.argsort(moved):
        steps = (moved[one] + way * step for step in range(180) for way in (1, -1))
        moved[one] = before = next(filter(free, steps), moved[one])
        taken.append(on_plot(before, RIM_DEG))
    return moved


def _pass_words(one, row):
    return (
        f"{one['top']} in {row['name']}: {one['reason']}, {one['highest, °']:.0f}° high in the "
        f"{one['in the']}. It rises {one['rise']} in the {one['from']}, sets {one['set']} in the "
        f"{one['to']}."
    )


# --- what a receiver heard


def received(rows, errors, styles, *, mask_deg=0, name="The receiver's sky"):
    """Return the sky of a receiver at the last time of its ranges, with the ways of two hours.

    rows: time, satellite, system, azimuth_deg, elevation_deg of each range; styles {system:
    (colour, shape)}. errors: of its fixes, east, north, up in m (n, 3); their error ellipse stands
    in the middle, true to the compass and enlarged, where there are fixes enough.
    """
    last = rows["time"].max()
    recent = rows[rows["time"] > last - TRACK_STEPS * STEP].sort_values(["satellite", "time"])
    marks = empty_sky(mask_deg)
    for system, part in recent.groupby("system", sort=False):
        x, y = on_plot(part["azimuth_deg"], part["elevation_deg"])
        other = part["satellite"].ne(part["satellite"].shift(-1))
        ends = 1 + np.flatnonzero(other | (part["time"].diff().shift(-1) > HEARD_AGAIN))
        ways = (np.insert(axis, ends, np.nan) for axis in (x, y))
        marks.append(_way(*ways, color=styles[system][0], width=1.1))
    marks += _ellipse(errors)
    now = recent[recent["time"] == last].sort_values("elevation_deg", ascending=False)
    x, y = on_plot(now["azimuth_deg"], now["elevation_deg"])
    says = [
        f"{row.satellite}: {row.system}, azimuth {row.azimuth_deg:.0f}° "
        f"({geometry.compass(row.azimuth_deg)}), elevation {row.elevation_deg:.0f}°"
        for row in now.itertuples()
    ]
    looks = {"color": "system", "styles": styles, "text": "satellite", "says": "says", "size": 7}
    marks.append(charts.dots(now.assign(x=x, y=y, says=says), x="x", y="y", **looks))
    words = f"{name}, {utc_hour(last)}: {counted(len(now), 'satellite')}"
    table = now[["satellite", "system", "azimuth_deg", "elevation_deg"]].round(1)
    return on_compass(marks, name=name, words=words, table=table)


def _ellipse(errors):
    """Return the error ellipse of fixes as a mark; none where there are fewer than three."""
    fixed = errors[~np.isnan(errors[:, 0]), :2]
    if len(fixed) < 3:
        return []
    major, minor, azimuth = positioning.error_ellipse(np.cov(fixed.T))
    east, north = positioning.ellipse(ENLARGED, ENLARGED * minor / major, azimuth)
    label = f"95 % ellipse of the fixes, {major:.1f} × {minor:.1f} m, enlarged"
    return [
        charts.lines(
            pd.DataFrame({"x": east, "y": north}),
            x="x",
            y="y",
            show=None,
            color="black",
            label=label,
        )
    ]
