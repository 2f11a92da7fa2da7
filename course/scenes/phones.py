"""What lesson 06 draws: satellites and who sees them, links, prices, satellites for partners."""

import ipywidgets as widgets
import numpy as np
import pandas as pd

from helpers import maps, style
from silkroad import orbits, satcom

tiantong, at, elevations = satcom.tiantong, satcom.over_equator, satcom.elevations
best_longitudes, share_of_earth = satcom.best_longitudes, satcom.share_of_earth
range_km, cost_per_minute = satcom.slant_range_km, satcom.plan_costs

LEVELS = (5, 20, 40)
LEVEL_WORDS = ("0 to 5°: on the horizon", "5 to 20°: low", "20 to 40°", "40° or more: high")
VIEWS = {  # how a place sees the best satellite: (colour, shape)
    "20° or more": ("blue", "circle"),
    "5 to 20°": ("yellow", "triangle"),
    "below 5° or none": ("orange", "cross"),
}
SATELLITE_COLORS = ("blue", "orange", "purple")
SYSTEMS = {"Tiantong-1": "orange", "Inmarsat": "blue", "Iridium": "green", "Thuraya": "purple"}
STATES = {"in orbit": ("blue", "square"), "failed": ("orange", "cross")}

# Our reading of "Asia-Pacific, the Middle East and the east coast of Africa": the reports name
# regions, no countries. Central Asia is in none of the three words and is left out.
SERVICE_AREA = {
    "Asia-Pacific": (
        "AFG AUS BGD BRN BTN CHN FJI FSM IDN IND JPN KHM KIR KOR LAO LKA MDV MHL MMR MNG MYS NPL "
        "NRU NZL PAK PHL PLW PNG PRK SGP SLB THA TLS TON TUV TWN VNM VUT WSM"
    ),
    "Middle East": "ARE BHR IRN IRQ ISR JOR KWT LBN OMN PSE QAT SAU SYR TUR YEM",
    "east coast of Africa": "COM DJI EGY ERI KEN MDG MOZ MUS SDN SOM SYC TZA ZAF",
}
AFRICA = (
    "AGO BDI BEN BFA BWA CAF CIV CMR COD COG COM CPV DJI DZA EGY ERI ETH GAB GHA GIN GMB GNB GNQ "
    "KEN LBR LBY LSO MAR MDG MLI MOZ MRT MUS MWI NAM NER NGA RWA SDN SEN SLE SOM SSD STP SWZ SYC "
    "TCD TGO TUN TZA UGA ZAF ZMB ZWE"
)


def by_view(best_deg):
    """Return the words of VIEWS for the elevation of the best satellite."""
    return np.select([best_deg >= 20, best_deg >= 5], list(VIEWS)[:2], list(VIEWS)[2])


def tally(view):
    """Return how many places there are of each of VIEWS, as a sentence without its end."""
    counts = {words: int((np.asarray(view) == words).sum()) for words in VIEWS}
    return ", ".join(f"{words}: {count}" for words, count in counts.items())


def sky(field):
    """Return a grid of elevations (DataArray lat, lon) as a layer; none below the horizon."""
    return maps.grid(
        field.where(field >= 0), "Elevation", levels=LEVELS, labels=LEVEL_WORDS, opacity=0.7
    )


def below(satellites, positions, name="Satellites"):
    """Return the points below the satellites at the first time of `positions`, with labels."""
    spot = orbits.subpoints_of(positions.isel(time=0))
    frame = satellites.assign(lat=spot["lat"].values, lon=spot["lon"].values)
    popup = [c for c in ("longitude_deg", "inclination_deg", "launch_date") if c in frame]
    look = {name: ("black", "square")}
    return maps.points(frame, name, styles=look, popup=popup, size=7, labels=True)


def daily_path(satellites):
    """Return the figure each satellite draws on the ground in a day, as lines."""
    path = orbits.subpoints_of(satcom.positions(satellites, np.linspace(0, 24, 49)))
    drawn = {
        name: orbits.split_antimeridian(path["lat"].values[i], path["lon"].values[i])
        for i, name in enumerate(satellites["name"])
    }
    return maps.lines(drawn, "Path of a day", color="black", weight=2)


def contours(satellites, positions, elevation_deg):
    """Return the ring inside which each satellite stands above `elevation_deg`, as lines.

    Lines, not areas: overlapping fills would change the colours of what lies below them.
    """
    found = {
        row: satcom.pieces(satcom.footprint(where, elevation_deg))
        for row, where in zip(satellites["name"], positions.values[:, 0], strict=True)
    }
    looks = zip(SATELLITE_COLORS, style.DASHES, strict=False)
    return maps.lines(found, "Rings", styles=dict(zip(found, looks, strict=False)), weight=2.2)


def signatories(countries, capitals):
    """Return the capitals of all countries that ever signed: iso3, country, capital, lat, lon."""
    return capitals[capitals["iso3"].isin(countries["iso3"])].reset_index(drop=True)


def capitals_seen(capitals, best_deg):
    """Return capitals coloured by how high the best satellite stands, as a layer."""
    frame = capitals.assign(view=by_view(best_deg), elevation_deg=np.round(best_deg, 1))
    return maps.points(
        frame,
        "Best satellite at the capital",
        label="capital",
        category="view",
        styles=VIEWS,
        popup=["country", "elevation_deg"],
        size=5,
    )


def service_area():
    """Return the reported service area by country, in our reading, as a layer."""
    values = {iso3: region for region, codes in SERVICE_AREA.items() for iso3 in codes.split()}
    styles = dict(zip(SERVICE_AREA, ("#9BD3C0", "#F2D48A", "#C9B3DA"), strict=True))
    popup = {iso3: {"reported service area": region} for iso3, region in values.items()}
    return maps.countries(values, "Reported service area", styles=styles, popup=popup)


def link_sliders():
    """Return a control for each term of the link, with its unit, where the lesson starts it."""
    terms = {  # label, lowest, highest, step, start
        "phone": ("phone EIRP (dBW)", -5, 15, 1, 5),
        "sat_gt": ("satellite G/T (dB/K)", 0, 20, 1, 12),
        "sat": ("satellite EIRP for a call (dBW)", 20, 60, 1, 33),
        "phone_gt": ("phone G/T (dB/K)", -30, -5, 1, -24),
        "high": ("elevation (°)", 5, 90, 5, 20),
        "ghz": ("frequency (GHz)", 1.5, 2.5, 0.1, 2.0),
        "ebn0": ("Eb/N0 needed (dB)", 0, 10, 1, 3),
        "point": ("pointing (dB)", 0, 10, 1, 0),
        "body": ("head and hand (dB)", 0, 10, 1, 3),
        "air": ("air (dB)", 0, 5, 1, 0),
        "rain": ("rain (dB)", 0, 10, 1, 0),
        "tree": ("leaves (dB)", 0, 30, 1, 0),
        "wall": ("walls (dB)", 0, 40, 1, 0),
    }
    controls = {}
    for name, (label, low, high, step, start) in terms.items():
        kind = widgets.FloatSlider if isinstance(low, float) else widgets.IntSlider
        controls[name] = kind(min=low, max=high, step=step, value=start, description=label)
    rates = {
        "2.4 kbit/s, poor voice": 2.4,
        "4 kbit/s, voice": 4,
        "64 kbit/s": 64,
        "384 kbit/s, the maximum": 384,
    }
    return controls | {
        "kbps": widgets.Dropdown(
            options=rates, value=4, description="bit rate", layout={"width": "360px"}
        )
    }


def losses(*values_db):
    """Return the losses of `satcom.LOSSES`, given in their order, by name."""
    return dict(zip(satcom.LOSSES, values_db, strict=True))


def waterfall(budgets):
    """Return links as waterfalls side by side, and the headline: {direction: `link_budget`}.

    All bars have one scale; the last bar of each panel is the margin, and the title says whether
    the link works.
    """
    margins = {direction: table["db"].iloc[-1] for direction, table in budgets.items()}
    words = {name: "works" if value >= 0 else "fails" for name, value in margins.items()}
    panels = _panels(9.2, 3.9, len(budgets), left=0.18, right=0.99, bottom=0.12, top=0.93)
    for axes, (direction, table) in zip(panels, budgets.items(), strict=True):
        steps, margin = table.iloc[:-1], margins[direction]
        start = steps["sum_db"] - steps["db"]
        colors = np.where(steps["db"] >= 0, style.color("blue"), style.color("orange"))
        axes.barh(steps["term"], steps["db"], left=start, color=colors)
        axes.barh(["margin"], [margin], color=style.color("green" if margin >= 0 else "black"))
        for row, (end, first, value) in enumerate(
            zip(steps["sum_db"], start, steps["db"], strict=True)
        ):
            if value:
                axes.text(max(end, first) + 4, row, f"{value:+.1f}", va="center", fontsize=8)
        axes.text(max(margin, 0) + 4, len(steps), f"{margin:+.1f}", va="center", weight="bold")
        axes.axvline(0, color="black", lw=0.8)
        axes.set(xlim=(min(-225, steps["sum_db"].min() - 5), 95), xlabel="dB")
        axes.set_title(f"{direction}: {words[direction]}", fontsize=10, loc="left")
        axes.tick_params(labelsize=9)
    panels[0].invert_yaxis()
    table = pd.concat(budgets, names=["direction"]).reset_index(level=0).round(1)
    found = [f"{name}: margin {value:+.1f} dB, {words[name]}" for name, value in margins.items()]
    headline = f"{'; '.join(found)}."
    alt = f"Every term in dB. {headline}"
    return maps.chart(panels[0].figure, "Link budget", alt=alt, table=table), headline[
        0
    ].upper() + headline[1:]


def plans(prices):
    """Return the tariffs of the table as plans: fee, minutes in it, price beyond, how it repeats.

    Read from `satcom_prices` by the words of item and note. `fee` is paid `per` year, month or
    pack; `beyond` is the price of a minute after the bundle, missing where no source names one.
    A pack is bought again when it is used up, a monthly fee is paid for twelve months.
    """
    voice = prices[prices["category"].eq("price") & prices["year"].notna()]
    voice = voice[voice["system"].isin(list(SYSTEMS))]
    item, note = voice["item"], voice["note"].fillna("")
    minutes = item.str.extract(r"(\d+)(?:-minute| (?:voice )?minutes| units)")[0].astype(float)
    monthly = note.str.extract(r"plus ([\d.]+) USD a month")[0].astype(float)
    single = voice["unit"].str.endswith("/min")
    card = item.str.contains("card for")
    pack = voice["unit"].eq("USD") & minutes.notna() | card
    table = voice.assign(
        minutes=minutes.where(~single | card, 0),
        fee=np.where(single & ~card, monthly.fillna(0), voice["value"] * minutes.where(card, 1)),
        beyond=voice["value"].where(single & ~card),
        per=np.select(
            [pack, monthly.notna() | voice["unit"].str.endswith("/month")],
            ["pack", "month"],
            "year",
        ),
        currency=voice["unit"].str[:3],
    )
    table = table[table["minutes"].notna()]
    extra = table[table["item"].str.contains("beyond bundle")]["value"]
    bundle = table["system"].eq("Tiantong-1") & table["minutes"].gt(0)
    table.loc[bundle, "beyond"] = extra.iloc[0] if len(extra) else np.nan
    table = table[~table["item"].str.contains("beyond bundle")]
    keep = ["system", "item", "year", "currency", "fee", "per", "minutes", "beyond"]
    return table[[*keep, "source_ids", "confidence"]].reset_index(drop=True)


def price_bars(table, minutes_a_year):
    """Return the cost of a minute of each plan as bars; unknown ones are named, without a bar."""
    table = table.sort_values("yuan_per_min", ignore_index=True)
    labels = [
        f"{row.system}: {row.item.split(', both')[0]} ({row.year:.0f})"
        for row in table.itertuples()
    ]
    height = 0.6 + 0.34 * len(table)
    (axes,) = _panels(9.2, height, 1, left=0.46, right=0.98, bottom=0.14, top=0.98)
    colors = [style.color(SYSTEMS[name]) for name in table["system"]]
    axes.barh(labels, table["yuan_per_min"].fillna(0), color=colors)
    for row, value in enumerate(table["yuan_per_min"]):
        text = " beyond the bundle: no price known" if np.isnan(value) else f" {value:.2f}"
        axes.text(0 if np.isnan(value) else value, row, text, va="center", fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("yuan for a minute")
    axes.margins(x=0.12)
    axes.tick_params(labelsize=9)
    shown = table[["system", "item", "year", "yuan_per_min", "source_ids", "confidence"]].round(2)
    words = "; ".join(
        f"{label}: " + ("not known" if np.isnan(value) else f"{value:.2f} yuan")
        for label, value in zip(labels, table["yuan_per_min"], strict=True)
    )
    alt = f"A minute of talk at {minutes_a_year} minutes a year. {words}."
    return maps.chart(axes.figure, "Price of a minute", alt=alt, table=shown)


def price_words(table, minutes_a_year):
    """Return the headline: the plan that was sold against the cheapest Inmarsat way."""
    plan = table[table["item"].str.contains("annual plan")]["yuan_per_min"].iloc[0]
    card = table[table["system"] == "Inmarsat"]["yuan_per_min"].min()
    return (
        f"At {minutes_a_year} minutes a year Tiantong's plan costs {plan:.2f} yuan a minute, "
        f"Inmarsat's cheapest way {card:.2f}: the plan costs {plan / card:.2f} times as much."
    )


def export_words(there, year):
    """Return the headline of one year: how many were launched and what became of them."""
    failed = int((there["state"] == "failed").sum())
    when = "By June 2026" if year == 2026 else f"By the end of {year}"
    return (
        f"{when}: {len(there)} launched for {there['iso3'].nunique()} "
        f"{'country' if there['iso3'].nunique() == 1 else 'countries'}, "
        f"{len(there) - failed} in orbit and not known failed, {failed} failed."
    )


def exported(satellites):
    """Return the communications satellites of partners, with what was agreed and what became.

    Columns: name, iso3, country's satellite longitude_deg, contract, cost, launch_date, end_date.
    """
    rows = satellites[satellites["role"].eq("communications") & satellites["partner_iso3"].notna()]
    rows = rows.rename(columns={"geo_longitude_deg": "longitude_deg", "partner_iso3": "iso3"})
    cost = rows["cost_usd_million"].map("{:g} million US dollars".format, na_action="ignore")
    cost = cost + rows["cost_note"].map(" ({})".format, na_action="ignore").fillna("")
    return rows.assign(cost=cost).sort_values("launch_date", ignore_index=True)


def on_date(partners, date):
    """Return the exported satellites launched by `date`, with the state they were in."""
    there = partners[partners["launch_date"] <= date]
    dead = there["end_date"].notna() & (there["end_date"] <= date)
    return there.assign(state=np.where(dead, "failed", "in orbit"))


def export_layers(there, capitals):
    """Return exported satellites over the equator, with a line each to the owner's capital."""
    there = there.assign(lat=0.0, lon=there["longitude_deg"])
    there = there.sort_values("state", ascending=False)  # what failed is drawn above its successor
    owners = there.merge(
        capitals[["iso3", "country", "capital", "lat", "lon"]], on="iso3", suffixes=("", "_home")
    )
    ties = {
        row.name: [np.array([[0.0, row.lon], [row.lat_home, row.lon_home]])]
        for row in owners[["name", "lon", "lat_home", "lon_home"]].itertuples(index=False)
    }
    popup = ["country", "longitude_deg", "contract", "cost", "launch_date", "state", "end_date"]
    homes = owners.drop_duplicates("iso3")[["capital", "country", "lat_home", "lon_home"]]
    homes = homes.rename(columns={"lat_home": "lat", "lon_home": "lon"})
    return [
        maps.lines(ties, "Satellite and owner", color="grey", dash="2 4"),
        maps.points(
            homes,
            "Capital of the owner",
            label="capital",
            styles={"": ("green", "circle")},
            popup=["country"],
            size=5,
            labels=True,
        ),
        maps.points(owners, "Satellites", category="state", styles=STATES, popup=popup, size=7),
    ]


def _panels(width, height, count, **margins):
    """Return axes side by side with fixed margins: a layout takes longer than the drawing."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    figure.subplots_adjust(wspace=0.04, **margins)
    panels = figure.subplots(1, count, sharey=True, squeeze=False)[0]
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
    return panels
