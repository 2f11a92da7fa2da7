"""Charts: marks are plain data, words never overlap nor leave the figure, twins tell the rows."""

import base64
import io
import subprocess
import sys
import warnings
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers import charts, maps, style
from helpers.inputs import InputError

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
    """Keep the figures that are drawn, in order: what the tests look at."""
    figures, chart = [], maps.chart

    def keep(figure, *args, **kwargs):
        figures.append(figure)
        return chart(figure, *args, **kwargs)

    monkeypatch.setattr(maps, "chart", keep)
    return figures


def texts(figure):
    """Return (text, box in pixels) of every word on the figure, measured by the renderer."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = list(figure.texts)
    for axes in figure.axes:
        found += [*axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts]
        found += axes.get_legend().get_texts() if axes.get_legend() else []
    for legend in figure.legends:
        found += legend.get_texts()
    return [(t.get_text(), t.get_window_extent(renderer)) for t in found if t.get_text().strip()]


def check_words(figure):
    """No word outside the figure, no two words on one another."""
    wide, high = figure.get_size_inches() * figure.dpi
    words = texts(figure)
    for text, box in words:
        assert box.x0 >= -0.5 and box.y0 >= -0.5, f"{text!r} is cut off"
        assert box.x1 <= wide + 0.5 and box.y1 <= high + 0.5, f"{text!r} is cut off"
    for (one, a), (other, b) in combinations(words, 2):
        over = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(over) < 1.5, f"{one!r} and {other!r} overlap by {over}"
    return [text for text, _ in words]


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
    picture = base64.b64decode(layer.spec["src"].split(",")[1])
    assert image.imread(io.BytesIO(picture)).shape[1] == round(8.6 * 110)
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
    assert len(drawn[-1].axes) == 2
    assert check_words(drawn[-1]).count(name) == 0 or name == "a"
    charts.draw(
        [charts.dots(table, x="name", y="value", text="short")],
        [charts.spans(table, y="name", low="low", high="high", color="kind", text="kind")],
        name="x",
        x=[name, None],
    )
    check_words(drawn[-1])


def bars_of(figure):
    """Return (hatch, corners) of each bar in the first panel: those of one look are one path."""
    return [
        (patch.get_hatch(), corners)
        for patch in figure.axes[0].patches
        for corners in patch.get_path().vertices.reshape(-1, 5, 2)
    ]


def test_bars_of_one_look_are_drawn_as_one(drawn):
    rows = pd.DataFrame({"place": range(150), "value": np.arange(150.0) + 1})
    charts.draw(charts.bars(rows, x="place", y="value"), name="x")
    assert len(drawn[-1].axes[0].patches) == 1 and len(bars_of(drawn[-1])) == 150
    tops = [corners[:, 1].max() for _, corners in bars_of(drawn[-1])]
    assert tops == rows["value"].to_list()


def test_rows_of_low_confidence_are_hollow_or_hatched_and_the_legend_says_so(drawn):
    charts.draw(charts.bars(ROWS, x="value", y="what"), name="x")
    hatches = [hatch for hatch, _ in bars_of(drawn[-1])]
    assert sorted(map(bool, hatches)) == [False, False, False, True]
    assert "hatched: low confidence" in check_words(drawn[-1])
    charts.draw(charts.dots(ROWS, x="year", y="value"), name="x")
    assert "hollow: low confidence" in check_words(drawn[-1])
    assert "white" in [line.get_markerfacecolor() for line in drawn[-1].axes[0].lines]
    sure = ROWS[ROWS["confidence"] != "low"]
    charts.draw(charts.dots(sure, x="year", y="value"), name="x")
    assert not any("confidence" in text for text in check_words(drawn[-1]))


def test_categories_differ_in_colour_and_in_shape_hatch_or_dash(drawn):
    charts.draw(charts.bars(ROWS, x="value", y="what", color="kind"), name="x")
    bars = drawn[-1].axes[0].patches
    assert len({(bar.get_facecolor(), bar.get_hatch()) for bar in bars[:4]}) >= 2
    charts.draw(charts.lines(ROWS, x="year", y="value", color="kind"), name="x")
    lines = drawn[-1].axes[0].lines
    assert lines[0].get_linestyle() != lines[-2].get_linestyle() or lines[0] != lines[-2]
    styles = {"b": ("orange", "star"), "a": "blue"}
    charts.draw(charts.dots(ROWS, x="year", y="value", color="kind", styles=styles), name="x")
    first = drawn[-1].axes[0].lines[0]
    assert (first.get_color(), first.get_marker()) == (style.color("orange"), "*")
    words = [word for word in check_words(drawn[-1]) if word in ("a", "b")]
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
    (figure,) = drawn
    words = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert words == ["2015", "2016", "2017"]


def test_times_and_logarithms(drawn):
    times = pd.date_range("2026-06-14", periods=25, freq="h", tz="UTC")
    rows = pd.DataFrame({"time": times, "value": 10.0 ** np.linspace(-2, 5, 25)})
    charts.draw(charts.lines(rows, x="time", y="value"), name="x", log="y")
    words = check_words(drawn[-1])
    assert "06:00" in words and "100" in words
    assert drawn[-1].axes[0].get_yscale() == "log"


def test_ticks_limits_and_equal_axes(drawn):
    rows = pd.DataFrame({"east": [-4.0, 4], "north": [-1.0, 1]})
    dots = charts.dots(rows, x="east", y="north")
    charts.draw(dots, name="x", xlim=(-6, 6), xticks={-6: "west", 6: "east"}, yticks=())
    words = check_words(drawn[-1])
    assert {"west", "east"} <= set(words) and drawn[-1].axes[0].get_xlim() == (-6, 6)
    charts.draw(dots, name="x", equal=True)
    axes, (wide, high) = drawn[-1].axes[0], drawn[-1].get_size_inches()
    box, (left, right), (low, top) = axes.get_position(), axes.get_xlim(), axes.get_ylim()
    assert (right - left) / (box.width * wide) == pytest.approx((top - low) / (box.height * high))
    charts.draw([dots], [dots], name="x", equal=[True, False], ylim=[(-6, 6), (-1, 1)])
    scales, (wide, high) = [], drawn[-1].get_size_inches()
    for axes in drawn[-1].axes:
        box, (left, right), (low, top) = axes.get_position(), axes.get_xlim(), axes.get_ylim()
        scales.append((right - left) / (box.width * wide) / ((top - low) / (box.height * high)))
    assert scales[0] == pytest.approx(1) and scales[1] > 2 and axes.get_ylim() == (-1, 1)


def test_of_dots_and_lines_what_comes_later_covers(drawn):
    rows = pd.DataFrame({"x": [1.0, 2], "y": [1.0, 2]})
    dots, line = (kind(rows, x="x", y="y") for kind in (charts.dots, charts.lines))
    for marks in ([dots, line], [line, dots]):
        charts.draw(*marks, name="x")
        last = sorted(drawn[-1].axes[0].get_lines(), key=lambda artist: artist.zorder)[-1]
        assert (last.get_linestyle() == "-") == (marks[-1] is line)


def test_stacks_add_up_and_stand_beside_each_other(drawn):
    rows = pd.DataFrame(
        {"year": [1, 1, 2, 2], "n": [3, 4, 5, np.nan], "kind": ["a", "b", "b", "a"]}
    )
    charts.draw(charts.bars(rows, x="year", y="n", color="kind"), name="x")
    assert max(corners[:, 1].max() for _, corners in bars_of(drawn[-1])) == 7
    charts.draw(charts.bars(rows, x="year", y="n", color="kind", beside=True), name="x")
    assert {corners[:, 1].min() for _, corners in bars_of(drawn[-1])} == {0}
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
    low, high = drawn[-1].axes[0].get_ylim()
    assert low == 0 and high > 15


def test_a_category_keeps_its_look_where_others_are_missing(drawn):
    styles = {"what came": ("black", "circle")}
    rows = ROWS.assign(kind=["what came", "one", "two", "two"])
    for some in (rows, rows.iloc[1:]):
        charts.draw(
            charts.dots(some, x="year", y="value", color="kind", styles=styles),
            charts.lines(some, x="year", y="value", color="kind", styles=styles, dash="6 4"),
            name="x",
        )
        colors = {line.get_color() for line in drawn[-1].axes[0].lines}
        assert style.color(style.category_style(1)[0]) in colors
        assert check_words(drawn[-1]).count("two") == 1


def test_odd_numbers_make_no_odd_chart(drawn):
    zero = ROWS.assign(value=0.0, year=[0, 0, 1, 1])
    charts.draw(
        charts.bars(zero, x="year", y="value", color="kind", text="says"), name="x", log="y"
    )
    assert check_words(drawn[-1]) == ["nothing to draw"]
    charts.draw(charts.bars(zero, x="what", y="value"), name="x")
    assert drawn[-1].axes[0].get_ylim() == (0, 0.5)
    far = pd.DataFrame({"at": [1e9, -1e9], "text": [LONG, "far away"]})
    charts.draw(
        charts.lines(ROWS, x="year", y="value", color="kind", text="says"),
        charts.rules(far, x="at", text="text"),
        name="x",
        xlim=(2016, 2017),
    )
    assert not {LONG, "far away"} & set(check_words(drawn[-1])) and drawn[-1].get_figheight() < 6


def test_lines_told_by_the_shapes_of_their_dots_differ_in_dash(drawn):
    styles = {"a": ("orange", "circle"), "b": ("blue", "square")}
    looks = {"x": "year", "y": "value", "color": "kind", "styles": styles}
    charts.draw(charts.lines(ROWS.assign(confidence="high"), marks=True, **looks), name="x")
    lines = [line for line in drawn[-1].axes[0].lines if line.get_linestyle() != "None"]
    assert len({line.get_linestyle() for line in lines}) == 2
    charts.draw(charts.bars(ROWS.assign(confidence="high"), **looks), name="x")
    assert {bar.get_hatch() for bar in drawn[-1].axes[0].patches} <= {"", None}


def test_bars_beside_each_other_keep_both_their_words(drawn):
    rows = pd.DataFrame({"what": list("aabbcc"), "n": [98, 100] * 3, "who": ["x", "y"] * 3})
    rows["says"] = [f"says {number}" for number in range(6)]
    look = {"x": "n", "y": "what", "color": "who", "text": "says"}
    charts.draw(charts.bars(rows, **look, beside=True), name="x")
    assert set(rows["says"]) <= set(check_words(drawn[-1]))
