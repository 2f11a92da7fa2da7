"""A notebook in a kernel of its own; one that does not answer gets a second chance, no more."""

import atexit
import os

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools import running

MADE = {"metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}}}
SILENT_ONCE = """import pathlib, time
asked = pathlib.Path("asked")
if not asked.exists():
    asked.touch()
    time.sleep(60)
print("answered")"""


def notebook(*codes):
    return nbformat.v4.new_notebook(**MADE, cells=[nbformat.v4.new_code_cell(c) for c in codes])


def step(code):
    return nbformat.v4.new_code_cell(code)


def test_steps_run_after_the_notebook_in_its_kernel(tmp_path):
    given = notebook("import os; n = int(os.environ['GIVEN'])")
    made = running.run(given, tmp_path, [step("print(7 * n)")], env={**os.environ, "GIVEN": "6"})
    assert [cell.source for cell in made.cells] == [given.cells[0].source, "print(7 * n)"]
    assert made.cells[1].outputs[0].text == "42\n"
    assert given.cells[0].outputs == [] and len(given.cells) == 1, "what was given stays"


@pytest.mark.skipif(os.name == "nt", reason="where to ask for a process is to end it")
def test_the_kernel_is_gone_once_a_notebook_ran(tmp_path):
    made = running.run(notebook("import os; print(os.getpid())"), tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(int(made.cells[0].outputs[0].text), 0)


def test_a_kernel_that_does_not_answer_is_told_and_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "CELL_S", 4)
    with pytest.warns(UserWarning, match="did not answer, so it runs again"):
        made = running.run(notebook(SILENT_ONCE), tmp_path)
    assert made.cells[0].outputs[0].text == "answered\n"


DIES_ONCE = """import os, pathlib
born = pathlib.Path({born!r})
if not born.exists():
    born.touch()
    os._exit(1)"""


def test_a_kernel_that_dies_at_its_start_gets_a_second_one(tmp_path, monkeypatch):
    at_the_end = []
    monkeypatch.setattr(atexit, "register", lambda done, *_, **__: at_the_end.append(done))
    monkeypatch.setattr(
        atexit, "unregister", lambda done: done in at_the_end and at_the_end.remove(done)
    )
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    config = DIES_ONCE.format(born=str(tmp_path / "born"))
    (profile / "ipython_kernel_config.py").write_text(config)
    env = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
    with pytest.warns(UserWarning, match="did not answer, so it runs again: Kernel died before"):
        made = running.run(notebook("print('answered')"), tmp_path, env=env)
    assert made.cells[0].outputs[0].text == "answered\n"
    assert [done for done in at_the_end if "NotebookClient" in repr(done)] == []


def test_a_kernel_that_dies_in_a_cell_is_not_run_again(tmp_path):
    cell = "import os, pathlib; pathlib.Path('once').mkdir(); os._exit(1)"
    with pytest.raises(DeadKernelError):
        running.run(notebook(cell), tmp_path)


def test_a_second_silence_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "CELL_S", 1)
    with (
        pytest.warns(UserWarning, match="did not answer"),
        pytest.raises(CellTimeoutError, match="sleep"),
    ):
        running.run(notebook("import time; time.sleep(60)"), tmp_path)


def test_a_step_may_take_longer_than_a_cell(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "CELL_S", 4)
    made = running.run(notebook("1"), tmp_path, [step("import time; time.sleep(5); print('done')")])
    assert made.cells[1].outputs[0].text == "done\n"


def test_a_cell_that_fails_is_not_run_again(tmp_path):
    cell = "import pathlib; pathlib.Path('once').mkdir(); 1 / 0"
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        running.run(notebook(cell), tmp_path)
