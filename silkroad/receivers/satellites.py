"""Where a satellite was and what its clock showed, from broadcast messages.

The algorithm: IS-GPS-200, table 20-IV; BDS-SIS-ICD-B1I-3.0, table 5-11 and 5.2.4.12 (with
geostationary satellites of their own); Galileo OS SIS ICD 2.1, table 58. Positions are Earth-fixed
at the moment of transmission, in the frame of the system (WGS 84, BDCS, GTRF), which agree to some
centimetres.
"""

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from silkroad.receivers.messages import BDT_S, GEOSTATIONARY, WEEK_S

LIGHT_M_S = 299_792_458.0
# The constants with which each system's messages are made: the Earth's gravity in m³/s² and its
# turning in rad/s (IS-GPS-200, 20.3.3.4.3; Galileo OS SIS ICD, 5.1.1; BDS-SIS-ICD-B1I-3.0, 3.2).
GRAVITY = {"G": 3.986005e14, "E": 3.986004418e14, "C": 3.986004418e14}
EARTH_TURN_RAD_S = {"G": 7.2921151467e-5, "E": 7.2921151467e-5, "C": 7.2921150e-5}
# How far from its time of reference a message is taken, in seconds: as RTKLIB does. Messages are
# renewed every hour (BeiDou), two hours (GPS), ten minutes and more (Galileo).
REACH_S = {"G": 7200, "E": 14_400, "C": 21_600}
_TILT = np.radians(-5.0)  # of the frame of geostationary satellites (BDS-SIS-ICD, table 5-11)
_KEPLER_STEPS = 30
_NEVER = np.iinfo(np.int64).min


def states(ephemerides, satellites, times, pseudoranges_m=None, messages=None):
    """Return where satellites were, and their clocks: DataFrame, a row for each pair, in order.

    satellites (n,) names and times (n,) in GPS time. With pseudoranges_m (n,) the times are those
    that a receiver stamped, and the states those of transmission: the time less the pseudorange
    over the speed of light is what the satellite's own clock showed then. messages: names of the
    messages to use, or None for all. The message whose time of reference is nearest is taken, of
    several for that time the one sent last; it need not have been sent by then. Of Galileo only
    those whose time of reference is past. So does RTKLIB.

    Columns: x_m, y_m, z_m; clock_s, what the satellite's clock is ahead, relativity included, group
    delay not; relativity_s; healthy; age_s, the time less the message's; row, the position of the
    message in ephemerides, -1 where none is in reach (then NaN).
    """
    times_ns = nanoseconds(times)
    known, codes = np.unique(np.asarray(satellites).astype("U5"), return_inverse=True)
    served = np.arange(len(ephemerides))
    if messages is not None:
        served = np.flatnonzero(ephemerides["message"].isin(messages))
    row = chosen(ephemerides.iloc[served], known, codes, times_ns)
    found = row >= 0
    row[found] = served[row[found]]
    signal_s = None
    if pseudoranges_m is not None:
        signal_s = np.asarray(pseudoranges_m, float)[found] / LIGHT_M_S
    place, clock_s, relativity_s, age_s = carried(
        Elements(ephemerides), row[found], times_ns[found], signal_s
    )
    columns = dict.fromkeys(("x_m", "y_m", "z_m", "clock_s", "relativity_s", "age_s"))
    for name, values in zip(columns, (*place.T, clock_s, relativity_s, age_s), strict=True):
        columns[name] = np.full(len(row), np.nan)
        columns[name][found] = values
    healthy = np.zeros(len(row), bool)
    healthy[found] = ephemerides["healthy"].to_numpy(bool)[row[found]]
    return pd.DataFrame(columns | {"healthy": healthy, "row": row})


def nanoseconds(times):
    """Return times as nanoseconds since 1970 on their own scale, whatever zone they carry."""
    if isinstance(times, pd.Series | pd.Index) and getattr(times.dtype, "tz", None) is not None:
        times = (
            times.dt.tz_localize(None) if isinstance(times, pd.Series) else times.tz_localize(None)
        )
    array = np.asarray(times)
    if array.dtype.kind != "M":
        index = pd.to_datetime(pd.Index(np.atleast_1d(array)))
        array = np.asarray(index.tz_localize(None) if index.tz is not None else index)
    return np.atleast_1d(array.astype("datetime64[ns]").astype(np.int64))


def chosen(ephemerides, names, codes, times_ns):
    """Return for each pair the position of its message in ephemerides, or -1: see `states`.

    names are the satellites that codes (n,) number; times_ns (n,).
    """
    if not len(ephemerides) or not len(codes):
        return np.full(len(codes), -1)
    index = {name: i for i, name in enumerate(names)}
    of = ephemerides["satellite"].map(index).to_numpy(float, na_value=-1).astype(np.int64)
    toe = nanoseconds(ephemerides["toe"])
    sent = nanoseconds(ephemerides["sent"])
    order = np.lexsort((sent, toe, of))
    order = order[of[order] >= 0]
    # Of several messages for one time, the last in this order.
    last = np.r_[(np.diff(of[order]) != 0) | (np.diff(toe[order]) != 0), True][: len(order)]
    order = order[last]
    if not len(order):
        return np.full(len(codes), -1)
    start = toe[order].min()
    span = max(int(toe[order].max() - start), int(times_ns.max() - start), 1) + 2 * 10**9
    # One rising number for satellite and time, in microseconds so that it keeps within 63 bits.
    step = span // 1000 + 10**6
    key = of[order] * step + (toe[order] - start) // 1000
    asked = codes * step + np.clip((times_ns - start) // 1000, 0, step - 1)
    behind = np.searchsorted(key, asked, side="right")
    best, least = np.full(len(codes), -1), np.full(len(codes), np.iinfo(np.int64).max)
    reach = np.array([REACH_S.get(name[0], 0) for name in names])[codes]
    past_only = np.array([name[0] == "E" for name in names], bool)[codes]
    for at in (behind - 1, behind):
        inside = np.clip(at, 0, len(order) - 1)
        ahead = toe[order][inside] - times_ns
        away = np.abs(ahead)
        same = (at >= 0) & (at < len(order)) & (of[order][inside] == codes)
        same &= ~past_only | (ahead <= 0)
        nearer = same & (away <= least) & (away <= (reach + 1) * 10**9)
        best, least = np.where(nearer, order[inside], best), np.where(nearer, away, least)
    return best


class Elements:
    """The columns of ephemerides as arrays, with the constants of each row's system."""

    def __init__(self, ephemerides):
        """Take a DataFrame as `messages.ephemerides` gives it."""
        self._table = ephemerides
        names = ephemerides["satellite"].astype("U3").to_numpy("U3") if len(ephemerides) else []
        letters = [name[0] for name in names]
        self.toe, self.toc = nanoseconds(ephemerides["toe"]), nanoseconds(ephemerides["toc"])
        self.gravity = np.array([GRAVITY[a] for a in letters])
        self.turn = np.array([EARTH_TURN_RAD_S[a] for a in letters])
        beidou = np.array([a == "C" for a in letters], bool)
        self.geo = beidou & np.isin([int(name[1:]) for name in names], GEOSTATIONARY)
        # The second of the week in the system's own time.
        sunday = (3 * 86_400 + np.where(beidou, BDT_S, 0)) * 10**9
        self.toe_s = ((self.toe - sunday) % (WEEK_S * 10**9)) * 1e-9

    def __getitem__(self, name):
        """Return a column as numbers."""
        return self._table[name].to_numpy(float)


def carried(elements, row, times_ns, signal_s=None):
    """Return (place (n, 3) m, clock_s, relativity_s, age_s) at times_ns.

    With signal_s (n,) they are those of transmission: times_ns less signal_s is what the
    satellite's clock showed, so its error, relativity apart, is taken off.
    """

    def of(name):
        return elements[name][row]

    def clock_at(since_toc):
        drift = of("clock_drift_s_s") + of("clock_drift_rate_s_s2") * since_toc
        return of("clock_bias_s") + drift * since_toc

    way = 0.0 if signal_s is None else signal_s
    shown = (times_ns - elements.toc[row]) * 1e-9 - way
    clock_s = clock_at(shown)
    wrong = 0.0
    if signal_s is not None:
        for _ in range(2):
            clock_s = clock_at(shown - clock_s)
        wrong = clock_s
    age = (times_ns - elements.toe[row]) * 1e-9 - way - wrong

    root_a, e, gravity = of("sqrt_a_sqrt_m"), of("eccentricity"), elements.gravity[row]
    mean = of("m0_rad") + (np.sqrt(gravity) / root_a**3 + of("delta_n_rad_s")) * age
    anomaly = kepler(mean, e)
    sin_e, cos_e = np.sin(anomaly), np.cos(anomaly)
    latitude = np.arctan2(np.sqrt(1 - e**2) * sin_e, cos_e - e) + of("omega_rad")
    sin2, cos2 = np.sin(2 * latitude), np.cos(2 * latitude)
    radius = root_a**2 * (1 - e * cos_e) + of("crs_m") * sin2 + of("crc_m") * cos2
    tilt = of("i0_rad") + of("idot_rad_s") * age + of("cis_rad") * sin2 + of("cic_rad") * cos2
    latitude = latitude + of("cus_rad") * sin2 + of("cuc_rad") * cos2
    along, across = radius * np.cos(latitude), radius * np.sin(latitude)

    turn, geo = elements.turn[row], elements.geo[row]
    node = of("omega0_rad") + of("omega_dot_rad_s") * age - turn * elements.toe_s[row]
    node = np.where(geo, node, node - turn * age)
    sin_n, cos_n = np.sin(node), np.cos(node)
    place = np.stack(
        [
            along * cos_n - across * np.cos(tilt) * sin_n,
            along * sin_n + across * np.cos(tilt) * cos_n,
            across * np.sin(tilt),
        ],
        axis=1,
    )
    place[geo] = _turned_back(place[geo], turn[geo] * age[geo])
    relativity_s = -2 * np.sqrt(gravity) * root_a * e * sin_e / LIGHT_M_S**2
    return place, clock_s + relativity_s, relativity_s, age


def kepler(mean_rad, eccentricity):
    """Return the eccentric anomaly in radians: Newton's iteration to the last digit."""
    mean = np.remainder(mean_rad + np.pi, 2 * np.pi) - np.pi
    anomaly = mean + eccentricity * np.sin(mean)
    for _ in range(_KEPLER_STEPS):
        step = (anomaly - eccentricity * np.sin(anomaly) - mean) / (
            1 - eccentricity * np.cos(anomaly)
        )
        anomaly = anomaly - step
        if not step.size or np.abs(step).max() < 1e-14:
            return anomaly
    raise InputError("An eccentricity is 1 or more: the ephemerides are damaged, load them again.")


def _turned_back(place, angle):
    """Turn geostationary places out of their frame: -5 degrees about x, then the Earth's turn."""
    x, y, z = place.T
    y, z = y * np.cos(_TILT) + z * np.sin(_TILT), z * np.cos(_TILT) - y * np.sin(_TILT)
    sin, cos = np.sin(angle), np.cos(angle)
    return np.stack([x * cos + y * sin, y * cos - x * sin, z], axis=1)
