# Deep learning you can hear. `make lab` opens the lectures, `make test` proves them; `make help` lists the rest.

PYTHON ?= python3
NOTEBOOK ?= notebooks/01_neurons.ipynb

# Whoever calls make, from wherever: the tools of this project come out of its own environment.
PY := .venv/bin/python
INSTALLED := .venv/.installed
BENCH := .venv/.bench
DATA := $(or $(HELPERS_DATA),data/cache)
READY := $(DATA)/.ready
# Beside a browser and on one core, the longest cell takes two minutes.
CELL_SECONDS := 300
# What holds a stopwatch runs alone, when all else is done.
TIMED := tests/browser/test_latency.py tests/browser/test_attention_size.py

# pip wrote this folder's name into .venv; if the folder was moved, it has to do so again.
ifneq ($(CURDIR),$(shell cat $(INSTALLED) 2>/dev/null))
.PHONY: $(INSTALLED)
endif

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# pytest and Jupyter may import torch before helpers; helpers/__init__.py says why its threads should not spin.
export GOMP_SPINCOUNT ?= 1000
# Tests and stored outputs are made on the small budget, with Jupyter's state in the project and not at home.
unit nbval browser lectures latency notebooks: export HELPERS_BUDGET := fast
nbval notebooks slides: export JUPYTER_CONFIG_DIR := $(CURDIR)/.jupyter/config
nbval notebooks slides: export JUPYTER_DATA_DIR := $(CURDIR)/.jupyter/data
nbval notebooks slides: export JUPYTER_RUNTIME_DIR := $(CURDIR)/.jupyter/data/runtime
nbval notebooks slides: export IPYTHONDIR := $(CURDIR)/.jupyter/ipython

.PHONY: help lab test with-a-browser without-one lint unit nbval browser lectures latency chromium data doctor notebooks slides checkpoints bench clean distclean

help:
	@echo 'make lab        JupyterLab on lecture 01; NOTEBOOK=notebooks/... opens another'
	@echo 'make test       everything: make lint, unit, nbval, browser, lectures, latency'
	@echo 'make data       fetch and build the sounds (make lab does it too)'
	@echo 'make doctor     what works here and what does not, with remedies'
	@echo 'make notebooks  run every notebook top to bottom and store its outputs'
	@echo 'make slides     the lectures as slides, in build/slides'
	@echo 'make checkpoints  train all models that ship again and compare those of notes: an hour and a quarter of one core'
	@echo 'make bench      the benchmarks, as tables'
	@echo 'make clean      remove what tests and builds leave behind; distclean also .venv and .jupyter'

lab: $(INSTALLED) $(READY)
	@$(PY) -m helpers.server $(NOTEBOOK)

# Two lanes, each one's output when it is done; what is timed runs alone, in the end. A browser waits much of its time:
# the lane without one takes what is left (nice), and no network asks for a second core while the other lane wants it.
test: lint chromium $(READY)
	@echo 'Lectures and explorers in the browser; beside them unit tests and notebooks: about forty minutes, outputs as they end.'
	@OMP_NUM_THREADS=1 $(MAKE) --no-print-directory -j2 --output-sync=recurse with-a-browser without-one
	@$(MAKE) --no-print-directory latency

with-a-browser:
	@MAKEFLAGS= $(MAKE) --no-print-directory lectures browser

without-one:
	@MAKEFLAGS= $(MAKE) --no-print-directory NICE='nice -n 5' unit nbval

lint: $(INSTALLED)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -c "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])"

unit: $(INSTALLED) $(READY)
	$(NICE) $(PY) -m pytest --doctest-modules helpers
	$(NICE) $(PY) -m pytest tests --ignore=tests/browser

nbval: $(INSTALLED) $(READY)
	$(NICE) $(PY) -m pytest -p tests.nbval_patience --nbval-lax --nbval-current-env --nbval-cell-timeout $(CELL_SECONDS) \
		--nbval-sanitize-with tests/nbval_sanitize.cfg notebooks

browser: chromium $(READY)
	$(PY) -m pytest tests/browser --ignore=tests/browser/test_lectures.py $(TIMED:%=--ignore=%)

lectures: chromium $(READY)
	$(PY) -m pytest tests/browser/test_lectures.py

latency: chromium $(READY)
	$(PY) -m pytest $(TIMED)

chromium: $(INSTALLED)
	@$(PY) -m tests.browser.chromium

data: $(INSTALLED)
	$(PY) -m helpers.datasets
	@touch $(READY)

doctor: $(INSTALLED)
	@$(PY) -m helpers.doctor

notebooks: $(INSTALLED) $(READY)
	$(PY) -m helpers.publish

slides: $(INSTALLED)
	$(PY) -m helpers.slides

checkpoints: $(INSTALLED) $(READY)
	$(PY) -m helpers.recipes

bench: $(BENCH) $(READY)
	$(PY) -m benchmarks

clean:
	rm -rf build .pytest_cache .ruff_cache .import_linter_cache
	find helpers tests benchmarks notebooks -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) \
		-prune -exec rm -rf {} + 2>/dev/null || true

# The sounds in data/cache stay: they may be linked from elsewhere, and hold folders of your own.
distclean: clean
	@$(SPARE)
	rm -rf .venv .jupyter

# The data is looked at again when the code that builds it changes; what is built already takes it a moment.
$(READY): $(wildcard helpers/datasets/*.py) | $(INSTALLED)
	$(PY) -m helpers.datasets
	@touch $@

$(INSTALLED): pyproject.toml constraints.txt | $(PY)
	@echo 'Installing into .venv: about 3 GB to download and 6 GB on disk, once.'
	$(PY) -m pip install -c constraints.txt -e '.[test]'
	@echo '$(CURDIR)' > $@

$(BENCH): benchmarks/requirements.txt $(INSTALLED)
	$(PY) -m pip install -c constraints.txt -r benchmarks/requirements.txt
	@touch $@

# --without-pip and two ways to a pip: Debian leaves ensurepip out unless python3-venv is installed.
$(PY):
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON) here. $(GET_PYTHON)'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); the lectures need 3.11 or newer. "'$(GET_PYTHON)'; exit 1; }
	@$(SPARE)
	@$(PYTHON) -m venv --without-pip .venv && \
		{ $(PY) -m ensurepip --default-pip >/dev/null 2>&1 || $(PYTHON) -m pip --python $(PY) install --quiet pip; } || \
		{ rm -rf .venv; echo '$(PYTHON) cannot make a virtual environment. $(GET_VENV)'; exit 1; }

SPARE = test ! -e .venv || test -f .venv/pyvenv.cfg || { echo '.venv is no environment of ours; move it away.'; exit 1; }
GET_PYTHON := Install Python 3.11 or newer (Debian, Ubuntu: sudo apt-get install python3 python3-venv), or name one: \
	make lab PYTHON=python3.12
GET_VENV := On Debian and Ubuntu: sudo apt-get install $(notdir $(PYTHON))-venv, then make again.
