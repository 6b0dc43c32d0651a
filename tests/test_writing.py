"""A model's stream becomes clean sentences, whatever the chunks it comes in."""

import pytest

from rag.writing import Draft, visible


def _written(text: str, size: int = 1) -> tuple[list[str], Draft]:
    """All sentences that a text hands out when it arrives in chunks of so many characters."""
    draft, out = Draft(), []
    for start in range(0, len(text), size):
        out += draft.add(text[start : start + size])
    return out + draft.finish(), draft


CASES = {
    "one sentence": ("It keeps 99%.", ["It keeps 99%."]),
    "two sentences": ("It keeps 99%. It halves the size.", ["It keeps 99%.", "It halves the size."]),
    "no full stop": ("It keeps 99%", ["It keeps 99%"]),
    "thought": ("<think>Hm. 4? No.</think>It is 5.", ["It is 5."]),
    "thought in another tag": ("<thinking>Hm. 4?</thinking>\nIt is 5.", ["It is 5."]),
    "thought in capitals": ("<THINK>Hm. 4?</THINK>It is 5.", ["It is 5."]),
    "two thoughts": ("<think>A. B.</think>It is 5. <think>C. D.</think>It is small.", ["It is 5.", "It is small."]),
    "unclosed thought": ("<think>It is 4. It must be 4.", []),
    "unclosed thought after an answer": ("It is 5. It is small. <think>Or is it 4?", ["It is 5.", "It is small."]),
    "unfinished tag": ("It is 5. <thi", ["It is 5."]),
    "special tokens": ("It is 5.<|im_end|>", ["It is 5."]),
    "end of sequence": ("It is 5.</s>", ["It is 5."]),
    "answer in front": ("Answer: It is 5.", ["It is 5."]),
    "assistant in front": ("Assistant: It is 5.", ["It is 5."]),
    "bullets": ("- It keeps 99%.\n- It is small.", ["It keeps 99%.", "It is small."]),
    "bullets without stops": ("* It keeps 99%\n* It is small", ["It keeps 99%", "It is small"]),
    "numbered": ("1. It keeps 99%.\n2. It is small.", ["It keeps 99%.", "It is small."]),
    "heading": ("## Result\nIt keeps 99%.", ["Result", "It keeps 99%."]),
    "bold": ("**MiniLM** keeps __99%__.", ["MiniLM keeps 99%."]),
    "paragraphs": ("It keeps 99%.\n\n\nIt is small.", ["It keeps 99%.", "It is small."]),
    "citation marks": ("It keeps 99% [1]. It is small [2][3].", ["It keeps 99%.", "It is small."]),
    "decimal": ("It uses 4.27 tokens. It is fast.", ["It uses 4.27 tokens.", "It is fast."]),
    "et al.": ("Su et al. (2022) say so. Others do not.", ["Su et al. (2022) say so.", "Others do not."]),
    "e.g.": ("It helps, e.g. GPT-2 and BERT. Good.", ["It helps, e.g. GPT-2 and BERT.", "Good."]),
    "version": ("It uses SQuAD 2.0 and GLUE. Good.", ["It uses SQuAD 2.0 and GLUE.", "Good."]),
    "lower-case name begins": ("It is new. w2v-BERT wins.", ["It is new.", "w2v-BERT wins."]),
    "small letters, then a name": (
        "it is fast. it is small. GPT is bigger.",
        ["it is fast.", "it is small.", "GPT is bigger."],
    ),
    "question": ("Is it fast? It is.", ["Is it fast?", "It is."]),
    "empty": ("", []),
    "blank": (" \n\n ", []),
}  # fmt: skip

NOT_YET = {}
TABLE = [
    pytest.param(
        *case,
        id=name,
        marks=[pytest.mark.xfail(strict=True, reason=NOT_YET[name])] if name in NOT_YET else [],
    )
    for name, case in CASES.items()
]


@pytest.mark.parametrize(("text", "sentences"), TABLE)
def test_a_text_that_arrives_at_once_becomes_clean_sentences(text: str, sentences: list[str]) -> None:
    assert _written(text, size=10_000)[0] == sentences


@pytest.mark.parametrize(("text", "sentences"), TABLE)
def test_the_size_of_the_chunks_makes_no_difference(text: str, sentences: list[str]) -> None:
    for size in (1, 2, 3, 7):
        assert _written(text, size)[0] == sentences, f"in chunks of {size}"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [pytest.param(*case, id=name) for name, case in CASES.items() if name not in NOT_YET],
)
def test_nothing_that_is_handed_out_is_ever_taken_back(text: str, sentences: list[str]) -> None:
    draft, out = Draft(), []
    for character in text:
        out += draft.add(character)
        assert out == sentences[: len(out)]


def test_a_number_is_not_torn_apart_while_it_is_written() -> None:
    draft = Draft()
    assert draft.add("It uses 4.") == []
    assert draft.add("27 tokens per second.") == []
    assert draft.tail == "It uses 4.27 tokens per second."
    assert draft.finish() == ["It uses 4.27 tokens per second."]


def test_a_sentence_is_handed_out_when_the_next_one_begins() -> None:
    draft = Draft()
    assert draft.add("It is fast.") == []
    assert draft.add(" It") == ["It is fast."]
    assert draft.tail == "It"


def test_the_tail_never_shows_a_thought_or_the_beginning_of_its_tag() -> None:
    draft = Draft()
    for character in "<think>secret plan</think>It is 5":
        draft.add(character)
        assert "secret" not in draft.tail
        assert "<" not in draft.tail
    assert draft.tail == "It is 5"


def test_everything_written_is_kept_for_the_trace() -> None:
    text = "<think>Hm.</think>It is 5 [1]. It is 5."
    assert _written(text)[1].raw == text


def test_a_repeated_sentence_is_handed_out_once_and_noticed() -> None:
    out, draft = _written("It keeps 99%. It is small. It keeps 99%. It is small.")
    assert out == ["It keeps 99%.", "It is small."]
    assert draft.repeats


def test_repetition_in_other_capitals_or_with_other_marks_is_repetition() -> None:
    out, draft = _written("It keeps 99% [1]. IT KEEPS 99% [2]. ")
    assert len(out) == 1
    assert draft.repeats


def test_sentences_that_differ_are_no_repetition() -> None:
    assert not _written("It keeps 99%. It keeps 98%.")[1].repeats


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("<think>Hm</think>5", "5", id="thought"),
        pytest.param("<think>Hm", "", id="unclosed thought"),
        pytest.param("a < b and c > d", "a < b and c > d", id="comparison signs stay"),
        pytest.param("5 [INST] 6", "5  6", id="instruction marks"),
        pytest.param("The answer: 5", "The answer: 5", id="answer in the middle stays"),
    ],
)
def test_only_what_is_meant_for_the_reader_is_visible(raw: str, shown: str) -> None:
    assert visible(raw) == shown
