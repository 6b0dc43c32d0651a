"""Footnote answers where only loopback exists."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag import weights

ROOT = Path(__file__).resolve().parent.parent
_GUARD = """
import runpy, socket, sys
real = socket.socket.connect
def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise OSError(f"this test forbids {address}")
    return real(self, address)
socket.socket.connect = connect
sys.argv = ["footnote", *sys.argv[1:]]
runpy.run_module("ui.cli", run_name="__main__")
"""


def _isolated() -> list[str]:
    """What to put before a command so that it sees loopback only; empty where namespaces are forbidden."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return []
    prefix = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    return prefix if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0 else []


def footnote_offline(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    prefix = _isolated()
    program = ["-m", "ui.cli"] if prefix else ["-c", _GUARD]
    return subprocess.run(
        [*prefix, sys.executable, *program, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        env=dict(os.environ),
    )


@pytest.mark.parametrize("model", ["extractive", "embedded/smollm2-135m"])
def test_ask_answers_with_a_citation_where_only_loopback_exists(
    model: str, library_folder: Path, own_home: Path, cache: Path
) -> None:
    if model != "extractive":
        weights.fetch("smollm2-135m", cache / "weights", lambda done, total: None)
        (own_home / "models").symlink_to(cache / "weights")
    question = "How many tokens per second does Sylber's tokenizer average?"
    done = footnote_offline(["ask", question, "--model", model, "--json"])
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["sentences"]
    assert all(sentence["citations"] for sentence in answer["sentences"])
    assert answer["papers"][0]["title"].startswith("Sylber")


def test_a_first_import_and_index_need_no_network() -> None:
    done = footnote_offline(["import", str(ROOT / "data" / "papers.txt")])
    assert done.returncode == 0, done.stderr
    assert "62 new" in done.stderr
