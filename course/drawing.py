"""How is this drawn? The code of the lessons' rooms that draws a view, found in what it names."""

import dis
import inspect
import textwrap
from functools import cache
from pathlib import Path

ROOMS = "course."  # modules that draw for lessons: a view shows how
SOURCE_MOST = 8000  # characters of source a view shows; of what is longer, only the names


def source(function):
    """Return {file: code} of the functions of lessons' rooms that draw for `function`.

    First those it names, then those that they name. {} where the lesson's own cell draws it all.
    """
    drawing = _named.__wrapped__(function)  # a cell's own function is new at each run
    for other in drawing:  # it grows while it is read
        drawing += [found for found in _named(other) if found not in drawing]
    codes, left, room = {}, {}, SOURCE_MOST
    for one in drawing:
        path, module = Path(inspect.getsourcefile(one)), one.__module__
        folder = module if path.stem == "__init__" else module.rpartition(".")[0]
        file = f"{folder.replace('.', '/')}/{path.name}"
        code = _text(one)
        room -= len(code)
        kept, what = (codes, code) if room >= 0 else (left, one.__name__)
        kept.setdefault(file, []).append(what)
    for file, names in left.items():
        codes.setdefault(file, []).append(f"# And in this file: {', '.join(names)}.\n")
    return {file: "\n\n".join(parts) for file, parts in codes.items()}


@cache
def _text(function):
    return textwrap.dedent(inspect.getsource(function))


@cache
def _named(function):
    """Return the functions of lessons' rooms that the code of `function` names, in its order."""
    found, codes = [], [function.__code__]
    for code in codes:  # with those of functions within
        codes += filter(inspect.iscode, code.co_consts)
        value = None
        for step in dis.get_instructions(code):
            if step.opname == "LOAD_GLOBAL":
                value = function.__globals__.get(step.argval)
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and _of_a_room(value):
                value = getattr(value, step.argval, None)
            else:
                value = None
            if _of_a_room(value):
                plain = inspect.unwrap(getattr(value, "__func__", value))  # of methods and caches
                if inspect.isfunction(plain) and plain not in found:
                    found.append(plain)
    return found


def _of_a_room(value):
    """Tell whether a module, or what a module made, is of a lesson's room."""
    name = getattr(value, "__module__", None) or getattr(value, "__name__", "")
    return f"{name}.".startswith(ROOMS)
