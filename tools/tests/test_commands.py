"""Every command of the README runs as the README writes it: relative, from the root of a copy.

On this Python, and on those that PYTHONS names: the Pythons of environments with the lock in them,
as `PYTHONS="/somewhere/3.13/bin/python" make test`, so that the oldest and the newest can be tried.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_repository import FILES

from tools.browser import ROOT

PYTHONS = [sys.executable, *os.environ.get("PYTHONS", "").split()]
RECEIVERS = ROOT / "tests" / "data" / "receivers"
# What runs here, with something that must be there afterwards.
RUN = {
    "make help": None,
    ".venv/bin/python -m course.brief PAK --out briefs": "briefs/PAK/index.html",
    ".venv/bin/python -m course.receiver phone.rnx": "receiver/index.html",
    "make editions": "build/editions/slides/04-beidou.ipynb",
    "make otter": "build/editions/otter/04-beidou.ipynb",
}
# What is run by another test, as it stands or by its parts: the test and words of it.
ELSEWHERE = {
    "make test": ("tests/conftest.py", "pytest"),
    "make lab": ("tests/test_ready.py", "make lab"),
    "make lab LAB_ARGS=--LabApp.default_url=/lab/tree/build/editions/slides/04-beidou.ipynb": (
        "tools/tests/test_slides.py",
        "slides",
    ),
    r"py tools\ready.py lab": ("tests/test_ready.py", "ready"),
    r".venv\Scripts\python -m jupyterlab "
    "--LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb": ("tools/browser.py", "lab"),
    ".venv/bin/python -m course.brief --all --out briefs": ("tests/test_brief.py", "--all"),
    ".venv/bin/python -m course.receiver phone.rnx day_MN.rnx.gz": (
        "tests/test_receiver.py",
        "ephemerides",
    ),
    "make site": ("tools/tests/test_site.py", 'build.main(["build/site"])'),
    "make lite": ("tools/tests/test_lite.py", "build/lite"),
    "make lite LITE_ARGS=--pyodide=/path/to/pyodide-314.0.6.tar.bz2": (
        "tools/tests/test_lite.py",
        "--pyodide=",
    ),
    "python3 -m http.server --bind 127.0.0.1 --directory build/lite 8000": (
        "tools/tests/test_lite.py",
        "served(",
    ),
    "make handouts": ("tools/tests/test_handouts.py", "printing"),
    "python3 -m venv .venv-otter": ("tools/tests/test_otter.py", "OTTER"),
    ".venv-otter/bin/python -m pip install -r requirements.txt": (
        "tools/tests/test_otter.py",
        "OTTER",
    ),
    ".venv-otter/bin/python -m pip install --no-build-isolation -e . otter-grader": (
        "tools/tests/test_otter.py",
        "OTTER",
    ),
    "source .venv-otter/bin/activate": ("tools/tests/test_otter.py", "OTTER"),
    "otter assign --no-pdfs build/editions/otter/04-beidou.ipynb build/otter-04": (
        "tools/tests/test_otter.py",
        "assign",
    ),
    "OTTER=.venv-otter/bin/otter make test": ("tools/tests/test_otter.py", "OTTER"),
    '.venv/bin/python -m pip install -e ".[slides]"': ("pyproject.toml", "slides = ["),
    "make classroom": ("tools/tests/test_classroom.py", "hub"),
    "make pyodide": ("tools/lite/place.py", "make pyodide"),
    "make readme": ("tests/test_claims.py", "run `make readme`"),
    "make screenshot": ("tools/browser.py", "make screenshot"),
    "make elements": ("tools/tests/test_refresh.py", "elements"),
    "make elements ELEMENTS_ARGS=--recorded": ("tools/tests/test_refresh.py", "--recorded"),
    "make bench": ("tools/tests/test_bench.py", "bench"),
}


def commands():
    """Return the commands of the README: its indented lines, and those in code within prose."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    (\S.*)$", text, re.M)
    lines += re.findall(r"`((?:OTTER=\S+ )?make [^`]+)`", text)
    return list(dict.fromkeys(re.sub(r"\s+#.*", "", line).strip() for line in lines))


def test_every_command_of_the_readme_is_run_somewhere():
    assert not set(commands()) - set(RUN) - set(ELSEWHERE)
    assert not (set(RUN) | set(ELSEWHERE)) - set(commands()), "no longer in the README"
    for file, words in ELSEWHERE.values():
        assert words in (ROOT / file).read_text(encoding="utf-8"), file


@pytest.fixture(scope="module", params=PYTHONS, ids=lambda path: Path(path).parts[-3])
def clone(request, tmp_path_factory):
    """The tracked files in a folder of their own, with an environment that borrows the packages."""
    root = tmp_path_factory.mktemp("a copy") / "notebooks of the course"
    for path in FILES:
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    make = [request.param, "-m", "venv", "--without-pip", root / ".venv"]
    subprocess.run(make, check=True)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.check_output([request.param, "-c", code], text=True)
    (site,) = (root / ".venv").glob("lib/python3.*/site-packages")
    (site / "borrowed.pth").write_text(packages)
    file = (RECEIVERS / "phone_2024_092.obs.gz").read_bytes()
    (root / "phone.rnx").write_bytes(gzip.decompress(file))
    return root


@pytest.mark.skipif(os.name == "nt", reason="make, and an environment with links")
@pytest.mark.parametrize("command", RUN)
def test_a_command_of_the_readme_runs_as_it_is_written(clone, command):
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHON")}
    done = subprocess.run(
        command, shell=True, cwd=clone, env=env, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    if RUN[command]:
        assert (clone / RUN[command]).exists(), sorted(path.name for path in clone.iterdir())
