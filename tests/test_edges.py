"""Edges that a deliberate break of the code showed to be open: each test here failed to fail before."""

from pathlib import Path

import pytest

from rag import importers
from rag.assemble import Footnote
from rag.errors import ImportFailed

TITLE = "Whales Sing Long Songs under Water"
ABSTRACT = (
    "We record the songs of humpback whales in the North Atlantic over several years and count their phrases. "
    "The songs change slowly from year to year and are learned by the young from the old. "
    "We find that whales of different oceans sing different songs, and that a song travels from west to east. "
    "A song is given up when a new one arrives."
)
PAGE = f"{TITLE}\n\n{ABSTRACT}\n"


def _read(folder: Path, content: bytes) -> tuple[str, ...]:
    file = folder / "page.txt"
    file.write_bytes(content)
    return tuple(paper.title for paper in importers.read(file).papers)


def test_the_page_of_these_tests_is_read(tmp_path: Path) -> None:
    assert _read(tmp_path, PAGE.encode()) == (TITLE,)


@pytest.mark.parametrize(
    "place", [0, 10, len(TITLE) + 50, len(PAGE)], ids=["front", "title", "abstract", "end"]
)
def test_a_file_with_a_zero_byte_is_binary_though_the_rest_is_a_page(tmp_path: Path, place: int) -> None:
    content = PAGE.encode()
    with pytest.raises(ImportFailed, match="not text"):
        _read(tmp_path, content[:place] + b"\x00" + content[place:])


@pytest.mark.parametrize(
    "mark",
    ["# ", "## ", "<p>", "| ", "```\n", "// ", "=====\n"],
    ids=["heading", "second heading", "HTML", "table", "code", "comment", "underline"],
)
def test_prose_with_markup_is_no_abstract_though_a_title_stands_above(tmp_path: Path, mark: str) -> None:
    with pytest.raises(ImportFailed, match="no papers"):
        _read(tmp_path, f"{TITLE}\n\n{mark}{ABSTRACT}\n".encode())


@pytest.mark.parametrize(
    ("question", "title"),
    [
        pytest.param("Is DRAGON good at speech tokenization?", "Deep Bidirectional", id="DRAGON"),
        pytest.param("Does SPIN use prompt optimization?", "Self-Play Fine-Tuning", id="SPIN"),
        pytest.param("What does SPIN say about speech representation?", "Self-Play", id="SPIN and speech"),
        pytest.param(
            "Does MiniLM have efficient syllabic tokenization of speech from raw audio?",
            "MiniLM",
            id="MiniLM and syllables",
        ),
        pytest.param("Does SINC use knowledge graphs and masked language modeling?", "SINC", id="SINC"),
    ],
)
def test_a_paper_called_by_name_goes_before_one_that_the_other_words_describe(
    footnote: Footnote, question: str, title: str
) -> None:
    assert footnote.search(question)[0].paper.title.startswith(title)
