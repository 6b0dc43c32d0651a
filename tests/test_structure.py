"""Who may import whom: `ui → rag ← eval`, and each outside part in its own room."""

import ast
import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("rag", "ui", "eval")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


class Import(NamedTuple):
    """One imported module."""

    file: str
    module: str
    lazy: bool
    """Whether it is imported inside a function."""


def imports(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    file = path.relative_to(ROOT).as_posix()
    for node in ast.walk(tree):
        for module in modules(node):
            yield Import(file, module, id(node) in inside)


def modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute here"
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


ALL = [found for path in FILES for found in imports(path)]


def top(module: str) -> str:
    return module.partition(".")[0]


def importers_of(package: str) -> set[str]:
    return {found.file for found in ALL if top(found.module) == package}


def test_the_walk_sees_the_imports() -> None:
    assert len(FILES) > 50
    assert Import("rag/lexical.py", "tantivy", lazy=False) in ALL
    assert Import("rag/index.py", "chromadb", lazy=True) in ALL


def test_the_core_imports_neither_the_screens_nor_the_evaluation() -> None:
    assert not [
        found for found in ALL if found.file.startswith("rag/") and top(found.module) in {"ui", "eval"}
    ]


def test_the_evaluation_imports_the_screens_for_the_attacks_on_the_page_alone_and_late() -> None:
    found = {found for found in ALL if found.file.startswith("eval/") and top(found.module) == "ui"}
    assert {f.file for f in found} == {"eval/attack_commands.py"}
    assert all(f.lazy for f in found)


def test_the_screens_import_the_evaluation_for_its_commands_and_drawings_alone_and_late() -> None:
    """The evaluation page reads results by itself; its drawings are those of the reports."""
    found = {found for found in ALL if found.file.startswith("ui/") and top(found.module) == "eval"}
    assert {f.file for f in found} <= {"ui/cli.py", "ui/reference.py", "ui/evaluation_charts.py"}
    assert {f.module for f in found} <= {"eval", "eval.cli", "eval.cli.app", "eval.charts"}
    assert all(f.lazy for f in found)


def test_nothing_imports_the_tests() -> None:
    assert not [f for f in ALL if top(f.module) in {"tests", "conftest", "pytest", "hypothesis"}]


PLACES = {
    "chromadb": {"rag/index.py", "eval/out_of_the_box.py", "eval/embedding_speed.py"},
    "tantivy": {"rag/lexical.py"},
    "xllamacpp": {"rag/engines/embedded.py"},
    "sqlite3": {"rag/database.py", "rag/snapshot.py"},
}


@pytest.mark.parametrize(("package", "places"), PLACES.items(), ids=PLACES.keys())
def test_an_outside_part_is_imported_in_its_room_alone(package: str, places: set[str]) -> None:
    assert importers_of(package)
    assert importers_of(package) <= places


@pytest.mark.parametrize("package", ["gradio", "fastapi", "uvicorn", "typer", "rich"])
def test_what_draws_screens_is_not_imported_by_the_core(package: str) -> None:
    assert importers_of(package)
    assert not [file for file in importers_of(package) if file.startswith("rag/")]


def test_gradio_is_imported_by_the_screens_alone() -> None:
    assert all(file.startswith("ui/") for file in importers_of("gradio"))


@pytest.mark.parametrize(
    ("file", "ours"),
    [
        pytest.param("rag/records.py", set(), id="records"),
        pytest.param("rag/errors.py", set(), id="errors"),
        pytest.param("rag/spelling.py", set(), id="spelling"),
        pytest.param("rag/text.py", {"rag.spelling"}, id="text"),
        pytest.param("rag/settings.py", {"rag.errors"}, id="settings"),
        pytest.param("rag/claims.py", {"rag.text"}, id="claims"),
        pytest.param("rag/conversation.py", {"rag.records", "rag.text"}, id="conversation"),
        pytest.param(
            "rag/features.py",
            {"rag.aliases", "rag.claims", "rag.reading", "rag.records", "rag.text"},
            id="features",
        ),
        pytest.param("rag/calibration.py", {"rag.errors", "rag.features", "rag.listing"}, id="calibration"),
    ],
)
def test_the_foundations_rest_on_little(file: str, ours: set[str]) -> None:
    found = {".".join(f.module.split(".")[:2]) for f in ALL if f.file == file and top(f.module) in ROOMS}
    assert found - {"rag"} <= ours


def test_the_environment_is_read_in_the_settings_alone() -> None:
    readers = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"environ", "getenv"}
                and path.parts[-2] == "rag"
            ):
                readers.add(path.name)
    assert readers <= {"settings.py"}


def with_examples() -> list[str]:
    files = [path for path in FILES if path.parts[len(ROOT.parts)] == "rag"]
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in files
        if ">>> " in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("module", with_examples())
def test_the_examples_in_docstrings_hold(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0
    assert result.failed == 0
