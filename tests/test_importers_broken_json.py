"""JSON that is broken or half written: what stands before and after is read, and the break is one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import importers
from rag.errors import ImportFailed
from rag.importers import Parsed

RECORDS = [{"title": f"Paper {n}", "abstract": f"It counts {n}.", "year": 2020} for n in range(3)]
ONE, TWO, THREE = map(json.dumps, RECORDS)
OVER_LINES = json.dumps(RECORDS, indent=1)
CUT = "breaks off: its closing bracket is missing"


def read(folder: Path, text: str) -> Parsed:
    (folder / "papers.json").write_text(text, encoding="utf-8")
    return importers.read(folder / "papers.json")


def numbers(parsed: Parsed) -> list[int]:
    return [int(paper.title[-1]) for paper in parsed.papers]


@pytest.mark.parametrize(
    ("text", "titles", "line", "reason"),
    [
        pytest.param(f"[{ONE}, {TWO}, {THREE[:30]}", [0, 1], 1, CUT, id="array"),
        pytest.param(OVER_LINES[:-40], [0, 1], 12, CUT, id="array over lines"),
        pytest.param(f'{{"results": [{ONE},\n{TWO[:20]}', [0], 2, CUT, id="wrapper"),
        pytest.param(f"{ONE}\n{TWO[:30]}", [0], 2, CUT, id="lines"),
        pytest.param(f"[{ONE},\n{TWO},", [0, 1], 2, "the list breaks off here", id="behind a comma"),
        pytest.param(f"[{ONE},\n{TWO}\n", [0, 1], 3, "the list breaks off here", id="without its end"),
    ],
)
def test_a_half_written_file_gives_its_whole_records_and_one_line(
    tmp_path: Path, text: str, titles: list[int], line: int, reason: str
) -> None:
    parsed = read(tmp_path, text)
    assert numbers(parsed) == titles
    assert [(r.line, r.reason) for r in parsed.rejected] == [(line, reason)]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('{"title": "x",}', "line 2, column 16: a name in double quotes is expected"),
        ('{"title": "x" "year": 1}', "line 2, column 16: a comma or a closing bracket is missing"),
        ('{"title": "x",\n  "year" 1}', "line 3, column 10: a colon is missing"),
        ('{"title": "x",\n  "year": }', "line 3, column 11: a value is expected"),
        ('{"title": "x}', "line 2, column 16: a text has no closing quote"),
        ('{"title": "\\x"}', "line 2, column 13: a backslash stands before a character"),
    ],
)
@pytest.mark.parametrize(
    "wrap", ["[{},\n {},\n {}]", '{{"papers": [{},\n {},\n {}]}}'], ids=["array", "object"]
)
def test_a_broken_record_says_where_and_what_is_expected(
    tmp_path: Path, wrap: str, broken: str, reason: str
) -> None:
    parsed = read(tmp_path, wrap.format(ONE, broken, THREE))
    assert numbers(parsed) == [0, 2]
    (rejected,) = parsed.rejected
    assert (rejected.line, rejected.text[:9]) == (2, '{"title":')
    assert rejected.reason.startswith(f"is broken JSON at {reason}")


def test_a_place_far_into_a_long_line_is_right(tmp_path: Path) -> None:
    """Also where the window has slid on."""
    many = ", ".join([ONE] * 3_000)
    (rejected,) = read(tmp_path, f'[{many}, {{"title" 1}}]').rejected
    assert f"column {len(many) + 13}: a colon" in rejected.reason


def test_a_record_that_is_not_closed_costs_only_itself(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"[{ONE},\n{TWO[:-1]},\n{THREE}, {ONE}]")
    assert numbers(parsed) == [0, 2, 0]
    assert [r.line for r in parsed.rejected] == [2]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"[{ONE}, {TWO}, {THREE},]", id="comma before the end"),
        pytest.param(f"{ONE},\n{TWO},\n{THREE},\n", id="comma behind lines"),
        pytest.param(f"\ufeff\ufeff[{ONE}, {TWO}, {THREE}]", id="two byte order marks"),
        pytest.param(f"\ufeff{ONE}\n\ufeff{TWO}\n{THREE}", id="files put together"),
    ],
)
def test_what_is_not_quite_json_is_read_whole(tmp_path: Path, text: str) -> None:
    parsed = read(tmp_path, text)
    assert (numbers(parsed), parsed.rejected) == ([0, 1, 2], ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (str(RECORDS), "is broken JSON at line 1, column 3: a name in double quotes is expected."),
        (f"[ // papers\n{ONE}]", "is broken JSON at line 1, column 3: a value is expected."),
        ('[\n {"titl', "is JSON that breaks off at line 2: its closing bracket is missing."),
        (ONE[:50], f"is JSON and holds no papers (line 1: {CUT})."),
    ],
    ids=["single quotes", "comment", "cut at once", "cut"],
)
def test_a_file_that_gives_nothing_says_where_it_is_broken_and_no_more(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(ImportFailed) as failed:
        read(tmp_path, text)
    assert failed.value.problem == f"{tmp_path / 'papers.json'} {told}"


@pytest.mark.parametrize(
    "text", ["[1] A. Lovelace. Notes.", "{\\rtf1 text}", '{"name": "x", "version": 1}', "[]"]
)
def test_what_is_not_broken_json_is_not_called_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(ImportFailed, match=r"holds no papers\. Footnote reads"):
        read(tmp_path, text)
