"""Text is normalised, split into sentences and counted in words as people read it."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import content_stems, plain, readable, sentences, stem, tokens

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)

READABLE = {
    "tie between words": ("modeling~(MLM) in~pre-training", "modeling (MLM) in pre-training"),
    "tilde for about": ("gains ~5% and ~ 7 points", "gains ~5% and ~ 7 points"),
    "escapes": (r"5\% of R\&D costs \$3, see \#1", "5% of R&D costs $3, see #1"),
    "emphasis": (r"a \emph{new} \textbf{model} named \texttt{X}", "a new model named X"),
    "old switches": (r"a {\em new} and {\bf bold} idea", "a new and bold idea"),
    "link with text": (r"code at \href{https://x.org/a}{our page}", "code at our page"),
    "address": (r"code at \url{https://x.org/a}", "code at https://x.org/a"),
    "citation": (r"as shown~\cite{a,b}, by \citet{c} we", "as shown, by we"),
    "footnote": (r"results\footnote{See the code.} hold", "results hold"),
    "quotes": ("``free'' lunch", "“free” lunch"),
    "dashes": ("2--3 runs --- in all", "2–3 runs — in all"),
    "white space": (" a\tb\n c\r\nd\u00a0e\u2003f ", "a b c d e f"),
    "soft hyphen and zero width": ("lan\u00adguage\u200b mod\ufeffel", "language model"),
    "direction marks": ("abc\u202e def\u2066", "abc def"),
    "tag characters": ("ab\U000e0041\U000e0042c", "abc"),
    "control characters": ("a\x00b\x1b[0m\x07", "a b [0m"),
    "accents composed": ("E\u0301mile", "Émile"),
    "greek and maths stay": ("α-β ≤ 3 × 10", "α-β ≤ 3 × 10"),
    "tilde for about in brackets": ("a gain (~5%) in all", "a gain (~5%) in all"),
    "tilde in an address": ("at https://x.edu/~user/a today", "at https://x.edu/~user/a today"),
    "command in a command": (r"\textbf{a \emph{b} c}", "a b c"),
    "dollars stay": ("costs $O(n^2)$ time", "costs $O(n^2)$ time"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("raw", "expected"), READABLE.values(), ids=READABLE.keys())
def test_text_reads_without_leftovers(raw: str, expected: str) -> None:
    assert readable(raw) == expected


MATHEMATICS = {
    "mathematics with a command": (r"the loss $\mathbf{x} -- y$ is", r"the loss $\mathbf{x} -- y$ is"),
    "mathematics with a tie": ("a pair $p~q$ of", "a pair $p~q$ of"),
}


@pytest.mark.parametrize(("raw", "expected"), MATHEMATICS.values(), ids=MATHEMATICS.keys())
def test_mathematics_stays_as_it_is(raw: str, expected: str) -> None:
    assert readable(raw) == expected


@given(TEXTS)
def test_readable_text_has_no_control_characters_and_single_spaces(raw: str) -> None:
    text = readable(raw)
    assert text == " ".join(text.split())
    assert not [c for c in text if unicodedata.category(c) == "Cc"]
    assert "\u200b" not in text


@given(st.lists(st.from_regex(r"[A-Za-z0-9αé]{1,8}", fullmatch=True), max_size=20))
def test_ordinary_words_are_left_alone(words: list[str]) -> None:
    assert readable(" ".join(words)) == unicodedata.normalize("NFC", " ".join(words))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        pytest.param("Vision–Language", "vision-language", id="en dash"),
        pytest.param("VISION\u2011language", "vision-language", id="non-breaking hyphen"),
        pytest.param("ﬁne", "FINE", id="ligature"),
        pytest.param("model’s", "model's", id="apostrophe"),
        pytest.param("５％", "5%", id="full width"),
        pytest.param("Straße", "STRASSE", id="sharp s"),
    ],
)
def test_what_looks_alike_compares_equal(text: str, other: str) -> None:
    assert plain(text) == plain(other)


SENTENCES = {
    "two": ("We train it. It works!", ["We train it.", "It works!"]),
    "question": ("Is it so? Yes… Perhaps.", ["Is it so?", "Yes…", "Perhaps."]),
    "decimal": ("It gains 4.5% on SQuAD 2.0 now. Good.", ["It gains 4.5% on SQuAD 2.0 now.", "Good."]),
    "for example": ("Models, e.g. BERT, i.e. encoders, work.", ["Models, e.g. BERT, i.e. encoders, work."]),
    "and others": ("Su et al. (2022) agree.", ["Su et al. (2022) agree."]),
    "figure": ("See Fig. 3 and Eq. 4 for it.", ["See Fig. 3 and Eq. 4 for it."]),
    "versus": ("It is GPT-2 vs. GPT-3 here.", ["It is GPT-2 vs. GPT-3 here."]),
    "name in lower case": ("We compare. wav2vec 2.0 wins.", ["We compare.", "wav2vec 2.0 wins."]),
    "enumeration": (
        "It has three parts: (1) a, (2) b. Done.",
        ["It has three parts: (1) a, (2) b.", "Done."],
    ),
    "ends in a bracket": ("It works (mostly.) Then not.", ["It works (mostly.)", "Then not."]),
    "ends in quotes": ("He said “it works.” Then not.", ["He said “it works.”", "Then not."]),
    "begins with a quote": ("It works. “Yes” he said.", ["It works.", "“Yes” he said."]),
    "begins with a digit": ("It works. 3 runs agree.", ["It works.", "3 runs agree."]),
    "all in lower case": ("it works. it is fast.", ["it works.", "it is fast."]),
    "domain": ("Code is at x.com/a now. Use it.", ["Code is at x.com/a now.", "Use it."]),
    "no stop": ("A title without a stop", ["A title without a stop"]),
    "blank": ("  \n ", []),
    "empty": ("", []),
}


@pytest.mark.parametrize(("text", "expected"), SENTENCES.values(), ids=SENTENCES.keys())
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_initials_of_a_name_end_no_sentence() -> None:
    assert sentences("It was shown by J. R. Smith in Rome.") == ["It was shown by J. R. Smith in Rome."]


@given(TEXTS)
def test_splitting_loses_no_text(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(TEXTS)
def test_sentences_stand_in_the_order_of_the_text(text: str) -> None:
    found = sentences(text)
    places, start = [], 0
    for sentence in found:
        places.append(text.index(sentence, start))
        start = places[-1] + len(sentence)
    assert all(a < b for a, b in pairwise(places))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("State-of-the-art", ["state", "of", "the", "art"], id="hyphens separate"),
        pytest.param("BERT's and models'", ["bert", "and", "models"], id="possessives dropped"),
        pytest.param("don't", ["don't"], id="contraction is one word"),
        pytest.param("1.5 v2.0", ["1.5", "v2.0"], id="decimals stay whole"),
        pytest.param("snake_case (x)", ["snake", "case", "x"], id="punctuation separates"),
        pytest.param("语音 β", ["语音", "β"], id="other scripts"),
        pytest.param("?!", [], id="no words"),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize("word", ["train", "trains", "trained", "training"])
def test_forms_of_a_word_share_a_stem(word: str) -> None:
    assert stem(word) == stem("train")


def test_content_words_leave_out_grammar_and_keep_negation() -> None:
    assert content_stems("How does it not scale without the data, data?") == [
        "not",
        "scale",
        "without",
        "data",
        "data",
    ]
