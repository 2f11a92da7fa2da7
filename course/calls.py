"""The radio link of lesson 06: three places to call from, a drawn picture, and all its terms."""

import ipywidgets as widgets
import numpy as np
import pandas as pd

from helpers import charts
from silkroad import satcom

# What stands between phone and satellite, in dB: round allowances, as the lesson says.
PLACES = {
    "in the open": {},
    "under a tree": {"foliage_db": 10},
    "indoors": {"building_db": 20},
}
RATES = {"voice, 4 kbit/s": 4, "data, 384 kbit/s": 384}
WORKS, FAILS = ("green", ""), ("black", "4 4")  # colour and dash of a way
PHONE, SATELLITE = (1.0, 0.5), (9.0, 5.0)  # where the picture has them
TRUNK = [(2.9, 1), (2.9, 0), (2.6, 0), (2.6, 1)]
AROUND = {
    "under a tree": (
        "leaves",
        [*TRUNK, (1.5, 1.2), (1.8, 2.6), (2.8, 3.2), (3.8, 2.6), (4.1, 1.2)],
    ),
    "indoors": ("walls and roof", [(0.2, 0), (0.2, 1.7), (1.3, 2.6), (2.4, 1.7), (2.4, 0)]),
}


def margins(where, what):
    """Return (up, down) in dB: what is left of the link with the lesson's figures, at 20°."""
    far, rate = satcom.slant_range_km(20), RATES[what]
    eirp, g_t = np.array([[5, 33], [12, -24]])
    return satcom.margin_db(eirp, far, 2.0, g_t, rate, 3, body_db=3, **PLACES[where])


def sentence(where, up, down):
    """Return what becomes of the call, in words."""
    heard = f"{up:.1f} dB to spare" if up >= 0 else f"{-up:.1f} dB are missing"
    hears = f"{down:.1f} dB to spare" if down >= 0 else f"{-down:.1f} dB are missing"
    return (
        f"{where.capitalize()}: {'it works' if min(up, down) >= 0 else 'it fails'}. The satellite "
        f"{'hears' if up >= 0 else 'does not hear'} the phone ({heard}); the phone "
        f"{'hears' if down >= 0 else 'does not hear'} the satellite ({hears})."
    )


def drawn(where, up, down):
    """Return a drawing of phone, satellite and what stands between, with both ways, as a chart."""
    marks, unsaid = [], {"x": "x", "y": "y", "show": None}
    for words, db, lift in (("up", up, 0.25), ("down", down, -0.25)):
        colour, dash = WORKS if db >= 0 else FAILS
        says = f"{words}: {db:+.1f} dB, {'works' if db >= 0 else 'fails'}"
        way = pd.DataFrame([PHONE, SATELLITE], columns=["x", "y"])
        way["y"] += lift
        marks.append(charts.lines(way, color=colour, dash=dash, label=says, **unsaid))
    if where in AROUND:
        what, corners = AROUND[where]
        shape = pd.DataFrame([*corners, corners[0]], columns=["x", "y"])
        marks.append(charts.lines(shape, color="orange", label=what, **unsaid))
    things = pd.DataFrame([PHONE, SATELLITE], columns=["x", "y"])
    things["what"] = ["phone", "satellite"]
    marks.append(charts.dots(things, text="what", size=12, **unsaid))
    table = pd.DataFrame(
        {"direction": ["phone to satellite", "satellite to phone"], "margin_db": [up, down]}
    ).round(1)
    axes = {"x": "", "y": "", "xticks": (), "yticks": (), "xlim": (-1, 11), "ylim": (-0.5, 6)}
    words = f"A phone {where} and a satellite, with the two ways between them"
    return charts.draw(*marks, name="The call", words=words, table=table, height=2.4, **axes)


def link_controls():
    """Return a control for each term of the link, with its unit, where the lesson starts it."""
    rates = {"2.4 kbit/s, poor voice": 2.4, "4 kbit/s, voice": 4}
    rates |= {"64 kbit/s": 64, "384 kbit/s, the maximum": 384}
    whole, fine = widgets.IntSlider, widgets.FloatSlider  # start, lowest, highest, step
    return {
        "phone": whole(5, -5, 15, description="phone EIRP (dBW)"),
        "sat_gt": whole(12, 0, 20, description="satellite G/T (dB/K)"),
        "sat": whole(33, 20, 60, description="satellite EIRP for a call (dBW)"),
        "phone_gt": whole(-24, -30, -5, description="phone G/T (dB/K)"),
        "high": whole(20, 5, 90, 5, description="elevation (°)"),
        "ghz": fine(2.0, min=1.5, max=2.5, step=0.1, description="frequency (GHz)"),
        "ebn0": whole(3, 0, 10, description="Eb/N0 needed (dB)"),
        "point": whole(0, 0, 10, description="pointing (dB)"),
        "body": whole(3, 0, 10, description="head and hand (dB)"),
        "air": whole(0, 0, 5, description="air (dB)"),
        "rain": whole(0, 0, 10, description="rain (dB)"),
        "tree": whole(0, 0, 30, description="leaves (dB)"),
        "wall": whole(0, 0, 40, description="walls (dB)"),
        "kbps": widgets.Dropdown(
            options=list(rates.items()), value=4, description="bit rate", layout={"width": "360px"}
        ),
    }


def along_the_equator(groups, least_deg=5):
    """Return a chart of how high the highest satellite of each group that has one stands."""
    groups = {name: satellites for name, satellites in groups.items() if len(satellites)}
    rows = pd.DataFrame({"lon": np.arange(-180.0, 181, 5), "lat": 0.0})
    looks, drawn = [("blue", ""), ("grey", "6 4")], []
    for (name, satellites), (color, dash) in zip(groups.items(), looks, strict=False):
        rows[name] = satcom.elevations(satellites, rows).max(axis=0)
        drawn.append(charts.lines(rows, x="lon", y=name, label=name, color=color, dash=dash))
    return charts.draw(
        *drawn,
        charts.rules(y=least_deg, text=f"below {least_deg}°: no service"),
        name="Elevation of the highest satellite along the equator",
        x="longitude, ° east",
        y="elevation, °",
        height=2.4,
    )
