"""Grading one answer: pure functions from a question and its trace to numbers.

`None` means that a measure does not apply to the question; it is then left out of the mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from eval import measures, support
from eval.questions import Item
from eval.traces import Sentence, Trace

FOLLOW_UP_DEPTH = 3
"""A follow-up succeeded when its paper is cited, or among so many first ones."""


@dataclass(frozen=True, slots=True)
class Grade:
    """One graded answer."""

    values: dict[str, float | None]
    """Measure → value, None where it does not apply; the measures are described in `docs/evaluation.md`."""
    missing: tuple[str, ...]
    """First alternative of each decisive group that the answer lacks."""
    unsupported: tuple[tuple[str, str], ...]
    """Shown sentences that the independent check does not find carried, with the reason."""
    sentences: int
    """How many sentences were shown."""


def grade(item: Item, trace: Trace) -> Grade:
    """Grade an answer."""
    verdicts = [(s, _verdict(s, trace)) for s in trace.sentences]
    unsupported = tuple((s.text, v.reason) for s, v in verdicts if not v.supported)
    missing = lacking(trace.shown, item.must_contain)
    values: dict[str, float | None] = {
        "correct": float(_correct(item, trace, not missing, not unsupported)),
        "support": 1 - len(unsupported) / len(verdicts) if verdicts else None,
        "wrong_refusal": float(trace.declined) if item.answerable else None,
        "abstention_precision": float(item.to_decline) if trace.declined and not _either(item) else None,
        "abstention_recall": float(trace.declined) if item.to_decline else None,
        **_citations(item, trace),
        **_finding(item, trace),
        "first_words_s": trace.first_words_s,
        "total_s": trace.total_s,
        "prompt_tokens": float(trace.prompt_tokens) if trace.prompt_tokens else None,
    }
    return Grade(values, missing, unsupported, len(verdicts))


def lacking(text: str, groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The groups of which the text contains no alternative, each by its first; empty means right.

    Case, kinds of dashes and of spaces, and a space before % make no difference.
    """
    folded = fold(text)
    return tuple(group[0] for group in groups if not any(_contains(folded, fold(a)) for a in group))


def _contains(text: str, wanted: str) -> bool:
    """Whether a text contains another; a number must not be the tail or head of a longer one."""
    before = r"(?<![\d.,])" if wanted[:1].isdigit() else ""
    after = r"(?![.,]?\d)" if wanted[-1:].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, text) is not None


def fold(text: str) -> str:
    """A text as decisive strings are compared.

    >>> fold("Fine–Tuning  gives 5 %")
    'fine-tuning gives 5%'
    """
    text = unicodedata.normalize("NFKC", text).casefold().replace("\\%", "%")
    text = re.sub("[\u2010-\u2015\u2212]|--+", "-", text)
    text = text.replace("’", "'").replace("“", '"').replace("”", '"')
    return re.sub(r"\s+%", "%", " ".join(text.split()))


def same_title(a: str, b: str) -> bool:
    """Whether two titles name the same paper: letters and digits alike."""
    return title_key(a) == title_key(b)


def title_key(title: str) -> str:
    """Letters and digits of a title, folded."""
    return re.sub(r"[\W_]+", "", fold(title))


def _either(item: Item) -> bool:
    """A false premise that an abstract answers: declining and correcting it are both right."""
    return not item.answerable and not item.to_decline


def _correct(item: Item, trace: Trace, complete: bool, carried: bool) -> bool:
    if trace.error:
        return False
    if item.answerable:
        return complete and not trace.declined
    return trace.declined or (_either(item) and complete and carried)


def _verdict(sentence: Sentence, trace: Trace) -> support.Verdict:
    """Held against the abstracts that the sentence cites, never against others."""
    cited = [f"{p.title}.\n{p.abstract}" for p in trace.papers if p.number in sentence.citations]
    return support.check(sentence.text, cited)


def _citations(item: Item, trace: Trace) -> dict[str, float | None]:
    """Precision where something is cited; recall over all answerable questions, a refusal being 0."""
    if not item.answerable:
        return {"citation_precision": None, "citation_recall": None}
    gold = {title_key(t) for t in item.gold_titles}
    cited = {title_key(p.title) for p in trace.papers} - {title_key(t) for t in item.may_titles}
    precision = len(gold & cited) / len(cited) if cited else None
    return {"citation_precision": precision, "citation_recall": len(gold & cited) / len(gold)}


def _finding(item: Item, trace: Trace) -> dict[str, float | None]:
    """Measures of the ranking against the gold papers, and whether a follow-up found its paper."""
    if not item.answerable:
        return dict.fromkeys((*measures.FINDING, "followup_success"), None)
    qrels = {item.id: {title_key(t): 1 for t in item.gold_titles}}
    ranking = [title_key(c["title"]) for c in trace.ranking]
    values: dict[str, float | None] = dict(
        measures.per_query(qrels, {item.id: ranking}, measures.FINDING)[item.id]
    )
    cited = {title_key(p.title) for p in trace.papers}
    found = bool(qrels[item.id].keys() & (cited | set(ranking[:FOLLOW_UP_DEPTH])))
    return {**values, "followup_success": float(found) if item.type == "followup" else None}
