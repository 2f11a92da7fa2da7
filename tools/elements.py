"""Fetch fresh orbital elements from CelesTrak: `python -m tools.elements`, never by itself.

The satellites of the table `elements` stay the same; their elements become those of today. The
answer is read with a time-out and a size limit, checked in full, and only then do the files
change, each in one step. Whatever fails, the old elements stay and one sentence says why. The
recorded elements that came with the course are copied aside before: `--recorded` goes back to them.

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
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from course.files import replace, save
from helpers import data
from helpers.inputs import InputError
from silkroad.elements import check_elements, json_value

URL = "https://celestrak.org/NORAD/elements/gp.php"
GROUPS = ("active", "gps-ops")  # the groups of which the recorded snapshot was taken
PAUSE = timedelta(hours=2)  # CelesTrak's policy: data change that often, so ask no more often
MOST_SINGLE = 10  # satellites in no group that are asked for one by one
MOST_NAMED = 10  # satellites that the summary names
LAST_FETCH = ".last-fetch"  # when each group was answered last
RECORDED = ".elements-recorded"  # the elements that came with the course
REFRESHED = "fetched again at"  # in the note of every row that did not
STAYS = "the old elements stay"
BACK = "make elements ELEMENTS_ARGS=--recorded"


def refresh(folder=None, url=URL, timeout_s=60, limit_bytes=30_000_000, now=None):
    """Replace the elements in `folder` (default: data/) by fresh ones; return a summary.

    InputError, in one sentence, on any failure: asked again within two hours, no network,
    an answer too slow or too large, anything in it that is not plausible, a folder that cannot
    be written. The old file then is as it was. A group that fails after another was answered is
    named in the summary, and may be asked for again at once. `now` is for tests.
    """
    folder = Path(folder or data.FOLDER)
    now = now or datetime.now(UTC).replace(microsecond=0)
    old, before = _rows(folder)
    due = _due(folder, old, now)
    settled = _settle(folder)
    _probe(folder)

    deadline = time.monotonic() + timeout_s
    found, failed = {}, ""
    wanted = {int(row["norad_id"]) for row in old}

    def ask(**query):
        for message in _messages(_download(url, query, deadline, limit_bytes), query):
            number = _catalogue_number(message)
            # Groups overlap; the newest elements of a satellite count.
            rival = found.get(number, message)
            if number in wanted and str(message.get("EPOCH")) >= str(rival.get("EPOCH")):
                found[number] = message

    try:
        for group in due:
            ask(GROUP=group)
            _write_note(folder, **{group: now.isoformat()})
        if due == list(GROUPS) and len(found) >= len(wanted) / 2:
            for number in sorted(wanted - set(found))[:MOST_SINGLE]:
                ask(CATNR=number)
    except InputError as problem:
        if not found:
            raise
        failed = f" Not all could be asked for: {problem}".replace(f"; {STAYS}", "")
    if not found or (GROUPS[0] in due and len(found) < len(wanted) / 2):
        raise InputError(
            f"The answer holds {len(found)} of our {len(wanted)} satellites, which cannot be "
            f"right; {STAYS}."
        )

    rows, kept = _merged(old, found, now)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(old[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    if not any(REFRESHED in row["source_note"] for row in old):
        # Not from the disk: another run may have replaced them meanwhile.
        replace(folder / RECORDED, before)
    _put(folder, text.getvalue().encode("utf-8"))

    summary = f"{settled}Fresh elements for {len(rows) - len(kept)} of {len(rows)} satellites."
    if kept:
        more = f"; and {len(kept) - MOST_NAMED} more" if len(kept) > MOST_NAMED else ""
        summary += f" Older ones kept: {'; '.join(kept[:MOST_NAMED])}{more}."
    return f"{summary}{failed} To return to the recorded ones: {BACK}"


def restore(folder=None):
    """Put the elements that came with the course back in `folder`; return a summary.

    InputError, one sentence: they were never copied aside, or the folder cannot be written.
    """
    folder = Path(folder or data.FOLDER)
    try:
        content = (folder / RECORDED).read_bytes()
    except FileNotFoundError:
        raise InputError(
            "No refresh has replaced the recorded elements yet, so there is no copy of them: if "
            "elements.csv is damaged, put that of a fresh copy of the course in its place."
        ) from None
    except OSError as error:
        raise InputError(
            f"The copy {RECORDED} cannot be read ({error.strerror or error}): put elements.csv "
            "of a fresh copy of the course in its place."
        ) from None
    settled = _settle(folder)
    _put(folder, content)
    return f"{settled}The recorded elements are back."


def _put(folder, content):
    """Write elements and their description, each in one step."""
    _write_note(folder, wrote=_digest(content))
    replace(folder / "elements.csv", content)
    described = None
    while described != (there := (folder / "elements.csv").read_bytes()):
        # Again where another run has replaced the elements meanwhile.
        package = _package(folder)
        describe(package, "elements", there)
        replace(folder / "datapackage.json", package_bytes(package))
        described = there


def describe(package, name, content):
    """Write bytes, hash and rows of a file into `package` (a dict), and the snapshot with it."""
    (resource,) = [item for item in package["resources"] if item["name"] == name]
    resource["bytes"] = len(content)
    resource["hash"] = _digest(content)
    if "schema" in resource:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
        resource["rows"] = len(rows)
        if name == "elements":
            package["snapshot"] = max(row["fetched"] for row in rows)


def package_bytes(package):
    """Return datapackage.json as it is written."""
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _rows(folder):
    """Return the present elements, after a check that they are whole: rows of text, and bytes."""
    try:
        data.load("elements", folder)
    except InputError as problem:
        if not (folder / RECORDED).exists():
            raise
        what = str(problem).rpartition(";")[0]
        raise InputError(f"{what}; {BACK} brings the recorded ones back.") from None
    content = (folder / "elements.csv").read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))), content


def _package(folder):
    """Return the description of the tables as a dict, or refuse one that is cut."""
    try:
        text = (folder / "datapackage.json").read_text(encoding="utf-8")
        describe(json_value(text), "elements", b"fetched\n2026\n")  # can it be described?
        return json_value(text)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(
            f"datapackage.json in {folder.name}/ is cut off or damaged ({why}): put that of a "
            f"fresh copy of the course in its place; {STAYS}."
        ) from None


def _settle(folder):
    """Describe elements.csv again if it is not as described; say in words what was done.

    A refresh that was stopped leaves its old size and hash behind. So does whoever writes into
    the file, and then it is not ours to take: it is kept beside as elements.kept.csv.
    """
    package, content = _package(folder), (folder / "elements.csv").read_bytes()
    before = package_bytes(package)
    describe(package, "elements", content)
    if package_bytes(package) == before:
        return ""
    words = "datapackage.json described older elements and is corrected. "
    if _read_note(folder).get("wrote") != _digest(content):
        save(folder / "elements.kept.csv", content, told=lambda told: None)
        words += "What somebody wrote into elements.csv is kept as elements.kept.csv. "
    replace(folder / "datapackage.json", package_bytes(package))
    return words


def _digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _read_note(folder):
    """Return what earlier runs noted: {group: when it was answered last, "wrote": digest}."""
    try:
        told = (folder / LAST_FETCH).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return {}
    try:
        noted = json_value(told)
    except ValueError:  # one stamp for all groups, as it was noted before
        noted = dict.fromkeys(GROUPS, told.strip())
    return noted if isinstance(noted, dict) else {}


def _write_note(folder, **changes):
    replace(folder / LAST_FETCH, json.dumps(_read_note(folder) | changes).encode())


def _due(folder, old, now):
    """Return the groups that may be asked for; refuse where all were answered within two hours.

    Also by an answer that was no use. Without a note, when the rows were fetched counts.
    """
    noted, answered = _read_note(folder), {}
    if not set(GROUPS) & set(noted):
        noted = dict.fromkeys(GROUPS, max(row["fetched"] for row in old))
    for group in GROUPS:
        with suppress(ValueError, TypeError, KeyError):
            stamp = datetime.fromisoformat(noted[group])
            answered[group] = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    # What lies ahead was noted by a clock that was wrong.
    waits = {group: t + PAUSE for group, t in answered.items() if t <= now < t + PAUSE}
    due = [group for group in GROUPS if group not in waits]
    if not due:
        until = min(waits.values())
        raise InputError(
            f"Elements were last asked for at {until - PAUSE:%Y-%m-%d %H:%M} UTC, and CelesTrak "
            f"asks for two hours between fetches: try again after {until:%Y-%m-%d %H:%M} UTC."
        )
    return due


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


class _SamePlace(HTTPRedirectHandler):
    """Follows a server to another address of the same host, and never away from https."""

    def redirect_request(self, request, answer, code, message, headers, address):
        before, after = urlsplit(request.full_url), urlsplit(address)
        if after.hostname != before.hostname or after.scheme not in ("https", before.scheme):
            place = f"{after.scheme}://{after.netloc}{after.path}"[:100]
            raise InputError(
                f"{before.hostname} sends on to {place}, another place; {STAYS}: give that "
                "address with --url if you trust it."
            )
        return super().redirect_request(request, answer, code, message, headers, address)


def _download(url, query, deadline, limit_bytes):
    """Return the bytes of one answer, or refuse it as soon as it is too slow or too large.

    In a thread, as a server may send the head of its answer so slowly that no time-out of a
    single wait ever ends; the thread goes with the program.
    """
    outcome = {}
    address = f"{url}?{urlencode({**query, 'FORMAT': 'JSON'})}"
    work = threading.Thread(
        target=_fetch, args=(address, url, deadline, limit_bytes, outcome), daemon=True
    )
    work.start()
    work.join(max(deadline - time.monotonic(), 0))
    if "problem" in outcome:
        raise outcome["problem"]
    if "content" not in outcome:
        raise InputError(
            f"{url} did not answer in time; {STAYS}: try again when the network is better."
        )
    return outcome["content"]


def _fetch(address, url, deadline, limit_bytes, outcome):
    """Put the bytes of an answer into `outcome`, or the InputError that says what was wrong."""
    content = b""
    try:
        left_s = max(deadline - time.monotonic(), 0.001)
        request = Request(address, headers={"User-Agent": "space-silk-road notebooks"})
        with build_opener(_SamePlace).open(request, timeout=left_s) as answer:
            while chunk := answer.read1(1 << 16):
                content += chunk
                if len(content) > limit_bytes:
                    raise InputError(
                        f"The answer of {url} is larger than {limit_bytes / 1e6:g} MB; {STAYS}."
                    )
                if time.monotonic() > deadline:
                    return
            length = answer.headers.get("Content-Length")
            if length and len(content) < int(length):
                raise HTTPException("the answer is cut off")
        outcome["content"] = content
    except InputError as problem:
        outcome["problem"] = problem
    except HTTPError as error:
        refusal = f"{url} refuses with {error.code} ({{}}); {STAYS}."
        outcome["problem"] = InputError(refusal.format("nothing"))  # its words may never come
        with suppress(OSError, HTTPException):
            outcome["problem"] = InputError(refusal.format(_quoted(error.read(200))))
    except Exception as error:  # whatever it is: in a thread nobody else would say it
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return
        reason = getattr(reason, "strerror", None) or reason
        outcome["problem"] = InputError(f"{url} cannot be reached ({reason}); {STAYS}.")


def _quoted(content):
    return " ".join(content.decode("utf-8", "replace").split())[:80] or "nothing"


def _messages(content, query):
    """Return the orbit messages of an answer: a list of dicts, no satellite twice."""
    asked = "=".join(map(str, next(iter(query.items()))))
    if "CATNR" in query and content.strip() == b"No GP data found":
        return []
    try:
        messages = json_value(content.decode("utf-8"))
    except ValueError as error:
        cut = content.lstrip()[:1] in (b"[", b"{")
        what = f"is cut off or damaged ({error})" if cut else f"says: {_quoted(content)}"
        raise InputError(
            f"The answer for {asked} is no orbital data, it {what}; {STAYS}."
        ) from None
    try:
        numbers = [_catalogue_number(message) for message in messages]
    except (TypeError, AttributeError, KeyError, ValueError, OverflowError):
        raise InputError(
            f"The answer for {asked} is no list of orbit messages with NORAD_CAT_ID; {STAYS}."
        ) from None
    number, times = Counter(numbers).most_common(1)[0] if numbers else (0, 0)
    if times > 1:
        raise InputError(f"The answer for {asked} has satellite {number} twice; {STAYS}.")
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
        new |= {"fetched": stamp, "source_note": f"S049: {REFRESHED} {stamp}"}
        rows[place] = new
        places.append(place)

    def refuse(index, what):
        row = old[places[index]]
        raise InputError(
            f"The answer for {row['name']} ({row['norad_id']}) is not usable, {what}; {STAYS}."
        )

    frame = data.typed("elements", [list(rows[place].values()) for place in places], refuse)
    check_elements(frame, STAYS)
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
            f"wrong; {STAYS}."
        )
    if len(kept) + len(jumps) == len(rows):
        raise InputError(f"No satellite has newer elements; {STAYS}.")
    return rows, kept + jumps


def _plain(value):
    """Return a value of JSON as text; what is neither number nor text counts as missing."""
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if plain else ""


def _jump(row, new):
    """Tell a change that no satellite of ours makes by itself within months, or of theory."""
    if new["ephemeris_type"] != "0":
        return f"comes as ephemeris_type {new['ephemeris_type']}, for which plain SGP4 is wrong"
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
    parser.add_argument(
        "--recorded", action="store_true", help="go back to the elements that came with the course"
    )
    chosen = parser.parse_args(arguments)
    try:
        back = chosen.recorded
        print(restore(chosen.data) if back else refresh(chosen.data, chosen.url, chosen.timeout))
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the elements are whole, old or new.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
