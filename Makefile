# Two commands are all a newcomer needs: `make lab` and `make test`. `make help` lists the others.
#
# PYTHON=/path/to/python   the Python that makes .venv (default: the first of 3.11 or newer)
# LAB_ARGS="--port 9000"   more options for JupyterLab
# JOBS=4                   test processes (default: 3, for two cores)
# TEST_ARGS="-k beidou"    more options for pytest
# BENCH_ARGS="--before DIR" against an older state of the project in DIR
# CLASSROOM_ARGS="--students 5"  a smaller class
# DATA_ARGS=--no-map       rebuild the tables without npm and a network
# LITE_ARGS=--pyodide=...  more options for `jupyter lite build`

VENV := .venv
BIN := $(VENV)/bin
# One more than the cores of a small machine: tests wait for browsers, servers and kernels.
JOBS ?= 3

# JupyterLite has an environment of its own, see tools/lite/requirements.in.
LITE := .venv-lite
PROXY_READY := build/proxy/.ready

# Each command first asks its environment what it has; tools/ready.py mends what is missing or moved.
define make_ready
@for p in $(BIN)/python $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
   if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then exec "$$p" tools/ready.py $(1); fi; \
 done; \
 echo "These notebooks need Python 3.11 or newer; found here: $$($(or $(PYTHON),python3) --version 2>&1 | head -1)." >&2; \
 echo "Install one (python.org), or name it: make lab PYTHON=/path/to/python3.12" >&2; exit 1
endef

.PHONY: help ready ready-test ready-lite lab test check bench proxy classroom data elements editions otter handouts site lite pyodide readme screenshot lint format lock clean
.DEFAULT_GOAL := help

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

ready: ## install what the lessons need, or mend it; open nothing
	$(call make_ready,lab)

ready-test:
	$(call make_ready,test)

ready-lite:
	$(call make_ready,lite)

lab: ready ## install what is missing, then open the first lesson in JupyterLab
	@root=; [ "$$(id -u)" != 0 ] || root=--allow-root; \
	 quiet=; [ "$$(uname)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || quiet=--no-browser; \
	 [ -z "$$quiet" ] || echo "No display here: open the address with 'token=' printed below."; \
	 exec $(BIN)/python -m jupyterlab $$root $$quiet --ServerApp.root_dir=. \
	   --LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb $(LAB_ARGS)

# These start hundreds of Pythons. On a machine where Python may write no bytecode each would compile
# all that it imports: a second and a half for a kernel. So they keep bytecode, and in one place.
test check bench classroom: export PYTHONPYCACHEPREFIX := $(CURDIR)/build/bytecode
test check bench classroom: export PYTHONDONTWRITEBYTECODE :=

# One pytest run holds everything: lint, repository, data, models, every notebook, the browser.
# A file stays on one process, because lessons and browsers are expensive to start.
test: ready-test ready-lite proxy ## run every check (CI=true: a missing Chromium is a failure)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TEST_ARGS)

# For the inner loop: what a change to a table, a model or a page breaks first.
QUICK := repository house teaching data ledger claims verdict_words words models_pages values dates
QUICK += geometry orbits elements visibility constellations satcom sun station imaging launch money
QUICK += network latency resilience stats

check: ready-test ## lint, repository, data and models: a minute and a half
	@$(BIN)/python -m pytest -q -n $(JOBS) $(QUICK:%=tests/test_%.py) $(TEST_ARGS)

bench: ready-test ## measure speed; writes docs/bench.md
	@$(BIN)/python -m tools.bench $(BENCH_ARGS)

proxy: ## fetch JupyterHub's proxy for the tests of a class (needs npm)
	@! command -v npm >/dev/null || $(MAKE) --silent --no-print-directory $(PROXY_READY)

classroom: ready-test proxy ## send 20 scripted students through a JupyterHub; writes docs/classroom/measured.md
	@$(BIN)/python -m tools.classroom $(CLASSROOM_ARGS)

data: ready-test ## rebuild derived data from its recorded inputs
	@$(BIN)/python data/build/build.py $(DATA_ARGS)

elements: ready ## fetch fresh orbital elements (needs a network; ELEMENTS_ARGS=--recorded goes back)
	@$(BIN)/python -m tools.elements $(ELEMENTS_ARGS)

editions: ready ## write build/editions: student, instructor and slides, from the lessons
	@$(BIN)/python -m tools.editions build/editions

otter: ready ## write build/editions/otter: masters for Otter-Grader, see README.md
	@$(BIN)/python -m tools.editions build/editions otter

handouts: ready-test ## print build/handouts: a page of A4 for each lesson (needs Chromium)
	@$(BIN)/python -m tools.printing build/handouts

site: ready-test ## write build/site: pages whose controls work without a kernel or a network
	@$(BIN)/python -m tools.site.build build/site

lite: ready-lite ## write build/lite: the lessons with Python inside the browser
	@$(LITE)/bin/python -m tools.lite.build build/lite $(LITE)/wheels $(LITE_ARGS)

pyodide: ready-lite ## fetch Python for the browser (needs npm), so that tests run it
	@$(LITE)/bin/python -m tools.lite.place

readme: ready-test ## write the verdicts of the ledger into the README's table of lessons
	@$(BIN)/python -m tools.readme

screenshot: ready-test ## draw docs/live-map.png anew, from the real page
	@$(BIN)/python -m tools.screenshot

lint: ready-test ## check code, notebooks and their format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/python -m tools.notebook_outputs --check

format: ready-test ## put code and notebooks into shape, remove stray outputs
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	@$(BIN)/python -m tools.notebook_outputs || true

# The locks hold for every platform and for Python 3.11 and newer, and each file's hash.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
  --no-emit-find-links --custom-compile-command "make lock" --generate-hashes --no-strip-extras

lock: ready-test ## choose versions anew: requirements*.in -> requirements*.txt
	@$(LOCK) $(LOCK_ARGS) requirements.in -o requirements.txt
	@$(LOCK) $(LOCK_ARGS) requirements-test.in -o requirements-test.txt
	@$(LOCK) $(LOCK_ARGS) tools/lite/requirements.in -o tools/lite/requirements.txt
	@$(LOCK) $(LOCK_ARGS) --no-deps tools/lite/wheels.in -o tools/lite/wheels.txt

clean: ## remove the environment and what was generated; what you changed in build/ stays
	@$(or $(wildcard $(BIN)/python),$(PYTHON),python3) -m tools.clean build
	rm -rf $(VENV) $(LITE) build/proxy dist *.egg-info .pytest_cache .ruff_cache .hypothesis tests/artefacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

# One version, as JupyterHub's own documentation and its chart take it from npm; each package as
# the lock has it, and none may run a script while it is installed.
$(PROXY_READY): tools/classroom/proxy/package.json tools/classroom/proxy/package-lock.json
	@echo "Installing JupyterHub's proxy in build/proxy (once) ..."
	@mkdir -p build/proxy
	@cp $^ build/proxy
	@npm ci --prefix build/proxy --ignore-scripts --no-audit --no-fund --silent
	@touch $@
