"""What every room checks first: names, times and coordinates, refused with one clear sentence."""

import difflib


class InputError(ValueError):
    """A value cannot be used; the message names the value and the remedy in one sentence."""


class AgeWarning(UserWarning):
    """Orbital elements are used far from the instant at which they hold."""


def one_of(value, options, what):
    """Return `value` if it is one of `options`; else InputError names the nearest of them."""
    options = list(options)
    if value in options:
        return value
    near = difflib.get_close_matches(str(value), map(str, options), n=3, cutoff=0.5)
    near = near or [str(option) for option in options[:12]]
    raise InputError(f"There is no {what} {value!r}: try {', '.join(near)}.")
