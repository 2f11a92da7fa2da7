"""Lesson 13, country brief: its exercises, what its views say, and the brief's page and button."""

from html import escape

import ipywidgets as widgets
import numpy as np
import pandas as pd
from IPython.display import display

from course import brief
from course.brief import page, pictures, world
from course.brief.pictures import NONE
from course.brief.tables import text
from course.brief.world import OPEN_DEG, STREET_DEG, column
from course.drawn_answers import Drawing
from helpers import data, maps, words
from helpers.exercises import Number, exercise
from helpers.inputs import InputError

# --- one country on the map


def in_words(made, system, mask_deg):
    """Return the headline of a brief on the live map: its own, and the share of the day."""
    said = made.headline(beidou=False)
    if made.case.worst is None:
        return said
    row, name = made.case.points.iloc[0], system[0].upper() + system[1:]
    share = words.percent(row[column(system, mask_deg)] / 100)
    place = row["capital"] if pd.notna(row["capital"]) else "one of its points"
    return f"{said} {name} above {mask_deg}°: {share} of the day at {place}."


# --- all countries by one measure


def in_order(values, countries):
    """Return all countries that have a finite value, from the lowest: iso3, value, rank, place.

    values: Series by ISO code, which names the column of values. countries {name: ISO code} of
    those to be marked; `says` is what is written at them. `place` counts from the lowest, for a
    chart; `rank` from the best: short waits and high shares are good, and values that are printed
    alike share a rank.
    """
    table = values[np.isfinite(values)].sort_values().rename_axis("iso3").reset_index()
    printed, short = table[values.name].round(1), values.name.startswith("hours")
    rank = printed.rank(method="min", ascending=short).astype(int)
    names = table["iso3"].map({iso3: name for name, iso3 in countries.items()})
    says = names.fillna("") + " " + table[values.name].map("{:,.1f}".format)
    whose = np.where(names.notna(), "marked", "others")
    return table.assign(place=range(1, len(table) + 1), rank=rank, whose=whose, says=says)


def range_in_words(values):
    """Return the countries with the lowest and the highest value, and the middle one."""
    finite, name = values[np.isfinite(values)], values.name[0].upper() + values.name[1:]
    names = {iso3: brief.unmarked(name) for name, iso3 in brief.choices().items()}
    low, high = finite.idxmin(), finite.idxmax()
    said = f"{name}: from {finite[low]:,.1f} ({names[low]}) to {finite[high]:,.1f} "
    said += f"({names[high]}); the middle country has {finite.median():,.1f}."
    if round(finite[low], 1) == round(finite[high], 1):
        said = f"{name}: {finite[low]:,.1f} in all {len(finite)} countries."
    none, silent = int(np.isinf(values).sum()), int(values.isna().sum())
    said += f" None in 72 hours: {none}." if none else ""
    some = words.counted(silent, "country", "countries")
    return said + (f" Not in our tables: {some}." if silent else "")


def places_in_words(values, countries):
    """Return the value and the rank of each of {name: ISO code}, the best first; see `in_order`."""
    table = in_order(values, countries).set_index("iso3")
    alike, said = table["rank"].value_counts(), []
    for name, iso3 in countries.items():
        if iso3 in table.index:
            rank = table["rank"][iso3]
            shared = f" (shared by {alike[rank]})" if alike[rank] > 1 else ""
            said.append(f"{name}: {values[iso3]:,.1f}, place {rank}{shared} of {len(table)}")
        else:
            said.append(f"{name}: {NONE if np.isinf(values.get(iso3, 0)) else 'no value'}")
    return f"{'; '.join(said)}. Place 1 is the best."


# --- two countries side by side


def scaled(table):
    """Return two countries' numbers, each measure scaled to its larger, one row for each bar.

    table: `brief.side_by_side` of two countries. Measures that both lack, or zero in both, are left
    out; a picture that does not come in 72 hours has no bar, and says so.
    """
    table = table.drop(index="signed in the year", errors="ignore").rename_axis("measure")
    table = table[table.fillna(0).ne(0).any(axis=1)]
    finite = table.replace(np.inf, np.nan)
    share = finite.div(finite.max(axis=1).replace(0, np.nan), axis=0).fillna(0)
    rows = share.reset_index().melt("measure", var_name="country", value_name="share")
    number = table.reset_index().melt("measure")["value"]
    says = [NONE if np.isinf(n) else text(round(n, 1)) for n in number]
    return rows.assign(number=number.astype(object).where(~np.isinf(number), NONE), says=says)


def larger_in_words(table):
    """Return in how many measures that both countries have each of them has the larger number."""
    left, right = table.columns
    both = table.drop(index="signed in the year", errors="ignore").dropna()
    both = both[both.ne(0).any(axis=1)]
    more, less = int((both[left] > both[right]).sum()), int((both[left] < both[right]).sum())
    said = f"Of {words.counted(len(both), 'measure')} that both have, {left} has the larger number "
    said += f"in {more} and {right} in {less}. "
    return said + "Larger is not always better: waits and cuts are better small."


# --- the page


class Preview:
    """The page of a brief in a frame, as it is saved; shows itself in a notebook."""

    def __init__(self, made, height=620):
        """Take a brief, and the height of the frame in pixels."""
        self.brief, self.height = made, height

    def __repr__(self):
        """Return the headline of the brief."""
        return self.brief.headline()

    def _repr_html_(self):
        shown = page.html(self.brief, pictures.charts_of(self.brief))
        # Its own links lead within the frame; without a base they would open the lesson in it.
        shown = shown.replace("<head>", '<head><base href="about:srcdoc">', 1)
        return (
            f'<iframe srcdoc="{escape(shown)}" title="The brief of {escape(self.brief.country)}" '
            'allowfullscreen sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" '
            f'style="width:100%;height:{self.height}px;border:1px solid #d5dbe1"></iframe>'
        )


def save_button(start="PAK", folder="briefs"):
    """Show a choice of countries, a folder and a button that saves the brief of the country."""
    country = widgets.Dropdown(options=brief.choices(), value=start, description="country")
    where = widgets.Text(value=folder, description="folder")
    button = widgets.Button(description="Save the brief", icon="download")
    said = widgets.HTML()

    def pressed(_):
        said.value, told = "Writing …", []
        try:
            place = brief.save(country.value, where.value, told.append)
            told.append(f"Saved: {place}/index.html, with tables (CSV) and charts (PNG).")
        except InputError as problem:
            told.append(str(problem))
        said.value = "<br>".join(map(escape, told))

    button.on_click(pressed)
    display(widgets.VBox([widgets.HBox([country, where, button]), said]))
    return button


# --- the exercises


def _rows():
    """Return the rows of Pakistan, with on_paper."""
    forms = data.load("kinds").query("column == 'cooperation.form'").set_index("value")
    table = data.load("cooperation").query("iso3 == 'PAK'")
    return table.assign(on_paper=table["form"].map(forms["on_paper"]))


@exercise(
    "13-1",
    Number(unit="rows"),
    wrong=[
        (
            lambda: len(_rows()),
            "That is every row of Pakistan. Keep the three forms that are paper.",
        ),
        (
            lambda: int((~_rows()["on_paper"]).sum()),
            "Those are the deeds: projects, services, training and use. The question is the rest.",
        ),
        (
            lambda: int(_rows()["form"].eq("agreement").sum()),
            "Those are agreements alone. Memberships and meetings are paper, too.",
        ),
    ],
    hint="Keep the rows with iso3 PAK, then those whose form is one of the three, and count.",
)
def paper():
    """How many rows of Pakistan are an agreement, a membership or a meeting?"""
    return int(_rows()["on_paper"].sum())


def _islamabad(mask_deg):
    return brief.of("PAK").case.capital[column("BeiDou alone", mask_deg)]


@exercise(
    "13-2",
    Number(unit="minutes", tolerance=1),
    wrong=[
        (
            lambda: 14.4 * _islamabad(STREET_DEG),
            "That is how long there is a fix. Ask for the rest of the day.",
        ),
        (
            lambda: 14.4 * (100 - _islamabad(OPEN_DEG)),
            "That is the open field, 5°. The street has 30°.",
        ),
        (
            lambda: 0.24 * (100 - _islamabad(STREET_DEG)),
            "Those are hours. The answer is asked in minutes.",
        ),
    ],
    hint="The share without a fix is 100 less the share with one, in per cent of 1,440 minutes.",
)
def without_a_fix():
    """How many minutes of the day has Islamabad no usable fix from BeiDou alone in a street?"""
    return 14.4 * (100 - _islamabad(STREET_DEG))


def _wait(which):
    return brief.of("PAK").numbers[f"hours to a picture, {which}"]


@exercise(
    "13-3",
    Number(unit="hours", tolerance=0.06),
    wrong=[
        (
            lambda: _wait("its own only") - _wait("its own and all Chinese"),
            "That is with all Chinese satellites. Most of them are not shared.",
        ),
        (
            lambda: _wait("its own and what China shares"),
            "That is the wait. How much shorter is it than with its own satellites alone?",
        ),
        (
            lambda: _wait("its own and what China shares") - _wait("its own only"),
            "The size is right. A wait that gets shorter saves a positive number of hours.",
        ),
    ],
    hint="Take the wait with its own satellites, less the wait with its own and what China shares.",
)
def saved_by_sharing():
    """How many hours does what China shares save Pakistan, in the middle of the starts?"""
    return _wait("its own only") - _wait("its own and what China shares")


def _below_half(column, signed=True):
    table = data.load("country_indicators")
    if signed:
        table = table[table["group"].str.startswith("bri_")]
    return int((table[column] < 50).sum())


@exercise(
    "13-4",
    Number(unit="countries"),
    wrong=[
        (
            lambda: _below_half("internet_users_pct_2015"),
            "That is 2015, when the sentence was said. Take the latest column.",
        ),
        (
            lambda: int(
                (world.measures(data.snapshot())["Internet users, % of people"] >= 50).sum()
            ),
            "That counts from half the people up, and countries that never signed, too.",
        ),
    ],
    hint="Keep the groups that begin with bri_, then the rows with internet_users_pct below 50.",
)
def poorly_connected_now():
    """In how many signatories do fewer than half of the people use the internet now?"""
    return _below_half("internet_users_pct")


def _drawn(coloured, marked=()):
    """Return countries in a colour, and the capitals of others as points, as layers."""
    capitals = data.load("capitals").query("iso3 in @marked")
    layers = maps.countries(dict.fromkeys(coloured, "mine"), "Country", styles={"mine": "sky"})
    return (layers, maps.points(capitals, "Capital", label="capital")) if marked else (layers,)


def wants_capital(drawn):
    """A country in a colour, and a point at its capital."""
    coloured = set(drawn.loc[drawn["kind"].isin(["countries", "GeoJson"]), "label"])
    points = drawn[drawn["lat"].notna()]
    capitals = data.load("capitals").set_index("iso3")
    if not coloured & set(capitals.index):
        return "No country is coloured yet. Give maps.countries the ISO code and a category."
    if points.empty:
        return "The capital is not marked yet. Give maps.points its row of the table of capitals."
    own = capitals[capitals.index.isin(coloured)]
    off = [
        (own["lat"] - lat).abs() + (own["lon"] - lon).abs()
        for lat, lon in points[["lat", "lon"]].to_numpy(float)
    ]
    return min(map(min, off)) < 0.5 or "No point stands at the capital of the country you coloured."


@exercise(
    "13-5",
    Drawing(wants_capital),
    wrong=[
        (
            lambda: (maps.points(data.load("capitals").head(1), "Capital", label="capital"),),
            "No country is coloured yet. Give maps.countries the ISO code and a category.",
        ),
        (
            lambda: _drawn(["KEN"]),
            "The capital is not marked yet. Give maps.points its row of the table of capitals.",
        ),
        (
            lambda: _drawn(["KEN"], ["PAK"]),
            "No point stands at the capital of the country you coloured.",
        ),
    ],
    hint="Two layers: maps.countries with the ISO code, maps.points with one row of capitals.",
)
def with_its_capital():
    """A country in a colour, with its capital as a point (one of many right ones)."""
    return _drawn(["KEN"], ["KEN"])
