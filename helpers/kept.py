"""What is made alike at each start of a kernel, kept where Python keeps its own bytecode.

An image makes it once, by `python -m helpers.kept`; elsewhere the first kernel does.
"""

import contextlib
import os
import sys
from importlib.util import cache_from_source
from pathlib import Path


def kept(name, key, make):
    """Return the bytes that `make()` returns, or what it returned before with this `key`.

    key: bytes, as a digest, always as long, and others as soon as `make` would return others.
    As with bytecode, what cannot be read or written is made anew and is no error.
    """
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


if __name__ == "__main__":
    from helpers import figures, live

    figures.svg()
    live.MapParts.of_this_kernel()
