#!/usr/bin/env bash
# Question: does a kernel that keeps no history of its cells end sooner, or as soon as others?
# Natural guess: as soon: `HistoryManager.enabled = False` leaves a database and its thread away.
# Found, ipykernel 7.4.0 with IPython 9.18.1 and jupyter_client 8.10.0: some do not end when they are
#   asked to, 7 and 14 of 24 in two runs. The thread that answers the request flushes what was
#   printed, and waits up to ten seconds for a thread that the main one has stopped meanwhile; the
#   main one waits for it. jupyter_client sends SIGTERM after half of `shutdown_wait_time`: such an
#   end, or restart, takes 2.5 s more. With a history all end in a tenth of a second, probably because
#   the main thread first waits for that of the history. One in memory (`hist_file=":memory:"`) has no
#   thread, and some of its kernels end as late. Where the main thread first waits for the one that
#   answers (a function for `atexit`, registered in a line that the kernel runs at its start), none is.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check \
  ipykernel==7.4.0 ipython==9.18.1 jupyter_client==8.10.0
export HOME="$place"
mkdir -p "$place/without/profile_default" "$place/waiting/profile_default"
cat > "$place/without/profile_default/ipython_kernel_config.py" <<'PY'
c = get_config()
c.HistoryManager.enabled = False
PY
cp "$place/without/profile_default/ipython_kernel_config.py" "$place/waiting/profile_default"
cat >> "$place/waiting/profile_default/ipython_kernel_config.py" <<'PY'
c.InteractiveShellApp.exec_lines = [
    "import atexit; atexit.register(get_ipython().kernel.parent.control_thread.join, 1)"
]
PY
PLACE="$place" "$place/env/bin/python" - 2> "$place/log" <<'PY'
import os
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

RUNS = 24


def end_s(env):
    manager, client = start_new_kernel(env=env)
    client.execute_interactive("n = 1")
    client.stop_channels()
    begun = time.monotonic()
    manager.shutdown_kernel()
    return time.monotonic() - begun


def late(folder, what="history"):
    env = {**os.environ, "IPYTHONDIR": str(Path(os.environ["PLACE"], folder))}
    times = [end_s(env) for _ in range(RUNS)]
    print(f"{folder} {what}: {sum(took > 2 for took in times)} of {RUNS} took more than 2 s")
    return sum(took > 2 for took in times)


assert late("with") == 0
assert 0 < late("without") < RUNS
assert late("waiting", "for the thread that answers, without history") == 0
PY
