.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types imports bench calibration wheel clean
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Two test workers, and no library that starts threads of its own beside them.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

help: ## Show what can be made.
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("evalbench needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## Set up, and run the main job offline on the shipped eval sets.
	$(BIN)/evalbench demo

test: $(READY) ## Set up, and run the tests.
	$(BIN)/python -m pytest -n 2 --dist worksteal

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

check: format lint types imports test ## Everything that has to hold: format, lint, types, imports, tests.

bench: $(READY) ## Measure speed, as ratios; nothing here fails on a slow machine.
	$(BIN)/python benchmarks/speed.py

calibration: $(READY) ## Measure how often the decision is wrong, and write docs/calibration.md.
	$(BIN)/python -m benchmarks.calibration

wheel: $(READY) ## Build the wheel into dist/.
	$(BIN)/python -m hatchling build -t wheel

clean: ## Remove what can be made again; stored answers stay.
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .import_linter_cache
