"""The word index ranks papers by their words, in a real tantivy index on disk."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.assemble import Footnote
from rag.errors import LibraryError
from rag.lexical import WordIndex, erase
from rag.records import Paper

ROOT = Path(__file__).resolve().parent.parent
PAPERS = (
    Paper(
        "speech", "Learning Speech Tokens", "A tokenizer for speech that is naïve and fast. Speech is hard."
    ),
    Paper(
        "music", "Music Understanding", "A transformer that was trained on music. It says little of speech."
    ),
    Paper("image", "Masked Images", "We mask images. GPT-3 and w2v-BERT are not used."),
)


@pytest.fixture
def words(tmp_path: Path) -> WordIndex:
    index = WordIndex(tmp_path / "words")
    index.upsert(PAPERS)
    return index


def found(words: WordIndex, question: str, limit: int = 10) -> list[str]:
    return [paper for paper, _ in words.search(question, limit)]


FINDS = {
    "word of the abstract": ("tokenizer", ["speech"]),
    "word of the title": ("understanding", ["music"]),
    "another form of the word": ("masking tokenizers", ["image", "speech"]),
    "capitals": ("MUSIC", ["music"]),
    "without accent": ("naive", ["speech"]),
    "with accent": ("naïve", ["speech"]),
    "part of a hyphenated name": ("what is w2v?", ["image"]),
    "more about it comes first": ("speech", ["speech", "music"]),
    "no paper": ("quantum", []),
    "grammar alone": ("What is it about?", []),
    "talk about papers alone": ("Tell me about the papers, please", []),
    "signs alone": ("?! ***", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("question", "papers"), FINDS.values(), ids=FINDS.keys())
def test_papers_are_found_by_the_words_of_a_question(
    words: WordIndex, question: str, papers: list[str]
) -> None:
    assert set(found(words, question)) == set(papers)
    if len(papers) > 1 and question == "speech":
        assert found(words, question) == papers


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("optimisation", "optimization"),
        ("optimizing", "optimising"),
        ("tumor", "tumours"),
        ("labelled", "labeled"),
        ("modeling", "modelling"),
        ("leukaemia", "leukemia"),
        ("ischemic", "ischaemic"),
        ("fiber", "fibres"),
        ("programme", "programs"),
    ],
)
def test_a_word_is_found_in_its_other_spelling(tmp_path: Path, asked: str, written: str) -> None:
    words = WordIndex(tmp_path / "words")
    words.upsert([Paper("a", "One", f"Here is {written}."), Paper("b", "Two", "Here is another.")])
    assert found(words, asked) == found(words, written) == ["a"]
    assert words.frequency(asked) == words.frequency(written) == 1
    assert words.holds(f"Here is {written}.", asked)
    assert list(words.shares(asked, "a")) == [asked]


def test_a_word_with_one_spelling_counts_as_it_did(words: WordIndex) -> None:
    [(paper, once), *_] = words.search("speech", 1)
    assert words.search("speech speech", 1) == [(paper, pytest.approx(2 * once))]


@pytest.mark.parametrize(
    "question",
    [
        'music AND "speech',
        "title:music",
        "music^2 -speech",
        "(((music",
        "mus* OR [a TO b]",
        "music\\",
        "id:music",
    ],
)
def test_nothing_in_a_question_is_a_query_language(words: WordIndex, question: str) -> None:
    assert "music" in found(words, question) or question == "mus* OR [a TO b]"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_can_be_searched(words: WordIndex, question: str) -> None:
    scores = [score for _, score in words.search(question, 5)]
    assert scores == sorted(scores, reverse=True)


def test_scores_fall_and_the_limit_holds(words: WordIndex) -> None:
    ranking = words.search("speech music images", 2)
    assert len(ranking) == 2
    assert ranking[0][1] >= ranking[1][1] > 0


def test_a_word_in_the_title_counts_more_than_one_in_the_abstract(tmp_path: Path) -> None:
    index = WordIndex(tmp_path / "words")
    index.upsert(
        [Paper("b", "Zebra grass", "plain river stone"), Paper("a", "Plain grass", "zebra river stone")]
    )
    assert found(index, "zebra") == ["b", "a"]


def test_equal_papers_stand_in_the_order_of_their_ids(tmp_path: Path) -> None:
    index = WordIndex(tmp_path / "words")
    index.upsert([Paper(f"p{n}", "The same", "zebra") for n in (3, 1, 2)])
    assert found(index, "zebra") == ["p1", "p2", "p3"]


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        pytest.param(["music"], {"music"}, id="one"),
        pytest.param(["music", "speech", "gone"], {"music", "speech"}, id="some unknown"),
        pytest.param(["image"], set(), id="without the word"),
        pytest.param([], set(), id="no paper allowed"),
        pytest.param(None, {"music", "speech"}, id="any"),
    ],
)
def test_only_allowed_papers_are_ranked(
    words: WordIndex, within: list[str] | None, expected: set[str]
) -> None:
    assert {paper for paper, _ in words.search("speech", 10, within)} == expected


def test_allowed_papers_keep_the_scores_that_they_have_among_all(words: WordIndex) -> None:
    everywhere = dict(words.search("speech", 10))
    assert dict(words.search("speech", 10, ["music"])) == pytest.approx({"music": everywhere["music"]})


@pytest.mark.parametrize(
    ("text", "papers"), [("speech", 2), ("speech quantum", 0), ("speech tokenizer", 1), ("the", 0), ("", 0)]
)
def test_frequency_is_that_of_the_rarest_word(words: WordIndex, text: str, papers: int) -> None:
    assert words.frequency(text) == papers


def test_a_paper_added_again_replaces_what_was_there(words: WordIndex) -> None:
    words.upsert([Paper("music", "Painting", "Only colours.")])
    assert words.count() == len(PAPERS)
    assert found(words, "music") == []
    assert found(words, "colour") == ["music"]


def test_a_word_that_no_paper_holds_any_more_has_no_frequency(words: WordIndex) -> None:
    words.upsert([Paper("music", "Painting", "Only colours.")])
    assert words.frequency("music") == 0


def test_a_removed_paper_is_found_no_more(words: WordIndex) -> None:
    words.remove(["music", "gone"])
    assert words.count() == len(PAPERS) - 1
    assert found(words, "transformer") == []


def test_an_index_is_there_when_it_is_opened_again(words: WordIndex) -> None:
    assert found(WordIndex(words.folder), "tokenizer") == ["speech"]


def test_what_another_process_wrote_is_seen_after_reload(words: WordIndex) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.lexical import WordIndex; from rag.records import Paper;"
        "WordIndex(Path(sys.argv[1])).upsert([Paper('new', 'Zebra', '')])"
    )
    subprocess.run([sys.executable, "-c", code, str(words.folder)], cwd=ROOT, check=True)
    words.reload()
    assert found(words, "zebra") == ["new"]


def test_an_erased_index_can_be_made_anew(words: WordIndex) -> None:
    erase(words.folder)
    assert WordIndex(words.folder).count() == 0
    erase(words.folder / "never there")


@pytest.fixture
def damaged(words: WordIndex) -> Iterator[Path]:
    (words.folder / "meta.json").write_text("garbage")
    yield words.folder
    shutil.rmtree(words.folder)


def test_a_damaged_index_is_refused_with_the_command_that_mends_it(damaged: Path) -> None:
    with pytest.raises(LibraryError, match="footnote reindex") as caught:
        WordIndex(damaged)
    assert str(damaged) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_index_damaged_while_it_is_open_is_an_error_of_ours(words: WordIndex) -> None:
    for path in words.folder.iterdir():
        path.unlink()
    with pytest.raises(LibraryError, match="footnote reindex"):
        words.upsert([Paper("new", "Zebra", "")])


@pytest.mark.xfail(
    strict=True, reason="of equal papers the limit keeps those that were indexed first, not by id"
)
def test_the_limit_keeps_the_first_of_equal_papers(tmp_path: Path) -> None:
    index = WordIndex(tmp_path / "words")
    index.upsert([Paper(f"p{n}", "The same", "zebra") for n in (3, 1, 2)])
    assert found(index, "zebra", 2) == ["p1", "p2"]


def test_real_papers_are_found_by_what_they_are_about(footnote: Footnote) -> None:
    best = footnote.words.search("syllabic tokenization of speech", 1)[0][0]
    paper = footnote.library.paper(best)
    assert paper is not None
    assert paper.title.startswith("Sylber")
