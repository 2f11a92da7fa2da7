"""What is made alike at each start of a kernel, kept where Python keeps its own bytecode.

An image makes it once, by `python -m course`; elsewhere the first kernel does.
"""

import contextlib
import hashlib
import os
import sys
from importlib.util import cache_from_source
from pathlib import Path


def kept(name, make, files, also=b""):
    """Return the bytes that `make()` returns, or what it returned before from the same files.

    files: all that it reads, data and code; the file with its own code is among them. also: bytes
    that decide, too. As with bytecode, what cannot be read or written is made anew and no error.
    """
    files = [Path(make.__code__.co_filename), *files]
    key = hashlib.sha256(b"".join([also, *(f.read_bytes() for f in files if f.is_file())])).digest()
    file = Path(cache_from_source(__file__)).with_suffix(f".{name}")
    with contextlib.suppress(OSError):
        if (found := file.read_bytes()).startswith(key):
            return found[len(key) :]
    made, own = make(), file.with_suffix(f".{name}-{os.getpid()}")  # so nobody reads half of it
    # In a browser each kernel begins with an empty memory, and the drive is slow.
    if not sys.dont_write_bytecode and sys.platform != "emscripten":
        with contextlib.suppress(OSError):
            own.write_bytes(key + made)
            own.replace(file)
    return made
