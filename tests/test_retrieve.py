"""Ranking papers: conditions first, names before resemblance, every place explained, always the same."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.assemble import Footnote
from rag.importers import Parsed
from rag.records import Candidate, Filters, Paper, Turn
from rag.retrieve import named, retrieve
from rag.settings import Settings
from rag.understand import understand

QUESTIONS = Path(__file__).resolve().parent.parent / "data" / "questions.jsonl"

WHALES = "Whales sing long songs under water. We record the songs of humpback whales and count their phrases."
BIRDS = "Birds sing in the morning. We record the songs of garden birds and count their phrases."
BREAD = "Bread rises because yeast makes gas. We bake bread with several kinds of flour and weigh the loaves."

SMALL = (
    Paper("a", "Songs of Humpback Whales", WHALES, ("Ada Lovelace", "Émile Zola"), 2010, "Journal of Whales"),
    Paper("b", "Songs of Garden Birds", BIRDS, ("Grace Hopper",), 2015, "Journal of Birds"),
    Paper(
        "c", "More Songs of Humpback Whales", WHALES, ("Grace Hopper", "Ada Lovelace"), 2020, "Ocean Letters"
    ),
    Paper("d", "Bread and Yeast", BREAD, ("Alan Turing",), 2021, "Journal of 100% Rye"),
    Paper("e", "Whale Songs without a Year", WHALES, ()),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footnote]:
    """Five papers with years, authors and venues."""
    home = tmp_path_factory.mktemp("small")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    footnote.library.add(Parsed(SMALL[:4]), "first.txt")
    footnote.library.add(Parsed(SMALL[4:]), "second.txt")
    footnote.index_pending()
    yield footnote
    footnote.close()


def _ids(ranking: list[Candidate]) -> list[str]:
    return [c.paper.id for c in ranking]


@pytest.mark.parametrize(
    ("filters", "meet"),
    [
        pytest.param(Filters(), "abcde", id="none"),
        pytest.param(Filters(year_from=2015), "bcd", id="from a year"),
        pytest.param(Filters(year_to=2015), "ab", id="to a year"),
        pytest.param(Filters(year_from=2015, year_to=2020), "bc", id="between years, ends included"),
        pytest.param(Filters(author="Lovelace"), "ac", id="author"),
        pytest.param(Filters(author="grace hopper"), "bc", id="author in small letters"),
        pytest.param(Filters(author="Émile"), "a", id="author with an accent"),
        pytest.param(Filters(venue="journal of"), "abd", id="venue"),
        pytest.param(Filters(venue="100%"), "d", id="a per cent sign is no wildcard"),
        pytest.param(Filters(venue="_"), "", id="an underscore is no wildcard"),
        pytest.param(Filters(source="second.txt"), "e", id="file"),
        pytest.param(Filters(author="Lovelace", year_from=2015), "c", id="author and year"),
        pytest.param(Filters(year_from=3000), "", id="nothing meets it"),
        pytest.param(Filters(author="'; DROP TABLE papers; --"), "", id="SQL is text"),
    ],
)
@pytest.mark.parametrize("question", ["songs of humpback whales", "how dough gets bigger"])
def test_only_papers_that_meet_the_conditions_are_ranked_and_all_of_them(
    small: Footnote, question: str, filters: Filters, meet: str
) -> None:
    assert sorted(_ids(small.search(question, filters=filters))) == sorted(meet)


def test_conditions_are_met_before_the_best_are_taken(small: Footnote) -> None:
    """The only paper that meets them is found although it is the last in the whole ranking."""
    assert small.search("songs of humpback whales", top_k=1)[0].paper.id != "d"
    assert _ids(small.search("songs of humpback whales", top_k=1, filters=Filters(year_from=2021))) == ["d"]


def test_both_sides_rank_among_the_papers_that_meet_the_conditions_only(small: Footnote) -> None:
    """Places are counted within the condition: the best by vector and by words is first in both."""
    ranking = small.search("songs of humpback whales", filters=Filters(author="Hopper"))
    assert _ids(ranking) == ["c", "b"]
    assert [(c.dense_rank, c.word_rank) for c in ranking] == [(1, 1), (2, 2)]
    assert ranking[0].score == pytest.approx(1.0)


def test_a_paper_called_by_name_must_meet_the_conditions_too(small: Footnote) -> None:
    ranking = small.search("What does Songs of Garden Birds count?", filters=Filters(year_to=2010))
    assert _ids(ranking) == ["a"]


@pytest.mark.parametrize("text", ["whales", "How does yeast work?", "zzz", 'AND OR NOT (*:*) "x', "a" * 3000])
def test_any_text_can_be_looked_for(small: Footnote, text: str) -> None:
    ranking = small.search(text)
    assert sorted(_ids(ranking)) == sorted("abcde")


@pytest.mark.parametrize("top_k", [1, 2, 5, 50])
def test_at_most_so_many_papers_come_back_and_the_best_of_them(small: Footnote, top_k: int) -> None:
    everything = small.search("songs of whales", top_k=50)
    assert _ids(small.search("songs of whales", top_k=top_k)) == _ids(everything)[:top_k]


def test_equal_papers_stand_in_the_order_of_their_ids(tmp_path: Path) -> None:
    home = tmp_path / "twins"
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    twins = tuple(replace(SMALL[0], id=name) for name in "zkm")
    footnote.library.add(Parsed(twins), "twins.txt")
    footnote.index_pending()
    assert _ids(footnote.search("songs of humpback whales")) == ["k", "m", "z"]
    footnote.close()


def test_an_empty_library_ranks_nothing(tmp_path: Path) -> None:
    footnote = Footnote(Settings(home=tmp_path, library=tmp_path / "empty", model="extractive"))
    assert footnote.search("whales") == []
    footnote.close()


def test_candidates_explain_their_place(footnote: Footnote) -> None:
    """Cosine, BM25 and both ranks are those of the two sides, and the score is made of them."""
    question = "syllabic speech tokens from raw audio"
    vector = footnote.embedder.embed([question])[0]
    found = retrieve(question, vector, footnote.library, footnote.passages, footnote.words, 10)
    by_words = footnote.words.search(question, 100)
    places = {paper: n for n, (paper, _) in enumerate(by_words, 1)}
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert sorted(c.dense_rank or 0 for c in found)[0] == 1
    for c in found:
        rows = footnote.passages.vectors([c.paper.id])[c.paper.id]
        assert c.cosine == pytest.approx(float((rows @ vector).max()), abs=1e-5)
        assert c.bm25 == dict(by_words).get(c.paper.id, 0.0)
        assert c.word_rank == places.get(c.paper.id)
        assert -1.0 <= c.cosine <= 1.0


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What does Sylber propose?", "Sylber"),
        ("what does sylber propose", "Sylber"),
        ("Is SPIN any good compared with language model pretraining and fine-tuning of LLMs?", "Self-Play"),
        ("How many parameters has MERT?", "MERT"),
        ("How does LiST compare with classic fine-tuning?", "LiST"),
        ("What does A Survey on Mixture of Experts cover?", "A Survey on Mixture of Experts"),
    ],
)
def test_a_paper_called_by_its_name_comes_first(footnote: Footnote, question: str, title: str) -> None:
    first = footnote.search(question)[0]
    assert first.paper.title.startswith(title)
    assert first.named


@pytest.mark.parametrize(
    "question", ["Give me a list of methods", "a spin on pretraining", "speech", "What is BERT?", ""]
)
def test_ordinary_words_name_no_paper(footnote: Footnote, question: str) -> None:
    assert named(question, footnote.library, footnote.words) == []


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footnote]:
    """Papers whose titles begin with topics and with names, among others that use the words of the topics."""
    home = tmp_path_factory.mktemp("clinic")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    own = [
        Paper("sun", "Vitamin D: The Sunshine Vitamin", "Sunlight makes it. We review what it does."),
        Paper("calm", "Anxiety", "Many people have it. We review how common it is."),
        Paper("in", "IN", "A letter about nothing in particular that was sent to the editor."),
        Paper(
            "blood",
            "Stored Cells of Newborns",
            "Umbilical cord blood (UCB) was stored for years and counted.",
        ),
        Paper("cap", "CAPTURE-IT: Traps for Cells", "We present CAPTURE-IT, which counts cells in UCB."),
        Paper("moon", "Moon Walk: A Trial of Walking by Night", "Walking by night was tried by nurses."),
    ]
    others = [
        Paper(f"o{n}", f"Cohort {n} of {what}", f"In it, vitamin D, anxiety and UCB were measured in {what}.")
        for n, what in enumerate(["nurses", "miners", "pilots", "bakers", "sailors", "painters", "teachers"])
    ]
    footnote.library.add(Parsed((*own, *others)), "clinic.txt")
    footnote.index_pending()
    yield footnote
    footnote.close()


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("Does vitamin D deficiency change birth weight?", []),
        ("How common is anxiety among nurses?", []),
        ("In adults, what was measured?", []),
        ("Do UCB cells last?", []),
        ("What does CAPTURE-IT count?", ["cap"]),
        ("What is in the cap?", []),
        ("What was tried in Moon Walk - and by whom?", ["moon"]),
        ("What is Vitamin D: The Sunshine Vitamin about?", ["sun"]),
    ],
)
def test_a_topic_that_others_write_of_names_no_paper(
    clinic: Footnote, question: str, papers: list[str]
) -> None:
    assert named(question, clinic.library, clinic.words) == papers


def test_names_are_found_in_the_order_of_the_question(footnote: Footnote) -> None:
    ids = named("Compare MERT with Sylber", footnote.library, footnote.words)
    titles = [footnote.library.papers(ids)[i].title.partition(":")[0] for i in ids]
    assert titles == ["MERT", "Sylber"]


def test_the_same_question_gives_the_same_ranking_to_the_last_digit(footnote: Footnote) -> None:
    once = footnote.search("How robust are discrete speech units?")
    assert footnote.search("How robust are discrete speech units?") == once


def test_the_ranking_is_the_same_after_reopening_the_library(footnote: Footnote) -> None:
    question = "How robust are discrete speech units?"
    once = footnote.search(question)
    footnote.close()
    again = Footnote(footnote.settings)
    assert again.search(question) == once
    again.close()


@pytest.fixture
def first(footnote: Footnote) -> Callable[[str, list[Turn]], str]:
    """Title of the paper that the main path puts first."""

    def ask(asked: str, history: list[Turn]) -> str:
        *_, last = footnote.answer(asked, history)
        return last.retrieved[0].paper.title

    return ask


@pytest.mark.parametrize("follow_up", ["And what kind of units does it give?", "How fast is it?", "Why?"])
def test_a_follow_up_finds_the_paper_of_the_turn_before(
    first: Callable[[str, list[Turn]], str], follow_up: str
) -> None:
    question = understand("What is syllabic embedding of speech in Sylber?").standalone
    history = [Turn(question, "Sylber learns syllabic units of speech.")]
    assert first(follow_up, history).startswith("Sylber")


def test_a_new_subject_leaves_the_turn_before_behind(first: Callable[[str, list[Turn]], str]) -> None:
    history = [Turn("What is Sylber?", "Sylber learns syllabic units of speech.")]
    assert first("How many parameters does MERT scale to?", history).startswith("MERT")


def test_most_questions_about_one_paper_find_it_at_the_first_place(footnote: Footnote) -> None:
    """A floor under tuning, not a measurement: `eval/` measures."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    facts = [row for row in rows if row["type"] == "fact" and len(row["gold_titles"]) == 1]
    hits = sum(
        footnote.search(row["question"], top_k=1)[0].paper.title == row["gold_titles"][0] for row in facts
    )
    assert facts
    assert hits >= 0.8 * len(facts)
