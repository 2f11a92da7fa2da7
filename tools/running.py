"""Run a notebook in a kernel of its own: for whoever looks at what its cells show."""

import atexit
import warnings
from copy import deepcopy

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError

CELL_S, STEP_S = 120, 900  # so long a cell of a notebook may take, and a step after it
# What jupyter_client says where another process took a port that was free when it chose.
BORN_DEAD = "Kernel died before replying to kernel_info"


def run(notebook, folder, steps=(), **more):
    """Return a copy of a notebook that ran in `folder`, with what its cells showed.

    steps: code cells that run after it in the same kernel; they stand at the end of the copy.
    more: for nbclient's `execute`, such as env. Raises nbclient's CellExecutionError where a cell
    fails, CellTimeoutError where the kernel does not answer, RuntimeError where it dies.
    """
    longer = {cell.id for cell in steps}
    where = {"metadata": {"path": str(folder)}}
    # ipykernel 7 may leave a request unread (its issue 1554): the kernel rests, nbclient waits in
    # vain. It is told, and a second silence is a failure.
    for last in (False, True):
        made = deepcopy(notebook)
        made.cells += deepcopy(list(steps))
        client = NotebookClient(made, kernel_name="python3", resources=where)
        client.timeout_func = lambda cell: STEP_S if cell.get("id") in longer else CELL_S
        try:
            client.execute(**more)
            return made
        except (CellTimeoutError, RuntimeError) as silence:
            # Else nbclient looks for it when Python ends, and prints that it does not find it.
            atexit.unregister(client._cleanup_kernel)
            again = isinstance(silence, CellTimeoutError) or str(silence) == BORN_DEAD
            if last or not again:
                raise
            warnings.warn(f"The kernel did not answer, so it runs again: {silence}", stacklevel=2)
