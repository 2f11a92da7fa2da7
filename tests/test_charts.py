"""Charts: marks are plain data, words never overlap nor leave the figure, twins tell the rows."""

import io
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from course import stills
from helpers import charts, figures, live, maps, style
from helpers.inputs import InputError
from tools.browser import chromium

LONG = "a name that is much longer than any name should be, and goes on, and still goes on"
CHINESE = "中国卫星导航定位协会发布的白皮书所载的产业总体产值以及其他各项数据"
ROWS = pd.DataFrame(
    {
        "what": ["one", "two", "three", "four"],
        "year": [2016, 2017, 2018, 2019],
        "value": [3.0, 14.0, 15.0, 9.0],
        "low": [2.0, 10.0, 14.0, 8.0],
        "high": [5.0, 20.0, 17.0, 9.5],
        "kind": ["a", "b", "a", "b"],
        "says": ["3 of 4", "14 of 20", "15 of 18", "9 of 10"],
        "source_ids": ["S001", "S002", "S003", "S004"],
        "confidence": ["high", "low", "medium", "high"],
    }
)


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    """Keep the charts that are drawn, in order: what the tests look at."""
    kept, draw = [], charts.draw

    def keep(*args, **kwargs):
        kept.append(draw(*args, **kwargs))
        return kept[-1]

    monkeypatch.setattr(charts, "draw", keep)
    return kept


def texts(figure):
    """Return (text, box in pixels) of every line of words on the figure, as the renderer has it."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = [artist for artist in figure.artists if isinstance(artist, Text)]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in found if t.get_text().strip()]


def check_words(layer):
    """No word outside the drawing, no two words on one another; return those of the wide one."""
    for drawing in ("narrow", "wide"):
        words = check_words_of(stills.chart_figure(layer, drawing))
    return words


def check_words_of(figure):
    wide, high = figure.get_size_inches() * figure.dpi
    words = texts(figure)
    for text, box in words:
        assert box.x0 >= -0.5 and box.y0 >= -0.5, f"{text!r} is cut off"
        assert box.x1 <= wide + 0.5 and box.y1 <= high + 0.5, f"{text!r} is cut off"
    for (one, a), (other, b) in combinations(words, 2):
        over = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(over) < 1.5, f"{one!r} and {other!r} overlap by {over}"
    return [text for text, _ in words]


def elements(layer, drawing="wide"):
    """Return (tag, attributes, text) of all elements of a drawing."""
    every = ElementTree.fromstring(layer.spec[drawing]).iter()
    return [(e.tag.rpartition("}")[2], e.attrib, e.text) for e in every]


def paths(layer, drawing="wide", **looks):
    """Return the attributes of the paths with these looks, without what belongs to hatches."""
    found = [a for tag, a, _ in elements(layer, drawing) if tag == "path" and "stroke" in a]
    looks = {name.replace("_", "-"): value for name, value in looks.items()}
    return [a for a in found if looks.items() <= a.items()]


def placed(layer, drawing="wide"):
    """Return {text: (x, y)} of the words, in thousandths of an inch."""
    words = [(e, text) for tag, e, text in elements(layer, drawing) if tag == "text"]
    return {text: (float(e["x"]), float(e["y"])) for e, text in words}


def boxes(layer, drawing="wide"):
    """Return (left, top, right, bottom, hatch) of the bars in the axes, not those of the legend."""
    found = []
    for tag, look, _ in elements(layer, drawing):
        d = look.get("d", "")
        if tag != "path" or "H" not in d:
            continue
        corners = re.findall(r"M(-?\d+) (-?\d+)H(-?\d+)V(-?\d+)", d)
        if "data-hatch" in look:  # over those drawn just before
            found[-len(corners) :] = [
                (*box[:4], look["data-hatch"]) for box in found[-len(corners) :]
            ]
        else:
            found += [(*map(int, box), "") for box in corners]
    return [box for box in found if box[2] - box[0] != 220]


def frames(layer, drawing="wide"):
    """Return (left, top, height, width) of the axes of each panel."""
    numbers = [re.fullmatch(r"M(\d+) (\d+)l0 (\d+) (\d+) 0", a["d"]) for a in paths(layer, drawing)]
    return [tuple(map(int, found.groups())) for found in numbers if found]


def at_ticks(layer, side, low, high):
    """Return thousandths of an inch for one unit of an axis, from the words of two ticks."""
    words = placed(layer)
    return abs(words[str(high)][side] - words[str(low)][side]) / (high - low)


SHEET = "var(--silkroad-paper,#fff)"


def many(count, name=LONG):
    """Return a table of many rows with long names."""
    numbers = np.arange(count)
    return pd.DataFrame(
        {
            "name": [f"{i} {name}" for i in numbers],
            "short": [f"C{i:02d}" for i in numbers],
            "year": 1990 + numbers,
            "value": 1 + (numbers * 37 % 23),
            "kind": [f"{i % 9} {name}" for i in numbers],
        }
    ).assign(low=lambda t: t["value"] * 0.8, high=lambda t: t["value"] * 1.3)


def test_importing_charts_does_not_import_matplotlib():
    code = "import sys, helpers.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_mark_is_plain_data():
    mark = charts.bars(ROWS, x="value", y="what", color="kind", text="says")
    assert (mark.kind, mark.columns["color"]) == ("bars", "kind")
    assert mark.columns == {"x": "value", "y": "what", "text": "says", "color": "kind"}
    assert mark.frame is ROWS
    with pytest.raises(AttributeError):
        mark.kind = "dots"


def test_a_chart_is_a_layer_with_an_image_words_and_rows():
    layer = charts.draw(charts.bars(ROWS, x="value", y="what"), name="Four things")
    assert isinstance(layer, maps.Layer) and layer.spec["kind"] == "chart"
    assert image.imread(io.BytesIO(stills.png(layer))).shape[1] == round(8.6 * 110)
    assert layer.spec["values"][1] == "two: 14 (low confidence)"
    assert (
        layer.spec["alt"]
        == layer.summary
        == ("Four things. value by what: one: 3; two: 14 (low confidence); three: 15; four: 9.")
    )
    assert layer.table.columns.tolist() == ["what", "value", "source_ids", "confidence"]
    assert layer.table["value"].tolist() == [3, 14, 15, 9]


def test_the_twin_has_the_columns_passed_and_what_they_belong_to():
    mark = charts.dots(
        ROWS, x="year", y="value", low="low", high="high", show=["says"], label="ours"
    )
    limit = pd.DataFrame({"limit": [12], "name": ["the limit"]})
    layer = charts.draw(mark, charts.rules(limit, y="limit", text="name"), name="x", words="Look")
    assert layer.table["what"].tolist() == ["ours"] * 4 + ["rules"]
    assert layer.table.loc[4, "limit"] == 12 and layer.table.loc[4, "value"] == ""
    assert "says" in layer.table and layer.table["low"].tolist()[0] == 2
    assert layer.summary.startswith("Look. ours: value by year: 2016: 3 (2 to 5);")
    assert "the limit at 12" in layer.summary
    own = pd.DataFrame({"a": [1]})
    assert charts.draw(mark, name="x", table=own).table is own
    both = charts.draw(mark, charts.lines(ROWS, x="year", y="high"), name="x")
    assert len(both.table) == 4, "marks over one table make one table"


def test_many_rows_are_summed_up_in_words():
    layer = charts.draw(charts.lines(many(40), x="year", y="value", color="kind"), name="x")
    for words in ("40 rows", "first 1990: 1", "last 2029: 18", "lowest 1990: 1", "highest"):
        assert words in layer.summary
    assert len(layer.table) == 40


@pytest.mark.parametrize("name", ["short", LONG, CHINESE, "x" * 300])
@pytest.mark.parametrize("count", [1, 4, 30])
def test_bars_lie_with_any_labels(drawn, count, name):
    table = many(count, name).assign(text=f"{name[:40]}!")
    rule = pd.DataFrame({"at": [5.0, 5.2, 5.4, 20], "text": [f"{name[:30]} {i}" for i in range(4)]})
    mark = charts.bars(table, x="value", y="name", color="kind", text="text")
    charts.draw(mark, charts.rules(rule, x="at", text="text"), name="x", title=name, x=name)
    check_words(drawn[-1])


@pytest.mark.parametrize("name", ["short", LONG, CHINESE])
@pytest.mark.parametrize("count", [1, 4, 30, 120])
def test_bars_stand_with_any_labels(drawn, count, name):
    table = many(count, name)
    charts.draw(
        charts.bars(table, x="name", y="value", text="short"),
        charts.rules(pd.DataFrame({"v": [3, 3.1, 20], "t": [name, "b", "c"]}), y="v", text="t"),
        name="x",
        y=name,
        title=name,
    )
    check_words(drawn[-1])


@pytest.mark.parametrize("name", ["a", LONG, CHINESE])
@pytest.mark.parametrize("legend", ["below", ""])
def test_stacks_lines_and_dots_with_any_legend(drawn, legend, name):
    table = many(27, name).assign(year=lambda t: 2000 + t["year"] % 9)
    charts.draw(
        charts.bars(table, x="year", y="value", color="kind", text="value"), name="x", legend=legend
    )
    check_words(drawn[-1])
    charts.draw(
        charts.band(table, x="year", low="low", high="high", label=name),
        charts.dots(table, x="year", y="value", color="kind", text="short"),
        charts.lines(table, x="year", y="value", color="kind", text="short"),
        name="x",
        legend=legend,
    )
    check_words(drawn[-1])


@pytest.mark.parametrize("name", ["a", LONG, CHINESE])
def test_two_panels_with_any_labels(drawn, name):
    table = many(7, name)
    bars = charts.bars(table, x="value", y="name", text="short")
    charts.draw([bars], [bars], name="x", title=[name, name], widths=(1, 2))
    (left, *_), (right, *_) = frames(drawn[-1])
    (one, top, *_), (other, below, *_) = frames(drawn[-1], "narrow")
    assert left < right and one == other and top < below, "on a telephone one below the other"
    assert check_words(drawn[-1]).count(name) == 0 or name == "a"
    charts.draw(
        [charts.dots(table, x="name", y="value", text="short")],
        [charts.spans(table, y="name", low="low", high="high", color="kind", text="kind")],
        name="x",
        x=[name, None],
    )
    check_words(drawn[-1])


def test_bars_of_one_look_are_drawn_as_one():
    rows = pd.DataFrame({"place": range(150), "value": np.arange(150.0) + 1})
    layer = charts.draw(charts.bars(rows, x="place", y="value"), name="x")
    assert len(paths(layer, fill=style.color("blue"))) == 1
    tall = np.array([bottom - top for _, top, _, bottom, _ in boxes(layer)])
    assert np.abs(tall) / at_ticks(layer, 1, 0, 100) == pytest.approx(rows["value"], abs=0.1)


def test_rows_of_low_confidence_are_hollow_or_hatched_and_the_legend_says_so(drawn):
    charts.draw(charts.bars(ROWS, x="value", y="what"), name="x")
    assert sorted(hatch for *_, hatch in boxes(drawn[-1])) == ["", "", "", "/"]
    assert "hatched: low confidence" in check_words(drawn[-1])
    charts.draw(charts.dots(ROWS, x="year", y="value"), name="x")
    assert "hollow: low confidence" in check_words(drawn[-1])
    full, hollow = paths(drawn[-1], stroke=style.color("blue")), paths(drawn[-1], stroke=SHEET)
    assert [a["d"].count("M") for a in full] == [3, 1] and hollow[0]["d"] == full[1]["d"]
    sure = ROWS[ROWS["confidence"] != "low"]
    charts.draw(charts.dots(sure, x="year", y="value"), name="x")
    assert not any("confidence" in text for text in check_words(drawn[-1]))


def test_categories_differ_in_colour_and_in_shape_hatch_or_dash(drawn):
    sure = ROWS.assign(confidence="high")
    layer = charts.draw(charts.bars(sure, x="value", y="what", color="kind"), name="x")
    fills = {a["fill"] for a in paths(layer)} & set(style.COLORS.values())
    assert len(fills) == 2 and {hatch for *_, hatch in boxes(layer)} == {"", "//"}
    layer = charts.draw(charts.lines(sure, x="year", y="value", color="kind"), name="x")
    strokes = [a for a in paths(layer) if a["stroke"] in style.COLORS.values()]
    assert len({a["stroke"] for a in strokes}) == 2
    assert len({a.get("stroke-dasharray") for a in strokes}) == 2
    styles = {"b": ("orange", "square"), "a": "blue"}
    layer = charts.draw(
        charts.dots(sure, x="year", y="value", color="kind", styles=styles), name="x"
    )
    square, disc = (paths(layer, stroke=style.color(c))[0] for c in ("orange", "blue"))
    caps = square["stroke-linecap"], disc["stroke-linecap"]
    assert caps == ("square", "round") and "h0" in square["d"] and "h0" in disc["d"]
    styles = {"b": ("orange", "star"), "a": "blue"}
    layer = charts.draw(
        charts.dots(sure, x="year", y="value", color="kind", styles=styles), name="x"
    )
    star, disc = paths(layer, fill=style.color("orange")), paths(layer, stroke=style.color("blue"))
    assert star[0]["d"].count("z") == 2 and disc[0]["stroke-linecap"] == "round"
    words = [word for word in check_words(layer) if word in ("a", "b")]
    assert words == ["b", "a"], "the legend has the author's order"


def test_years_are_whole_and_large_numbers_have_commas(drawn):
    rows = pd.DataFrame({"year": [2016, 2017], "value": [10_000.0, 60_000.0]})
    charts.draw(charts.lines(rows, x="year", y="value"), name="x")
    words = check_words(drawn[-1])
    assert "2016" in words and "2017" in words and not any("2016." in word for word in words)
    assert "20,000" in words


def test_no_year_stands_twice_on_an_axis_of_parts_of_years(drawn):
    rows = pd.DataFrame({"year": [2015.24, 2016.9], "event": ["one", "two"]})
    charts.draw(charts.dots(rows, x="year", y="event"), name="x", xlim=(2014.7, 2017.3))
    words = [word for word in check_words(drawn[-1]) if word.startswith("20")]
    assert words == ["2015", "2016", "2017"]


def test_times_and_logarithms(drawn):
    times = pd.date_range("2026-06-14", periods=25, freq="h", tz="UTC")
    rows = pd.DataFrame({"time": times, "value": 10.0 ** np.linspace(-2, 5, 25)})
    charts.draw(charts.lines(rows, x="time", y="value"), name="x", log="y")
    words = check_words(drawn[-1])
    assert "06:00" in words and "100" in words
    at = [placed(drawn[-1])[word][1] for word in ("0.1", "10", "1000")]
    assert np.diff(at)[0] == pytest.approx(np.diff(at)[1], abs=3)


def test_ticks_limits_and_equal_axes(drawn):
    rows = pd.DataFrame({"east": [-4.0, 4], "north": [-1.0, 1]})
    dots = charts.dots(rows, x="east", y="north")
    charts.draw(dots, name="x", xlim=(-6, 6), xticks={-6: "west", 6: "east"}, yticks=())
    words = check_words(drawn[-1])
    assert {"west", "east"} <= set(words)
    (left, _, _, wide), at = frames(drawn[-1])[0], placed(drawn[-1])
    assert (at["west"][0], at["east"][0]) == (left, left + wide)
    charts.draw(dots, name="x", equal=True)
    (x, y, *_), (right, top, *_) = drawn[-1].spec["boxes"]
    assert (right - x) / 8 == pytest.approx((y - top) / 2, rel=0.01)
    charts.draw([dots], [dots], name="x", equal=[True, False], ylim=[(-6, 6), (-1, 1)])
    assert len(frames(drawn[-1])) == 2


def test_of_dots_and_lines_what_comes_later_covers(drawn):
    rows = pd.DataFrame({"x": [1.0, 2], "y": [1.0, 2]})
    dots, line = (kind(rows, x="x", y="y") for kind in (charts.dots, charts.lines))
    for marks in ([dots, line], [line, dots]):
        layer = charts.draw(*marks, name="x")
        last = paths(layer, stroke=style.color("blue"))[-1]
        assert ("h0" not in last["d"]) == (marks[-1] is line)


def test_a_line_of_one_point_is_no_line():
    assert figures.outline([[(1, 2), (np.nan, 2), (3, 2), (3, 4)], [(5, 5)]]) == "M3000 2000l0 2000"


def test_stacks_add_up_and_stand_beside_each_other(drawn):
    rows = pd.DataFrame(
        {"year": [1, 1, 2, 2], "n": [3, 4, 5, np.nan], "kind": ["a", "b", "b", "a"]}
    )
    charts.draw(charts.bars(rows, x="year", y="n", color="kind"), name="x")
    unit, (_, top, tall, _) = at_ticks(drawn[-1], 1, 0, 4), frames(drawn[-1])[0]
    highest = min(min(box[1], box[3]) for box in boxes(drawn[-1]))
    assert (top + tall - highest) / unit == pytest.approx(7, abs=0.02)
    charts.draw(charts.bars(rows, x="year", y="n", color="kind", beside=True), name="x")
    _, top, tall, _ = frames(drawn[-1])[0]
    assert {max(box[1], box[3]) for box in boxes(drawn[-1])} == {top + tall}
    check_words(drawn[-1])


def test_missing_values_have_a_lane_and_a_word(drawn):
    rows = ROWS.assign(value=[3, np.nan, np.inf, 9])
    charts.draw(charts.bars(rows, x="value", y="what"), name="x")
    assert check_words(drawn[-1]).count("not known") == 2
    charts.draw(charts.dots(rows, x="year", y="value"), name="x")
    charts.draw(charts.lines(rows.assign(year=[2000, None, 2, 3]), x="year", y="value"), name="x")


@pytest.mark.parametrize("kind", ["bars", "dots", "lines", "spans", "band"])
@pytest.mark.parametrize("rows", [ROWS.iloc[:0], ROWS.assign(value=np.nan, low=np.nan, high=None)])
def test_nothing_to_draw_is_said(drawn, kind, rows):
    place = {"x": "year"}
    place |= {"low": "low", "high": "high"} if kind in ("spans", "band") else {"y": "value"}
    layer = charts.draw(getattr(charts, kind)(rows, **place), charts.rules(y=3, text="a"), name="x")
    assert "nothing to draw" in check_words(drawn[-1]) and "nothing to draw" in layer.summary


def test_series_and_named_indexes_are_tables_too():
    counts = pd.Series([1, 2], index=pd.Index(["a", "b"], name="kind"), name="count")
    layer = charts.draw(charts.bars(counts, x="kind", y="count"), name="x")
    assert layer.table.to_dict("list") == {"kind": ["a", "b"], "count": [1, 2]}
    both = ROWS.set_index("what", drop=False)
    assert charts.bars(both, x="value", y="what").frame is both


def test_what_cannot_be_drawn_is_refused_in_a_sentence():
    with pytest.raises(InputError, match=r"needs the column 'colour'; the table has: what, year"):
        charts.bars(ROWS, x="year", y="colour")
    with pytest.raises(InputError, match=r"'pink' is no column .* and no colour"):
        charts.dots(ROWS, x="year", y="value", color="pink")
    mark = charts.dots(ROWS, x="year", y="value")
    with pytest.raises(InputError, match="do not mix"):
        charts.draw([mark], mark, name="x")
    with pytest.raises(InputError, match="place of the legend"):
        charts.draw(mark, name="x", legend="top")
    with pytest.raises(InputError, match="at least one mark"):
        charts.draw(name="x")


def test_chinese_words_without_a_font_are_left_to_the_table():
    rows = pd.DataFrame({"name": ["Tiantong 天通", "北斗"], "value": [1, 2]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer = charts.draw(charts.bars(rows, x="value", y="name"), name="x")
    assert layer.table["name"].tolist() == ["Tiantong 天通", "北斗"]


def test_a_lane_may_have_grey_lines_below_its_name(drawn):
    rows = ROWS.assign(what=ROWS["what"] + "\nChina; by GLAC; " + LONG)
    charts.draw(charts.bars(rows, x="value", y="what", text="says"), name="x")
    words = check_words(drawn[-1])
    assert "one" in words and any(word.startswith("China; by GLAC") for word in words)


def test_one_end_of_an_axis_can_be_left_to_the_data(drawn):
    charts.draw(charts.dots(ROWS, x="year", y="value"), name="x", ylim=(0, None))
    _, top, tall, _ = frames(drawn[-1])[0]
    foot = placed(drawn[-1])["0"][1] - 9 / 200 * 1000  # to the middle of the letters
    assert foot == pytest.approx(top + tall, abs=2)


def test_a_category_keeps_its_look_where_others_are_missing(drawn):
    styles = {"what came": ("black", "circle")}
    rows = ROWS.assign(kind=["what came", "one", "two", "two"])
    for some in (rows, rows.iloc[1:]):
        charts.draw(
            charts.dots(some, x="year", y="value", color="kind", styles=styles),
            charts.lines(some, x="year", y="value", color="kind", styles=styles, dash="6 4"),
            name="x",
        )
        colors = {a["stroke"] for a in paths(drawn[-1])}
        assert style.color(style.category_style(1)[0]) in colors
        assert check_words(drawn[-1]).count("two") == 1


def test_odd_numbers_make_no_odd_chart(drawn):
    zero = ROWS.assign(value=0.0, year=[0, 0, 1, 1])
    charts.draw(
        charts.bars(zero, x="year", y="value", color="kind", text="says"), name="x", log="y"
    )
    assert check_words(drawn[-1]) == ["nothing to draw"]
    charts.draw(charts.bars(zero, x="what", y="value"), name="x")
    _, top, tall, _ = frames(drawn[-1])[0]
    assert placed(drawn[-1])["0"][1] - 45 == pytest.approx(top + tall, abs=2)
    far = pd.DataFrame({"at": [1e9, -1e9], "text": [LONG, "far away"]})
    charts.draw(
        charts.lines(ROWS, x="year", y="value", color="kind", text="says"),
        charts.rules(far, x="at", text="text"),
        name="x",
        xlim=(2016, 2017),
    )
    assert not {LONG, "far away"} & set(check_words(drawn[-1]))
    assert stills.chart_figure(drawn[-1]).get_figheight() < 6


def test_lines_told_by_the_shapes_of_their_dots_differ_in_dash(drawn):
    styles = {"a": ("orange", "circle"), "b": ("blue", "square")}
    looks = {"x": "year", "y": "value", "color": "kind", "styles": styles}
    charts.draw(charts.lines(ROWS.assign(confidence="high"), marks=True, **looks), name="x")
    lines = [a for a in paths(drawn[-1]) if a["stroke"] in style.COLORS.values()]
    assert len({a.get("stroke-dasharray") for a in lines if "h0" not in a["d"]}) == 2
    charts.draw(charts.bars(ROWS.assign(confidence="high"), **looks), name="x")
    assert {hatch for *_, hatch in boxes(drawn[-1])} == {""}


def test_bars_beside_each_other_keep_both_their_words(drawn):
    rows = pd.DataFrame({"what": list("aabbcc"), "n": [98, 100] * 3, "who": ["x", "y"] * 3})
    rows["says"] = [f"says {number}" for number in range(6)]
    look = {"x": "n", "y": "what", "color": "who", "text": "says"}
    charts.draw(charts.bars(rows, **look, beside=True), name="x")
    assert set(rows["says"]) <= set(check_words(drawn[-1]))


MARKS = [
    charts.bars(ROWS, x="year", y="value", color="kind", text="says"),
    charts.dots(ROWS, x="year", y="value", low="low", high="high", color="kind"),
    charts.lines(ROWS, x="year", y="value", color="kind", marks=True, text="kind"),
    charts.spans(ROWS, y="what", low="low", high="high", text="says"),
    charts.band(ROWS, x="year", low="low", high="high", label="a band"),
    charts.rules(ROWS, x="year", text="what"),
]


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.kind)
def test_the_page_and_the_picture_show_the_same(mark):
    """Axes, marks and words of the SVG against those of the PNG, both as they are written."""
    also = [MARKS[1]] if mark.kind == "rules" else []  # alone they measure nothing
    layer = charts.draw(mark, *also, name="x", title="A title")
    figure = stills.chart_figure(layer)
    high = figure.get_figheight()
    artists = figure.artists
    words = [artist for artist in artists if isinstance(artist, Text)]
    shown = [(text, e) for tag, e, text in elements(layer) if tag == "text"]
    assert [word.get_text() for word in words] == [text for text, _ in shown]
    inches = figure.dpi_scale_trans.inverted()
    for word, (_, e) in zip(words, shown, strict=True):
        x, y = inches.transform(word.get_transform().transform(word.get_position()))
        assert (x * 1000, (high - y) * 1000) == pytest.approx((float(e["x"]), float(e["y"])))
        assert word.get_fontsize() == pytest.approx(
            float(e.get("font-size", 111)) * 0.072, abs=0.01
        )
    drawn = [artist for artist in artists if not isinstance(artist, Text)]
    every = [e for tag, e, _ in elements(layer) if tag == "path"]
    assert len(drawn) == len(every) - len([e for tag, e, _ in elements(layer) if tag == "pattern"])
    picture = image.imread(io.BytesIO(stills.png(layer)))
    inked = (picture[..., :3] < 0.97).any(axis=2)
    for left, top, right, bottom in np.array(layer.spec["boxes"]) / 1000 * 110:
        rows = slice(max(int(top) - 2, 0), int(bottom) + 3)
        assert inked[rows, max(int(left) - 2, 0) : int(right) + 3].any(), "a row is not drawn"


def test_each_row_has_its_box_and_its_words_in_both_drawings():
    layer = charts.draw(MARKS[0], MARKS[5], name="x")
    spec = layer.spec
    assert len(spec["values"]) == len(spec["boxes"]) == len(spec["narrow_boxes"]) == 8
    assert spec["values"][1] == "2017: 14 [b] (low confidence)"
    assert spec["values"][4] == "one at 2016"
    assert [tuple(box) for box in spec["boxes"][:4]] == sorted(
        (min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d, _ in boxes(layer)
    )
    limits = {"xlim": (2016, 2018), "ylim": (0, 14.5)}
    within = charts.draw(charts.dots(ROWS, x="year", y="value"), name="x", **limits)
    assert within.spec["values"] == ["2016: 3", "2017: 14 (low confidence)"], "what is drawn"
    assert len(within.spec["narrow_boxes"]) == 2
    cut = charts.draw(charts.bars(ROWS, x="year", y="value"), name="x", ylim=(0, 10))
    assert len(cut.spec["values"]) == 4 and min(box[1] for box in cut.spec["boxes"]) >= 0
    many_rows = charts.draw(charts.dots(many(400), x="year", y="value"), name="x")
    assert many_rows.spec["values"] == [], "their table is the better place"
    curve = charts.draw(charts.lines(ROWS, x="year", y="value", show=None), name="x")
    assert curve.spec["values"] == []


def test_the_drawing_for_a_telephone_is_made_once_when_asked_for(monkeypatch):
    made, figure = [], charts.figure

    def noted(*panels, **how):
        made.append(how["width"])
        return figure(*panels, **how)

    monkeypatch.setattr(charts, "figure", noted)
    layer = charts.draw(MARKS[0], name="x")
    assert made == [8.6] and layer.drawn["wide"] and "narrow" not in layer.drawn
    assert layer.spec == layer.spec | layer.drawn and "silkroad-narrow" in layer.spec["narrow"]
    assert layer.spec is layer.spec and made == [8.6, figures.NARROW]
    renamed = replace(layer, drawn=layer.drawn | {"name": "y"})
    assert renamed.spec == layer.spec | {"name": "y"}


def test_texts_and_colours_are_texts():
    evil = "<b data-mark>&amp;\"'\x00\x1b</b>"
    rows = ROWS.assign(what=evil, kind=evil, says=evil)
    styles = {evil: '"/><b data-mark>'}
    layer = charts.draw(
        charts.bars(rows, x="value", y="year", color="kind", styles=styles, text="says"),
        name=evil,
        title=evil,
        x=evil,
    )
    for drawing in ("wide", "narrow"):
        assert "<b" not in layer.spec[drawing]
        assert any("<b data-mark>" in (text or "") for text in texts_of(layer, drawing))


def texts_of(layer, drawing):
    tree = stills.tree(layer.spec[drawing])
    return [e.text for e in tree.iter() if e.tag.endswith("text")]


def test_drawing_a_chart_loads_no_matplotlib():
    code = (
        "import sys, pandas as pd; from helpers import charts\n"
        "rows = pd.DataFrame({'a': [1, 2], 'b': [3.0, 400]})\n"
        "for log in ('', 'xy'): charts.draw(charts.bars(rows, x='a', y='b'), name='x', log=log)\n"
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_ticks_are_those_of_matplotlib():
    rng = np.random.default_rng(1)
    for low, span in zip(rng.normal(0, 1e3, 200), 10 ** rng.uniform(-1, 6, 200), strict=True):
        for count, whole in ((2, False), (4, True), (4, False), (9, True), (9, False)):
            ends = low, low + span
            if whole and span < 2:  # theirs miss a whole number by its last digit
                continue
            theirs = MaxNLocator(count, integer=whole, steps=[1, 2, 5, 10]).tick_values(*ends)
            theirs = [v for v in theirs if ends[0] <= v <= ends[1]]
            theirs = [v for v in theirs if not whole or v == round(v)]
            ours = [v for v in figures._round_steps(*ends, count, whole) if ends[0] <= v <= ends[1]]
            assert ours == pytest.approx(theirs), (ends, count, whole)


# In a page: the widget's own script, as lessons and the site use it

OPEN = """([script, style, spec]) => {
    document.head.append(Object.assign(document.createElement('style'), {textContent: style}));
    const made = new Function(script.replace('export default { render };', 'return { render };'))();
    window.values = {page: '', parts: null, source: {}, title: 't', headline: '', error: '',
        twin: '', twin_open: false, narrow: false, layer_keys: ['layer_0'], layer_0: spec};
    window.heard = {};
    const model = {get: key => values[key], set: (key, value) => { values[key] = value; },
        on: (event, react) => { heard[event] = react; }, off: () => {}, save_changes: () => {}};
    document.body.append(window.place = document.createElement('div'));
    made.render({model, el: place}); }"""
MOVE = "spec => { values.layer_0 = spec; heard['change:layer_0'](); }"


@pytest.fixture(scope="module")
def in_page(needs_chromium):
    """Yield a function that shows a chart in a page of a width, and returns the page."""
    with chromium() as context:

        def show(layer, width=1000):
            page = context.new_page()
            page.set_viewport_size({"width": width, "height": 900})
            page.set_content("<!doctype html><html lang=en><title>t</title><body>")
            page.evaluate(OPEN, [live.MapParts.code, live.MapParts.style, layer.spec])
            page.wait_for_selector(".silkroad-picture > *")
            return page

        yield show


def chart_in_page():
    return charts.draw(MARKS[0], MARKS[5], name="Four things")


def test_a_pointer_and_the_arrow_keys_show_the_words_of_a_row(in_page):
    layer = chart_in_page()
    page, values = in_page(layer), layer.spec["values"]
    slider, word = page.locator(".silkroad-values"), page.locator(".silkroad-value")
    page.keyboard.press("Tab")
    assert slider.evaluate("e => e === document.activeElement"), "one stop of the Tab key"
    assert word.text_content() == slider.get_attribute("aria-valuetext") == values[0]
    for key, number in (
        ("ArrowRight", 1),
        ("End", 7),
        ("ArrowUp", 6),
        ("Home", 0),
        ("ArrowLeft", 0),
    ):
        page.keyboard.press(key)
        assert word.text_content() == slider.get_attribute("aria-valuetext") == values[number]
        assert slider.get_attribute("aria-valuenow") == str(number + 1)
    page.keyboard.press("Escape")
    assert not word.is_visible()
    svg = page.locator(".silkroad-picture > svg")
    place = svg.bounding_box()
    scale = place["width"] / 8600
    for number, (left, top, right, bottom) in enumerate(layer.spec["boxes"][:4]):
        # At its right part: the rule through its middle is as near there.
        x, y = left * 0.2 + right * 0.8, (top + bottom) / 2
        page.mouse.move(place["x"] + x * scale, place["y"] + y * scale)
        assert word.is_visible() and word.text_content() == values[number]
        box = word.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1000
    page.mouse.move(1, 890)
    assert not word.is_visible()
    assert svg.get_attribute("role") == "img" and svg.get_attribute("aria-label") == layer.summary
    page.keyboard.press("Tab")
    assert not slider.evaluate("e => e === document.activeElement")


def test_a_chart_that_changes_keeps_the_focus_and_tells_the_new_value(in_page):
    page = in_page(chart_in_page())
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    grown = charts.draw(charts.bars(ROWS.assign(value=99.0), x="year", y="value"), name="x")
    page.evaluate(MOVE, grown.spec)
    page.wait_for_function("() => !document.querySelector('.silkroad-value').hidden")
    assert page.locator(".silkroad-value").text_content() == "2017: 99 (low confidence)"
    assert page.evaluate("() => document.activeElement.className") == "silkroad-values"
    picture = maps.chart(stills.held(Figure()), "P", alt="a picture", table=ROWS)
    page.evaluate(MOVE, picture.spec)
    page.wait_for_selector(".silkroad-picture > img[alt='a picture']")
    assert not page.locator(".silkroad-values").is_visible()


def test_a_telephone_gets_the_drawing_made_for_it(in_page):
    layer = chart_in_page()
    page = in_page(layer, 358)
    page.wait_for_selector("svg.silkroad-narrow")
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('svg text')].map(e => e.getScreenCTM().a"
        " * parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 9.5, "pixels"
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 358
    page.set_viewport_size({"width": 1000, "height": 900})
    page.wait_for_selector("svg.silkroad-wide")
    for layer in (charts.draw(mark, *MARKS[1:2], name="x", title=LONG) for mark in MARKS):
        for width, drawing in ((358, "narrow"), (1000, "wide")):
            page = in_page(layer, width)
            cut = page.evaluate(
                "() => { const svg = document.querySelector('svg').getBoundingClientRect();"
                " return [...document.querySelectorAll('svg text')].filter(e => {"
                " const b = e.getBoundingClientRect(); return b.left < svg.left - 1"
                " || b.right > svg.right + 1 || b.bottom > svg.bottom + 1; })"
                ".map(e => e.textContent); }"
            )
            assert cut == [], f"{drawing}: within the drawing, in the browser's own letters too"
            page.close()


def test_the_kernel_learns_of_a_telephone_and_may_send_its_drawing_later(in_page):
    layer, grown = chart_in_page(), charts.draw(MARKS[0], MARKS[1], name="x", title="grown")
    page = in_page(layer)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.evaluate(MOVE, grown.drawn)
    page.evaluate("() => { window.svg = document.querySelector('svg'); }")
    page.evaluate(MOVE, grown.spec)
    page.wait_for_timeout(100)
    assert page.evaluate("() => svg === document.querySelector('svg')"), "drawn once"
    assert page.locator(".silkroad-value").is_visible() and not page.evaluate("() => values.narrow")
    page.set_viewport_size({"width": 358, "height": 900})
    page.wait_for_selector("svg.silkroad-narrow")
    assert page.evaluate("() => values.narrow"), "of a page made narrow, too"
    page.evaluate(MOVE, layer.drawn)
    page.wait_for_selector("svg.silkroad-wide")
    page.evaluate(MOVE, layer.spec)
    page.wait_for_selector("svg.silkroad-narrow")
    small = in_page(charts.draw(MARKS[0], name="x", width=3.9))
    small.wait_for_timeout(100)
    assert not small.evaluate("() => values.narrow"), "it has but one drawing"


def test_ink_and_paper_are_those_of_the_page(in_page):
    page = in_page(charts.draw(MARKS[0], MARKS[1], name="x"))
    page.add_style_tag(content="body { background: #111; color: #eee; --jp-layout-color0: #111 }")
    ink = page.evaluate("() => getComputedStyle(document.querySelector('svg text')).fill")
    hollow = page.evaluate(
        "() => getComputedStyle(document.querySelector('svg path[fill^=var]')).fill"
    )
    assert (ink, hollow) == ("rgb(238, 238, 238)", "rgb(17, 17, 17)")
    page.emulate_media(media="print")
    ink = page.evaluate("() => getComputedStyle(document.querySelector('svg text')).fill")
    assert ink == "rgb(0, 0, 0)"


def test_a_static_page_shows_the_drawing_that_fits(in_page):
    layer = chart_in_page()
    page = in_page(layer)
    page.set_content(f"<!doctype html><meta charset=utf-8>{figures.markup(layer.spec, ' More.')}")
    for width, shown in ((1000, "wide"), (358, "narrow")):
        page.set_viewport_size({"width": width, "height": 900})
        for name in ("wide", "narrow"):
            assert page.locator(f"svg.silkroad-{name}").is_visible() == (name == shown)
    label = page.locator("svg.silkroad-wide").get_attribute("aria-label")
    assert label == f"{layer.summary} More."
