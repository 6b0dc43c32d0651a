"""What `footnote ask` prints: what the abstracts say at once, what the model writes as it is verified, the sources."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from rag.records import (
    Answer,
    Candidate,
    CheckedSentence,
    CitedPaper,
    EvidenceSentence,
    Paper,
    Question,
    Shape,
    Support,
)
from ui.terminal import as_text

BIRD = Paper("bird", "BirdNet: Small Birds", "We build a bird. It weighs 4.2 g. It sings.", year=2024)
PARTS = tuple(
    EvidenceSentence("bird", n, text)
    for n, text in enumerate(["We build a bird.", "It weighs 4.2 g.", "It sings."])
)
QUOTES = tuple(
    CheckedSentence(f"“{p.text}”", Support.SUPPORTED, (p,), quoted=True, citations=(1,)) for p in PARTS[1:]
)
WEIGHT = CheckedSentence("The bird weighs 4.2 g.", Support.SUPPORTED, (PARTS[1],), citations=(1,))
SONG = CheckedSentence("The bird sings.", Support.SUPPORTED, (PARTS[2],), citations=(1,))
BEGUN = Answer(
    Question("How heavy?", "How heavy?", Shape.FACT),
    sentences=QUOTES,
    papers=(CitedPaper(1, BIRD, PARTS[1:]),),
)


def printed(snapshots: Sequence[Answer], capsys: pytest.CaptureFixture[str]) -> tuple[list[str], str]:
    """What was printed after each snapshot, and everything in the end."""
    seen: list[str] = []
    shown = ""

    def ask(stop: threading.Event) -> Iterator[Answer]:
        nonlocal shown
        for snapshot in snapshots:
            yield snapshot
            shown += capsys.readouterr().out
            seen.append(shown)

    as_text(ask)
    return seen, shown + capsys.readouterr().out


def test_quotations_come_at_once_and_what_is_written_after_them(capsys: pytest.CaptureFixture[str]) -> None:
    growing = [
        replace(BEGUN, sentences=()),
        BEGUN,
        replace(BEGUN, draft="The bird wei"),
        replace(BEGUN, sentences=(WEIGHT, *QUOTES)),
        replace(BEGUN, sentences=(WEIGHT, SONG, *QUOTES)),
        replace(BEGUN, sentences=(WEIGHT, SONG, *QUOTES), done=True),
    ]
    seen, whole = printed(growing, capsys)
    quotes = "“It weighs 4.2 g.” [1]\n“It sings.” [1]\n"
    assert seen[0] == ""
    assert seen[1] == seen[2] == quotes, "what is not checked is not printed"
    assert seen[3] == f"{quotes}\nThe bird weighs 4.2 g. [1]"
    assert seen[4] == seen[5] == f"{quotes}\nThe bird weighs 4.2 g. [1] The bird sings. [1]"
    assert whole.startswith(f"{seen[5]}\n")
    assert "[1] BirdNet: Small Birds" in whole.removeprefix(seen[5])


def test_what_is_printed_stays_when_a_quotation_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    """What is on the screen cannot be taken back; the written sentence follows it, and no quotation again."""
    last = replace(BEGUN, sentences=(WEIGHT, QUOTES[1]))
    _, whole = printed([BEGUN, last, replace(last, done=True)], capsys)
    assert whole.startswith("“It weighs 4.2 g.” [1]\n“It sings.” [1]\n\nThe bird weighs 4.2 g. [1]\n")
    assert whole.count("“It sings.”") == 1
    assert whole.count("The bird weighs 4.2 g.") == 1


def test_quotations_alone_are_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    _, whole = printed([BEGUN, replace(BEGUN, done=True)], capsys)
    head, _, sources = whole.partition("[1] BirdNet")
    assert head == "“It weighs 4.2 g.” [1]\n“It sings.” [1]\n\n\n"
    assert "“" not in sources, "what is quoted above is not repeated below"


def test_a_list_begins_with_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    listed = replace(BEGUN, remark="2 papers match.", done=True)
    _, whole = printed([listed], capsys)
    assert whole.startswith("2 papers match.\n“It weighs 4.2 g.” [1]\n“It sings.” [1]\n")
    assert whole.count("2 papers match.") == 1


def test_an_abstention_is_one_line_and_the_nearest_papers(capsys: pytest.CaptureFixture[str]) -> None:
    declined = replace(
        BEGUN,
        sentences=(),
        papers=(),
        abstained=True,
        remark="The abstracts do not say.",
        retrieved=(Candidate(BIRD, 1.0, 1.0, 1.0),),
        done=True,
    )
    _, whole = printed([declined], capsys)
    assert whole.startswith("The abstracts do not say.\n")
    assert "Nearest papers:\n  - BirdNet: Small Birds" in whole
    assert "[1]" not in whole
