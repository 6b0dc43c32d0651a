"""Fixtures around a real Ollama: one shared, one that a test may kill, one without models."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from ollama_server import (
    SMOLLM_NAME,
    NoOllamaError,
    Ollama,
    OllamaServer,
    default_cache,
    find,
    running,
    smollm,
)


def _give_up(problem: NoOllamaError) -> NoReturn:
    """Skip, or fail where FOOTNOTE_TEST_REQUIRE_ALL is set so that nothing skips unseen."""
    reason = f"No Ollama for the tests: {problem}. Install it from https://ollama.com/download"
    if os.environ.get("FOOTNOTE_TEST_REQUIRE_ALL"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def ollama_program() -> Path | NoOllamaError:
    """An Ollama program to start servers with, or why there is none; looked for once."""
    try:
        return find(default_cache())
    except NoOllamaError as problem:
        return problem


def _server(program: Path | NoOllamaError, models: Path, work: Path) -> OllamaServer:
    if isinstance(program, NoOllamaError):
        _give_up(program)
    return OllamaServer(program, models, work)


def _with_smollm(server: OllamaServer) -> OllamaServer:
    try:
        model = smollm(default_cache())
    except NoOllamaError as problem:
        _give_up(problem)
    server.provide(SMOLLM_NAME, model)
    return server


@pytest.fixture(scope="session")
def ollama(
    ollama_program: Path | NoOllamaError, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ollama]:
    """A server with SmolLM2-135M loaded, shared by the whole run.

    Where no server of our own can be started, the user's own Ollama serves, but only if
    it already holds the model: tests do not add models to it.
    """
    own = running() if isinstance(ollama_program, NoOllamaError) else None
    if own is not None and SMOLLM_NAME in own.models():
        yield own
        return
    work = tmp_path_factory.mktemp("ollama")
    with _server(ollama_program, default_cache() / "models", work) as server:
        _with_smollm(server).load(SMOLLM_NAME)
        yield server


@pytest.fixture
def fresh_ollama(ollama_program: Path | NoOllamaError, tmp_path: Path) -> Iterator[OllamaServer]:
    """A server with SmolLM2-135M of the test's own, which it may kill and start again."""
    with _server(ollama_program, default_cache() / "models", tmp_path) as server:
        yield _with_smollm(server)


@pytest.fixture
def empty_ollama(ollama_program: Path | NoOllamaError, tmp_path: Path) -> Iterator[OllamaServer]:
    """A server without any model."""
    with _server(ollama_program, tmp_path / "models", tmp_path) as server:
        yield server
