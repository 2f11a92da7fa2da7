"""What is kept from kernel to kernel: the same as made anew, and never the cause of an error."""

import gzip
import json
import os
import subprocess
import sys

import pytest

from course import globe, place
from helpers import charts, data, figures, live, maps
from helpers.inputs import InputError
from helpers.kept import kept
from tests.test_repository import ROOT


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Python's bytecode, and so what we keep, lies in this folder and may be written."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    home = tmp_path / (ROOT / "helpers").relative_to(ROOT.anchor)
    home.mkdir(parents=True)
    return home


@pytest.fixture
def source(tmp_path):
    """A file that decides what is made."""
    file = tmp_path / "source.txt"
    file.write_text("one")
    return file


def made(what, times):
    def make():
        times.append(what)
        return what

    return make


def test_what_is_made_is_made_once(folder, source):
    times = []
    for _ in range(3):
        assert kept("some", made(b"first", times), [source]) == b"first"
    assert kept("other", made(b"second", times), [source]) == b"second"
    assert kept("some", made(b"third", times), [source], also=b"3.2") == b"third"
    assert times == [b"first", b"second", b"third"]
    assert len(list(folder.iterdir())) == 2, "and no halves are left"


def test_it_is_made_anew_where_a_file_says_something_else(folder, source):
    times = []
    kept("some", made(b"first", times), [source])
    os.utime(source, (0, 0))
    assert kept("some", made(b"-", times), [source]) == b"first", "by its text, not by its date"
    source.write_text("two")
    assert kept("some", made(b"second", times), [source]) == b"second"
    source.unlink()
    assert kept("some", made(b"third", times), [source]) == b"third"
    # The code that makes it decides, too.
    assert kept("some", lambda: b"fourth", [source]) == b"third", "from this very file"
    assert kept("some", eval("lambda: b'fifth'"), [source]) == b"fifth", "from another"


def test_what_cannot_be_kept_is_made_each_time(folder, source, monkeypatch):
    times = []
    kept("some", made(b"kept", times), [source])
    (file,) = folder.iterdir()
    file.unlink()
    file.mkdir()  # neither read nor written
    assert kept("some", made(b"again", times), [source]) == b"again"
    assert list(folder.iterdir()) == [file], "and no half is left"
    monkeypatch.setattr(sys, "pycache_prefix", str(folder / "nowhere"))
    assert kept("some", made(b"nowhere", times), [source]) == b"nowhere"
    assert len(times) == 3


@pytest.mark.parametrize("damage", [lambda b: b[:2], lambda b: b[:-1], lambda b: b[:-2] + b"?t"])
def test_what_was_kept_and_damaged_is_made_anew(folder, source, damage):
    kept("some", made(b"kept", []), [source])
    (file,) = folder.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert kept("some", made(b"anew", []), [source]) == b"anew"
    assert kept("some", made(b"-", []), [source]) == b"anew", "which is kept in its place"


def test_where_python_may_write_no_bytecode_nothing_is_written(folder, source, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept("some", lambda: b"made", [source]) == b"made" and not list(folder.iterdir())


def test_a_kept_template_draws_the_same(folder, monkeypatch):
    mark = charts.bars(data.load("capitals").head(9), x="lat", y="capital")

    def drawn():
        figures._template.cache_clear()
        return charts.draw([mark], name="Latitudes").spec

    first = drawn()
    assert [file.suffix for file in folder.iterdir()] == [".chart"]
    monkeypatch.setattr("jinja2.Environment.compile", None)  # nobody compiles it again
    assert drawn() == first
    figures._template.cache_clear()


def parts(monkeypatch):
    """Return what a new kernel gives to its maps."""
    monkeypatch.setattr(live.MapParts, "_of_this_kernel", None)
    return live.MapParts.of_this_kernel().packed


def test_maps_get_the_same_parts_from_kernel_to_kernel(folder, monkeypatch):
    anew = parts(monkeypatch)
    assert json.loads(gzip.decompress(anew))["land"] == maps.assets()["land"]
    monkeypatch.setattr(maps, "assets", None)
    assert parts(monkeypatch) == anew, "nothing is parsed or packed"


def test_other_countries_make_other_parts(folder, tmp_path, monkeypatch):
    had, own = parts(monkeypatch), tmp_path / "data" / "countries.geojson"
    own.parent.mkdir()
    text = (data.FOLDER / own.name).read_text(encoding="utf-8")
    monkeypatch.setattr(data, "FOLDER", own.parent)
    maps.assets.cache_clear()
    own.write_text(text, encoding="utf-8")
    assert parts(monkeypatch) == had
    own.write_text(text.replace("Aruba", "Oranjestad"), encoding="utf-8")
    maps.assets.cache_clear()
    assert parts(monkeypatch) != had
    own.write_text(text[:-9], encoding="utf-8")
    maps.assets.cache_clear()
    with pytest.raises(InputError, match=r"countries\.geojson is damaged"):
        parts(monkeypatch)
    own.unlink()
    for there in (own.exists, own.mkdir):  # nothing, then something that cannot be read
        there()
        with pytest.raises(InputError, match=r"countries\.geojson cannot be read"):
            parts(monkeypatch)
    maps.assets.cache_clear()


def test_cities_are_offered_without_reading_their_table(folder, monkeypatch):
    offered = place.Choice().box.options
    assert list(offered) == list(place.all_labels()) and len(offered) > 1000
    monkeypatch.setattr(place, "all_labels", None)
    assert place.Choice().box.options == offered


def test_the_coasts_of_a_globe_are_sought_once(folder, monkeypatch):
    globe.land.cache_clear()
    first = globe.land()
    assert first.tobytes() == globe._land() and len(first) > 1000
    globe.land.cache_clear()
    monkeypatch.setattr(globe, "_coasts", None)
    assert (globe.land() == first).all()


def test_an_image_makes_it_before_any_kernel(folder):
    env = {**os.environ, "PYTHONPYCACHEPREFIX": sys.pycache_prefix, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run([sys.executable, "-m", "course"], check=True, cwd=ROOT, env=env)
    found = {file.suffix for file in folder.iterdir()}
    assert {".chart", ".parts", ".cities", ".coasts"} <= found
    built = (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")
    assert "python3 -m course" in built
