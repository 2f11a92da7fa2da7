"""The hand-outs: one page of A4 for each lesson, with the questions and without the answers."""

import html
import re

import pytest
from pypdf import PdfReader

import course
from helpers import claims, data, exercises
from helpers.inputs import InputError
from tools import handouts, lessons, printing
from tools.browser import NOTEBOOKS

A4_PT = (595, 842)
OTHERS = {"06-3"}  # 20° of elevation, in the words, are not the 19.8 dB of the answer
course.rooms()  # which declare the exercises
OF_EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def printed(tmp_path_factory, needs_chromium, ran):
    folder = tmp_path_factory.mktemp("handouts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "shown", lambda path: ran(path).gave("hand-out"))
        return folder, printing.write(folder)


def test_a_lesson_shows_the_same_wherever_it_is_run(ran):
    alone, shared = printing.shown(NOTEBOOKS[0]), ran(NOTEBOOKS[0]).gave("hand-out")
    for shown in (alone, shared):
        shown["page"] = re.sub(r"[0-9a-f]{32}", "id", shown["page"])
    assert alone == shared


@OF_EACH
def test_a_hand_out_is_one_page_of_readable_type(printed, path):
    folder, points = printed
    (page,) = PdfReader(folder / f"{path.stem}.pdf").pages
    assert (page.mediabox.width, page.mediabox.height) == pytest.approx(A4_PT, abs=1)
    assert points[path.stem] >= handouts.SMALLEST_PT
    text = page.extract_text()
    assert "Exercises" in text and "Sources." in text, "the end of the page is on the paper"


@OF_EACH
def test_it_asks_everything_and_shows_a_picture(printed, path):
    page = (printed[0] / f"{path.stem}.html").read_text(encoding="utf-8")
    lesson = lessons.read(path)
    ids = re.findall(r"C\d{3}", next(c.source for c in lesson.cells if "claims.show(" in c.source))
    assert re.findall(r"<td>(C\d{3})</td>", page) == ids
    asked = [id for cell in lesson.cells for id in lessons.asked(cell)]
    assert re.findall(r"<li><p><b>(\d\d-\d) ", page) == asked
    assert page.count('class="answer"') == len(asked)
    assert len(re.search(r'<img src="data:image/\w+;base64,([^"]+)"', page)[1]) > 5000
    assert re.search(r"Sources\.</b> \[S\d{3}\] ", page)
    assert not re.search(r"\*\*|\]\(|https?://", re.sub(r"<style>.*?</style>", "", page))


@OF_EACH
def test_it_gives_no_verdict_and_no_solution(path):
    lesson = lessons.read(path)
    page = html.unescape(handouts.page(lesson))
    table = page.split("my ruling")[1].split("</table>")[0]
    for _, word, _ in claims.VERDICTS.values():
        assert word not in table
    ledger = data.load("claims").set_index("id")
    for id in re.findall(r"C\d{3}", table):
        assert ledger.at[id, "explanation"] not in page
    elsewhere = "".join(c.source for c in lesson.cells if not lessons.is_solution(c))
    for cell in filter(lessons.is_solution, lesson.cells):
        lines = {line.strip() for line in cell.source.splitlines() if len(line.strip()) > 3}
        assert not [line for line in lines if line not in elsewhere and line in page]


@OF_EACH
def test_it_offers_the_verdicts_of_the_ledger_and_opinion(path):
    page = html.unescape(handouts.page(lessons.read(path)))
    offered = re.findall(r'<span class="word">([^<]+)</span>', page)
    fields = {field["name"]: field for field in data.package()["claims"]["schema"]["fields"]}
    ledger = [word.replace("_", " ") for word in fields["verdict_hint"]["constraints"]["enum"]]
    assert sorted(offered) == sorted([*ledger, "opinion"])


@OF_EACH
def test_the_words_under_the_picture_give_no_answer_away(printed, path):
    page = (printed[0] / f"{path.stem}.html").read_text(encoding="utf-8")
    words = html.unescape(re.search(r"<figcaption>(.+?)</figcaption>", page)[1])
    for id in [id for cell in lessons.read(path).cells for id in lessons.asked(cell)]:
        assert id in OTHERS or not told(words, exercises.find(id)), id


def told(words, task):
    """Tell whether some words hold the answer to an exercise."""
    right = task.kind.read(task.solution())
    if isinstance(task.kind, exercises.Number):
        numbers = re.findall(r"-?\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", words))
        return any(task.kind.same(float(number), right) for number in numbers)
    if getattr(task.kind, "several", False):
        return all(name in words.lower() for name in right)
    return isinstance(right, str) and bool(re.search(rf"\b{re.escape(right)}\b", words.lower()))


def test_an_answer_under_the_picture_would_be_found():
    assert told("It flies 35,786 km high.", exercises.find("03-1"))
    assert told("Italy left, then Panama.", exercises.find("02-2"))
    assert told("Always there: GEO.", exercises.find("04-4"))
    assert not told("It flies 35,000 km high.", exercises.find("03-1"))
    assert not told("Italy left.", exercises.find("02-2"))


def test_what_cannot_be_printed_is_one_sentence(tmp_path, needs_chromium, capsys):
    place = tmp_path / "a file"
    place.write_text("")
    assert printing.main([str(place), str(NOTEBOOKS[0])]) == 1
    assert printing.main([str(tmp_path / "out"), str(tmp_path / "99-none.ipynb")]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "name another" in first and "99-none.ipynb cannot be read" in second


def test_a_lesson_that_would_need_too_small_type_is_refused(tmp_path, needs_chromium, monkeypatch):
    monkeypatch.setattr(printing, "shown", lambda path: {"page": "", "charts": [""], "words": ""})
    monkeypatch.setattr(handouts, "SMALLEST_PT", 20)
    with pytest.raises(InputError, match="00-start-here fits on one page only at"):
        printing.write(tmp_path, NOTEBOOKS[:1])
    assert not list(tmp_path.iterdir())


def test_a_leak_would_be_found():
    lesson = lessons.read(NOTEBOOKS[4])
    place = next(i for i, cell in enumerate(lesson.cells) if lessons.asked(cell))
    solution = next(cell for cell in lesson.cells if lessons.is_solution(cell))
    lesson.cells[place - 1].source += "\n" + solution.source
    assert "solution(" in html.unescape(handouts.page(lesson))


def test_terms_are_those_of_the_lesson():
    lesson = lessons.read(NOTEBOOKS[4])
    page = handouts.page(lesson)
    assert "伪距" in page and "wěijù" in page and "pseudorange" in page
    assert "卫星电话" not in page
