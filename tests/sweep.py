"""Move every control of a lesson through its range, then all together at random.

Runs inside the lesson's own kernel, after its last cell: `problems(lesson)` returns one sentence
for each state in which a callback failed, naming lesson, control and value.
"""

import random

import ipywidgets as widgets

STATES = 500  # random states for each lesson, shared out over its views
STEPS = 40  # stops along one control


def choices(control):
    """Return the values a control can take, thinned to `STEPS`, both ends included."""
    if isinstance(control, widgets.SelectMultiple):
        values = [(), tuple(v for _, v in control._options_full)]
    elif hasattr(control, "_options_full"):
        values = [value for _, value in control._options_full]
    elif isinstance(control, widgets.Checkbox | widgets.ToggleButton):
        values = [True, False]
    elif hasattr(control, "min") and hasattr(control, "max") and hasattr(control, "step"):
        count = int((control.max - control.min) / (control.step or 1)) + 1
        values = [control.min + i * (control.step or 1) for i in range(count)]
        values = [type(control.value)(value) for value in values]
    else:
        values = [control.value]
    if len(values) > STEPS:
        values = [values[round(i * (len(values) - 1) / (STEPS - 1))] for i in range(STEPS)]
    return values


def loose_controls(views):
    """Return the controls somebody listens to that belong to no live view, by description."""
    owned = {c.model_id for view in views.values() for c in view.controls.values()}
    found = {}
    for widget in widgets.Widget.get_manager_state()["state"]:
        control = widgets.widget._instances.get(widget)
        listens = control and control._trait_notifiers.get("value", {}).get("change")
        if isinstance(control, widgets.ValueWidget) and listens and widget not in owned:
            found[control.description or type(control).__name__] = control
    return found


def problems(lesson, states=STATES, seed=1):
    """Sweep the live views and loose controls of this kernel; return the sentences of failures."""
    from helpers import livemap

    views, found, dice = livemap.views(), [], random.Random(seed)

    def move(control, name, value, view=None):
        try:
            control.value = value
        except Exception as problem:  # a callback of plain ipywidgets raises here
            found.append(
                f"{lesson}: {name} = {value!r} failed: {type(problem).__name__}: {problem}"
            )
            return
        if view and view.error:
            found.append(f"{lesson}: {name} = {value!r} failed: {view.map.error}")

    def settle(view, name):
        if not view.update(fine=True):
            found.append(f"{lesson}: {name} at {view.values()} failed at rest: {view.map.error}")

    for key, view in views.items():
        title = key.rpartition(".")[2]
        for name, control in view.controls.items():
            start = control.value
            for value in choices(control):
                move(control, f"{title}.{name}", value, view)
            move(control, f"{title}.{name}", start, view)
        settle(view, title)
    for key, view in views.items():
        title = key.rpartition(".")[2]
        for _ in range(states // len(views)):
            # All controls but the last move silently: a state is one picture, not several.
            chosen = {name: dice.choice(choices(c)) for name, c in view.controls.items()}
            for name, value in chosen.items():
                control = view.controls[name]
                control.unobserve(view._moved, "value")
                control.value = value
                control.observe(view._moved, "value")
            if not view.update(fine=False):
                state = ", ".join(f"{name} = {value!r}" for name, value in chosen.items())
                found.append(f"{lesson}: {title} with {state} failed: {view.map.error}")
        settle(view, title)
    for name, control in loose_controls(views).items():
        for value in choices(control):
            move(control, name, value)
    return found
