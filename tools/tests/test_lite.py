"""The lessons in the browser: what the site of `make lite` holds, how it opens, what runs in it.

It is built once, from a copy of the tracked files and without a network. See tools/lite/place.py
for what is not to be had: compiled packages, and so a whole lesson.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from test_repository import FILES

from helpers import data
from tools.browser import ARTEFACTS, NOTEBOOKS, ROOT, chromium, served
from tools.lite.place import (
    NO_LITE,
    NO_PYODIDE,
    lite_python,
    needed,
    plain,
    pyodide_path,
    settings,
    wheels,
)

needs_lite = pytest.mark.skipif(not lite_python(), reason=NO_LITE)
needs_pyodide = pytest.mark.skipif(not pyodide_path(), reason=NO_PYODIDE)
WHEELS = (ROOT / "tools" / "lite" / "wheels.in").read_text(encoding="utf-8")
PACKAGES = ("helpers", "silkroad", "course")
INSIDE = {"notebooks", "data", *PACKAGES}
IDLE = """() => window.jupyterapp?.shell.currentWidget?.sessionContext.session?.kernel?.status
    === 'idle'"""


# What the lessons import


def imports(code):
    """Return the modules that Python code imports, with the names taken from a package."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_of_the_lessons():
    """Return the sources of the notebooks and of every room that they import, directly or not."""
    found = {}
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        found[path.stem] = "\n".join(code)
    waiting = [name for code in found.values() for name in imports(code)]
    while waiting:
        name = waiting.pop()
        path = ROOT / f"{name.replace('.', '/')}.py"
        if not path.exists():
            path = path.with_suffix("") / "__init__.py"
        if name.split(".")[0] in PACKAGES and name not in found and path.exists():
            found[name] = path.read_text(encoding="utf-8")
            waiting += imports(found[name])
    return found


def test_everything_the_lessons_import_is_loaded_at_the_start():
    rooms = rooms_of_the_lessons()
    assert len(rooms) > 40 and "helpers.maps" in rooms and "tools.editions" not in rooms
    modules = {name.split(".")[0] for code in rooms.values() for name in imports(code)}
    outside = modules - set(sys.stdlib_module_names) - {*PACKAGES, "IPython"}  # the kernel's own
    packages = metadata.packages_distributions()
    wanted = {plain(packages[module][0]) for module in outside}
    assert {"pandas", "sgp4", "folium"} <= wanted
    loaded = {plain(name) for name in settings()["loadPyodideOptions"]["packages"]}
    loaded |= {plain(name) for name in re.findall(r"^[a-z][\w-]*", WHEELS, re.M)}
    # A compiled program, which no browser runs: who brings compact RINEX there gets a sentence.
    assert wanted - loaded == {"hatanaka"}
    assert re.search(r"import hatanaka\n +except ImportError", rooms["silkroad.receivers.files"])
    # Wheels named by file come without what they ask for, so that is named too.
    brought = loaded | {"ipython", "widgetsnbextension", "jupyterlab-widgets"}
    for name in re.findall(r"^[a-z][\w-]*", WHEELS, re.M):
        asked = [line for line in metadata.requires(name) or [] if "extra ==" not in line]
        assert {plain(re.match(r"[\w.-]+", line)[0]) for line in asked} <= brought, name


# What was built


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The tracked files, as a fresh clone has them."""
    folder = tmp_path_factory.mktemp("clone")
    for path in FILES:
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


def make(copy, name, *extra):
    """Build a site with every door to a network shut."""
    (copy / "shut").mkdir(exist_ok=True)
    (copy / "shut" / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(self, *_): raise OSError('this build asks for a network')\n"
        "socket.socket.connect = socket.socket.connect_ex = refuse\n"
    )
    run = subprocess.run(
        [lite_python(), "-m", "tools.lite.build", f"build/{name}", wheels(), *extra],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "shut")},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return copy / "build" / name


@pytest.fixture(scope="module")
def site(copy):
    return make(copy, "lite")


@needs_lite
def test_site_holds_lessons_data_and_helpers_unchanged_and_no_more(site):
    """So no solution and no cell is lost, and no output comes in."""
    names = {path.relative_to(ROOT) for path in FILES}
    wanted = {
        name
        for name in names
        if name.parts[0] in INSIDE and name.parts[1] != "build" and not name.name.startswith(".")
    }
    wanted |= {Path(name) for name in ("LICENSE", "pyproject.toml", "requirements.txt")}
    files = site / "files"
    assert {path.relative_to(files) for path in files.rglob("*") if path.is_file()} == wanted
    for path in wanted:
        assert (files / path).read_bytes() == (ROOT / path).read_bytes(), path


@needs_lite
def test_the_list_of_files_that_the_page_reads_is_complete(site):
    listed = {
        entry["path"]
        for page in (site / "api" / "contents").rglob("all.json")
        for entry in json.loads(page.read_text(encoding="utf-8"))["content"]
        if entry["type"] != "directory"
    }
    files = site / "files"
    there = (path.relative_to(files) for path in files.rglob("*") if path.is_file())
    assert listed == {path.as_posix() for path in there}


@needs_lite
def test_the_kernel_finds_each_wheel_in_the_locked_version(site):
    options = settings(site / "jupyter-lite.json")["loadPyodideOptions"]
    (worker,) = site.glob("extensions/@jupyterlite/*/static/comlink.worker.*.js")
    named = [name for name in options["packages"] if name.endswith(".whl")]
    assert len(named) == len(re.findall(r"^[a-z]", WHEELS, re.M))
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for name in named:
        wheel = (worker.parent / name).resolve()
        assert wheel.is_file() and wheel.is_relative_to(site.resolve()), name
        project, release = wheel.name.split("-")[:2]
        assert f"\n{plain(project)}=={release}" in locked
        assert wheel.name.endswith("-none-any.whl")


@needs_lite
def test_a_missing_wheel_or_a_strange_folder_gets_a_sentence(copy, site, tmp_path):
    def said(folder, wheels):
        command = [lite_python(), "-m", "tools.lite.build", folder, wheels]
        run = subprocess.run(command, cwd=copy, capture_output=True, text=True)
        assert run.returncode == 1 and run.stdout == "" and run.stderr.count("\n") == 1
        return run.stderr

    assert "does not hold one wheel of anywidget: run `make lite`" in said("build/lite", tmp_path)
    assert "holds something else than a site" in said("helpers", wheels())
    assert (copy / "helpers" / "data.py").exists() and (site / "index.html").exists()
    assert not list((copy / "build").glob(".*"))


# In the browser, with the network off


def in_app(site):
    """Let the pages of a site tell the tests of their own application; return the site."""
    config = json.loads((site / "jupyter-lite.json").read_text(encoding="utf-8"))
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    (site / "jupyter-lite.json").write_text(json.dumps(config), encoding="utf-8")
    return site


class Opened:
    """The site's first page in the browser, with what it said and what it did not get."""

    def __init__(self, context, address):
        self.page = context.new_page()
        self.said, self.missed, self.asked = [], [], []
        self.page.on("console", lambda m: self.said.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("requestfailed", lambda r: self.missed.append(r.url))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(address)
        self.page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1", timeout=60_000)
        self.address = address

    def away(self):
        return {url for url in self.asked if not url.startswith((self.address, "data:", "blob:"))}


@needs_lite
def test_lesson_opens_without_a_network_and_misses_only_the_kernel(site, needs_chromium):
    with served(in_app(site)) as address, chromium() as context:
        lesson = Opened(context, address)
        page = lesson.page
        assert page.locator(".jp-Notebook h1").first.inner_text().startswith("00 What is")
        page.wait_for_selector(f".jp-DirListing-item >> text={NOTEBOOKS[-1].name[:8]}")
        assert page.locator(".jp-DirListing-item").count() == len(NOTEBOOKS)
        for _ in range(300):
            if lesson.missed and lesson.said:
                break
            page.wait_for_timeout(100)
        page.screenshot(path=ARTEFACTS / "lite-no-kernel.png")
        assert len(lesson.away()) == 1, "the interpreter, and nothing else, comes from elsewhere"
        (interpreter,) = lesson.away()
        assert re.search(r"/pyodide/v[\d.]+/full/pyodide\.mjs$", interpreter)
        assert set(lesson.missed) == {interpreter}
        assert all(interpreter in line for line in lesson.said), lesson.said


@needs_lite
def test_a_visitor_without_python_gets_a_sentence_and_a_telephone_the_notebook(
    site, needs_chromium
):
    with served(in_app(site)) as address, chromium({"width": 375, "height": 800}) as context:
        lesson = Opened(context, address)
        page = lesson.page
        bar = page.locator("#silkroad-arrives")
        bar.wait_for(timeout=20_000)
        assert int(bar.get_attribute("data-after-ms")) <= 10_000
        assert "Python has not arrived yet" in bar.inner_text()
        assert bar.locator("a").get_attribute("href").startswith("https://mybinder.org/")
        page.wait_for_function("() => window.jupyterapp.shell.leftCollapsed", timeout=20_000)
        page.wait_for_function(
            "() => document.querySelector('.jp-Notebook').getBoundingClientRect().width > 300"
        )
        page.screenshot(path=ARTEFACTS / "lite-phone.png")
        bar.get_by_role("button").click()
        page.wait_for_timeout(1000)
        assert bar.count() == 0, "once closed it stays away"


# In the browser's Python


PROBE = """
import ast, csv, json, math, pathlib, sys, warnings
from course import environment
from helpers import style

warnings.simplefilter("error")
for path in pathlib.Path("/drive/helpers").rglob("*.py"):
    compile(path.read_text(encoding="utf-8"), str(path), "exec")
for path in pathlib.Path("/drive/notebooks").glob("*.ipynb"):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            ast.parse("".join(cell["source"]))

rows = {}
for path in pathlib.Path("/drive/data").glob("*.csv"):
    with path.open(encoding="utf-8", newline="") as file:
        rows[path.stem] = len(list(csv.DictReader(file)))
shapes = json.loads(pathlib.Path("/drive/data/countries.geojson").read_text(encoding="utf-8"))

from sgp4.api import WGS72, Satrec, accelerated
probe, satellite = environment.PROBE, Satrec()
angles = {name: math.radians(probe[name + "_deg"]) for name in
          ("arg_perigee", "inclination", "mean_anomaly", "raan")}
satellite.sgp4init(
    WGS72, "i", probe["norad_id"], 18441.78495062, probe["bstar"], 0.0, 0.0, probe["eccentricity"],
    angles["arg_perigee"], angles["inclination"], angles["mean_anomaly"],
    probe["mean_motion_rev_per_day"] * 2 * math.pi / 1440, angles["raan"],
)
error, position, _ = satellite.sgp4(satellite.jdsatepoch, satellite.jdsatepochF)

json.dumps({
    "rows": rows, "countries": len(shapes["features"]), "name": shapes["features"][0],
    "sgp4": [accelerated, error, list(position)], "passed": environment.report().passed,
    "problems": environment.report().problems, "colors": len(vars(style)), "platform": sys.platform,
})
"""


def native():
    """Return what the probe must find, from this Python."""
    return {name: len(data.load(name)) for name in data.tables()}


@needs_lite
@needs_pyodide
def test_rooms_that_need_only_python_work_in_the_browsers_python(tmp_path):
    """In Node.js: sources, data, the orbit propagator, and the check of lesson 00."""
    (sgp4,) = wheels().glob("sgp4-*.whl")
    lock = json.loads((pyodide_path() / "pyodide-lock.json").read_text(encoding="utf-8"))
    (packaging,) = pyodide_path().glob("packaging-*.whl")
    script = f"""
        import {{ loadPyodide }} from {json.dumps((pyodide_path() / "pyodide.mjs").as_uri())};
        const env = {json.dumps(settings()["loadPyodideOptions"]["env"])};
        const python = await loadPyodide({{ env }});
        python.FS.mkdirTree("/drive");
        const root = {json.dumps(str(ROOT))};
        python.FS.mount(python.FS.filesystems.NODEFS, {{ root }}, "/drive");
        const quiet = {{ messageCallback: () => {{}} }};
        await python.loadPackage({json.dumps([str(sgp4), str(packaging)])}, quiet);
        console.log(python.runPython({json.dumps(PROBE)}));
    """
    (tmp_path / "probe.mjs").write_text(script, encoding="utf-8")
    run = subprocess.run(
        ["node", tmp_path / "probe.mjs"], capture_output=True, encoding="utf-8", timeout=120
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["platform"] == "emscripten"
    assert found["rows"] == native()
    assert found["countries"] == len(data.shapes()["features"])
    assert found["name"] == data.shapes()["features"][0]
    accelerated, error, position_km = found["sgp4"]
    assert not accelerated and error == 0
    assert position_km == pytest.approx((7022.46529266, -1400.08296755, 0.03995155), abs=1e-4)
    assert [line.split(" is ")[0] for line in found["passed"][:1]] == [
        f"Python {lock['info']['python']}"
    ]
    assert "Python runs in the browser" in found["passed"][1]
    assert all("No module named" in line for line in found["problems"])


CELLS = [
    "from course import environment\nenvironment.report()",
    "import csv, os, pathlib, tempfile, shutil\n"
    "print(os.getcwd(), environment.__file__)\n"
    "rows = lambda path: sum(1 for _ in csv.DictReader(path.open(encoding='utf-8', newline='')))\n"
    "print(sum(map(rows, pathlib.Path('../data').glob('*.csv'))))",
    # As lesson 13 saves a brief: beside its place, then renamed.
    "work = pathlib.Path(tempfile.mkdtemp(dir='.'))\n"
    "(work / 'new').mkdir()\n"
    "_ = (work / 'new' / 'a.png').write_bytes(bytes(range(256)))\n"
    "_ = (work / 'new').rename('kept'); shutil.rmtree(work)\n"
    "print(pathlib.Path('kept', 'a.png').read_bytes() == bytes(range(256)), work.exists())",
    # As a live view answers: at once in the page, and a moment later from the kernel's loop.
    "import anywidget, asyncio, ipywidgets, traitlets\n"
    "class Echo(anywidget.AnyWidget):\n"
    "    _esm = '''export default { render({ model, el }) {\n"
    "      const show = () => { el.textContent = 'echo ' + model.get('value'); };\n"
    "      model.on('change:value', show); show(); } }'''\n"
    "    value = traitlets.Int(3).tag(sync=True)\n"
    "slider, echo = ipywidgets.IntSlider(3), Echo()\n"
    "later = lambda change: asyncio.get_running_loop().call_later(\n"
    "    0.01, setattr, echo, 'value', 10 * change.new)\n"
    "slider.observe(later, 'value')\n"
    "ipywidgets.VBox([slider, echo])",
    "import pandas",
]


@needs_lite
@needs_pyodide
def test_kernel_starts_in_the_browser_without_a_network(copy, needs_chromium):
    """As far as it gets without compiled packages: files, reports, sliders; not pandas."""
    site = make(copy, "lite-kernel", f"--pyodide={pyodide_path().parent}")
    lock = json.loads((pyodide_path() / "pyodide-lock.json").read_text(encoding="utf-8"))
    absent = {package["file_name"] for package in needed(lock).values()}
    absent -= {path.name for path in pyodide_path().iterdir()}
    assert all("wasm32" in name for name in absent)
    with served(in_app(site)) as address, chromium() as context:
        lesson = Opened(context, address)
        page = lesson.page
        page.wait_for_function(IDLE, timeout=120_000)
        assert {url.rsplit("/", 1)[1] for url in lesson.missed} == absent
        assert lesson.away() == set()
        outputs = page.evaluate(
            """async cells => {
                 const { commands, shell } = window.jupyterapp;
                 const notebook = shell.currentWidget.content;
                 cells.toReversed().forEach(source => notebook.model.sharedModel.insertCell(
                   0, { cell_type: 'code', source }));
                 notebook.activeCellIndex = 0;
                 for (const _ of cells) await commands.execute('notebook:run-cell-and-select-next');
                 return notebook.widgets.slice(0, cells.length)
                   .map(cell => JSON.stringify(cell.model.outputs.toJSON()));
               }""",
            CELLS,
        )
        report, read, saved, shown, failed = outputs
        assert "Python runs in the browser" in report and "No module named 'pandas'" in report
        assert "make lab" not in report
        assert "/drive/notebooks /drive/course/environment.py" in read.replace("\\n", " ")
        assert str(sum(native().values())) in read
        assert "True False" in saved
        assert "widget-view+json" in shown
        assert "No module named 'pandas'" in failed
        page.locator(".noUi-handle").first.press("ArrowRight")
        page.wait_for_selector("text=echo 40")
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:move-cursor-up')")
        page.screenshot(path=ARTEFACTS / "lite-kernel.png")
