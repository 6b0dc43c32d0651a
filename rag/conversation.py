"""What a question means by what was said before: the other one, the second one, the first model.

Deterministic, like the rest of understanding. The papers of a turn are those that its answer cites;
for a turn that only left its text, those that this text calls by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.records import CitedPaper, Paper, Turn
from rag.text import STOP_WORDS, content_stems, tokens

_PLACES = {
    "first": 0, "1st": 0, "former": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
    "fifth": 4, "5th": 4, "last": -1, "latter": -1, "one": 0, "two": 1, "three": 2, "four": 3, "five": 4,
}  # fmt: skip
_NOUN = r"(?:\w+ )?(?:one|paper|method|model|approach|work|system|study|article|abstract|family|framework|dataset)s?"
_ORDINAL = re.compile(
    r"\bthe (?P<place>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last)"
    rf"(?: {_NOUN}\b|(?=[\s?.!,]*$)| of (?:these|them|those))"
    r"|\bthe (?P<side>former|latter)\b|(?:\b(?:paper|number|no\.?) |#) ?(?P<number>\d|one|two|three|four|five)\b",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:back to|return(?:ing)? to|earlier|before that|you (?:started|began) with)\b", re.IGNORECASE
)
_OTHER = re.compile(
    rf"\bthe other(?: {_NOUN}\b|(?=[\s?.!,]*$))|\bnot (?:this|that) (?:one|paper)\b", re.IGNORECASE
)
_DESCRIBED = re.compile(
    r"\bthe (?P<words>\w[\w -]{2,40}?) (?:one|paper|method|model|approach|work|system|study|article|dataset)\b",
    re.IGNORECASE,
)
_BREAK = r"[\s,.;:!–-]*"
_CORRECTION = re.compile(
    rf"^\W*(?:(?:no+|nope|sorry|wait|actually|ok(?:ay)?|hm+|well|but)\b{_BREAK})*(?:"
    r"(?:that(?:'s|’s| is| was)?|this(?: is)?) (?:not|wrong)"
    r"(?: (?:what|the (?:one|paper)) i (?:meant?|wanted?|asked|was (?:looking|asking))(?: for| about)?)?"
    rf"{_BREAK}|not (?:that|this)(?: one| paper)?{_BREAK}"
    r"|i (?:meant?|want(?:ed)?|was (?:asking about|looking for))[\s,:]+"
    rf"|(?:a )?(?:different|another|new|other) (?:thing|question|topic|subject){_BREAK}|something else{_BREAK}"
    rf"|(?:let's |let us )?(?:chang\w+|switch\w*) (?:the )?(?:topic|subject)s?{_BREAK}"
    r")+(?:(?:i )?(?:meant?|want(?:ed)?)[\s,:]+)?",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"\b(?:thing|question|topic|subject|something else)", re.IGNORECASE)
_OWN_WORDS = 4
_TOPIC_WORDS = 2

Calls = Callable[[str], Sequence[Paper]]
"""The papers that a text calls by name, in the order of the text."""


def remembered(history: Sequence[Turn], calls: Calls) -> tuple[Turn, ...]:
    """The turns, each with the papers that it is about."""
    return tuple(turn if turn.papers else replace(turn, papers=_named_in(turn, calls)) for turn in history)


def _named_in(turn: Turn, calls: Calls) -> tuple[CitedPaper, ...]:
    papers = dict.fromkeys([*calls(turn.answer), *calls(turn.question)])
    return tuple(CitedPaper(number, paper, ()) for number, paper in enumerate(papers, 1))


def meant(text: str, history: Sequence[Turn]) -> Paper | None:
    """The paper that a question points to; None when it points to none.

    By its place, as "the other one", or as what it was about when the question goes back to it.
    """
    latest = [cited.paper for cited in history[-1].papers] if history else []
    said = list(dict.fromkeys(cited.paper for turn in history for cited in turn.papers))
    if match := _ORDINAL.search(text):
        among = said if _BACK.search(text) or len(latest) < 2 else latest
        place = _place(match, history[-1] if history else None)
        return among[place] if len(among) > 1 and -len(among) <= place < len(among) else None
    if _OTHER.search(text):
        others = [paper for paper in (latest if len(latest) > 1 else said) if paper is not _last(history)]
        return others[-1] if others else None
    back = returned_to(text, history)
    return back.papers[0].paper if back and len(back.papers) == 1 else None


def returned_to(text: str, history: Sequence[Turn]) -> Turn | None:
    """The turn that a question goes back to: the last one whose question or title has the words for it."""
    match = _DESCRIBED.search(text) if _BACK.search(text) else None
    wanted = set(content_stems(match["words"])) if match else set()
    titles = ((turn, " ".join(cited.paper.title for cited in turn.papers)) for turn in reversed(history))
    return next(
        (turn for turn, said in titles if wanted and wanted <= set(content_stems(f"{turn.question} {said}"))),
        None,
    )


def _last(history: Sequence[Turn]) -> Paper | None:
    """The paper that was spoken of last."""
    return next((turn.papers[-1].paper for turn in reversed(history) if turn.papers), None)


def _place(match: re.Match[str], before: Turn | None) -> int:
    word = match["place"] or match["side"] or match["number"]
    if not word.isdigit():
        return _PLACES[word.casefold()]
    numbers = [cited.number for cited in before.papers] if before else []
    return numbers.index(int(word)) if int(word) in numbers else int(word) - 1


def corrected(text: str) -> str:
    """What is wanted instead, when a question corrects the turn before or leaves its topic.

    Empty when it does neither, or leaves the rest to the turn before.

    >>> corrected("no, I mean the autoregressive one with patch ordering. What AP on COCO?")
    'the autoregressive one with patch ordering. What AP on COCO?'
    >>> corrected("no, the other one")
    ''
    """
    match = _CORRECTION.match(text)
    rest = text[match.end() :].strip() if match and match.end() else ""
    least = _TOPIC_WORDS if match and _CHANGE.search(match[0]) else _OWN_WORDS
    return rest if len(content_stems(rest)) >= least else ""


def only_points(text: str) -> bool:
    """Whether a question says which paper is meant and nothing of what is asked about it.

    >>> only_points("no, the other one"), only_points("what does the other one cost?")
    (True, False)
    """
    rest = _OTHER.sub(" ", _ORDINAL.sub(" ", _CORRECTION.sub("", text, count=1)))
    idle = {"no", "sorry", "ok", "okay", "mean", "meant", "want", "paper", "please", "actually"}
    return not [t for t in tokens(rest) if t not in STOP_WORDS | idle]
