"""A small class on a real JupyterHub, and what is handed to those who run a large one."""

import asyncio
import contextlib
import io
import json
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import nbformat
import psutil
import pytest
import yaml

from helpers.inputs import InputError
from tools.browser import NOTEBOOKS, ROOT
from tools.classroom import hub as room
from tools.classroom.__main__ import compared, together
from tools.classroom.__main__ import main as measure
from tools.classroom.hub import hub
from tools.classroom.links import FOLDER, LESSONS, hub_of, link, main
from tools.classroom.places import NO_CHART, NO_PROXY, chart_path, proxy_path
from tools.classroom.student import LessonError, Student
from tools.notebook_outputs import KEEP

DOCS = ROOT / "docs" / "classroom"
MEASURED = (DOCS / "measured.md").read_text(encoding="utf-8")
VALUES = yaml.safe_load((DOCS / "values.yaml").read_text(encoding="utf-8"))
TLJH = (DOCS / "tljh.md").read_text(encoding="utf-8")
COURSE, HOME = "/srv/course", "/home/jovyan"  # in the image
BEIDOU = next(path for path in NOTEBOOKS if path.stem == "04-beidou")
posix = pytest.mark.skipif(sys.platform == "win32", reason="these tools do not run on Windows")
on_a_hub = pytest.mark.skipif(not proxy_path(), reason=NO_PROXY)


# A class of two


def stored(lesson):
    """Return what the cells print whose output is stored, by their ids."""
    cells = nbformat.read(lesson, as_version=4).cells
    return {c.id: "".join(o.text for o in c.outputs) for c in cells if KEEP in c.source}


async def arrive(student):
    await student.login()
    await student.start()
    await student.open(BEIDOU)


async def diligent(student):
    """Run the lesson, then move every control."""
    async with student:
        await arrive(student)
        await student.run(BEIDOU)
        await student.move_all(moves=2, pause=0)
        await student.execute("import os; print(os.environ['MALLOC_ARENA_MAX'])", "pools")
    return student


async def unlucky(student):
    """Lose the kernel in mid-lesson; when it is back, run the lesson from the beginning."""
    async with student:
        await arrive(student)
        await student.run(BEIDOU, cells=8)
        await student.execute("import os; print(os.getpid())", "pid")
        os.kill(int(student.printed["pid"]), signal.SIGKILL)
        with pytest.raises(LessonError, match="restarting"):
            await student.execute("print('gone')")
        await student.connect()
        with pytest.raises(LessonError, match="NameError"):
            await student.execute("beidou", "what the first kernel knew")
        await student.run(BEIDOU)
        await student.move_all(moves=2, pause=0)
    return student


@on_a_hub
@posix
def test_students_on_a_hub_run_a_lesson_and_move_its_controls_and_survive_a_killed_kernel():
    async def both(address, word):
        first, second = (Student(address, word, name) for name in ("diligent", "unlucky"))
        return await asyncio.gather(diligent(first), unlucky(second))

    with hub(["diligent", "unlucky"], [BEIDOU]) as (address, word):
        first, second = asyncio.run(both(address, word))
    wanted = stored(BEIDOU)
    assert wanted and all(s.printed.items() >= wanted.items() for s in (first, second))
    titles = {first.models[picture]["title"] for picture, _ in first.views()}
    lives = BEIDOU.read_text(encoding="utf-8").count("@live(")
    assert {"PDOP at any hour", "The Asian bonus"} <= titles and len(titles) == lives
    assert all(len(s.answers) == 2 * 18 and not s.silent for s in (first, second))
    assert first.printed["pools"].strip() == room.environment()["MALLOC_ARENA_MAX"]


@on_a_hub
@posix
def test_nobody_comes_in_without_the_word():
    async def stranger(address):
        async with Student(address, "guessed", "stranger") as student:
            await student.login()

    refused = pytest.raises(LessonError, match="was not let in")
    with hub(["stranger"], [BEIDOU]) as (address, _), refused:
        asyncio.run(stranger(address))


# Links that bring lessons


def git(folder, *arguments):
    who = ("-c", "user.name=Teacher", "-c", "user.email=teacher@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A repository with one lesson, as a server would hold it."""
    lesson = tmp_path / "origin" / "notebooks" / BEIDOU.name
    lesson.parent.mkdir(parents=True)
    lesson.write_bytes(BEIDOU.read_bytes())
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "One lesson"]):
        git(tmp_path / "origin", *command)
    return tmp_path / "origin"


async def follow(student, target):
    """Open a link as a browser does, and let its page fetch the repository."""
    async with student.http.get(target) as page:
        assert page.status == 200 and page.url.path == f"/user/{student.name}/git-pull"
        arguments = page.url.query
    api = f"/user/{student.name}/git-pull/api"
    async with student.http.get(api, params=arguments) as events:
        said = [json.loads(line[5:]) async for line in events.content if line.startswith(b"data:")]
    assert said[-1]["phase"] == "finished", said
    async with student.http.get(f"/user/{student.name}/{arguments['urlpath']}") as page:
        assert page.status == 200 and "jupyter-config-data" in await page.text()


@on_a_hub
@posix
def test_a_link_brings_the_lesson_and_what_the_student_changed_stays(repository):
    path = f"api/contents/{FOLDER}/notebooks/{BEIDOU.name}"
    mine = {"type": "notebook", "format": "json", "content": nbformat.v4.new_notebook()}

    async def visit(address, word):
        async with Student(address, word, "linked") as student:
            await student.login()
            await student.start()
            target = link(address, BEIDOU.name, repository.as_uri()).removeprefix(address)
            await follow(student, target)
            brought = (await student.ask("GET", path))["content"]
            await student.ask("PUT", path, mine)
            (repository / "notebooks" / "new.txt").write_text("more")
            git(repository, "add", ".")
            git(repository, "commit", "-qm", "More")
            await follow(student, target)
            kept = (await student.ask("GET", path))["content"]
            await student.ask("GET", f"api/contents/{FOLDER}/notebooks/new.txt")
            return brought, kept

    with hub(["linked"], []) as (address, word):
        brought, kept = asyncio.run(visit(address, word))
    assert len(brought["cells"]) == len(nbformat.read(BEIDOU, as_version=4).cells)
    assert kept["cells"] == []


def test_a_link_carries_its_parts_whole():
    made = link("https://uni.example.org/jupyter/hub/", BEIDOU.name, "https://a.b/c?d=e&f", "x/y")
    parts = urlsplit(made)
    assert parts.netloc == "uni.example.org" and "#" not in made and made.count("?") == 1
    assert parts.path == "/jupyter/hub/user-redirect/git-pull"
    wanted = {"repo": "https://a.b/c?d=e&f", "branch": "x/y", "targetpath": FOLDER}
    wanted["urlpath"] = f"lab/tree/{FOLDER}/notebooks/{BEIDOU.name}"
    assert parse_qs(parts.query) == {key: [value] for key, value in wanted.items()}


@pytest.mark.parametrize(
    ("copied", "wanted"),
    [
        ("https://a.b/hub/home", "https://a.b"),
        ("  https://a.b/hub/login?next=%2Fhub%2F ", "https://a.b"),
        (
            "https://a.b:8000/jupyter/user/ann/lab/tree/x.ipynb?reset#top",
            "https://a.b:8000/jupyter",
        ),
        ("https://a.b/hub/user/ann/", "https://a.b"),
        ("http://a.b/hubs/", "http://a.b/hubs"),
        ("https://a.b/", "https://a.b"),
    ],
)
def test_an_address_as_a_browser_shows_it_leads_to_the_hub(copied, wanted):
    assert hub_of(copied) == wanted
    made = link(copied, BEIDOU.name)
    assert made.startswith(f"{wanted}/hub/user-redirect/git-pull?") and made.count("?") == 1


def test_a_password_in_an_address_is_refused_and_not_repeated(capsys):
    assert main(["https://ann:geheim@class.example.org/hub"]) == 1
    said = capsys.readouterr()
    assert "as in https://class.example.org" in said.err and "geheim" not in said.err + said.out
    assert main(["https://class.example.org"]) == 0


@pytest.mark.parametrize(
    "hub",
    [
        *("class.example.org", "", "ftp://a.b", "https://a.b?c=d", "https://a.b#c"),
        *("https://", "https://a b.org", "https://a.b/my hub", "https://a.b:port", "https://:80"),
    ],
)
def test_a_hub_without_an_address_is_refused_in_one_sentence(hub, capsys):
    assert main([hub]) == 1
    said = capsys.readouterr()
    assert "give one like https://class.example.org" in said.err and said.err.count("\n") == 1
    with pytest.raises(InputError, match=r"There is no lesson '99'"):
        link("https://class.example.org", "99")


def test_there_is_a_link_for_each_lesson(capsys):
    assert main(["https://class.example.org"]) == 0
    assert re.findall(r"- \[([\w-]+)\]", capsys.readouterr().out) == [p.stem for p in NOTEBOOKS]
    assert [p.name for p in NOTEBOOKS] == LESSONS


# The image, as Binder and a large hub build it


def image_command():
    """Return the arguments that the page gives to repo2docker."""
    page = (DOCS / "zero-to-jupyterhub.md").read_text(encoding="utf-8")
    return shlex.split(re.search(r"^    jupyter-repo2docker (.+)$", page, re.M)[1])


@posix
def test_repo2docker_finds_our_recipe_and_writes_the_image_we_mean(monkeypatch):
    from repo2docker.__main__ import make_r2d

    arguments = ["--no-build" if a == "--no-run" else a for a in image_command()]
    monkeypatch.chdir(ROOT)
    tool = make_r2d(arguments)
    assert (tool.target_repo_dir, tool.user_id, tool.user_name) == (COURSE, 1000, "jovyan")
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        tool.build()
    recipe = written.getvalue()
    runs = re.findall(r"^(?:RUN|COPY|CMD|USER) .+$", recipe, re.M)
    install = (
        'RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r "binder/requirements.txt"'
    )
    assert runs.count(install) == 1 and recipe.count("pip install") == 1
    # "-r ../requirements.txt" needs the whole repository to be there.
    everything = next(run for run in runs if run.endswith(" src/ ${REPO_DIR}/"))
    assert runs.index(everything) < runs.index(install)
    assert "environment-2epy-2d3-2e12" in recipe, "Python 3.12, as binder/runtime.txt says"
    (link,) = [run for run in runs if run == "RUN ./binder/postBuild"]
    assert runs.index(link) > runs.index(install) and "ENV R2D_ENTRYPOINT" not in recipe
    after = runs[runs.index(install) :]
    assert "USER ${NB_USER}" in after and "USER root" not in after


@posix
def test_the_image_has_no_node_that_every_start_would_run(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "node").write_text("")
    (programs / "python3").write_text("#!/bin/sh\n")  # installs nothing here
    (programs / "python3").chmod(0o755)
    env = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NB_PYTHON_PREFIX": str(tmp_path)}
    subprocess.run([ROOT / "binder" / "postBuild"], env=env, check=True, cwd=tmp_path)
    assert [program.name for program in programs.iterdir()] == ["python3"]
    made = repo2docker_environment()
    assert re.search(r"^- nodejs", made, re.M), "it gives none any more: postBuild need not take it"


def test_students_here_have_no_node_either(tmp_path):
    path = room.path(ROOT, room.BIN, tmp_path / "bin")["PATH"]
    assert shutil.which("sh", path=path) and not shutil.which("node", path=path)


def repo2docker_environment():
    """Return what repo2docker puts into an image with our Python."""
    import repo2docker

    folder = Path(repo2docker.__file__).parent / "buildpacks" / "conda"
    return (folder / "environment.py-3.12.yml").read_text(encoding="utf-8")


@posix
def test_the_image_and_the_chart_hold_the_same_jupyterhub():
    held = repo2docker_environment()
    assert re.search(r"jupyterhub-singleuser==5\.", held), "say so in zero-to-jupyterhub.md"


# Values for a large hub


def walk(tree, path=()):
    """Yield (path, value) for every leaf of nested mappings."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from walk(value, (*path, key))
    else:
        yield path, tree


def size(name):
    """Return the memory that the measurement asks for, in MB."""
    return int(re.search(rf"^\| {name} \|.*\*\*(\d+)M\*\*", MEASURED, re.M)[1])


def test_the_values_ask_for_what_was_measured():
    asked = VALUES["singleuser"]
    assert asked["memory"] == {name: f"{size(name)}M" for name in ("guarantee", "limit")}
    share = float(re.search(r"less than ([\d.]+) of a core", MEASURED)[1])
    assert asked["cpu"]["guarantee"] == share <= asked["cpu"]["limit"]


def test_pages_say_what_was_measured():
    for name in ("README.md", "tljh.md", "zero-to-jupyterhub.md"):
        text = (DOCS / name).read_text(encoding="utf-8")
        assert re.search(rf"\b{size('guarantee')} ?MB?\b", text), name
        assert re.search(rf"\b{size('limit')} ?MB?\b", text), name
        table = [row.split("|") for row in text.splitlines() if re.match(r"\|.*\d GB", row)]
        assert table, name
    readme = (DOCS / "README.md").read_text(encoding="utf-8")
    wanted = [f"{math.ceil(n * size('guarantee') / 1024)} GB" for n in (20, 100, 300)]
    row = re.search(r"^\| memory, guaranteed \|(.+)\|$", readme, re.M)[1]
    assert [cell.strip() for cell in row.split("|")][1:] == wanted


def test_the_measurement_is_whole():
    assert "none without an answer" in MEASURED
    classes, students = re.search(r"held: (\d+)\. Failed: 0 of (\d+) students", MEASURED).groups()
    assert int(students) == 20 * int(classes)
    rows = re.findall(r"^\| (\d\d-[\w-]+) \|", MEASURED, re.M)
    assert rows == [path.stem for path in NOTEBOOKS]


def test_the_values_let_nothing_out():
    rules = VALUES["singleuser"]["networkPolicy"]
    assert rules["enabled"] is True and rules["egress"] == []
    allowed = {name for name, open in rules["egressAllowRules"].items() if open}
    assert allowed == {"dnsPortsPrivateIPs", "dnsPortsKubeSystemNamespace"}
    closed = set(rules["egressAllowRules"]) - allowed
    assert closed >= {"nonPrivateIPs", "privateIPs", "cloudMetadataServer"}


def test_the_values_open_no_door_and_keep_no_secret():
    config = VALUES["hub"]["config"]
    assert config["JupyterHub"]["authenticator_class"] == "generic-oauth"
    assert config["Authenticator"]["allow_all"] is False
    assert config["JupyterHub"]["admin_access"] is False
    claim = config["GenericOAuthenticator"]["username_claim"]
    assert claim not in {"email", "name", "nickname", "preferred_username"}
    telling = re.compile(r"secret|password|token$|apikey", re.I)
    assert not [path for path, _ in walk(VALUES) if telling.search(path[-1])]
    assert not [path for path, value in walk(VALUES) if re.search(r"[0-9a-f]{24}", str(value))]


@posix
def test_jupyterhub_and_the_server_know_the_settings_of_the_values():
    from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
    from jupyterhub.app import JupyterHub
    from jupyterhub.auth import Authenticator
    from jupyterhub.spawner import Spawner

    config = VALUES["hub"]["config"]
    known = {"JupyterHub": JupyterHub, "Authenticator": Authenticator, "KubeSpawner": Spawner}
    for name, kind in known.items():
        assert set(config[name]) <= set(kind.class_traits(config=True))
    assert config["KubeSpawner"]["notebook_dir"] == HOME
    kernels = VALUES["singleuser"]["extraFiles"]["kernels"]
    assert Path(kernels["mountPath"]).name == "jupyter_server_config.json"
    settings = kernels["data"]["MappingKernelManager"]
    assert set(settings) <= set(AsyncMappingKernelManager.class_traits(config=True))


def test_each_hub_gives_a_kernel_one_pool_of_memory():
    given = VALUES["singleuser"]["extraEnv"]
    assert room.environment() == given == {"MALLOC_ARENA_MAX": "1"}
    command = next(line for line in TLJH.splitlines() if "c.Spawner.environment" in line)
    assert json.loads(re.search(r"\{.+\}", command)[0]) == given
    assert "/opt/tljh/config/jupyterhub_config.d/" in command


@posix
def test_a_server_s_start_brings_the_lessons_and_never_writes_over_a_file(tmp_path):
    shell, option, line = VALUES["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"]
    assert VALUES["singleuser"]["storage"]["homeMountPath"] == HOME
    line = line.replace(COURSE, shlex.quote(str(ROOT))).replace(HOME, shlex.quote(str(tmp_path)))
    assert str(ROOT) in line and str(tmp_path) in line
    subprocess.run([shell, option, line], check=True)
    copied = tmp_path / "notebooks"
    assert {p.name for p in NOTEBOOKS} <= {p.name for p in copied.iterdir()}
    (copied / BEIDOU.name).write_text("mine")
    (copied / NOTEBOOKS[0].name).unlink()
    subprocess.run([shell, option, line], check=True)
    assert (copied / BEIDOU.name).read_text() == "mine"
    assert (copied / NOTEBOOKS[0].name).read_bytes() == NOTEBOOKS[0].read_bytes()
    first = VALUES["singleuser"]["defaultUrl"].removeprefix("/lab/tree/")
    assert (tmp_path / first).exists()


SCRIPT = ROOT / "tools" / "classroom" / "copy_lessons.sh"


def brought(home, **options):
    """Run the script for a home folder; return what it said, which it ends well in any case."""
    command = ["sh", SCRIPT, ROOT / "notebooks", home / "notebooks"]
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stderr


@posix
def test_no_lesson_is_cut_where_the_disk_fills_and_the_next_start_brings_it(tmp_path):
    import resource

    def fill():  # no file may grow beyond this: the longer lessons break off in the middle
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    sizes = sorted(path.stat().st_size for path in NOTEBOOKS)
    limit = (sizes[6] + sizes[7]) // 2
    said = brought(tmp_path, preexec_fn=fill)
    copied = list((tmp_path / "notebooks").iterdir())
    assert len(copied) == sum(size <= limit for size in sizes) < len(NOTEBOOKS)
    assert said.count("could not be copied") == len(NOTEBOOKS) - len(copied)
    for path in copied:
        assert path.read_bytes() == (ROOT / "notebooks" / path.name).read_bytes()
    (tmp_path / "notebooks" / f".{BEIDOU.name}.copying").write_text("half")  # a server was stopped
    assert brought(tmp_path) == ""
    assert sorted(p.name for p in (tmp_path / "notebooks").iterdir()) == LESSONS


@posix
def test_what_is_in_the_way_stops_no_server(tmp_path):
    (tmp_path / "notebooks").write_text("a file of mine")
    assert "cannot be a folder" in brought(tmp_path)
    assert (tmp_path / "notebooks").read_text() == "a file of mine"
    (tmp_path / "notebooks").unlink()
    (tmp_path / "notebooks" / BEIDOU.name).mkdir(parents=True)
    assert brought(tmp_path) == "" and (tmp_path / "notebooks" / BEIDOU.name).is_dir()
    shell, option, line = VALUES["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"]
    missing = line.replace(COURSE, "/no/such/course").replace(HOME, shlex.quote(str(tmp_path)))
    assert subprocess.run([shell, option, missing], capture_output=True).returncode == 0


@posix
def test_a_home_that_nobody_may_write_stops_no_server(tmp_path):
    tool = tmp_path / "mkdir"  # as it answers there; a test that runs as root may write anywhere
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    path = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert "cannot be a folder" in brought(tmp_path / "home", env=path)


def merged(below, above):
    """Return the chart's values with ours over them, as Helm does."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    both = {key: merged(below.get(key), value) for key, value in above.items()}
    return {**below, **both}


@pytest.mark.skipif(not chart_path(), reason=NO_CHART)
def test_the_values_fit_the_chart():
    import jsonschema

    chart = chart_path()
    schema = json.loads((chart / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((chart / "values.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(merged(values, VALUES), schema)


# The development container


def test_the_development_container_makes_the_environment_of_the_course():
    made = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    runtime = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    assert made["image"].replace(":", "-").startswith(runtime)
    tool, target = shlex.split(made["postCreateCommand"])
    assert (tool, target) == ("make", "ready")
    settings = made["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"].endswith("/.venv/bin/python")
    asked = subprocess.run(
        [tool, "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, text=True
    )
    assert "tools/ready.py lab" in asked.stdout and asked.returncode == 0


def held(seconds, problems=()):
    student = Student("", "", "one", answers=[("view", seconds), ("view", 2 * seconds)])
    student.took = {"login": seconds, "server": 10 * seconds}
    student.took |= {"map": 5 * seconds, "lesson": 20 * seconds}
    stopped = Student("", "", "two")
    return {"students": [student, stopped], "problems": dict(problems), "memory": 200 * seconds}


def test_a_class_is_held_against_the_one_before_and_says_who_did_not_come_to_the_end():
    now, before = [held(1.0)], [held(2.0, {"two": "closed"})]
    table = compared(together(now), together(before))
    assert "| a server, median | 20.0 s | 10.0 s | 0.5 |" in table
    assert "| lesson 04, to its first map, median | 10.0 s | 5.0 s | 0.5 |" in table
    assert "| the slowest answer | 4.0 s | 2.0 s | 0.5 |" in table
    assert "| memory for each student | 200 MB | 100 MB | 0.5 |" in table
    assert "| students who did not come to the end | 1 | 0 |  |" in table


def test_a_student_whose_channels_break_says_so_at_once():
    class Broken:
        close_code = 1006

        async def __aiter__(self):
            yield aiohttp.WSMessage(aiohttp.WSMsgType.ERROR, ValueError("a torn frame"), None)

        def exception(self):
            return None

    async def hear():
        student = Student("", "", "one")
        student.channels, student.heard = Broken(), asyncio.Queue()
        await student._hear()
        await student._next()

    with pytest.raises(LessonError, match=r"channels were closed .*a torn frame"):
        asyncio.run(hear())


def test_classes_held_in_turn_are_taken_together():
    """One in which the machine was busy with something else does not decide."""
    classes = [held(1.0), held(9.0, {"two": "closed"}), held(1.0)]
    of_one, of_three = (together(some) for some in (classes[:1], classes))
    assert of_three["problems"] == {"class 2, two": "closed"}
    table = compared(of_three, of_one)
    assert ", 1 of each" in table and ", 3 of each" in compared(of_one, of_three)
    for row in ("a server, median | 10.0 s | 10.0 s", "memory for each student | 100 MB | 100 MB"):
        assert f"| {row} | 1 |" in table
    assert len(of_three["students"]) == 6


LOSSES = [((), 0), (["two"], 1), (["one", "two"], 1)]  # in the class of now; what `make` gets


@pytest.mark.parametrize(("lost", "code"), LOSSES)
def test_what_the_others_took_is_told_and_only_a_whole_class_is_written(
    lost, code, tmp_path, monkeypatch, capsys
):
    of = "tools.classroom.__main__."
    row = {"lesson": "04", "memory": 1, "processor": 1, "run": 1, "answers": [("v", 1)], "moves": 1}
    monkeypatch.setattr(of + "costs", lambda lessons: ([row], {"memory": 1, "processor": 1}))
    monkeypatch.setattr(of + "proxy_path", lambda: "here")
    monkeypatch.setattr(of + "proxy_version", lambda: "5")
    problems = dict.fromkeys(lost, "closed")
    monkeypatch.setattr(of + "crowd", lambda lesson, n: held(1.0, problems if n > 1 else ()))
    page = tmp_path / "page.md"
    assert measure(["--page", str(page)]) == code and page.exists() == (not lost)
    told = capsys.readouterr()
    assert ("2 moves, none without an answer" in told.out) == (len(lost) < 2)
    assert all(f"now, class 1, {name}: closed" in told.err for name in lost)


# A hub that does not end the server of its student, which has a session of its own.
LEAVES = """import subprocess, sys, time
wait = "import time; time.sleep(600)"
print(subprocess.Popen([sys.executable, "-c", wait], start_new_session=True).pid, flush=True)
time.sleep(600)"""


def test_what_a_hub_leaves_behind_is_ended():
    command = [sys.executable, "-c", LEAVES]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        server = psutil.Process(int(running.stdout.readline()))
        assert server.is_running()
        room._end(running)
    assert running.returncode
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
