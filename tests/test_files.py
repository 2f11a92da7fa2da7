"""Writing takes nothing from the reader: stops, full disks, two at once, foreign and changed files.

Run as a script (`python tests/test_files.py kills FOLDER`) it stops a writer at every one of its
steps, in processes of its own; the tests call that.
"""

import ast
import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from course import files
from helpers.inputs import InputError
from tools import clean

STEPS = {"open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"}


def write(target, version, names="abc", by="test", **more):
    with files.folder(target, by, **more) as new:
        for name in names:
            (new / f"{name}.txt").write_text(f"{version} of {name}\n" * 99)
        (new / "more").mkdir()
        (new / "more" / "deep.txt").write_text(version)


def tree(folder):
    """Return {name: text} of all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def with_reader_s(target):
    """Put things of the reader's into a folder that was written, and return them."""
    (target / "notes.txt").write_text("mine")
    (target / ".git" / "objects").mkdir(parents=True)
    (target / ".git" / "objects" / "1f").write_text("history")
    (target / "more" / "mine.txt").write_text("beside yours")
    (target / "link").symlink_to("notes.txt")
    return ["notes.txt", ".git/objects/1f", "more/mine.txt", "link"]


@pytest.fixture
def target(tmp_path):
    return tmp_path / "own" / "PAK"


# What stays


def test_what_is_not_ours_stays_and_what_was_not_written_again_goes(target):
    write(target, "old", names="abcd")
    mine = with_reader_s(target)
    (target / "empty").mkdir(mode=0o700)
    node, before = (target / "notes.txt").stat().st_ino, tree(target)
    told = []
    write(target, "new", told=told.append)
    after = tree(target)
    assert {name: after[name] for name in mine} == {name: before[name] for name in mine}
    assert after["a.txt"].startswith("new") and "d.txt" not in after
    assert (target / "notes.txt").stat().st_ino == node, "the same file, for whoever has it open"
    assert (target / "link").is_symlink() and (target / "empty").stat().st_mode & 0o777 == 0o700
    assert told == [] and os.listdir(target.parent) == ["PAK"]


def test_a_changed_file_of_ours_is_kept_beside_the_new_one(target):
    write(target, "old")
    (target / "a.txt").write_text("annotated")
    told = []
    write(target, "new", told=told.append)
    assert (target / "a.kept.txt").read_text() == "annotated"
    assert (target / "a.txt").read_text().startswith("new")
    (sentence,) = told
    assert "a.txt" in sentence and "kept as a.kept.txt" in sentence and sentence.count("\n") == 0
    (target / "a.txt").write_text("annotated again")
    write(target, "third", told=told.append)
    assert (target / "a.kept.txt").read_text() == "annotated"
    assert (target / "a.kept-2.txt").read_text() == "annotated again"
    write(target, "fourth", told=told.append)
    assert len(told) == 2 and "a.kept-2.txt" in told[1]


def test_a_changed_file_that_is_no_longer_written_is_kept_too(target):
    write(target, "old", names="abcd")
    (target / "d.txt").write_text("annotated")
    write(target, "new", told=lambda sentence: None)
    assert (target / "d.kept.txt").read_text() == "annotated"


def test_a_folder_of_the_reader_s_is_written_into_unless_a_name_is_taken(target):
    target.mkdir(parents=True)
    (target / "notes.txt").write_text("mine")
    write(target, "new")
    assert (target / "notes.txt").read_text() == "mine" and (target / "a.txt").exists()


@pytest.mark.parametrize("name", ["a.txt", files.SUMS])
def test_a_file_of_the_reader_s_under_a_name_of_ours_is_refused(target, name):
    target.mkdir(parents=True)
    (target / name).write_text("mine")
    with pytest.raises(InputError, match=rf"{name} was not written here.*move it.*\.$"):
        write(target, "new")
    assert tree(target) == {name: "mine"} and os.listdir(target.parent) == ["PAK"]
    (target / name).rename(target.parent / "elsewhere")  # the advice works
    write(target, "new")


@pytest.mark.parametrize("name", ["a.txt/mine.txt", "a.txt/", "more", "SHA256SUMS/x"])
def test_a_folder_in_the_place_of_a_file_of_ours_is_refused_and_the_reverse(target, name):
    target.mkdir(parents=True)
    place = target / name
    place.parent.mkdir(exist_ok=True)
    place.mkdir() if name.endswith("/") else place.write_text("mine")
    before = tree(target)
    with pytest.raises(InputError, match=r"was not written here.*move it.*\.$"):
        write(target, "new")
    assert tree(target) == before and os.listdir(target.parent) == ["PAK"]


def test_without_a_list_nothing_counts_as_ours(target):
    write(target, "old")
    (target / files.SUMS).unlink()
    before = tree(target)
    with pytest.raises(InputError, match=r"was not written here"):
        write(target, "new")
    assert tree(target) == before


def test_a_list_that_names_files_elsewhere_reaches_nothing(target):
    write(target, "old")
    outside = target.parent / "outside.txt"
    outside.write_text("mine")
    sum_ = files._digest(outside)
    with (target / files.SUMS).open("a") as file:
        file.write(f"{sum_}  ../outside.txt\n{sum_}  {outside}\n")
    write(target, "new")
    assert outside.read_text() == "mine"


def test_the_list_is_one_that_sha256sum_reads(target):
    write(target, "old")
    lines = (target / files.SUMS).read_text().splitlines()
    assert lines[0].startswith("# test: ")
    assert [line[66:] for line in lines[1:]] == ["a.txt", "b.txt", "c.txt", "more/deep.txt"]
    assert files.written(target) == "test" and files.written(target.parent) is None


def test_what_another_command_wrote_is_refused(target):
    write(target, "old", by="site")
    before = tree(target)
    with pytest.raises(InputError, match=r"holds what another command wrote \(site\): name"):
        write(target, "new", by="brief")
    assert tree(target) == before


def test_own_files_stay_where_a_run_writes_only_some(target):
    write(target, "old", names="abc")
    write(target, "new", names="c", whole=False)
    texts = {name: text[:3] for name, text in tree(target).items()}
    assert (texts["a.txt"], texts["c.txt"]) == ("old", "new")
    write(target, "new", names="c")  # and they are still ours
    assert not (target / "a.txt").exists()


def test_where_others_may_not_stay_they_are_named(target):
    write(target, "old", others=False)
    (target / ".ipynb_checkpoints").mkdir()
    (target / ".ipynb_checkpoints" / "a.txt").write_text("by JupyterLab")
    write(target, "new", others=False)
    for name in ("notes.txt", "a.txt"):
        kept = (target / name).read_bytes() if (target / name).exists() else None
        (target / name).write_text("mine")
        with pytest.raises(InputError, match=rf"{name} was changed or put there .*move it"):
            write(target, "third", others=False)
        assert (target / name).read_text() == "mine"
        (target / name).write_bytes(kept) if kept else (target / name).unlink()


def test_what_is_put_there_while_it_is_written_stays(target):
    write(target, "old")
    with files.folder(target, "test", told=lambda sentence: None) as new:
        (new / "a.txt").write_text("new")
        (target / "late.txt").write_text("mine")
        (target / "b.txt").write_text("changed late")
    assert (target / "late.txt").read_text() == "mine"
    assert (target / "b.kept.txt").read_text() == "changed late"


def test_what_is_put_there_at_the_last_moment_stays(target, monkeypatch):
    write(target, "old")
    swap = files._swap

    def late(*args):
        (target / "late.txt").write_text("mine")
        (target / "a.txt").write_text("changed late")
        swap(*args)

    monkeypatch.setattr(files, "_swap", late)
    write(target, "new")
    kept = tree(target)
    assert kept["late.kept.txt"] == "mine" and kept["a.kept.txt"] == "changed late"
    assert kept["a.txt"].startswith("new")


@pytest.mark.parametrize("exchange", [True, False])
def test_it_works_where_the_system_cannot_exchange_folders_or_link_files(
    target, monkeypatch, exchange
):
    def no(*args, **more):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no)
    if not exchange:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    write(target, "old")
    mine = with_reader_s(target)
    (target / "a.txt").write_text("annotated")
    for version in ("new", "newer"):
        write(target, version, told=lambda sentence: None)
    after = tree(target)
    assert set(after) == {*mine, "a.kept.txt", files.SUMS, "more/deep.txt"} | {
        f"{name}.txt" for name in "abc"
    }
    assert after["notes.txt"] == "mine" and after["a.kept.txt"] == "annotated"


def test_a_folder_closed_to_writing_below_ours_stays_and_stops_nothing(target):
    write(target, "old")
    closed = target / "closed"
    closed.mkdir()
    (closed / "notes.txt").write_text("mine")
    closed.chmod(0o555)
    try:
        write(target, "new")
        assert (closed / "notes.txt").read_text() == "mine"
        assert closed.stat().st_mode & 0o777 == 0o555
        assert os.listdir(target.parent) == ["PAK"]
    finally:
        closed.chmod(0o755)


# Places


def test_a_plain_file_where_the_folder_is_meant_is_refused(target):
    target.parent.mkdir()
    target.write_text("mine")
    with pytest.raises(InputError, match=r"PAK is a file, and a folder is meant: move it"):
        write(target, "new")
    assert target.read_text() == "mine" and os.listdir(target.parent) == ["PAK"]
    with pytest.raises(InputError, match=r"test cannot be written to .*choose a folder"):
        write(target / "deeper", "new")


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    write("~/own/PAK", "new")
    files.save("~/mine.csv", b"new")
    assert sorted(os.listdir(tmp_path)) == ["mine.csv", "own"]
    with pytest.raises(InputError, match="cannot be used"):
        write("~nobody-of-that-name/PAK", "new")


def test_a_link_to_a_folder_stays_a_link(target):
    write(target, "old")
    link = target.parent / "link"
    link.symlink_to(target)
    write(link, "new")
    assert link.is_symlink() and (target / "a.txt").read_text().startswith("new")
    assert sorted(os.listdir(target.parent)) == ["PAK", "link"]


@pytest.mark.parametrize("bad", ["a\0b", "x" * 300])
def test_what_is_no_path_is_one_sentence(tmp_path, bad):
    with pytest.raises(InputError, match=r"\.$"):
        write(tmp_path / bad, "new")
    with pytest.raises(InputError, match=r"\.$"):
        files.save(tmp_path / bad, b"")


# Stops, leftovers, two at once


def test_an_exception_in_the_block_leaves_what_was_there(target):
    write(target, "old")
    before = tree(target)
    for stop in (KeyboardInterrupt, ZeroDivisionError):
        with pytest.raises(stop), files.folder(target, "test") as new:
            (new / "a.txt").write_text("half")
            raise stop
    says = r"\(No space left on device\), and what was there stays"
    with pytest.raises(InputError, match=says), files.folder(target, "test"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert tree(target) == before and os.listdir(target.parent) == ["PAK"]


def test_two_at_once_give_one_clear_refusal(target):
    with files.folder(target, "test") as new:
        (new / "a.txt").write_text("first")
        with pytest.raises(InputError, match=r"^Another run is writing .*PAK: wait until"):
            write(target, "second")
    assert (target / "a.txt").read_text() == "first" and os.listdir(target.parent) == ["PAK"]


def test_two_processes_at_once_give_one_clear_refusal(target):
    code = (
        "import sys, time; from course import files\n"
        "with files.folder(sys.argv[1], 'test') as new:\n"
        "    (new / 'a.txt').write_text('first'); print('in', flush=True); sys.stdin.read()\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", code, target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(files.__file__).parents[1],
    )
    with first:
        assert first.stdout.readline() == b"in\n"
        with pytest.raises(InputError, match="Another run is writing"):
            write(target, "second")
        first.kill()
    write(target, "second")  # the lock of a dead run is no obstacle
    assert (target / "a.txt").read_text().startswith("second")
    assert os.listdir(target.parent) == ["PAK"]


def test_a_hidden_folder_that_is_not_ours_is_left_alone(target):
    work = target.parent / ".PAK.writing"
    work.mkdir(parents=True)
    (work / "making").write_text("mine")
    with pytest.raises(InputError, match=r"\.PAK\.writing is in the way.*move it"):
        write(target, "new")
    assert (work / "making").read_text() == "mine"


def test_a_stop_between_two_renames_is_put_right(target):
    """Where the system cannot exchange folders there is such a moment; the old one comes back."""
    write(target, "old")
    work = target.parent / ".PAK.writing"
    work.mkdir()
    (work / files.LOCK).touch()
    target.rename(work / "old")
    with pytest.raises(ZeroDivisionError), files.folder(target, "test"):
        raise ZeroDivisionError
    assert (target / "a.txt").read_text().startswith("old")
    assert os.listdir(target.parent) == ["PAK"]


def script(what, folder):
    return subprocess.run(
        [sys.executable, __file__, what, folder],
        cwd=Path(files.__file__).parents[1],
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that split")
@pytest.mark.parametrize("what", ["kills", "full", "denied", "random"])
def test_old_or_new_and_no_third(tmp_path, what):
    """At each of its steps: killed, disk full, folder read-only; and killed at random moments."""
    done = script(what, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    tried, old, new = map(int, done.stdout.split())
    assert tried >= 40 and old + new == tried and old and new


# Away with it


def test_cleaning_takes_what_was_written_and_nothing_else(tmp_path):
    build = tmp_path / "build"
    write(build / "site", "new", by="site")
    write(build / "editions" / "student", "new")
    (build / "site" / ".git").mkdir()
    (build / "site" / ".git" / "refs").mkdir()
    (build / "site" / "a.txt").write_text("changed")
    (tmp_path / "outside.txt").write_text("mine")
    with (build / "site" / files.SUMS).open("a") as file:
        file.write(f"{files._digest(tmp_path / 'outside.txt')}  ../../outside.txt\n")
    left = {path.relative_to(build).as_posix() for path in files.clean(build)}
    assert left == {"site/.git/refs", "site/a.txt"} and os.listdir(build) == ["site"]
    assert (tmp_path / "outside.txt").read_text() == "mine"
    assert files.clean(tmp_path / "nowhere") == []


def test_make_clean_says_what_stays(tmp_path, capsys):
    write(tmp_path / "site", "new", by="site")
    (tmp_path / "site" / "CNAME").write_text("mine")
    assert clean.main([str(tmp_path)]) == 0
    assert "site stays: 1 file changed or put there" in capsys.readouterr().out
    assert (tmp_path / "site" / "CNAME").read_text() == "mine"


REMOVE = {"rmtree", "unlink", "rmdir", "removedirs"}
ENVIRONMENTS = "tools/ready.py"  # it makes them anew


def test_nobody_else_removes_anything():
    root = Path(files.__file__).parents[1]
    for folder in ("helpers", "silkroad", "course", "tools", "data/build"):
        for path in (root / folder).rglob("*.py"):
            name = path.relative_to(root).as_posix()
            if "tests" in path.parts or name in ("course/files.py", ENVIRONMENTS):
                continue
            used = {n.attr for n in ast.walk(ast.parse(path.read_text())) if hasattr(n, "attr")}
            assert not used & REMOVE, f"{name}: let course.files do it"


def test_it_needs_only_python():
    """So that a hook before a commit, JupyterLite's environment and `make clean` can call it."""
    code = "from course import files; from tools import clean, notebook_outputs"
    root = Path(files.__file__).parents[1]
    subprocess.run([sys.executable, "-S", "-c", code], cwd=root, check=True)


# One file


def test_one_file_is_written_and_the_reader_s_is_kept_beside(tmp_path):
    path, told = tmp_path / "mine.csv", []
    assert files.save(path, b"one", told.append) == path
    files.save(path, b"one", told.append)
    assert told == []
    files.save(path, b"two", told.append)
    assert told == ["mine.csv held something else, which is kept as mine.kept.csv."]
    files.save(path, b"one", told.append)
    files.save(path, b"two", told.append)
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == {
        "mine.csv": b"two",
        "mine.kept.csv": b"one",
        "mine.kept-2.csv": b"two",
    }


def test_one_file_needs_a_folder_that_is_there(tmp_path):
    with pytest.raises(InputError, match=r"no folder 'away': make it"):
        files.save(tmp_path / "away" / "mine.csv", b"")
    with pytest.raises(InputError, match=r"is not a file: add the name"):
        files.save(tmp_path, b"")
    assert os.listdir(tmp_path) == []


def test_a_file_of_the_project_needs_its_folder(tmp_path):
    with pytest.raises(InputError, match=r"a.csv in away/ cannot be replaced .No such file"):
        files.replace(tmp_path / "away" / "a.csv", b"")


def test_many_writers_of_one_file_take_turns(tmp_path):
    code = (
        "import sys; from pathlib import Path; from course import files\n"
        "for _ in range(200): files.replace(Path(sys.argv[1]), sys.argv[2].encode() * 999)\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "a.csv"]
    root = Path(files.__file__).parents[1]
    runs = [subprocess.Popen([*command, letter], cwd=root) for letter in "abc"]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert (tmp_path / "a.csv").read_text() in {letter * 999 for letter in "abc"}
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_replaced_file_keeps_its_mode(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(0o640)
    files.replace(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o640 and os.listdir(tmp_path) == ["a.csv"]


# Tables


def test_a_spreadsheet_computes_no_cell_of_ours():
    harmless = ["=1+1", "+1+1", "-1+1", "@a", "\t=1", "\r=1", "＝1+1"]
    plain = ["-12.5", "+7", "", "a=b", "北斗", None]
    frame = pd.DataFrame({"=head": harmless + plain[:-1] + [None], "n": range(13)})
    text = files.csv(frame).decode()
    for cell in harmless:
        assert f"'{cell}" in text
    assert text.startswith("'=head,n\n") and "\n-12.5," in text and "\n+7," in text
    assert [files.unguarded(f"'{cell}") for cell in harmless] == harmless
    for cell in [*plain[:-1], "'quoted'", "'"]:
        assert files.unguarded(cell) == cell


# As a script: a writer that is stopped at each of its steps


def _step_of(action, number, what):
    """Run `action` in a child that is stopped at its step `number`; return its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code, steps = 1, iter(range(number + 1))

    def hook(event, args):
        if event in STEPS and next(steps, None) == number:
            if what == "kills":
                os.kill(os.getpid(), signal.SIGKILL)
            kind = errno.ENOSPC if what == "full" else errno.EACCES
            raise OSError(kind, os.strerror(kind))

    try:
        sys.addaudithook(hook)
        action()
        code = 0
    except InputError as problem:
        code = 3 if str(problem).endswith(".") and "\n" not in str(problem) else 1
    finally:
        os._exit(code)


def _state(target, mine, old, new):
    """Return which of two states a folder is in; fail where the reader's are not as they were."""
    now = tree(target)
    assert {name: now.pop(name, None) for name in mine} == mine
    now.pop(files.SUMS)
    assert now in (old, new), sorted(now)
    return "old" if now == old else "new"


def _run(what, folder):
    target, states = folder / "PAK", []
    for version in ("new", "old"):
        write(target, version)
        states.insert(0, {n: text for n, text in tree(target).items() if n != files.SUMS})
    names = with_reader_s(target)
    mine = {name: tree(target)[name] for name in names}
    seen = []
    for number in range(1000):
        if what == "random":
            if number == 50:
                break
            code = _killed_at_random(target)
        else:
            code = _step_of(lambda: write(target, "new"), number, what)
        seen.append(_state(target, mine, *states))
        assert what == "random" or code in (0, 3, -signal.SIGKILL), (number, code)
        assert code != 3 or seen[-1] == "old", number  # a refusal means that nothing changed
        write(target, "old")
        assert _state(target, mine, *states) == "old"
        assert os.listdir(folder) == ["PAK"], (number, os.listdir(folder))
        if code == 0 and what == "kills":
            break
        if code == 0 and seen[-20:] == ["new"] * 20:
            break
    print(len(seen), seen.count("old"), seen.count("new"))


def _killed_at_random(target):
    child = os.fork()
    if not child:
        for _ in range(1000):
            for version in ("new", "old"):
                write(target, version)
        os._exit(0)
    time.sleep(random.uniform(0, 0.05))
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    _run(sys.argv[1], Path(sys.argv[2]))
