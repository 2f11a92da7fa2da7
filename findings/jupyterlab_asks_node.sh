#!/usr/bin/env bash
# Question: what does JupyterLab need Node.js for, where no extension is built?
# Natural guess: nothing; it is started by `jupyter lab build`, and by that alone.
# Found, jupyterlab 4.6.6: each start of a server starts it. Where there is a `node` on the path, the
#   import of `jupyterlab.labapp` asks it for yarn's configuration ("node …/yarn.js config --json"),
#   to know a registry for builds, and waits: 0.25 s of processor time with Node.js 20, which is an
#   eighth of a student's server on a hub. Without `node` on the path the import takes less than half
#   as long, and nothing else changes. Images made by repo2docker have Node.js.
# The `node` here notes what it is asked, and answers nothing.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check jupyterlab==4.6.6
mkdir "$place/bin"
cat > "$place/bin/node" <<SH
#!/bin/sh
echo "\$@" >> "$place/asked"
SH
chmod +x "$place/bin/node"
touch "$place/asked"
export JUPYTER_CONFIG_DIR="$place/config" JUPYTER_DATA_DIR="$place/data" HOME="$place"
PATH="$place/bin:$PATH" "$place/env/bin/python" -c "import jupyterlab.labapp"
asked=$(sed "s|.*/||" "$place/asked")
echo "the import asked node: $asked"
[ "$asked" = "yarn.js config --json" ]
PATH="$place/env/bin" "$place/env/bin/python" -c "import jupyterlab.labapp; print('without node:', jupyterlab.labapp.version)"
