"""What the documents say is run: commands, the reference, links, the files that they name."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from rag.verify import Strictness
from ui.reference import reference

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def console_commands() -> list[tuple[str, str, list[str]]]:
    """Every `$ footnote …` of a console block with the lines of output printed below it."""
    found = []
    for document in DOCUMENTS:
        for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, *output = part.strip().splitlines()
                found.append((document.name, command, output))
    return found


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(c, out, id=f"{doc}: {c[:60]}")
        for doc, c, out in console_commands()
        if c.startswith("footnote")
    ],
)
def test_a_documented_command_prints_what_the_document_shows(
    command: str, expected: list[str], library_folder: Path
) -> None:
    words = shlex.split(command)
    if words[1] == "ask" and "--model" not in words:
        words += ["--model", "extractive"]
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", *words[1:]], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    for line in expected:
        assert line.strip() in done.stdout + done.stderr


def test_there_are_documented_commands() -> None:
    assert len(console_commands()) >= 3


def test_documented_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for document in DOCUMENTS:
        for target in re.findall(r"`make ([a-z]+)", document.read_text(encoding="utf-8")):
            assert target in targets, f"{document.name} names make {target}"


def test_the_command_line_reference_is_what_help_prints() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == reference(), "Run: python -m ui.reference > docs/cli.md"


def test_links_between_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{document.name} links to {link}"


def test_the_thresholds_of_verification_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", text, re.MULTILINE)
    assert {name: float(value) for name, value in rows} == asdict(Strictness())


def test_modules_that_the_architecture_names_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:rag|ui|eval)/[\w/]+\.(?:py|onnx))`", text):
        assert (ROOT / path).is_file(), path
