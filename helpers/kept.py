"""What is made alike at each start of a kernel, kept where Python keeps its own bytecode.

An image makes it once, by `python -m course`; elsewhere the first kernel does.
"""

import contextlib
import hashlib
import sys
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import TemporaryDirectory


def kept(name, make, files, also=b""):
    """Return the bytes that `make()` returns, or what it returned before from the same files.

    files: all that it reads, data and code; the file with its own code is among them. also: bytes
    that decide, too. As with bytecode, what cannot be kept is made anew, and no error; nor is what
    was kept and damaged. What `make` cannot read is for it to tell.
    """
    texts = [_bytes(file) for file in (Path(make.__code__.co_filename), *files)]
    key = _digest(b"".join(map(_digest, [also, *texts])))
    file = Path(cache_from_source(__file__)).with_suffix(f".{name}")
    found = _bytes(file)
    if found[:64] == key + _digest(found[64:]):
        return found[64:]
    made = make()
    # In a browser each kernel begins with an empty memory, and the drive is slow.
    if not sys.dont_write_bytecode and sys.platform != "emscripten":
        with contextlib.suppress(OSError), TemporaryDirectory(dir=file.parent) as scratch:
            own = Path(scratch, name)  # so nobody reads half of it
            own.write_bytes(key + _digest(made) + made)
            own.replace(file)
    return made


def _digest(text):
    return hashlib.sha256(text).digest()


def _bytes(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""
