"""What is kept from kernel to kernel: the same as made anew, and never the cause of an error."""

import gzip
import json
import os
import subprocess
import sys

import pytest

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


def made(what, times):
    def make():
        times.append(what)
        return what

    return make


def test_what_is_made_is_made_once(folder):
    times = []
    assert [kept("some", b"key1", made(b"first", times)) for _ in range(3)] == [b"first"] * 3
    assert kept("other", b"key1", made(b"second", times)) == b"second"
    assert kept("some", b"key2", made(b"third", times)) == b"third", "its sources changed"
    assert kept("some", b"key1", made(b"fourth", times)) == b"fourth"
    assert times == [b"first", b"second", b"third", b"fourth"]
    assert len(list(folder.iterdir())) == 2, "and no halves are left"


def test_what_cannot_be_kept_is_made_each_time(folder, monkeypatch):
    times = []
    kept("some", b"key", made(b"kept", times))
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:2])  # cut off
    assert kept("some", b"key", made(b"anew", times)) == b"anew"
    file.unlink()
    file.mkdir()  # neither read nor written
    assert kept("some", b"key", made(b"again", times)) == b"again"
    monkeypatch.setattr(sys, "pycache_prefix", str(folder / "nowhere"))
    assert kept("some", b"key", made(b"nowhere", times)) == b"nowhere"
    assert len(times) == 4


def test_where_python_may_write_no_bytecode_nothing_is_written(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept("some", b"key", lambda: b"made") == b"made" and not list(folder.iterdir())


def test_a_kept_template_draws_the_same(folder, monkeypatch):
    rows = data.load("capitals").head(9)
    mark = charts.bars(rows, x="lat", y="capital")

    def drawn():
        figures._template.cache_clear()
        return charts.draw([mark], name="Latitudes").spec

    first = drawn()
    assert [file.suffix for file in folder.iterdir()] == [".chart"]
    monkeypatch.setattr("jinja2.Environment.compile", None)  # nobody compiles it again
    assert drawn() == first
    figures._template.cache_clear()


def test_maps_get_the_same_parts_from_kernel_to_kernel(folder, monkeypatch):
    anew = live.MapParts._pack()
    assert kept("parts", maps.digest(), live.MapParts._pack) == anew
    assert json.loads(gzip.decompress(anew))["land"] == maps.assets()["land"]
    monkeypatch.setattr(live.MapParts, "_of_this_kernel", None)
    monkeypatch.setattr(live.MapParts, "_pack", None)
    assert live.MapParts.of_this_kernel().packed == anew, "nothing is parsed or packed"


def test_other_countries_make_other_parts(folder, tmp_path, monkeypatch):
    had, own = maps.digest(), tmp_path / "data"
    own.mkdir()
    text = (data.FOLDER / "countries.geojson").read_text(encoding="utf-8")
    monkeypatch.setattr(data, "FOLDER", own)
    (own / "countries.geojson").write_text(text, encoding="utf-8")
    assert maps.digest() == had, "by what is in a file, not by its date"
    (own / "countries.geojson").write_text(text[:-9], encoding="utf-8")
    assert maps.digest() != had
    for damage in (lambda file: None, lambda file: file.unlink()):
        damage(own / "countries.geojson")
        maps.assets.cache_clear()
        with pytest.raises(InputError, match=r"countries\.geojson (is damaged|cannot be read)"):
            kept("parts", maps.digest(), live.MapParts._pack)
    maps.assets.cache_clear()


def test_an_image_makes_it_before_any_kernel(folder):
    env = {**os.environ, "PYTHONPYCACHEPREFIX": sys.pycache_prefix, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run([sys.executable, "-m", "helpers.kept"], check=True, cwd=ROOT, env=env)
    found = {file.suffix for file in folder.iterdir()}
    assert {".chart", ".parts"} <= found
    built = (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")
    assert "python3 -m helpers.kept" in built
