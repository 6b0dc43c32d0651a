"""Abstracts that say the opposite of each other are both shown, with a line that names them by paper and year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.assemble import Footnote
from rag.conflicts import contrary
from rag.importers.parsed import Parsed
from rag.records import Paper
from rag.settings import Settings

ASKED = "Does statin therapy increase the risk of dementia in older adults?"
PAPERS = [
    Paper(
        "title:a", "Statins and Memory: a Cohort",
        "We followed older adults for ten years. Statin therapy increased the risk of dementia in older adults.",
        ("Ada Lovelace",), 2001,
    ),
    Paper(
        "title:b", "Cholesterol: a Randomised Trial",
        "Older adults were randomised to treatment. Statin therapy reduced the risk of dementia in older adults.",
        ("Alan Turing",), 2015,
    ),
    Paper("title:c", "Zebrafish: Optic Flow", "Zebrafish larvae see optic flow. They swim along with it.", year=2010),
]  # fmt: skip


@pytest.fixture
def footnote(tmp_path: Path) -> Iterator[Footnote]:
    footnote = Footnote(Settings(home=tmp_path, library=tmp_path / "library", model="extractive"))
    footnote.library.add(Parsed(tuple(PAPERS), ()), "papers.txt")
    footnote.index_pending()
    yield footnote
    footnote.close()


def test_both_sides_are_quoted_and_named_with_their_years(footnote: Footnote) -> None:
    *_, last = footnote.answer(ASKED)
    assert "increased the risk of dementia" in last.text
    assert "reduced the risk of dementia" in last.text
    assert last.remark.startswith("The abstracts do not agree: compare ")
    assert "Statins and Memory (2001)" in last.remark
    assert "Cholesterol (2015)" in last.remark
    assert len(last.papers) == 2


def test_abstracts_that_agree_are_not_said_to_differ(footnote: Footnote) -> None:
    *_, last = footnote.answer("What do zebrafish larvae see?")
    assert "optic flow" in last.text
    assert not last.remark


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Statins increased the risk of dementia.", "Statins increased the risk of dementia.", id="same"),
        pytest.param("Statins increased the risk of dementia.", "Sleep reduced the risk of stroke.", id="other things"),
        pytest.param("Statins increased the risk of dementia.", "Older adults were not randomised.", id="other denial"),
    ],
)  # fmt: skip
def test_what_is_no_contradiction(one: str, other: str) -> None:
    assert not contrary(one, other, "Do statins increase the risk of dementia?")


def test_a_denial_contradicts_too() -> None:
    one = "Statin therapy was associated with dementia in older adults."
    other = "Statin therapy was not associated with dementia in older adults."
    assert contrary(one, other, "Is statin therapy associated with dementia in older adults?")
