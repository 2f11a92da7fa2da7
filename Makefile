# Two commands are all a newcomer needs: `make lab` and `make test`. `make help` lists the others.
#
# PYTHON=/path/to/python   the Python that makes .venv (default: the first of 3.11 or newer)
# LAB_ARGS="--port 9000"   more options for JupyterLab
# JOBS=4                   test processes
# TEST_ARGS="-k beidou"    more options for pytest
# BENCH_ARGS="--before DIR" against an older state of the project in DIR
# CLASSROOM_ARGS="--students 5"  a smaller class
# DATA_ARGS=--no-map       rebuild the tables without npm and a network
# LITE_ARGS=--pyodide=...  more options for `jupyter lite build`

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
JOBS ?= 2

# JupyterLite has an environment of its own, see tools/lite/requirements.in.
LITE := .venv-lite
LITE_PIP := $(LITE)/bin/python -m pip --disable-pip-version-check --quiet

# Stamps remember which lock was installed, so that a second call starts at once.
LAB_READY := $(VENV)/.lab-ready
TEST_READY := $(VENV)/.test-ready
LITE_READY := $(LITE)/.ready
PROXY_READY := build/proxy/.ready

.PHONY: help lab test bench proxy classroom data elements editions otter handouts site lite pyodide readme screenshot lint format lock clean
.DEFAULT_GOAL := help

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

lab: $(LAB_READY) ## install what is missing, then open the first lesson in JupyterLab
	@root=; [ "$$(id -u)" != 0 ] || root=--allow-root; \
	 quiet=; [ "$$(uname)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || quiet=--no-browser; \
	 [ -z "$$quiet" ] || echo "No display here: open the address with 'token=' printed below."; \
	 exec $(BIN)/python -m jupyterlab $$root $$quiet --ServerApp.root_dir=. \
	   --LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb $(LAB_ARGS)

# One pytest run holds everything: lint, repository, data, models, every notebook, the browser.
# A file stays on one process, because lessons and browsers are expensive to start.
test: $(TEST_READY) $(LITE_READY) proxy ## run every check (CI=true: a missing Chromium is a failure)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TEST_ARGS)

bench: $(TEST_READY) ## measure speed; writes docs/bench.md
	@$(BIN)/python -m tools.bench $(BENCH_ARGS)

proxy: ## fetch JupyterHub's proxy for the tests of a class (needs npm)
	@[ -e $(PROXY_READY) ] || ! command -v npm >/dev/null || $(MAKE) --no-print-directory $(PROXY_READY)

classroom: $(TEST_READY) proxy ## send 20 scripted students through a JupyterHub; writes docs/classroom/measured.md
	@$(BIN)/python -m tools.classroom $(CLASSROOM_ARGS)

data: $(TEST_READY) ## rebuild derived data from its recorded inputs
	@$(BIN)/python data/build/build.py $(DATA_ARGS)

elements: $(LAB_READY) ## fetch fresh orbital elements (needs a network; keeps the old ones on failure)
	@$(BIN)/python -m tools.elements

editions: $(LAB_READY) ## write build/editions: student, instructor and slides, from the lessons
	@$(BIN)/python -m tools.editions build/editions

otter: $(LAB_READY) ## write build/editions/otter: masters for Otter-Grader, see README.md
	@$(BIN)/python -m tools.editions build/editions otter

handouts: $(TEST_READY) ## print build/handouts: a page of A4 for each lesson (needs Chromium)
	@$(BIN)/python -m tools.printing build/handouts

site: $(TEST_READY) ## write build/site: pages whose controls work without a kernel or a network
	@$(BIN)/python -m tools.site.build build/site

lite: $(LITE_READY) ## write build/lite: the lessons with Python inside the browser
	@$(LITE)/bin/python tools/lite/build.py build/lite $(LITE)/wheels $(LITE_ARGS)

pyodide: $(LITE_READY) ## fetch Python for the browser (needs npm), so that tests run it
	@$(LITE)/bin/python tools/lite/place.py

readme: $(TEST_READY) ## write the verdicts of the ledger into the README's table of lessons
	@$(BIN)/python -m tools.readme

screenshot: $(TEST_READY) ## draw docs/live-map.png anew, from the real page
	@$(BIN)/python -m tools.screenshot

lint: $(TEST_READY) ## check code, notebooks and their format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/python -m tools.notebook_outputs --check

format: $(TEST_READY) ## put code and notebooks into shape, remove stray outputs
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	@$(BIN)/python -m tools.notebook_outputs || true

# The locks hold for every platform and for Python 3.11 and newer.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
  --no-emit-find-links --custom-compile-command "make lock"

lock: $(TEST_READY) ## choose versions anew: requirements*.in -> requirements*.txt
	@$(LOCK) $(LOCK_ARGS) requirements.in -o requirements.txt
	@$(LOCK) $(LOCK_ARGS) requirements-test.in -o requirements-test.txt
	@$(LOCK) $(LOCK_ARGS) tools/lite/requirements.in -o tools/lite/requirements.txt

clean: ## remove the environment and everything that was generated
	rm -rf $(VENV) $(LITE) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis tests/artefacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for p in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	   if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$p; break; fi; \
	 done; \
	 if [ -z "$$found" ]; then \
	   echo "These notebooks need Python 3.11 or newer; found here: $$($(or $(PYTHON),python3) --version 2>&1 | head -1)." >&2; \
	   echo "Install one (python.org), or name it: make lab PYTHON=/path/to/python3.12" >&2; exit 1; \
	 fi; \
	 echo "Making $(VENV) with $$($$found --version) ..."; \
	 "$$found" -m venv $(VENV) || { rm -rf $(VENV); \
	   echo "Python could not make an environment. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }

$(LAB_READY): requirements.txt pyproject.toml binder/jupyterlab.json | $(BIN)/python
	@echo "Installing the notebooks' environment (once; a few minutes) ..."
	@$(PIP) install -r requirements.txt -e .
	@touch $@

$(TEST_READY): requirements-test.txt $(LAB_READY)
	@echo "Installing the test tools (once) ..."
	@$(PIP) install -r requirements-test.txt
	@touch $@

# One version, as JupyterHub's own documentation and its chart take it from npm.
$(PROXY_READY):
	@echo "Installing JupyterHub's proxy in build/proxy (once) ..."
	@mkdir -p build/proxy
	@npm install --prefix build/proxy --no-save --no-audit --no-fund --silent configurable-http-proxy@5.3.0
	@touch $@

# All that `make lite` needs later without a network: its tools, and the wheels for the site.
$(LITE_READY): tools/lite/requirements.txt tools/lite/wheels.txt requirements.txt | $(BIN)/python
	@echo "Installing JupyterLite in $(LITE) (once) ..."
	@$(BIN)/python -m venv $(LITE)
	@$(LITE_PIP) install -r tools/lite/requirements.txt
	@rm -rf $(LITE)/wheels
	@$(LITE_PIP) download --no-deps --only-binary=:all: --platform any --python-version 3.14 \
	  -r tools/lite/wheels.txt --dest $(LITE)/wheels
	@touch $@
