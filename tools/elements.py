"""Fetch fresh orbital elements from CelesTrak: `python -m tools.elements`, never by itself.

The satellites of the table `elements` stay the same; their elements become those of today. The
answer is read with a time-out and a size limit, checked in full, and only then do the files
change, each in one step. Whatever fails, the old elements stay and one sentence says why.

Each row of `elements.csv` carries the instant of its fetch, so the file needs no other to be
understood: a stop between its replacement and that of `datapackage.json` leaves only the recorded
size and hash behind, and the next call puts them right.
"""

import argparse
import csv
import hashlib
import io
import json
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from course.files import replace
from helpers import data
from helpers.inputs import InputError

URL = "https://celestrak.org/NORAD/elements/gp.php"
GROUPS = ("active", "gps-ops")  # the groups of which the recorded snapshot was taken
PAUSE = timedelta(hours=2)  # CelesTrak's policy: data change that often, so ask no more often
MOST_SINGLE = 10  # satellites in no group that are asked for one by one
LAST_FETCH = ".last-fetch"


def refresh(folder=None, url=URL, timeout_s=60, limit_bytes=30_000_000, now=None):
    """Replace the elements in `folder` (default: data/) by fresh ones; return a summary.

    InputError, in one sentence, on any failure: asked again within two hours, no network,
    an answer too slow or too large, anything in it that is not plausible, a folder that cannot
    be written. The old file then is as it was. `now` is for tests.
    """
    folder = Path(folder or data.FOLDER)
    now = now or datetime.now(UTC).replace(microsecond=0)
    old = _rows(folder)
    settled = _settle(folder)
    _wait(folder, old, now)
    _probe(folder)

    deadline = time.monotonic() + timeout_s
    found = {}
    wanted = {int(row["norad_id"]) for row in old}

    def ask(**query):
        for message in _messages(_download(url, query, deadline, limit_bytes), query):
            number = _catalogue_number(message)
            # Groups overlap; the newest elements of a satellite count.
            rival = found.get(number, message)
            if number in wanted and str(message.get("EPOCH")) >= str(rival.get("EPOCH")):
                found[number] = message
        (folder / LAST_FETCH).write_text(now.isoformat())

    for group in GROUPS:
        ask(GROUP=group)
    if len(found) < len(wanted) / 2:
        raise InputError(
            f"The answer holds {len(found)} of our {len(wanted)} satellites, which cannot be "
            "right; the old elements stay."
        )
    for number in sorted(wanted - set(found))[:MOST_SINGLE]:
        ask(CATNR=number)

    rows, kept = _merged(old, found, now)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(old[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    content = text.getvalue().encode("utf-8")
    package = _package(folder)
    describe(package, "elements", content)
    replace(folder / "elements.csv", content)
    replace(folder / "datapackage.json", package_bytes(package))

    summary = f"{settled}Fresh elements for {len(rows) - len(kept)} of {len(rows)} satellites."
    if kept:
        summary += f" Older ones kept: {'; '.join(kept)}."
    return summary + (
        " To return to the recorded ones: git checkout data/elements.csv data/datapackage.json"
    )


def describe(package, name, content):
    """Write bytes, hash and rows of a file into `package` (a dict), and the snapshot with it."""
    (resource,) = [item for item in package["resources"] if item["name"] == name]
    resource["bytes"] = len(content)
    resource["hash"] = "sha256:" + hashlib.sha256(content).hexdigest()
    if "schema" in resource:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
        resource["rows"] = len(rows)
        if name == "elements":
            package["snapshot"] = max(row["fetched"] for row in rows)


def package_bytes(package):
    """Return datapackage.json as it is written."""
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _rows(folder):
    """Return the rows of the present elements as text, after a check that they are whole."""
    data.load("elements", folder)
    with open(folder / "elements.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _package(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def _settle(folder):
    """Describe elements.csv again if a stopped refresh left its old size and hash behind."""
    package, content = _package(folder), (folder / "elements.csv").read_bytes()
    before = package_bytes(package)
    describe(package, "elements", content)
    if package_bytes(package) == before:
        return ""
    replace(folder / "datapackage.json", package_bytes(package))
    return "datapackage.json described older elements and is corrected. "


def _wait(folder, old, now):
    """Refuse a fetch within two hours of the last answer, also of one that was no use."""
    last = max(datetime.fromisoformat(row["fetched"]) for row in old)
    with suppress(OSError, ValueError):  # no such file: no fetch since the recorded snapshot
        last = max(last, datetime.fromisoformat((folder / LAST_FETCH).read_text()))
    if now < last + PAUSE:
        raise InputError(
            f"Elements were last asked for at {last:%Y-%m-%d %H:%M} UTC, and CelesTrak asks for "
            f"two hours between fetches: try again after {last + PAUSE:%Y-%m-%d %H:%M} UTC."
        )


def _probe(folder):
    """Refuse a folder that cannot be written before anything is asked of the network."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-"):
            pass
    except OSError as error:
        raise InputError(
            f"The folder {folder.name}/ cannot be written ({error.strerror or error}): check who "
            "owns it, or copy the project to a place of your own."
        ) from None


def _download(url, query, deadline, limit_bytes):
    """Return the bytes of one answer, or refuse it as soon as it is too slow or too large."""
    address = f"{url}?{urlencode({**query, 'FORMAT': 'JSON'})}"
    stays = "the old elements stay"
    content = b""
    try:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        request = Request(address, headers={"User-Agent": "space-silk-road notebooks"})
        with urlopen(request, timeout=left_s) as answer:
            while chunk := answer.read1(1 << 16):
                content += chunk
                if len(content) > limit_bytes:
                    raise InputError(
                        f"The answer of {url} is larger than {limit_bytes / 1e6:g} MB; {stays}."
                    )
                if time.monotonic() > deadline:
                    raise TimeoutError
            length = answer.headers.get("Content-Length")
            if length and len(content) < int(length):
                raise HTTPException("the answer is cut off")
    except InputError:
        raise
    except HTTPError as error:
        told = _quoted(error.read(200))
        raise InputError(f"{url} refuses with {error.code} ({told}); {stays}.") from None
    except TimeoutError:
        raise InputError(
            f"{url} did not answer in time; {stays}: try again when the network is better."
        ) from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            reason = "it did not answer in time"
        reason = getattr(reason, "strerror", None) or reason
        raise InputError(f"{url} cannot be reached ({reason}); {stays}.") from None
    return content


def _quoted(content):
    return " ".join(content.decode("utf-8", "replace").split())[:80] or "nothing"


def _messages(content, query):
    """Return the orbit messages of an answer: a list of dicts, no satellite twice."""
    asked = "=".join(map(str, next(iter(query.items()))))
    if "CATNR" in query and content.strip() == b"No GP data found":
        return []
    try:
        messages = json.loads(content)
        numbers = [_catalogue_number(message) for message in messages]
    except ValueError as error:
        cut = content.lstrip()[:1] in (b"[", b"{")
        what = f"is cut off or damaged ({error})" if cut else f"says: {_quoted(content)}"
        raise InputError(
            f"The answer for {asked} is no orbital data, it {what}; the old elements stay."
        ) from None
    except (TypeError, AttributeError, KeyError):
        raise InputError(
            f"The answer for {asked} is no list of orbit messages with NORAD_CAT_ID; "
            "the old elements stay."
        ) from None
    number, times = Counter(numbers).most_common(1)[0] if numbers else (0, 0)
    if times > 1:
        raise InputError(
            f"The answer for {asked} has satellite {number} twice; the old elements stay."
        )
    return messages


def _catalogue_number(message):
    return int(message["NORAD_CAT_ID"])


def _merged(old, found, now):
    """Return the new rows, and why some satellites keep their old one."""
    # The name and the designator stay ours: lessons find a satellite by them.
    fields = data.package()["elements"]["schema"]["fields"]
    names = {field["omm"]: field["name"] for field in fields if "omm" in field}
    del names["OBJECT_NAME"], names["OBJECT_ID"]
    stamp = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    rows, places, kept, jumps = list(old), [], [], []
    for place, row in enumerate(old):
        message = found.get(int(row["norad_id"]))
        if message is None:
            kept.append(f"{row['name']} is not in the answer")
            continue
        new = row | {name: _plain(message.get(key)) for key, name in names.items()}
        new["epoch"] = new["epoch"].removesuffix("Z") + "Z"
        new |= {"fetched": stamp, "source_note": f"S049: fetched again at {stamp}"}
        rows[place] = new
        places.append(place)

    def refuse(index, what):
        row = old[places[index]]
        raise InputError(
            f"The answer for {row['name']} ({row['norad_id']}) is not usable, {what}; "
            "the old elements stay."
        )

    frame = data.typed("elements", [list(rows[place].values()) for place in places], refuse)
    data.check_elements(frame, "the old elements stay")
    for place, epoch in zip(places, frame["epoch"], strict=True):
        row, new = old[place], rows[place]
        if epoch < datetime.fromisoformat(row["epoch"]):
            kept.append(f"{row['name']} has no newer elements")
        elif why := _jump(row, new):
            jumps.append(f"{row['name']} {why}")
        else:
            continue
        rows[place] = row
    if len(jumps) > len(places) / 10:
        raise InputError(
            f"{len(jumps)} of {len(places)} satellites jump, first {jumps[0]}, as if units were "
            "wrong; the old elements stay."
        )
    if len(kept) + len(jumps) == len(rows):
        raise InputError("No satellite has newer elements; the old elements stay.")
    return rows, kept + jumps


def _plain(value):
    """Return a value of JSON as text; what is neither number nor text counts as missing."""
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if plain else ""


def _jump(row, new):
    """Tell a change that no satellite of ours makes by itself within months."""
    limits = {"inclination_deg": 10, "eccentricity": 0.1, "mean_motion_rev_per_day": 1.5}
    for column, most in limits.items():
        if abs(float(new[column]) - float(row[column])) > most:
            return f"goes from {column} {row[column]} to {new[column]}"
    return ""


def main(arguments=None):
    """Run the command; return 0, or 1 after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m tools.elements", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--url", default=URL, help="address of the GP service")
    parser.add_argument("--data", default=None, help="folder with elements.csv")
    parser.add_argument("--timeout", type=float, default=60, help="seconds in all")
    chosen = parser.parse_args(arguments)
    try:
        print(refresh(chosen.data, chosen.url, chosen.timeout))
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the elements are whole, old or new.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
