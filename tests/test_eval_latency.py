"""Timing the parts of one question, on a small library of made-up abstracts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from eval import latency, synthetic
from eval.cli import app
from rag.assemble import Footnote
from rag.settings import Settings, load

SIZE = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("latency")


def settings(folder: Path) -> Settings:
    return load({"model": "extractive"}, env={"FOOTNOTE_HOME": str(folder)})


@pytest.fixture(scope="module")
def maker(folder: Path) -> synthetic.Maker:
    """Made once: it embeds the shipped papers."""
    footnote = Footnote(replace(settings(folder), library=folder / "empty"))
    made = synthetic._maker(footnote)
    footnote.close()
    return made


@pytest.fixture(autouse=True)
def one_maker(maker: synthetic.Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "_maker", lambda _: maker)


def invoke(*arguments: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})
    return told.exit_code, told.output


def test_every_part_is_printed_and_written_and_can_be_gated(folder: Path):
    path = folder / "l.json"
    code, output = invoke(
        *("latency", "--papers", str(SIZE), "--rounds", "1", "--cache", str(folder), "--json", str(path))
    )
    assert code == 0, output
    result = json.loads(path.read_text())
    assert list(result["latency_ms"]) == list(latency.PARTS)
    assert result["library"]["papers"] == SIZE
    assert all(times["p50"] <= times["p95"] for times in result["latency_ms"].values())
    for part in latency.PARTS:
        assert part in output
    assert invoke("gate", str(path), "--fail-under", "latency_ms/whole/p95=60000")[0] == 0
    assert invoke("gate", str(path), "--fail-under", "latency_ms/whole/p95=0.001")[0] == 1
    assert invoke("compare", str(path), str(path))[0] == 0
    assert invoke("report", str(path), "-o", str(folder / "r.html"))[0] == 0
    assert f"{SIZE} abstracts" in (folder / "r.html").read_text()


def test_parts_sum_to_the_whole(folder: Path):
    footnote = synthetic.library(SIZE, settings(folder), folder)
    try:
        spent = latency.one("How many speakers does the corpus have?", footnote.parts())
    finally:
        footnote.close()
    assert sum(spent[part] for part in latency.PARTS[:-1]) == pytest.approx(spent[latency.WHOLE])
    assert all(seconds > 0 for seconds in spent.values())


def test_the_made_up_library_is_found_again(folder: Path, monkeypatch: pytest.MonkeyPatch):
    synthetic.library(SIZE, settings(folder), folder).close()
    monkeypatch.setattr(synthetic, "_add", lambda *_: pytest.fail("made again"))
    synthetic.library(SIZE, settings(folder), folder).close()


def test_a_library_that_was_left_half_made_is_finished(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(synthetic, "_BATCH", 50)
    real, made = synthetic._add, []

    def breaks(numbers, *rest):
        if len(made) == 1:
            raise KeyboardInterrupt
        made.append(numbers)
        real(numbers, *rest)

    monkeypatch.setattr(synthetic, "_add", breaks)
    with pytest.raises(KeyboardInterrupt):
        synthetic.library(110, settings(folder), folder)
    monkeypatch.setattr(
        synthetic, "_add", lambda numbers, *rest: (made.append(numbers), real(numbers, *rest))
    )
    footnote = synthetic.library(110, settings(folder), folder)
    assert made == [range(50), range(50, 100), range(100, 110)]
    assert footnote.library.count("indexed") == footnote.words.count() == 110
    footnote.close()


def test_made_up_papers_are_the_same_every_time_and_all_different(maker: synthetic.Maker):
    assert maker.paper(7) == maker.paper(7)
    assert len({maker.paper(n).abstract for n in range(50)}) == 50
    passages, vectors = maker.passages(3)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert len(passages) == len(vectors)
    assert np.array_equal(vectors, maker.passages(3)[1])
