"""What do the lessons say, before and after? Record two trees, then print what differs.

    python tools/compare.py record build/before --root ../before
    python tools/compare.py record build/after 04 11
    python tools/compare.py diff build/before build/after 04 11

`record` runs each lesson in a kernel of its own with the packages of a tree, and writes what it
says as {where: {what: {state: value}}}: every view in a set of states, still maps, computed claims,
printed text. A state names what was moved, {control: readout}, and is chosen by readouts alone, so
that two trees with equal controls meet in equal states. `diff` exits with 1 where anything differs.
"""

import argparse
import hashlib
import json
import os
import re
import sys
from pathlib import Path

from course import files

ALONE, TOGETHER = 12, 40  # states of a view: one control through its stops; all controls at once
SLOW = 4  # a view with a slow, fine result gets so many times fewer
SMALL = 2000  # characters; of a longer table only the digest is kept
CODE = """from pathlib import Path
compare = {{"__name__": "compare"}}
exec(Path({file!r}).read_text("utf-8"), compare)
display({{"application/json": compare["in_kernel"]({root!r}, {lesson!r})}}, raw=True)"""


def record(path, root):
    """Run the lesson at `path` with the packages in `root`; return what it says.

    Of a lesson that fails, {"the lesson": {"failure": {"": message}}}.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    lesson = nbformat.read(path, as_version=4)
    code = CODE.format(file=str(Path(__file__).resolve()), root=str(root), lesson=path.stem)
    lesson.cells.append(nbformat.v4.new_code_cell(code))
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(lesson, timeout=1800, kernel_name="python3", resources=where)
    try:
        client.execute(env={**os.environ, "PYTHONPATH": str(root)})
    except CellExecutionError as problem:
        return {"the lesson": {"failure": {"": f"{problem.ename}: {problem.evalue}"}}}
    *cells, last = [cell for cell in lesson.cells if cell.cell_type == "code"]
    said = [o["data"]["application/json"] for o in last.outputs if "data" in o][-1]
    texts = {cell.id: "".join(map(_text, cell.outputs)) for cell in cells}
    checked = [cell.id for cell in cells if cell.source.startswith("# NBVAL_CHECK_OUTPUT")]
    lines = dict.fromkeys(line.strip() for text in texts.values() for line in text.split("\n"))
    # Not what Python calls an object that is shown otherwise, such as a map.
    lines = [line for line in lines if not re.search(r"^\w+\(.*=|0x[0-9a-f]+>$", line)]
    said["the lesson"] = {"failure": {"": ""}, "printed lines": {"": lines}}
    return said | {"checked outputs": {id: {"": texts[id]} for id in checked}}


def _text(output):
    return output.get("text") or output.get("data", {}).get("text/plain", "") + "\n"


def in_kernel(root, lesson):
    """Move the views of this kernel, compute the lesson's claims; return what they show."""
    from IPython import get_ipython

    import helpers

    if Path(root) not in Path(helpers.__file__).parents:
        raise RuntimeError(f"{helpers.__file__} is not in {root}: this records another tree.")
    try:
        from tools.moving import views
    except ImportError:  # an older tree
        from helpers.live import views
    shown = list(views().values())
    said = {"the views": {"order": {"": ", ".join(view.title for view in shown)}}}
    said |= {view.title: _view(view) for view in shown}
    for out in get_ipython().user_ns["Out"].values():  # still maps
        if isinstance(getattr(out, "layers", None), list) and not hasattr(out, "controls"):
            parts = _layers(out.layers).items()
            said[f"{out.title} (still)"] = {what: {"": value} for what, value in parts}
    return said | _claims(lesson[:2])


def _view(view):
    try:
        from tools.recording import stops
    except ImportError:
        from helpers.recording import stops
    said, found = {"controls": {"": ", ".join(view.controls)}}, {}
    for name, control in view.controls.items():
        found[name], at = stops(control)
        readouts = [readout for readout, *_ in found[name]]
        said[f"control {name!r}"] = {"readouts": readouts, "start": "".join(readouts[at : at + 1])}
    starts = {name: every[stops(view.controls[name])[1]] for name, every in found.items() if every}
    few = SLOW if getattr(view, "has_fine", getattr(view, "_has_fine", False)) else 1
    for state in states({name: [stop[0] for stop in every] for name, every in found.items()}, few):
        view.update = lambda *how: True  # all controls first, the computation after
        for name, start in starts.items():
            stop = next((s for s in found[name] if s[0] == state.get(name)), start)
            setattr(view.controls[name], *stop[1:])
        del view.update
        parts = _layers(view.layers if view.update() else [])
        parts |= {"headline": view.map.headline, "error": view.map.error}
        for what, value in parts.items():
            said.setdefault(what, {})[json.dumps(state, ensure_ascii=False)] = value
    return said


def states(ranges, few=1):
    """Return states {control: readout}: as it stands, each control alone, then all together.

    ranges: {control: readouts}. Together, a control takes the readout with the largest hash: one
    readout more or less, or another control, leaves nearly all choices as they were.
    """
    ranges = {name: readouts for name, readouts in ranges.items() if readouts}
    found = [{}]
    for name, every in ranges.items():
        count = min(len(every), ALONE // few)
        found += [{name: every[i * (len(every) - 1) // max(count - 1, 1)]} for i in range(count)]
    for k in range(TOGETHER // few):
        hashed = {n: {_digest(f"{k} {n} {r}"): r for r in every} for n, every in ranges.items()}
        found.append({name: readouts[max(readouts)] for name, readouts in hashed.items()})
    return [json.loads(text) for text in dict.fromkeys(map(json.dumps, found))]


def _layers(layers):
    """Return {what: value} of some layers; colours aside, and of charts only the numbers."""
    said = {"layers": "; ".join(f"{layer.name} ({layer.spec['kind']})" for layer in layers)}
    cells = []
    for layer in layers:
        if layer.spec["kind"] == "chart":
            cells += [*layer.table.columns, *layer.table.to_numpy(object).ravel()]
            continue
        rounded = layer.table.map(lambda v: f"{v:.6g}" if isinstance(v, float) else v)
        table = rounded.to_csv(index=False)
        said[f"layer {layer.name}: table"] = table if len(table) < SMALL else _digest(table)
        for key in layer.spec.keys() - {"id", "name", "kind", "color"}:
            said[f"layer {layer.name}: {key}"] = _digest(_plain(layer.spec[key]))
    inside = " ".join(str(cell) for cell in cells if not hasattr(cell, "__float__"))
    said["numbers"] = _numbers(cell for cell in cells if hasattr(cell, "__float__"))
    said["in texts"] = _numbers(re.findall(r"-?\d+(?:\.\d+)?", inside.replace(",", "")))
    return said


def _plain(value):
    """Return a part of a spec without its colours."""
    if isinstance(value, dict):
        return {key: v for key, v in value.items() if key != "color"}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _digest(value):
    return hashlib.md5(json.dumps(value, default=repr, sort_keys=True).encode()).hexdigest()[:10]


def _numbers(cells):
    return sorted({f"{float(cell):.4g}" for cell in cells if cell == cell}, key=float)


def _claims(notebook):
    from helpers import claims, data

    settle = getattr(claims, "settle", None) or claims.check
    table, said = data.load("claims"), {}
    for id in table.loc[table["notebook"].eq(notebook) & table["check"].eq("computed"), "id"]:
        found = settle(id)
        parts = {key: getattr(found, key) for key in ("verdict", "evidence", "rule")}
        for what, value in found.numbers.items():
            parts[f"number {what!r}"] = f"{value:.6g}" if isinstance(value, float) else str(value)
        said[id] = {what: {"": v} for what, v in (parts | _layers(found.layers)).items()}
    return said


def differences(before, after):
    """Return {(where, what): [detail]} of two records; of a list, only what `after` lost counts."""
    if failure := after.get("the lesson", {}).get("failure", {}).get(""):
        return {("the lesson", "failure"): [failure]}
    found = {(where, "new"): [""] for where in after if where not in before}
    found |= {(where, "lost"): [""] for where in before if where not in after}
    for where, what, state, old in _entries(before):
        there = after.get(where)
        if there is None or what == "in texts" or _told(there, what, state):
            continue
        new = there.get(what, {}).get(state)
        if what == "numbers":
            known = (new or []) + there.get("in texts", {}).get(state, [])
            old, new = [number for number in old if not _among(number, known)], []
        elif isinstance(old, list) and new is not None:
            old, new = [entry for entry in old if entry not in new], []
        if old != new:
            found.setdefault((where, what), []).append(_detail(state, old, new))
    return found


def _entries(record):
    for where, parts in record.items():
        for what, values in parts.items():
            for state, value in values.items():
                yield where, what, state, value


def _told(there, what, state):
    """Tell whether the headline says that the state is lost, or `layers` that the layer is."""
    if state.startswith("{") and what != "headline" and state not in there.get("headline", {}):
        return True
    layer = what.rpartition(": ")[0]
    return what.startswith("layer ") and state not in there.get(f"{layer}: table", {})


def _among(number, others):
    """Tell whether the number is among others, or what one of them rounds to."""
    digits = len(number.partition(".")[2]) if "e" not in number else 0
    return number in others or (digits and number in [f"{float(n):.{digits}f}" for n in others])


def _detail(state, old, new):
    """Return the state, and the lines that are only in one of two values."""
    one, two = (v if isinstance(v, list) else str(v).split("\n") for v in (old, new))
    lost, more = [f"- {x}" for x in one if x not in two], [f"+ {x}" for x in two if x not in one]
    last = [f"({len(lost)} lines lost, {len(more)} new)"] if lost[8:] or more[8:] else []
    if not lost and not more:
        last = ["(the same lines in another order)"]
    return "\n".join([state, *lost[:8], *more[:8], *last])


def _all_numbers(record):
    found = [(e[0], e[3]) for e in _entries(record) if e[1] in ("numbers", "in texts")]
    return {(where, number) for where, numbers in found for number in numbers}


def _diff(before, after):
    """Print what differs between two records of a lesson; return whether anything does."""
    old, new = (json.loads(path.read_text("utf-8")) if path else {} for path in (before, after))
    more = _all_numbers(new) - _all_numbers(old)
    found = differences(old, new)
    print(f"{before.stem}: {len(found) or 'nothing'} differs; {len(more)} numbers are new")
    for (where, what), details in found.items():
        times = f", in {len(details)} states, first" if len(details) > 1 else ""
        print(f"  {where}: {what}{times} " + details[0].replace("\n", "\n      "))
    return bool(found)


def main():
    """Record or compare, as the head of this file says; return how many lessons fail or differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("do", choices=["record", "diff"])
    parser.add_argument("folders", nargs="+", help="one or two; then lessons: 04 11")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1])
    given, bad = parser.parse_intermixed_args(), 0
    first, *chosen = given.folders
    if given.do == "diff":
        after, *chosen = chosen
        for path in sorted(Path(first).glob("[0-9][0-9]-*.json")):
            if not chosen or path.name[:2] in chosen:
                bad += _diff(path, next(Path(after).glob(f"{path.name[:2]}-*.json"), None))
        return bad
    with files.folder(first, by="record of what lessons say", whole=False) as new:
        for path in sorted(given.root.resolve().glob("notebooks/[0-9][0-9]-*.ipynb")):
            if not chosen or path.name[:2] in chosen:
                said = record(path, given.root.resolve())
                text = json.dumps(said, ensure_ascii=False, indent=0)
                Path(new, f"{path.stem}.json").write_text(text, encoding="utf-8")
                failure = said["the lesson"]["failure"][""]
                print(path.stem, failure or f"{len(said)} things recorded", flush=True)
                bad += bool(failure)
    return bad


if __name__ == "__main__":
    sys.exit(bool(main()))
