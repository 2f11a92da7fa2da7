"""What a kernel of this course goes without: JupyterLab's debugger, and a history of its cells.

CONTRIBUTING says how to have the debugger back. `%debug` works without it.
"""

import sys

c = get_config()  # noqa: F821, given by IPython

# ipykernel loads the debugger at each start, and no setting of its own spares it: 8 MB and a fifth
# of a bare kernel's start, for each student. What is None here counts as not installed.
sys.modules["debugpy"] = None
# Otherwise a database in the student's home is written at each cell. Nobody reads it, 2 MB stay in
# the kernel, and where homes lie on another machine, cells may wait for its lock.
c.HistoryManager.enabled = False
# A kernel that is asked to end does so at once. Else its main thread may stop the one that prints
# while the one that was asked, which prints last words, waits for it: 2.5 s in a third of all ends
# and restarts, until it is killed; see findings/ipykernel_without_history_ends_late.sh.
c.InteractiveShellApp.exec_lines.append(
    "__import__('atexit').register(get_ipython().kernel.parent.control_thread.join, 1)"
)
