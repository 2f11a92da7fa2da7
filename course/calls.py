"""Calls of lesson 06: whether one gets through, what decibels do, and what a minute costs."""

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
WAYS = ["phone to satellite", "satellite to phone"]
WORKS, FAILS = ("green", ""), ("black", "4 4")  # colour and dash of a way
SYSTEMS = {"Tiantong-1": "orange", "Inmarsat": "blue", "Iridium": "green", "Thuraya": "purple"}
BARS = {"takes": "orange", "gives": "blue", "works": "green", "fails": "black"}
PHONE, SATELLITE = (1.0, 0.5), (9.0, 5.0)  # where the picture has them
THINGS = {  # corners about that place, so far as they are drawn
    "phone": [(-0.2, -0.5), (-0.2, 0.5), (0.2, 0.5), (0.2, -0.5), (-0.2, -0.5)],
    "satellite": [
        *((-0.3, 0.15), (-1.1, 0.15), (-1.1, -0.15), (-0.3, -0.15), (-0.3, 0.35), (0.3, 0.35)),
        *((0.3, 0.15), (1.1, 0.15), (1.1, -0.15), (0.3, -0.15), (0.3, -0.35), (-0.3, -0.35)),
        *((-0.3, -0.15), (0.3, -0.15), (0.3, 0.15), (-0.3, 0.15)),
    ],
}
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


def how_much(db):
    """Return a margin in dB as words: how many times the power that is needed arrives."""
    factor = float(f"{10 ** (abs(db) / 10):.2g}")
    return f"{factor:,.10g} times what" if db >= 0 else f"1 part in {factor:,.10g} of what"


def sentence(where, up, down):
    """Return what becomes of the call, in words."""
    return (
        f"{where.capitalize()}: {'it works' if min(up, down) >= 0 else 'it fails'}. The satellite "
        f"gets {how_much(up)} it needs, the phone {how_much(down)} it needs."
    )


def drawn(where, up, down):
    """Return a drawing of phone, satellite and what stands between, with both ways, as a chart."""
    marks, unsaid = [], {"x": "x", "y": "y", "show": None}
    for words, db, lift in (("up", up, 0.25), ("down", down, -0.25)):
        colour, dash = WORKS if db >= 0 else FAILS
        says = f"{words}: {how_much(db)} is needed, {'works' if db >= 0 else 'fails'}"
        way = pd.DataFrame([PHONE, SATELLITE], columns=["x", "y"])
        way["y"] += lift
        marks.append(charts.lines(way, color=colour, dash=dash, label=says, **unsaid))
    if where in AROUND:
        what, corners = AROUND[where]
        shape = pd.DataFrame([*corners, corners[0]], columns=["x", "y"])
        marks.append(charts.lines(shape, color="orange", label=what, **unsaid))
    for corners, place in zip(THINGS.values(), (PHONE, SATELLITE), strict=True):
        shape = pd.DataFrame(np.add(corners, place), columns=["x", "y"])
        marks.append(charts.lines(shape, color="black", width=2.2, **unsaid))
    names = pd.DataFrame({"x": [0.2, 9.6], "y": [-0.35, 4.2], "what": list(THINGS)})
    marks.append(charts.dots(names, text="what", size=0, **unsaid))
    table = pd.DataFrame(
        {"direction": WAYS, "arrives": [f"{how_much(db)} is needed" for db in (up, down)]}
    )
    table["margin_db"] = np.round([up, down], 1)
    axes = {"x": "", "y": "", "xticks": (), "yticks": (), "xlim": (-1, 11), "ylim": (-0.5, 6)}
    words = f"A phone {where} and a satellite, with the two ways between them"
    return charts.draw(*marks, name="The call", words=words, table=table, height=2.4, **axes)


def losses(*lost_db):
    """Return (chart, sentence) of losses (name, dB) one after another: shares of the power that
    multiply, beside decibels that add.
    """
    names, each = zip(*lost_db, strict=True)
    total = np.cumsum([0, *each])
    steps = pd.DataFrame({"after": ["sent", *(f"after {name}" for name in names)]})
    steps["left_percent"], steps["lost_db"] = 100 * 10 ** (-total / 10), total
    steps["left"] = steps["left_percent"].map("{:.3g} %".format)
    steps["lost"] = steps["lost_db"].map("{} dB".format)
    drawn = charts.draw(
        [charts.bars(steps, x="left_percent", y="after", text="left")],
        [charts.bars(steps, x="lost_db", y="after", text="lost", color="orange")],
        name="Losses one after another",
        title=["What is left of the power: shares multiply", "What is lost: decibels add"],
        x=["%", "dB"],
        y="",
        xlim=[(0, 120), (0, 50)],
        height=0.85,
        table=steps[["after", "left_percent", "lost_db"]].round(4),
    )
    shares = [f"{name} {10 ** (-db / 10):.3g} ({db} dB)" for name, db in lost_db]
    return drawn, (
        f"Let through: {', '.join(shares)}. Multiplied, {10 ** (-total[-1] / 10):.3g} of the power "
        f"gets through; added, {total[-1]} dB are lost."
    )


def verdict(budget):
    """Return whether a direction works; budget: rows of `satcom.link_budget`, the margin last."""
    return "works" if budget["db"].iloc[-1] >= 0 else "fails"


def waterfall(ways):
    """Return (chart, sentence) of the budgets {direction: rows of `satcom.link_budget`}."""
    table = pd.concat(ways, names=["direction"]).reset_index(level=0).round(1)
    found = [f"{way}: margin {b['db'].iloc[-1]:+.1f} dB, {verdict(b)}" for way, b in ways.items()]
    chart = charts.draw(
        *map(_falling, ways.values()),
        name="Link budget",
        title=[f"{way}: {verdict(budget)}" for way, budget in ways.items()],
        x="dB",
        y="",
        xlim=(-230, 160),
        legend="",
        table=table,
    )
    return chart, f"{'; '.join(found)}.".replace("phone to", "Phone to", 1)


def _falling(budget):
    what = np.where(budget["db"] >= 0, "gives", "takes")
    what[-1] = verdict(budget)
    says = budget["db"].map("{:+.1f}".format).where(budget["db"] != 0, "")
    bars = budget.assign(start=budget["sum_db"] - budget["db"], what=what, says=says)
    looks = {"base": "start", "color": "what", "styles": BARS, "text": "says"}
    return [charts.bars(bars, x="sum_db", y="term", **looks), charts.rules(x=0, dash="")]


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


def minute_words(costs, minutes_a_year):
    """Return what Tiantong's plan costs against Inmarsat's cheapest; costs: `satcom.plan_costs`."""
    plan = costs.loc[costs["item"].str.contains("annual plan"), "yuan_per_min"].iloc[0]
    card = costs.loc[costs["system"] == "Inmarsat", "yuan_per_min"].min()
    return (
        f"At {minutes_a_year} minutes a year Tiantong's plan costs {plan:.2f} yuan a minute, "
        f"Inmarsat's cheapest way {card:.2f}: the plan costs {plan / card:.2f} times as much."
    )


def minute_costs(costs, words):
    """Return a chart of yuan a minute by `plan`, on an axis that is the same for every use."""
    costs = costs.sort_values("yuan_per_min", ignore_index=True)
    known = costs["yuan_per_min"].map("{:.2f}".format)
    costs["says"] = known.where(known != "nan", "beyond the bundle: no price known")
    columns = ["system", "item", "year", "yuan_per_min", "source_ids", "confidence"]
    looks = {"color": "system", "styles": SYSTEMS, "text": "says", "size": 9}
    return charts.draw(
        charts.dots(costs, x="yuan_per_min", y="plan", **looks),
        name="Price of a minute",
        x="yuan for a minute",
        log="x",
        xlim=(0.8, 160),  # of 60 minutes a year and of 1,500, at any rate of the table
        xticks=(1, 2, 5, 10, 20, 50, 100),
        legend="",
        words=words,
        table=costs[columns].round(2),
    )


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
