"""A folder that is watched: what is in it and what comes into it is imported, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from rag.library import Library

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60.0
INTERRUPTED = 130
"""Ctrl-C in the middle of an import; while it waits, it just ends."""

BEES = "@article{bees, title={How Bees Dance}, abstract={Bees dance to show where flowers are.}}"
WHALES = "@article{whales, title={Songs of Whales}, abstract={Whales sing for hours.}}"


class Watcher:
    """`footnote import --watch` as a process of its own, and what it says."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ui.cli", "import", "--watch", str(folder)],
            cwd=ROOT,
            env=os.environ | {"FOOTNOTE_HOME": str(home), "COLUMNS": "200"},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.said = ""
        self._reading = Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.said += line

    def until(self, text: str, times: int = 1) -> None:
        """Wait for something to be said, so many times."""
        ends = time.monotonic() + PATIENCE_S
        while self.said.count(text) < times:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < ends, self.said
            time.sleep(0.05)

    def end(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE_S)
        self._reading.join(PATIENCE_S)
        return code

    def close(self) -> None:
        """Whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self._reading.join(PATIENCE_S)
        assert self.process.stderr
        self.process.stderr.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "bees.bib").write_text(BEES, encoding="utf-8")
    return folder


@pytest.fixture
def watcher(tmp_path: Path, folder: Path) -> Iterator[Watcher]:
    started = Watcher(tmp_path / "home", folder)
    yield started
    started.close()


def titles(home: Path) -> list[str]:
    library = Library(home / "library")
    try:
        return sorted(paper.title for paper in library.all_papers())
    finally:
        library.close()


@pytest.mark.slow
def test_what_is_there_and_what_comes_is_imported_until_ctrl_c(
    watcher: Watcher, folder: Path, tmp_path: Path
) -> None:
    """A file that is still being written is left alone until it has its name; one without papers ends nothing."""
    watcher.until("Watching")
    assert titles(tmp_path / "home") == ["How Bees Dance"]
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    watcher.until("! ")
    half = folder / "whales.bib.part"
    half.write_text(WHALES[:20], encoding="utf-8")
    half.write_text(WHALES, encoding="utf-8")
    half.rename(folder / "whales.bib")
    watcher.until("1/1", times=2)
    deadline = time.monotonic() + PATIENCE_S
    while titles(tmp_path / "home") != ["How Bees Dance", "Songs of Whales"]:
        assert time.monotonic() < deadline, watcher.said
        time.sleep(0.1)
    code = watcher.end()
    assert code == 0 or (code == INTERRUPTED and "Stopped; what was read is kept." in watcher.said), (
        watcher.said
    )
    assert "Traceback" not in watcher.said
    assert ".part" not in watcher.said


def test_a_folder_that_is_not_there_is_said_with_the_command_that_makes_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", "import", "--watch", str(tmp_path / "none")],
        cwd=ROOT,
        env=os.environ | {"FOOTNOTE_HOME": str(tmp_path / "home"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "is no folder" in done.stderr
    assert f"mkdir -p {tmp_path / 'none'}" in done.stderr
