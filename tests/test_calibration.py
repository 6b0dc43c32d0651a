"""What is seen of a question and an abstract, how it is weighed, and that the weights are those of the fit."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval import fit, questions
from eval.cache import library_of_file
from eval.fit_commands import FILES
from rag import calibration
from rag.calibration import BLANK, FILE, Logistic, parse, shipped, uncalibrated
from rag.errors import SettingsError
from rag.features import QUESTION, SENTENCE, asks_for_the_whole, focus, of_question, of_sentences
from rag.reading import Reading
from rag.records import Paper, Question, Shape
from rag.scene import Scene
from rag.settings import Settings

DATA = Path(__file__).resolve().parent.parent / "data"
SHARES = {
    "question's words", "rare words among those the abstract holds", "rare words in the sentence before",
    "place in the abstract", "question's words in the abstract", "rare words in one sentence",
}  # fmt: skip
"""Features between 0 and 1."""
SWITCHES = {
    "a number asked for", "a number", "reports a result", "a reason asked for", "calls the paper by name",
    "names something the abstract lacks", "asks for a thing the abstract lacks", "asks for a number the abstract lacks",
    "leans on the turn before", "says what the paper does, asked for",
}  # fmt: skip
"""Features that are 0 or 1."""
SENTENCES = (
    "Whales sing because they are far apart.",
    "OrcaNet hears 40 whales.",
    "Results improve by 5%.",
)
WHALES = Reading(
    Paper("whales", "OrcaNet: Hearing Whales", " ".join(SENTENCES)),
    SENTENCES,
    np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], dtype=np.float32),
)
ACROSS = np.array([1.0, 0.0], dtype=np.float32)
ASKED = (
    "How many whales does OrcaNet hear?",
    "Why do whales sing?",
    "What does it improve?",
    "Which optimizer was used on GPUs?",
    "?x",
)


def _even(word: str) -> float:
    return 1.0


def _seen(question: str) -> dict[str, list[float]]:
    rows = of_sentences(question, WHALES, ACROSS, _even)
    return dict(zip(SENTENCE, rows.T.tolist(), strict=True))


def _weighed(question: str, named: bool = False, follows_up: bool = False) -> dict[str, float]:
    asked = Question(question, question, Shape.FACT, follows_up=follows_up)
    row = of_question(asked, WHALES, named, ACROSS, _even)
    return dict(zip(QUESTION, row.tolist(), strict=True))


# What is seen


@pytest.mark.parametrize("question", ASKED)
def test_features_have_their_shapes_and_ranges(question: str) -> None:
    sentences = of_sentences(question, WHALES, ACROSS, _even)
    asked = of_question(Question(question, question, Shape.FACT), WHALES, True, ACROSS, _even)
    assert sentences.shape == (3, len(SENTENCE))
    assert asked.shape == (len(QUESTION),)
    assert sentences.dtype == asked.dtype == np.float64
    assert np.isfinite(sentences).all()
    assert np.isfinite(asked).all()
    for names, columns in ((SENTENCE, sentences.T), (QUESTION, asked[:, None])):
        for name, column in zip(names, columns, strict=True):
            if name in SHARES:
                assert ((column >= 0) & (column <= 1)).all(), name
            if name in SWITCHES:
                assert set(column.tolist()) <= {0.0, 1.0}, name


@pytest.mark.parametrize("title", ["On Whales", "whales whales"])
def test_a_paper_without_abstract_and_a_question_of_its_title_have_features_too(title: str) -> None:
    reading = Reading(Paper("t", title, ""), (title,), np.zeros((1, 2), dtype=np.float32))
    assert np.isfinite(of_sentences(title, reading, ACROSS, _even)).all()
    assert np.isfinite(of_question(Question(title, title, Shape.FACT), reading, True, ACROSS, _even)).all()


def test_relevance_is_the_cosine_and_its_share_of_the_best() -> None:
    seen = _seen("Why do whales sing?")
    assert seen["relevance"] == pytest.approx([1.0, 0.6, 0.0])
    assert seen["relevance against the best"] == pytest.approx([1.0, 0.6, 0.0])
    assert seen["place in the abstract"] == pytest.approx([0, 1 / 3, 2 / 3])


def test_a_number_tells_when_it_is_new_and_more_when_one_is_asked_for() -> None:
    assert _seen("How many whales does OrcaNet hear?")["a number asked for"] == [0, 1, 1]
    assert _seen("How many of 40 whales does OrcaNet hear?")["a number asked for"] == [0, 0, 1]
    assert _seen("Why do whales sing?")["a number asked for"] == [0, 0, 0]
    assert _seen("Why do whales sing?")["a number"] == [0, 1, 1]


def test_a_reason_tells_when_one_is_asked_for() -> None:
    assert _seen("Why do whales sing?")["a reason asked for"] == [1, 0, 0]
    assert _seen("How many whales sing?")["a reason asked for"] == [0, 0, 0]
    assert _seen("Why do whales sing?")["reports a result"] == [0, 0, 1]


def test_words_of_the_title_tell_no_sentence_from_another() -> None:
    assert _seen("Hearing whales?")["question's words"] == [0, 0, 0]
    assert _seen("Do they sing?")["question's words"] == [1, 0, 0]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    rarity = {"sing": 3.0, "improve": 1.0}
    rows = of_sentences("sing improve", WHALES, ACROSS, lambda word: rarity[word])
    column = rows[:, SENTENCE.index("rare words among those the abstract holds")]
    assert column == pytest.approx([0.75, 0.0, 0.25])
    before = rows[:, SENTENCE.index("rare words in the sentence before")]
    assert before == pytest.approx([0.0, 0.75, 0.0])


def test_what_the_abstract_lacks_is_seen() -> None:
    assert _weighed("Does OrcaNet hear seals?")["names something the abstract lacks"] == 0
    assert _weighed("Does BirdNet hear whales?")["names something the abstract lacks"] == 1
    assert _weighed("Which optimizer was used?")["asks for a thing the abstract lacks"] == 1
    assert _weighed("Which whales sing?")["asks for a thing the abstract lacks"] == 0
    assert _weighed("How many whales sing?")["asks for a number the abstract lacks"] == 0
    assert (
        _weighed("What number of 40 whales at 5%, and how many?")["asks for a number the abstract lacks"] == 1
    )


def test_the_conversation_and_the_name_are_seen() -> None:
    assert _weighed("Why?", named=True, follows_up=True)["calls the paper by name"] == 1
    assert _weighed("Why?", named=True, follows_up=True)["leans on the turn before"] == 1
    assert _weighed("Why?")["calls the paper by name"] == _weighed("Why?")["leans on the turn before"] == 0


def test_the_noun_asked_for_is_no_vague_one() -> None:
    assert focus("Which method is used, and how many GPUs?") == {"gpus"}


def test_the_verb_before_an_object_is_no_noun_and_either_of_two_nouns_would_do() -> None:
    assert focus("Which layer keeps the timbre?") == {"layer"}
    assert focus("How many paragraphs or questions does it have?") == frozenset()


@pytest.mark.parametrize(
    "question",
    [
        "What is OrcaNet?",
        "Tell me about OrcaNet",
        "What does OrcaNet propose?",
        "What problem does OrcaNet try to solve?",
        "What did OrcaNet find?",
        "Summarise the paper on hearing whales.",
    ],
)
def test_a_name_and_nothing_in_particular_asks_for_the_whole(question: str) -> None:
    assert asks_for_the_whole(question, WHALES)


@pytest.mark.parametrize(
    "question",
    ["What is the optimizer of OrcaNet?", "What is FinchNet?", "How many whales does OrcaNet count?"],
)
def test_what_is_not_in_the_title_is_asked_for_in_particular(question: str) -> None:
    assert not asks_for_the_whole(question, WHALES)


def test_what_the_paper_does_tells_when_that_is_asked_for() -> None:
    name = "says what the paper does, asked for"
    said = Reading(
        replace(WHALES.paper), ("We present OrcaNet.", "Whales sing.", "It is studied."), WHALES.vectors
    )
    rows = of_sentences("What is OrcaNet?", said, ACROSS, _even)
    assert rows[:, SENTENCE.index(name)].tolist() == [1, 0, 0]
    rows = of_sentences("How many whales sing?", said, ACROSS, _even)
    assert rows[:, SENTENCE.index(name)].tolist() == [0, 0, 0]


# How it is weighed


def test_a_logistic_model_centres_scales_and_weighs() -> None:
    model = Logistic(("a", "b"), np.array([1.0, 2.0]), np.array([2.0, 1.0]), np.array([3.0, -1.0]), 0.5)
    assert model.logit(np.array([3.0, 2.0])) == pytest.approx([3.5])
    assert model.logit(np.array([[1.0, 2.0], [1.0, 3.0]])) == pytest.approx([0.5, -0.5])


def _values() -> dict:
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("model", ["sentence", "answerable"])
@pytest.mark.parametrize("change", ["renamed", "reordered", "fewer", "more"])
def test_a_file_with_other_features_is_refused(model: str, change: str) -> None:
    values = _values()
    names = values[model]["features"]
    values[model]["features"] = {
        "renamed": ["colour", *names[1:]],
        "reordered": names[::-1],
        "fewer": names[1:],
        "more": [*names, "colour"],
    }[change]
    with pytest.raises(ValueError, match="other features"):
        parse(values)


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "{}", '{"least": "x"}'],
    ids=["missing", "empty", "broken", "a list", "without weights", "no number"],
)
def test_a_wrong_file_is_a_problem_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    place = tmp_path / "calibration.json"
    if text is not None:
        place.write_text(text)
    monkeypatch.setattr(calibration, "FILE", place)
    with pytest.raises(SettingsError) as error:
        shipped.__wrapped__()
    assert "calibration.json does not fit this version" in str(error.value)
    assert error.value.fix == "footnote eval fit --write"


def test_a_file_of_other_features_is_such_a_problem_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = _values()
    values["sentence"]["features"][0] = "colour"
    (tmp_path / "calibration.json").write_text(json.dumps(values))
    monkeypatch.setattr(calibration, "FILE", tmp_path / "calibration.json")
    with pytest.raises(SettingsError, match="fitted for other features"):
        shipped.__wrapped__()


def test_without_weights_everything_is_as_likely_as_not() -> None:
    """Fitting begins with it, so nothing that was fitted before weighs in."""
    assert BLANK.sentence.logit(np.ones((3, len(SENTENCE)))).tolist() == [0.0, 0.0, 0.0]
    assert BLANK.answerable.logit(np.ones(len(QUESTION))).tolist() == [0.0]
    assert BLANK.least == 0.0
    assert (BLANK.sentence.features, BLANK.answerable.features) == (SENTENCE, QUESTION)


def test_thresholds_of_another_embedder_are_told() -> None:
    assert uncalibrated(shipped(), "minilm") == ()
    [notice] = uncalibrated(shipped(), "bge-m3")
    assert "tuned for minilm" in notice
    assert "bge-m3" in notice
    assert uncalibrated(BLANK, "bge-m3") == ()


def test_the_shipped_file_is_read_as_it_is() -> None:
    values, read = _values(), shipped()
    assert read.sentence.features == SENTENCE
    assert read.answerable.features == QUESTION
    assert (read.least, read.embedder) == (values["least"], "minilm")
    assert read.sentence.weights.tolist() == list(values["sentence"]["weights"].values())
    assert (read.answerable.deviations > 0).all()
    assert calibration.shipped() is read, "read once"


def test_a_calibration_of_other_features_can_be_fitted_anew(tmp_path: Path) -> None:
    """The command that the refusal names must run while the shipped file is unusable."""
    values = _values()
    values["sentence"]["features"][0] = "colour"
    stale = tmp_path / "calibration.json"
    stale.write_text(json.dumps(values))
    program = "import pathlib, rag.calibration as c, sys; c.FILE = pathlib.Path(sys.argv[1]); import eval.fit, eval.fit_commands"
    done = subprocess.run(
        [sys.executable, "-c", program, str(stale)], capture_output=True, text=True, cwd=DATA.parent
    )
    assert done.returncode == 0, done.stderr


# In a scene


TOKENS = "How many tokens per second does Sylber use on average?"
Stage = Callable[..., Scene]


def test_the_likeliest_sentence_comes_first_with_its_log_odds(scene: Stage) -> None:
    asked = scene(TOKENS)
    held = asked.holding(asked.readings[0])
    odds = [o for o, _ in held]
    assert odds == sorted(odds, reverse=True)
    assert "4.27" in held[0][1].text
    assert sorted(part.position for _, part in held) == list(range(len(asked.readings[0].sentences)))
    rows = of_sentences(asked.question.standalone, asked.readings[0], asked.vector, asked.rarity)
    assert sorted(odds) == pytest.approx(sorted(asked.parts.calibration.sentence.logit(rows)))


def test_a_paper_without_abstract_is_weighed_by_its_title(scene: Stage) -> None:
    asked = scene("Why do whales sing?")
    reading = asked.parts.reader.read(Paper("t", "On Whales", ""))
    [(odds, part)] = asked.holding(reading)
    assert (part.text, part.position) == ("On Whales", -1)
    assert np.isfinite([odds, asked.answerable(reading)]).all()


def test_the_abstract_that_answers_is_likelier_to_than_the_others(scene: Stage) -> None:
    asked = scene(TOKENS)
    odds = [asked.answerable(reading) for reading in asked.readings]
    assert max(odds) == odds[0]
    assert odds[0] > asked.parts.calibration.least
    assert asked.answerable(asked.readings[0]) == odds[0], "the same each time"


def test_the_thresholds_are_those_of_the_parts(scene: Stage) -> None:
    asked = scene(TOKENS)
    none = replace(asked.parts.calibration.answerable, weights=np.zeros(len(QUESTION)), bias=-7.0)
    other = replace(asked.parts, calibration=replace(asked.parts.calibration, answerable=none))
    assert replace(asked, parts=other).answerable(asked.readings[0]) == -7.0


# The shipped weights


def test_the_shipped_file_is_what_the_fit_gives_for_the_questions_of_its_files(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("fit")
    paths = [DATA / name for name in FILES]
    items = [item for path in paths for item in questions.read(path)]
    footnote = library_of_file(
        DATA / "papers.txt", Settings(home=home, library=home / "x", model="extractive"), home
    )
    try:
        fitted = fit.fit(footnote, items, paths)
    finally:
        footnote.close()
    assert fit.differences(_values(), fitted.values) == []
    assert json.loads(fit.written(fitted)) == fitted.values
    assert (
        fitted.values["fitted on"]["sha256"]
        == hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    )
    declined = [point.declined for point in fitted.curve]
    kept = [point.kept for point in fitted.curve]
    assert declined == sorted(declined)
    assert kept == sorted(kept, reverse=True)
    assert list(fitted.chosen) == ["hardly", "least", "surely"]
    thresholds = [point.threshold for point in fitted.chosen.values()]
    assert thresholds == sorted(thresholds)
    assert fitted.chosen["least"].kept == pytest.approx(fit.KEPT["least"], abs=0.01)
    assert fitted.chosen["least"].declined >= 0.4
