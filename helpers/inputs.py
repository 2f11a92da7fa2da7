"""What every room checks first: a value is taken, or refused with one clear sentence."""

import difflib

__all__ = ["InputError", "one_of"]


class InputError(ValueError):
    """A value cannot be used; the message names the value and the remedy in one sentence."""

    def _render_traceback_(self):
        # What IPython asks of an exception: here the sentence is all the reader needs.
        return [str(self)]


def one_of(value, options, what):
    """Return `value` if it is one of `options`; else InputError names the nearest of them."""
    options, shown = list(options), " ".join(repr(value).split())[:60]
    try:
        if value in options:
            return value
    except (TypeError, ValueError):  # an array, or what is missing in pandas, equals nothing
        pass
    near = difflib.get_close_matches(str(value), map(str, options), n=3, cutoff=0.5)
    near = near or [str(option) for option in options[:12]]
    raise InputError(f"There is no {what} {shown}: try {', '.join(near)}.")
