"""What a page of the site fetches: scripts that hold a value, fit for JSON, in few bytes.

Every browser can unpack gzip, which looks back 32 kB; the tables of two states of a view often
stand further apart. So texts of one shape, alike but for their numbers, stand together: the shape
once, then the numbers column by column. `site/player.js` puts them together again.
"""

import base64
import gzip
import hashlib
import json
import re
import sys

import numpy as np

_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)")
_FIRST = 58  # the character that stands for 0 in `runs`: the next after the digits
_LONGEST = 40_000  # of a run; the characters above have other uses
_VERSION = 8  # letters of the sum in a key


def script(key, value):
    """Return the script that hands a value to the player, which asks for it by `key`."""
    return f'silkroad.arrived({json.dumps(key)}, "{packed(value)}");\n'


def versioned(name, value):
    """Return a key: the name with a sum of the value, so that no browser keeps an old one."""
    return f"{name}-{hashlib.sha256(as_json(value).encode()).hexdigest()[:_VERSION]}"


def packed(value):
    """Return a value in base64 of gzip of its JSON."""
    return base64.b64encode(gzip.compress(as_json(value).encode(), 9, mtime=0)).decode()


def as_json(value):
    """Return the JSON of a value, without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def shape(text):
    """Return the shape of a text, "0" in the place of each number, and the numbers as texts."""
    parts = _NUMBER.split(text)
    return "0".join(parts[::2]), tuple(map(sys.intern, parts[1::2]))


def by_shape(texts, shape=shape):
    """Return (shapes, order) of different texts, such as JSON.

    shapes: lists of a text with "0" in the place of each number, and a column for each: its numbers
    in the texts of this shape, with "," between, and nothing for one that is as before.
    order: the place of each text in `texts`, in the order in which the shapes have them.
    shape: the function `shape`, or one that remembers what it said.
    """
    found = {}
    for place, text in enumerate(texts):
        alike, numbers = shape(text)
        found.setdefault(alike, []).append((place, numbers))
    shapes = [
        [alike, *map(_column, zip(*(numbers for _, numbers in rows), strict=True))]
        for alike, rows in found.items()
    ]
    return shapes, [place for rows in found.values() for place, _ in rows]


def _column(numbers):
    before = [None, *numbers]
    return ",".join("" if n == b else n for n, b in zip(numbers, before, strict=False))


def runs(cells):
    """Return bytes as [values, lengths]: a character for each run of equal bytes, in each text."""
    cells = np.frombuffer(cells, np.uint8)
    starts = np.flatnonzero(np.diff(cells, prepend=~cells[:1]))
    starts = np.union1d(starts, np.arange(0, len(cells), _LONGEST))
    lengths = np.diff(starts, append=len(cells))
    return ["".join(chr(_FIRST + n) for n in each.tolist()) for each in (cells[starts], lengths)]


def tracks(paths):
    """Return a layer's paths as [digits, pieces of each]: rows of (lat, lon) as a text each.

    A track bends little, so what is kept is the change of each step from the step before, first of
    all latitudes, then of all longitudes, as whole numbers of the last of their decimal `digits`
    (at most 8: a millimetre), in the characters of Google's encoded polylines:
    https://developers.google.com/maps/documentation/utilities/polylinealgorithm
    """
    every = np.concatenate([np.empty((0, 2)), *(piece for path in paths for piece in path)])
    digits = next((n for n in range(8) if (np.round(every, n) == every).all()), 8)
    return [digits, [[_track(piece, digits) for piece in path] for path in paths]]


def _track(rows, digits):
    whole = np.rint(np.asarray(rows) * 10**digits).astype(int)
    for _ in range(2):
        whole = np.diff(whole, axis=0, prepend=0)
    return "".join(map(_polyline, whole.T.ravel().tolist()))


def _polyline(number):
    """Return a whole number in the characters of an encoded polyline, which are no digits."""
    left, text = number << 1 if number >= 0 else ~(number << 1), ""
    while left >= 32:
        text += chr((left & 31 | 32) + 63)
        left >>= 5
    return text + chr(left + 63)
