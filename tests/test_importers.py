"""A saved page becomes papers; everything else is refused in one line."""

import shlex
from pathlib import Path

import pytest

from rag import importers
from rag.errors import ImportFailed
from rag.importers.parsed import paper, title_identity
from rag.records import Paper

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "data" / "papers.txt"
ABSTRACT = (
    "We study the speech of many people over a long time and find that it has structure in it. This "
    "structure is learned by a model without any labels, and the model is small enough for a telephone. "
    "Our experiments show that it works well on all of the benchmarks that we have tried until now, and on some others."
)
OTHER = ABSTRACT.replace("speech of many", "music of some")


@pytest.fixture(scope="module")
def shipped() -> tuple[Paper, ...]:
    parsed = importers.read(CORPUS)
    assert not parsed.rejected
    return parsed.papers


def test_the_shipped_page_holds_62_different_papers(shipped: tuple[Paper, ...]) -> None:
    assert len(shipped) == 62
    assert len({p.id for p in shipped}) == 62


PAIRS = {
    "W2v-BERT: Combining Contrastive": "Motivated by the success of masked language modeling (MLM)",
    "Selfie: Self-supervised": "We introduce a pretraining technique called Selfie",
    "Sylber: Syllabic": "Syllables are compositional units",
    "Who's Harry Potter?": "Large language models (LLMs) are trained on massive internet corpora",
    "MiniLM: Deep Self-Attention": "Pre-trained language models (e.g., BERT",
}


@pytest.mark.parametrize(("title", "abstract"), PAIRS.items(), ids=[t.split(":")[0] for t in PAIRS])
def test_titles_stand_with_their_abstracts(shipped: tuple[Paper, ...], title: str, abstract: str) -> None:
    found = [p for p in shipped if p.title.startswith(title)]
    assert [p.abstract.startswith(abstract) for p in found] == [True]


def test_menus_dates_and_buttons_are_no_papers(shipped: tuple[Paper, ...]) -> None:
    for chrome in ("new", "Get trending papers in your email inbox!", "Subscribe", "Mar 18"):
        assert not [p for p in shipped if p.title == chrome or chrome == p.abstract]
    assert not [p for p in shipped if "Subscribe" in p.abstract or "trending papers" in p.abstract]


def test_every_title_of_the_page_is_a_whole_line_and_every_abstract_a_whole_block(
    shipped: tuple[Paper, ...],
) -> None:
    text = CORPUS.read_text(encoding="utf-8")
    lines = set(text.splitlines())
    assert all(p.raw_title in lines for p in shipped)
    assert all(p.raw_abstract in text for p in shipped)


def test_latex_is_read_away_and_the_original_stays(shipped: tuple[Paper, ...]) -> None:
    first = shipped[0]
    assert "modeling~(MLM)" in first.raw_abstract
    assert "modeling (MLM)" in first.abstract
    assert not [p for p in shipped if "\\%" in p.abstract or "``" in p.abstract or "~(" in p.abstract]


def test_a_paper_knows_the_file_that_it_came_from(shipped: tuple[Paper, ...]) -> None:
    assert {p.source for p in shipped} == {"papers.txt"}


def read(folder: Path, content: str | bytes) -> importers.Parsed:
    path = folder / "page.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return importers.read(path)


PAGE = f"Subscribe\n\nA First Paper\n\n{ABSTRACT}\n\nMar 18\n\nA Second Paper\n\n{OTHER}\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PAGE.encode(), id="UTF-8"),
        pytest.param(PAGE.encode("utf-8-sig"), id="UTF-8 with mark"),
        pytest.param(PAGE.encode("utf-16"), id="UTF-16"),
        pytest.param(PAGE.replace("\n", "\r\n").encode(), id="Windows lines"),
        pytest.param(PAGE.replace("\n", "\r").encode(), id="old Mac lines"),
        pytest.param(PAGE.replace("\n\n", "\n \t\n\n\n").encode(), id="blank lines with blanks"),
        pytest.param(PAGE.strip().encode(), id="no last line end"),
    ],
)
def test_a_page_is_read_however_it_was_saved(tmp_path: Path, content: bytes) -> None:
    papers = read(tmp_path, content).papers
    assert [(p.title, p.abstract) for p in papers] == [("A First Paper", ABSTRACT), ("A Second Paper", OTHER)]


def test_accents_of_a_latin_1_page_are_read(tmp_path: Path) -> None:
    page = PAGE.replace("First", "Première").encode("latin-1")
    assert read(tmp_path, page).papers[0].title == "A Première Paper"


def test_quotes_and_dashes_of_a_windows_page_are_read(tmp_path: Path) -> None:
    page = PAGE.replace("A First", "The “First” – New").encode("cp1252")
    assert read(tmp_path, page).papers[0].title == "The “First” – New Paper"


def test_an_abstract_over_several_lines_is_one_abstract(tmp_path: Path) -> None:
    broken = ABSTRACT.replace(". ", ".\n")
    [found] = read(tmp_path, f"A First Paper\n\n{broken}\n").papers
    assert found.abstract == ABSTRACT
    assert found.raw_abstract == broken


def test_an_abstract_without_title_is_rejected_with_its_line_and_reason(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"A First Paper\n\n{ABSTRACT}\n\n{OTHER}\n")
    assert [p.title for p in parsed.papers] == ["A First Paper"]
    assert [(r.line, r.text) for r in parsed.rejected] == [(5, OTHER)]
    assert "title" in parsed.rejected[0].reason


LICENCE = (
    "Files: *\nCopyright: 1985 A. Darwin\nLicense: BSD-2\n\n"
    " Redistribution and use in source and binary forms are permitted if the following is met. First, the "
    "notice above must stay where it is. Second, the notice must also be in the documentation that comes "
    "with it. This software is provided as it is, without any warranty of any kind whatsoever to anybody."
)
MARKDOWN = f"# A Heading Here\n\n{ABSTRACT}\n\n## Another Heading\n\n- {OTHER}\n\n```python\nprint()\n```\n"
HTML = f"<!DOCTYPE html>\n<html><body>\n\n<h1>A First Paper</h1>\n\n<p>{ABSTRACT}</p>\n</body></html>\n"
PROSE = "\n\n".join([ABSTRACT, OTHER] * 3)
NO_PAGE = {
    "binary": bytes(range(256)) * 20,
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(2000),
    "empty": b"",
    "blank": b"\n \n\t\n",
    "HTML source": HTML.encode(),
    "Markdown": MARKDOWN.encode(),
    "prose": PROSE.encode(),
    "Python": (ROOT / "rag" / "library.py").read_bytes(),
    "licence": LICENCE.encode(),
    "titles alone": b"A First Paper\n\nA Second Paper\n",
}


@pytest.mark.parametrize("content", NO_PAGE.values(), ids=NO_PAGE.keys())
def test_what_is_no_page_of_papers_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ImportFailed) as caught:
        read(tmp_path, content)
    assert str(tmp_path / "page.txt") in str(caught.value)
    assert "Run: " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("missing.txt", "does not exist", id="missing"),
        pytest.param("folder", "directory", id="directory"),
        pytest.param("page.txt/inside", "cannot be read", id="below a file"),
        pytest.param("n" * 300, "cannot be read", id="name too long"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "page.txt").touch()
    with pytest.raises(ImportFailed, match=says) as caught:
        importers.read(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_works_for_a_file_with_a_blank_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "my papers"
    with pytest.raises(ImportFailed) as caught:
        importers.read(folder / "new papers.txt")
    assert shlex.split(caught.value.fix or "")[-1] == str(folder)


@pytest.mark.parametrize(
    "title",
    ["Sylber: Syllabic Embedding", "SYLBER — syllabic embedding", "Sylber: syllabic–embedding."],
    ids=["as it is", "capitals and dash", "full stop"],
)
def test_a_paper_is_the_same_in_any_case_and_punctuation(title: str) -> None:
    assert title_identity(title) == title_identity("Sylber syllabic embedding")


def test_papers_of_the_same_title_differ_by_year_and_author() -> None:
    same = [
        title_identity("A Survey"),
        title_identity("A Survey", 2020),
        title_identity("A Survey", 2020, "Li"),
    ]
    assert len(set(same)) == 3


def test_identity_does_not_depend_on_the_abstract_or_the_file() -> None:
    assert paper("A Title", "One.", "a.txt").id == paper("A Title", "Two.", "b.txt").id


def test_titles_that_differ_by_a_sign_are_different_papers() -> None:
    assert title_identity("Learning to Write C++") != title_identity("Learning to Write C#")
