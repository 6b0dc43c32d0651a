"""The gate that the project holds itself to: its own questions, without a language model, against the baseline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eval import result_commands
from eval.cli import app

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test's answers are found again by the others."""
    return tmp_path_factory.mktemp("quick")


def quick(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["quick", "--cache", str(folder / "cache"), *arguments], env={"COLUMNS": "160"}
    )


def moved(folder: Path, change: float) -> Path:
    """The committed baseline with the expected nDCG@10 moved."""
    baseline = json.loads(result_commands.BASELINE.read_text())
    baseline["measures"]["nDCG@10"]["value"] += change
    path = folder / "moved.json"
    path.write_text(json.dumps(baseline))
    return path


def test_retrieval_and_quotations_are_as_good_as_the_committed_baseline(folder: Path):
    told = quick(folder)
    assert told.exit_code == 0, told.output
    assert "nDCG@10" in told.output


def test_a_fall_below_the_baseline_fails(folder: Path):
    told = quick(folder, "--baseline", str(moved(folder, +0.2)))
    assert told.exit_code == 1
    assert "fail" in told.output


def test_a_rise_above_the_baseline_passes_and_asks_for_a_new_one(folder: Path):
    told = quick(folder, "--baseline", str(moved(folder, -0.2)))
    assert told.exit_code == 0, told.output
    assert "drift" in told.output
    assert "footnote eval quick --accept" in told.output


def test_accepting_keeps_tolerances_and_passes(folder: Path):
    baseline = Path(shutil.copy(moved(folder, +0.2), folder / "renewed.json"))
    told = quick(folder, "--baseline", str(baseline), "--accept")
    assert told.exit_code == 0, told.output
    renewed, old = (json.loads(p.read_text())["measures"] for p in (baseline, result_commands.BASELINE))
    assert {m: renewed[m]["tolerance"] for m in old} == {m: row["tolerance"] for m, row in old.items()}
