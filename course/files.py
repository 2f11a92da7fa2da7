"""Writing without taking anything from the reader. Needs only Python.

`folder` lists what it wrote in SHA256SUMS. The next writing replaces those files while they are as
listed; whatever else lies there stays. All is made in a hidden folder beside the place and put
there in one step, so that a stop at any moment leaves the old state or the new. That hidden folder
is also the lock: who holds it works alone, and what a stopped run left in it goes with the next.
"""

import ctypes
import errno
import hashlib
import os
import re
import shutil
import sys
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePath

from helpers.inputs import InputError

if sys.platform in ("win32", "emscripten"):
    fcntl = None  # there a second run is not noticed
else:
    import fcntl

SUMS = "SHA256SUMS"
HEAD = ": the next writing replaces these files while they are as listed here"
LOCK = "silkroad.lock"
FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠](?!\d*\.?\d+%?$)")  # what a spreadsheet would compute


def replace(path, content):
    """Replace a file of the project in one step: it holds the old bytes or the new, never half."""
    with _scratch(Path(path), content) as scratch:
        os.replace(scratch, path)


def remove(path):
    """Remove one file. That the course wrote it, the caller has looked at; OSError as of unlink."""
    Path(path).unlink()


def save(path, content, told=print):
    """Write one file at a place that the reader names (`~` is home); return its path.

    A file that is there and says something else is kept beside it, and `told` gets a sentence.
    InputError, one sentence: no such folder, a folder in the place, what `replace` refuses.
    """
    path = home(path)
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is not a file: add the name of one, such as mine.csv.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent.name!r}: make it, or name another.")
    kept = None
    with _scratch(path, content) as scratch:
        if path.exists() and _digest(path) != _digest(scratch):
            kept = _beside(path, _digest(path))
            new = not kept.exists()
            if new:
                _link(path, kept)
        try:
            os.replace(scratch, path)
        except OSError:
            if kept and new:
                kept.unlink()
            raise
    if kept:
        told(f"{path.name} held something else, which is kept as {kept.name}.")
    return path


@contextmanager
def _scratch(path, content):
    """Yield a file with the content, on the disk, that can take the place of another."""
    try:
        with _alone(path, wait=True) as work:
            scratch = work / "making"
            with open(scratch, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, scratch)
            yield scratch
    except OSError as error:
        raise InputError(
            f"{path.name} in {path.parent.name}/ cannot be replaced ({_why(error)}); "
            "the old file stays: check who owns the folder and whether the disk is full."
        ) from None


@contextmanager
def folder(target, by, whole=True, others=True, told=print):
    """Yield an empty folder to fill, which then takes the place of the folder `target`.

    by: what is written, as "brief"; a folder that something else wrote is refused. whole: own files
    that were not written again go; else they stay. others: what is not ours stays, and own files
    that were changed are kept under another name, of which `told` gets a sentence; else both are
    refused. Where an exception leaves the block, `target` is as before.
    InputError, one sentence: a file where the folder is meant, another run that is writing the
    same, a file of the reader's under a name of ours, a folder that cannot be written.
    """
    place = home(target)
    try:
        if place.exists() and not place.is_dir():
            raise InputError(
                f"{target} is a file, and a folder is meant: move it, or name another."
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        with _alone(place) as work:
            _check(place, by, others)
            new = work / "making"
            new.mkdir()
            yield new
            _check(place, by, others)
            sums = {name: _digest(path, sync=True) for name, path in _entries(new)}
            kept = _carry(place, new, sums, whole)
            lines = [f"{sums[name]}  {name}\n" for name in sorted(sums) if sums[name]]
            (new / SUMS).write_text(f"# {by}{HEAD}\n{''.join(lines)}", "utf-8", newline="\n")
            _modes(place, new)
            _swap(new.rename(work / "ready"), place, work / "old")
    except OSError as error:
        raise InputError(
            f"The {by} cannot be written to {target} ({_why(error)}), and what was there stays: "
            "choose a folder in which you may write, on a disk with room."
        ) from None
    for name, other in kept.items():
        told(f"{name} in {target} was changed since it was written: yours is kept as {other}.")


def written(target):
    """Return what wrote a folder, the `by` of `folder`, or None."""
    return _listed(home(target))[0]


def foreign(target):
    """Tell whether a folder holds something and was not written here."""
    place = home(target)
    return place.is_dir() and any(place.iterdir()) and written(place) is None


def clean(target):
    """Remove from a folder and those below what was written there; return the paths that stay."""
    place = home(target)
    for root in [Path(root) for root, *_ in os.walk(place)]:
        writer, own = _listed(root)
        ours = [path for name, path in _entries(root) if own.get(name) == _digest(path)]
        for path in [*ours, root / SUMS] if writer else []:
            path.unlink()
            for above in path.parents:
                if above.is_relative_to(place) and not os.listdir(above):
                    above.rmdir()
    return [path for _, path in _entries(place)]


def home(path):
    """Return a path of the reader's: `~` is the home folder, links are followed."""
    try:
        place = Path(path).expanduser().resolve()
        place.exists()
    except (RuntimeError, ValueError, OSError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{str(path)!r} cannot be used ({why}): name another place.") from None
    return place


def csv(frame):
    """Return a DataFrame as CSV in UTF-8. Text that a spreadsheet would compute gets a ' before."""
    safe = frame.copy()
    safe.columns = [_guarded(name) for name in frame]
    for place, dtype in enumerate(frame.dtypes):
        if dtype.kind == "O":  # else numbers, times: their text stays as pandas writes it
            safe.isetitem(place, frame.iloc[:, place].map(_guarded))
    return safe.to_csv(index=False, lineterminator="\n").encode()


def unguarded(text):
    """Return a cell that `csv` wrote as it was."""
    return text[1:] if text[:1] == "'" and _computes(text[1:]) else text


def _guarded(cell):
    return f"'{cell}" if _computes(cell) else cell


def _computes(cell):
    return isinstance(cell, str) and bool(FORMULA.match(cell))


def _why(error):
    return error.strerror or str(error) or type(error).__name__


# The hidden folder: lock, scratch, and what a stopped run left


@contextmanager
def _alone(place, wait=False):
    """Yield the hidden folder beside a place, cleaned, which no other run holds meanwhile."""
    work = place.with_name(f".{place.name}.writing")
    with _locked(work, place, wait) as lock:
        try:
            _clean(work, place)
            yield work
        finally:
            with suppress(OSError):  # what is in the way of tidying can wait for the next run
                _clean(work, place)
                if not fcntl:
                    lock.close()  # Windows removes no open file
                if os.listdir(work) == [LOCK]:
                    (work / LOCK).unlink()
                    work.rmdir()


def _locked(work, place, wait):
    """Return the open lock of a hidden folder; the system frees it when a run ends or is killed."""
    while True:
        with suppress(FileExistsError):
            work.mkdir()
        with suppress(FileNotFoundError):  # else a run that ended has just removed it
            names = os.listdir(work)
            if work.is_symlink() or (names and LOCK not in names):
                raise InputError(f"{work} is in the way, and was not made here: move it.")
            file = open(work / LOCK, "a")  # noqa: SIM115  closed by the caller
            try:
                if fcntl:
                    fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                file.close()
                raise InputError(
                    f"Another run is writing {place}: wait until it is done."
                ) from None
            except OSError:
                pass  # a file system without locks
            if not fcntl or os.path.samestat(os.fstat(file.fileno()), os.stat(work / LOCK)):
                return file
            file.close()


def _clean(work, place):
    """Remove what was being made, and the tree that went out; what only stands there comes back."""
    _remove(work / "making")
    for tree in (work / "old", work / "ready"):
        if tree.name == "old" and tree.exists() and not place.exists():
            tree.rename(place)  # stopped between two renames
        elif tree.exists():
            own = _listed(tree)[1]
            for name, path in _entries(tree):
                digest, there = _digest(path), place / name
                if name == SUMS or digest in ("", own.get(name), _digest(there)):
                    continue
                there.parent.mkdir(parents=True, exist_ok=True)
                _keep(path, there)
            tree.rename(work / "making")  # from here on nothing in it is needed
            _remove(work / "making")


def _swap(new, place, old):
    """Put a tree in a place, in one step where the system can; what stood there is `new` then."""
    if not place.exists():
        new.rename(place)
    elif not _exchange(new, place):
        place.rename(old)
        try:
            new.rename(place)
        except BaseException:
            old.rename(place)
            raise


def _exchange(one, other):
    """Exchange two folders in one step, as Linux and macOS can; tell whether that was done."""
    with suppress(TypeError, AttributeError, OSError):  # another system
        library = ctypes.CDLL(None)
        paths = [os.fsencode(path) for path in (one, other)]
        if hasattr(library, "renamex_np"):
            return library.renamex_np(*paths, 2) == 0
        return library.renameat2(-100, paths[0], -100, paths[1], 2) == 0
    return False


# What is ours, and what is not


def _check(place, by, others):
    """Refuse a folder that something else wrote and, where others may not stay, what they did."""
    writer, own = _listed(place)
    if writer not in (None, by):
        raise InputError(f"{place} holds what another command wrote ({writer}): name another.")
    for name, path in () if others else _entries(place):
        mine = (name == SUMS and writer) or own.get(name) == _digest(path)
        if not mine and ".ipynb_checkpoints" not in path.parts:
            raise InputError(
                f"{path} was changed or put there since this {by} was made: move it elsewhere, "
                "and make it again."
            )


def _carry(place, new, sums, whole):
    """Link into `new` what stays of `place`; return {own name: name of what was changed}."""
    writer, own = _listed(place)
    kept, folders = {}, {above for name in sums for above in _above(name)}
    for name, path in sorted(_entries(place), key=lambda entry: entry[0] in own):
        here, is_folder = new / name, path.is_dir() and not path.is_symlink()
        due = {name, *_above(name)} & {*sums, SUMS} or (name in folders and not is_folder)
        if name == SUMS and writer:
            continue
        if name not in own and not due:
            here.mkdir(parents=True, exist_ok=True) if is_folder else _link(path, here)
        elif (digest := _digest(path)) == sums.get(name) or (digest == own.get(name) and whole):
            continue
        elif digest == own.get(name):
            if name not in sums:
                _link(path, here)
                sums[name] = digest
        elif name in own:
            kept[name] = _keep(path, here).name
        else:
            raise InputError(
                f"{path} was not written here, and this writes a file of that name: move it, or "
                "name another folder."
            )
    return kept


def _above(name):
    return [folder.as_posix() for folder in PurePath(name).parents]


def _listed(place):
    """Return (what wrote a folder, {name: checksum}) from its list; (None, {}) without one."""
    try:
        head, *lines = (place / SUMS).read_text("utf-8").split("\n")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
        return None, {}
    by, mark, _ = head.removeprefix("# ").partition(HEAD)
    return (by, {line[66:]: line[:64] for line in lines}) if mark else (None, {})


def _entries(place):
    """Yield (name, path) of all below a folder but folders that hold something; links are own."""

    def stop(error):
        raise error

    for root, folders, names in os.walk(place, onerror=stop if place.exists() else None):
        links = [name for name in folders if os.path.islink(os.path.join(root, name))]
        for name in [*names, *links]:
            yield Path(root, name).relative_to(place).as_posix(), Path(root, name)
        if not (folders or names) and Path(root) != place:
            yield Path(root).relative_to(place).as_posix(), Path(root)


def _digest(path, sync=False):
    """Return the checksum of a file, where a link leads, "" for all else, None for nothing."""
    if path.is_symlink():
        return f"-> {os.readlink(path)}"
    if not path.is_file():
        return "" if path.exists() else None
    with open(path, "rb") as file:
        if sync and sys.platform != "win32":  # which does so only for a file open for writing
            os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(path, there):
    """Link a file beside a place, where the same does not stand there already; return its path."""
    kept = _beside(there, _digest(path))
    if _digest(kept) is None:
        _link(path, kept)
    return kept


def _beside(place, digest):
    """Return the first name beside a place that is free or holds the bytes of this checksum."""
    for number in count(1):
        mark = ".kept" if number == 1 else f".kept-{number}"
        other = place.with_name(f"{place.stem}{mark}{place.suffix}")
        if _digest(other) in (None, digest):
            return other


def _link(path, here):
    """Let a file stand in a second place too, as itself; as a copy where a disk knows no links."""
    here.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, here, follow_symlinks=False)
    except (OSError, NotImplementedError) as error:
        if getattr(error, "errno", None) in (errno.EXDEV, errno.ENOSPC, errno.EEXIST):
            raise
        shutil.copy2(path, here, follow_symlinks=False)


def _modes(place, new):
    """Give the folders of `new` the permissions that they have in `place`."""
    for root, *_ in os.walk(place):
        here = new / Path(root).relative_to(place)
        if here.is_dir():
            shutil.copymode(root, here)


def _remove(tree):
    """Remove a file or a tree, also where its folders are closed to writing."""
    if tree.is_dir():
        for root, *_ in os.walk(tree):
            os.chmod(root, 0o700)
        shutil.rmtree(tree)
    else:
        tree.unlink(missing_ok=True)
