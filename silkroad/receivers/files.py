"""A file of a receiver as lines of bytes: plain or gzip, Hatanaka's compression, any line end."""

import codecs
import gzip
import io
import zlib
from pathlib import Path

import numpy as np

from helpers.inputs import InputError

BLOCK = 16_000_000  # bytes read at a time, so that a file of any length fits into the memory
COMPACT_MOST = 200_000_000  # CRINEX is decompressed as a whole: above that it would not fit


def called(source, name=None):
    """Return what to call a source (a path or bytes) in a message."""
    return name or ("the file" if isinstance(source, bytes) else Path(source).name)


def opened(source, name=None):
    """Return (stream of bytes, the stream that is told how far it is, size) of a path or bytes."""
    try:
        raw = io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb")  # noqa: SIM115
    except OSError as error:
        raise InputError(
            f"{called(source, name)} cannot be read ({error.strerror}): check the path."
        ) from None
    size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    head = raw.read(6)
    raw.seek(0)
    if head[:2] == b"PK":
        raise InputError(
            f"{called(source, name)} is a ZIP archive: unpack it and give the file inside."
        )
    return (gzip.GzipFile(fileobj=raw) if head[:2] == b"\x1f\x8b" else raw), raw, size


def blocks(source, name=None, progress=None):
    """Yield the text in pieces that end with a line, its line ends all \\n.

    Of a compact file (CRINEX) as it was before. `progress` is called with the share that is read.
    InputError: not readable, a damaged archive.
    """
    stream, raw, size = opened(source, name)
    what = called(source, name)
    try:
        with raw:
            left = stream.read(BLOCK).removeprefix(codecs.BOM_UTF8)
            if b"CRINEX VERS" in left[:80]:
                stream, left = _expanded(left + stream.read(COMPACT_MOST), what), b""
            while True:
                new = stream.read(BLOCK)
                text = left + new
                cut = text.rfind(b"\n") + 1 if new else len(text)
                if text[:cut]:
                    yield _unix(text[:cut])
                left = text[cut:]
                if progress and size and not raw.closed:
                    progress(min(raw.tell() / size, 1.0))
                if not new:
                    return
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{what} is a damaged archive ({error}): download or copy it again."
        ) from None


def _expanded(compact, what):
    if len(compact) > COMPACT_MOST:
        raise InputError(
            f"{what} is compact RINEX of over {COMPACT_MOST // 10**6} MB: expand it first with the "
            "program crx2rnx, and give the file that it writes."
        )
    try:
        import hatanaka
    except ImportError:
        raise InputError(
            f"{what} is compact RINEX, and the library hatanaka, which expands it, is not here: "
            "expand it elsewhere with the program crx2rnx, and give the file that it writes."
        ) from None
    try:
        return io.BytesIO(hatanaka.crx2rnx(compact))
    except (hatanaka.HatanakaException, ValueError) as error:
        raise InputError(
            f"{what} is compact RINEX that does not expand ({str(error).strip()}): download it "
            "again."
        ) from None


def _unix(text):
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text if text.endswith(b"\n") else text + b"\n"


def lines(text, pad=400):
    """Return (bytes as an array with `pad` blanks behind, starts of the lines, their lengths)."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 10)
    starts = np.r_[0, ends[:-1] + 1]
    return np.frombuffer(text + b" " * pad, np.uint8), starts, ends - starts


def columns(raw, starts, lengths, first, count):
    """Return the bytes of columns first to first + count of some lines, blank where none are."""
    chars = np.lib.stride_tricks.sliding_window_view(raw, count)[starts + first]
    short = lengths < first + count
    if short.any():
        beyond = np.arange(first, first + count) >= lengths[short, None]
        chars[short] = np.where(beyond, 32, chars[short])
    return chars


def integers(chars):
    """Return (n,) integers written in (n, width) bytes, blanks as zeros; -1 where they are none."""
    digits = np.where(chars == 32, 0, chars.astype(np.int64) - 48)
    value = digits @ 10 ** np.arange(chars.shape[1] - 1, -1, -1)
    return np.where(((digits >= 0) & (digits <= 9)).all(axis=1), value, -1)


def fixed(chars, decimals):
    """Return (n,) numbers with a decimal point in its place, of (n, width) bytes; else NaN.

    Exact to the last bit: the digits make a whole number, which is divided once.
    """
    width = chars.shape[1]
    point = width - decimals - 1
    weights = 10.0 ** np.arange(width - 2, -1, -1)
    digits = np.delete(chars, point, axis=1)
    minus = digits == 45
    plain = (digits == 32) | minus
    value = np.where(plain, 0, digits.astype(np.int16) - 48)
    good = (chars[:, point] == 46) & ((value >= 0) & (value <= 9)).all(axis=1)
    sign = np.where(minus.any(axis=1), -1.0, 1.0)
    return np.where(good, sign * (value.astype(float) @ weights) / 10.0**decimals, np.nan)
