"""Test collections: reading them, what is wrong with them, and running systems over them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval import cache as caching
from eval import collections, variants
from eval.cli import app
from eval.provenance import ROOT
from rag.errors import ImportFailed
from rag.settings import load

DOCUMENTS = [
    ("d1", "Cats", "Cats sleep most of the day. They hunt mice at night."),
    ("d2", "Dogs", "Dogs bark at strangers and guard the house."),
    ("d3", "Whales", "Whales are mammals that live in the sea."),
    ("d4", "Violins", "A violin has four strings and is played with a bow."),
    ("d/5#0", "Pianos", "A piano has eighty-eight keys."),
    ("d6", "Empty but titled: submarine volcanoes", ""),
]
QUERIES = {"q1": "Which animal hunts mice?", "q2": "instrument with strings", "q3": "volcanoes under the sea"}
QRELS = [("q1", "d1", 1), ("q2", "d4", 2), ("q2", "d/5#0", 1), ("q3", "d6", 1)]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    (folder / "qrels").mkdir(parents=True)
    rows = [json.dumps({"_id": i, "title": t, "text": x}) for i, t, x in DOCUMENTS]
    (folder / "corpus.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": q, "text": text}) for q, text in QUERIES.items())
    )
    judged = "\n".join("\t".join(map(str, row)) for row in QRELS)
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}\n")
    return folder


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(f"\n{text}\n")


def test_a_collection_in_beir_layout(tiny: Path):
    read = collections.read(tiny)
    assert [d.id for d in read.documents] == [i for i, _, _ in DOCUMENTS]
    assert read.qrels == {"q1": {"d1": 1}, "q2": {"d4": 2, "d/5#0": 1}, "q3": {"d6": 1}}
    assert read.problems.found == {collections.EMPTY: [f"{tiny / 'corpus.jsonl'}:6: d6"]}


@pytest.mark.parametrize(
    "text",
    ["q1\td1\t1\nq2\td4\t1", "query\tdoc\tscore\nq1\td1\t1\nq2\td4\t1", "q1 0 d1 1\nq2 0 d4 1", "q1\t0\td1\t1\nq2\tQ0\td4\t1\n"],
    ids=["no header", "header", "TREC", "TREC with tabs"],
)  # fmt: skip
def test_judgements_in_every_form(tiny: Path, text: str):
    (tiny / "qrels.tsv").write_text(text)
    assert collections.read(tiny).qrels == {"q1": {"d1": 1}, "q2": {"d4": 1}}


def test_gzipped_files(tiny: Path):
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        path = tiny / name
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert len(collections.read(tiny).documents) == 6


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(tiny: Path, name: str):
    (tiny / name).unlink()
    with pytest.raises(ImportFailed, match=str(tiny)):
        collections.read(tiny)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_an_empty_file_is_named(tiny: Path, name: str):
    (tiny / name).write_text("")
    with pytest.raises(ImportFailed, match=f"{name} holds nothing"):
        collections.read(tiny)


def test_broken_lines_are_refused_with_their_numbers(tiny: Path):
    append(tiny / "corpus.jsonl", '{"_id": "d7", "title": "cut off')
    append(tiny / "queries.jsonl", '{"text": "no id"}')
    append(tiny / "qrels/test.tsv", "q1\td1")
    with pytest.raises(ImportFailed) as error:
        collections.read(tiny)
    for place in (
        "corpus.jsonl:8: not JSON",
        "queries.jsonl:4: not a JSON object with an _id",
        "test.tsv:7: not query",
    ):
        assert place in str(error.value)
    assert "--skip-broken" in str(error.value)
    read = collections.read(tiny, skip_broken=True)
    assert len(read.problems.found[collections.BROKEN]) == 3
    assert len(read.documents) == 6


def test_duplicates_and_unknown_ids_are_reported_with_their_lines(tiny: Path):
    append(tiny / "corpus.jsonl", json.dumps({"_id": "d1", "title": "Cats", "text": "something else"}))
    append(tiny / "queries.jsonl", json.dumps({"_id": "q1", "text": "again"}))
    append(tiny / "queries.jsonl", json.dumps({"_id": "q9", "text": "not judged"}))
    append(tiny / "qrels/test.tsv", "q1\tnowhere\t1\nq8\td1\t1\nq2\td4\t1\nq7\td1\t0")
    read = collections.read(tiny)
    found = {
        kind: [place.rpartition("/")[2] for place in places] for kind, places in read.problems.found.items()
    }
    assert found == {
        collections.EMPTY: ["corpus.jsonl:6: d6"],
        collections.DUPLICATE_DOCUMENT: ["corpus.jsonl:8: d1 (another text)"],
        collections.DUPLICATE_QUERY: ["queries.jsonl:4: q1"],
        collections.DUPLICATE_QREL: ["test.tsv:9: query q2, document d4, 2 and 1"],
        collections.UNKNOWN_DOCUMENT: ["test.tsv:7: document nowhere of query q1"],
        collections.UNKNOWN_QUERY: ["test.tsv:8: query q8", "test.tsv:10: query q7"],
        collections.NOTHING_RELEVANT: ["test.tsv:10: query q7"],
        collections.UNJUDGED: ["queries.jsonl:6: query q9"],
    }
    assert read.qrels["q2"]["d4"] == 2
    assert "nowhere" in read.qrels["q1"]


def test_not_utf8_names_the_line(tiny: Path):
    with (tiny / "corpus.jsonl").open("ab") as file:
        file.write(b'{"_id": "d7", "title": "caf\xe9", "text": ""}\n')
    with pytest.raises(ImportFailed, match=r"corpus\.jsonl:7: not UTF-8"):
        collections.read(tiny)


def test_a_run_is_written_and_read(tmp_path: Path):
    collections.write_run({"q1": [("b", 2.0), ("a", 1.0)], "q2": []}, tmp_path / "x.run", "x")
    assert (tmp_path / "x.run").read_text().splitlines()[0] == "q1 Q0 b 1 2.000000 x"
    assert collections.read_run(tmp_path / "x.run") == {"q1": ["b", "a"]}


def test_a_run_is_ordered_by_score_and_its_broken_lines_are_named(tmp_path: Path):
    path = tmp_path / "x.run"
    path.write_text("q1 Q0 a 1 0.5 x\nq1 Q0 b 2 0.9 x\n")
    assert collections.read_run(path) == {"q1": ["b", "a"]}
    path.write_text("q1 Q0 a 1 0.5 x\nq1 a\n")
    with pytest.raises(ImportFailed, match=r"x\.run:2"):
        collections.read_run(path)


def evaluate(tiny: Path, *arguments: str) -> tuple[str, dict]:
    out = tiny.parent / "result.json"
    told = CliRunner().invoke(
        app,
        [
            "retrieval",
            "--collection",
            str(tiny),
            "--cache",
            str(tiny.parent / "cache"),
            "--json",
            str(out),
            *arguments,
        ],
    )
    assert told.exit_code == 0, told.output
    return told.output, json.loads(out.read_text())


def test_all_systems_on_a_tiny_collection(tiny: Path, tmp_path: Path):
    """The layout that readers of the JSON rely on, and every system finds what is plain."""
    (tmp_path / "mine.run").write_text("q1 Q0 d1 1 1.0 mine\n")
    output, result = evaluate(tiny, "--run-dir", str(tmp_path / "runs"), "--run", str(tmp_path / "mine.run"))
    assert list(result["systems"]) == ["footnote", "bm25", "dense", "rrf", "llama-index", "mine"]
    for name in ("footnote", "dense", "rrf", "llama-index"):
        assert result["systems"][name]["per_query"]["q1"]["RR@10"] == 1.0, name
        assert result["systems"][name]["per_query"]["q3"]["RR@10"] == 1.0, name
    footnote = result["systems"]["footnote"]
    assert set(footnote) == {"nDCG@10", "R@10", "R@50", "RR@10", "per_query", "latency_ms"}
    assert footnote["nDCG@10"]["low"] <= footnote["nDCG@10"]["value"] <= footnote["nDCG@10"]["high"]
    assert footnote["latency_ms"]["total"]["p50"] > 0
    assert result["systems"]["mine"]["per_query"]["q2"]["nDCG@10"] == 0.0
    assert set(result["tests"]) == {"bm25", "dense", "rrf", "llama-index", "mine"}
    assert {"git", "passport", "seed", "settings", "machine", "packages", "time"} <= set(result["provenance"])
    assert result["queries"]["q1"]["top"]["footnote"][0] == "d1"
    assert "1 × empty abstract" in output
    assert len(collections.read_run(tmp_path / "runs" / "footnote.run")["q2"]) > 1


def test_a_second_run_indexes_nothing_and_ranks_the_same(tiny: Path, monkeypatch: pytest.MonkeyPatch):
    _, first = evaluate(tiny, "--system", "footnote", "--system", "dense")
    monkeypatch.setattr("rag.assemble.Footnote._index", lambda *_: pytest.fail("indexed again"))
    _, second = evaluate(tiny, "--system", "footnote", "--system", "dense")
    assert first["queries"] == second["queries"]


def test_a_problem_is_one_line_and_not_a_traceback(tiny: Path):
    (tiny / "corpus.jsonl").write_text("{oops\n")
    told = CliRunner().invoke(
        app, ["retrieval", "--collection", str(tiny), "--cache", str(tiny.parent / "cache")]
    )
    assert told.exit_code == 1
    assert "corpus.jsonl:1: not JSON" in told.output
    assert "Traceback" not in told.output


def test_an_unknown_system_is_named(tiny: Path):
    told = CliRunner().invoke(
        app,
        [
            "retrieval",
            "--collection",
            str(tiny),
            "--cache",
            str(tiny.parent / "cache"),
            "--system",
            "elastic",
        ],
    )
    assert told.exit_code == 1
    assert "known are footnote, bm25" in told.output


def test_every_switch_of_retrieval_on_a_tiny_collection(tiny: Path):
    cache = str(tiny.parent / "cache")
    told = CliRunner().invoke(
        app,
        ["ablations", "--collection", str(tiny), "--cache", cache, "--json", str(tiny / "a.json")],
    )
    assert told.exit_code == 0, told.output
    result = json.loads((tiny / "a.json").read_text())["collections"]["tiny"]
    assert list(result["systems"]) == [v.name for v in variants.VARIANTS]
    assert set(result["tests"]) == {v.name for v in variants.VARIANTS[1:]}
    assert all(row["per_query"]["q2"]["RR@10"] == 1.0 for row in result["systems"].values())


def test_what_makes_an_index_is_part_of_the_name_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = load({"model": "extractive"}, env={"FOOTNOTE_HOME": str(tmp_path)})
    places = [caching.place(settings, "content", tmp_path)]
    for name in ("rag.passport.WORDS", "rag.passport.SPLITTER", "rag.passport.SCHEMA"):
        with monkeypatch.context() as patch:
            patch.setattr(name, "another")
            places.append(caching.place(settings, "content", tmp_path))
    monkeypatch.setattr(caching, "code_digest", lambda names: "another text of the code")
    places.append(caching.place(settings, "content", tmp_path))
    assert len(set(places)) == len(places)
    assert all((ROOT / "rag" / name).is_file() for name in caching.MADE_BY)
