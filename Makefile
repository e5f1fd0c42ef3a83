# Two commands: `make demo` runs the main job on example workbooks, `make test` runs every test.
# Both set up all they need in .venv; see README.md for Windows and macOS.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt

.PHONY: demo test fast lint bench clean

demo: $(VENV)/.run
	$(BIN)/xlbridge demo --out out

test: $(VENV)/.test lint
	$(BIN)/python -m pytest -n 2 -m "not soak"

fast: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 -m "not slow and not soak"

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) out dist build

$(BIN)/python:
	sh .ci/system venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip -c constraints.txt

$(VENV)/.run: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet -e . -c constraints.txt
	touch $@

$(VENV)/.test: $(BIN)/python $(SOURCES)
	sh .ci/system test
	$(BIN)/python -m pip install --quiet -e ".[test]" -c constraints.txt
	touch $@
