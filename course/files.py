"""Writing files whole or not at all."""

import os
import stat
import tempfile

from helpers.inputs import InputError


def replace(path, content):
    """Replace a file in one step: it holds the old bytes or the new ones, never half of them."""
    scratch = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            scratch = file.name
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is private; the files of data/ are for everyone.
        os.chmod(scratch, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
        os.replace(scratch, path)
    except OSError as error:
        raise InputError(
            f"{path.name} in {path.parent.name}/ cannot be replaced ({error.strerror or error}); "
            "the old file stays: check who owns the folder and whether the disk is full."
        ) from None
    finally:
        if scratch and os.path.exists(scratch):
            os.unlink(scratch)
