# Two commands are all that a newcomer needs: `make chat` and `make test`.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
# One line that counts, in place of pip's several hundred.
COUNT := awk '/^Collecting/ { printf "\r  %d packages", ++n; fflush() } END { if (n) print " installed" }'

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

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the packages of requirements.lock"
	@$(PIP) --progress-bar off --require-hashes -r requirements.lock | $(COUNT)
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tested: .venv/installed requirements-dev.lock
	@echo "Installing the packages of requirements-dev.lock"
	@$(PIP) --progress-bar off --require-hashes -r requirements-dev.lock | $(COUNT)
	@touch $@

# New exact versions of everything; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml \
	  -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv build artefacts *.egg-info .pytest_cache .mypy_cache .ruff_cache
