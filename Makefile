# Two commands are all that a newcomer needs: `make chat` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: chat test check lint types setup lock clean

chat: setup
	@$(BIN)/footnote chat $(ARGS)

test: .venv/tested
	@$(BIN)/python -m pytest

check: lint types test

lint: .venv/tested
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv/tested
	@$(BIN)/mypy

setup: .venv/installed

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "footnote: Python 3.11 or newer is needed, and $(PYTHON) is not. Run: make chat PYTHON=python3.11"; exit 1; }
	@echo "Making the Python environment .venv"
	@$(PYTHON) -m venv .venv

# pip shows the size and speed of what it downloads.
.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the packages of requirements.lock"
	@$(BIN)/python -m pip install --quiet --progress-bar on --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tested: .venv/installed requirements-dev.lock
	@echo "Installing the packages of requirements-dev.lock"
	@$(BIN)/python -m pip install --quiet --progress-bar on --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# New exact versions of everything; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml \
	  -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv build artefacts *.egg-info .pytest_cache .mypy_cache .ruff_cache
