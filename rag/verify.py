"""Verification: does an abstract carry this sentence, and which of its sentences do?

Strict on what can be counted (numbers, names, negations, bounds, opposites), lenient on wording:
content words that are new against the question must mostly occur in the evidence, and the meaning
must be near by cosine. The citation is what the alignment found, never what the model wrote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag import effects, placing
from rag.aliases import aliases
from rag.claims import (
    REFERENCE,
    bounds,
    implied_numbers,
    mentions,
    miscounted,
    names,
    names_asked,
    negated,
    negations,
    number_words,
    numbers,
    reversed_range,
    turned_comparison,
)
from rag.contrasts import turned_round
from rag.modality import only_meant
from rag.reading import Reading
from rag.records import CheckedSentence, EvidenceSentence, Support
from rag.rivals import of_a_rival, of_earlier_work
from rag.text import content_stems, plain, stem, tokens


@dataclass(frozen=True, slots=True)
class Strictness:
    """Thresholds of the lenient checks; see `docs/verification.md` for where they come from."""

    all_words: float = 0.8
    """Least share of a sentence's content words that the evidence holds…"""
    new_words: float = 0.7
    """…and of those that the question lacks: its words prove nothing."""
    most_words: float = 0.65
    """Or: this share of all content words…"""
    every_new_word: float = 0.9
    """…with this share of the new ones…"""
    cosine: float = 0.6
    """…and this cosine between sentence and evidence."""
    around_number: float = 0.65
    """Least share of the words around a number that one evidence sentence with that number holds."""
    partly_words: float = 0.35
    """Least share of content words for a partly supported sentence."""


STRICTNESS = {
    "normal": Strictness(),
    "strict": Strictness(0.95, 0.9, 0.9, 1.0, 0.8, 0.9),
    "verbatim": Strictness(1.0, 1.0, 1.0, 1.0, 0.0, 1.0),
}
"""What the setting `strictness` chooses: `verbatim` shows a written sentence only if each of its words is there."""


_BRACKETS = re.compile(r"\s*(?:\[\s*(?:\d+|[A-Z]|Paper \w+)(?:\s*[,;–-]\s*\d+)*\s*\]|【[^】]*】)")
_MARKDOWN = re.compile(r"^(?:[-*•#>]+|\d+[.)])\s+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?!\w)")
_QUOTES = '"“”'
_PREAMBLE = re.compile(
    r"^(?:(?:yes|no|sure|certainly)\s*[,.:!–-]+\s*(?=\w)|paper (?:\d+|[A-Z])\s*[:,]\s*"
    r"|(?:according to|based on) (?:the|this) (?:abstract|paper|text|information)s?(?: provided)?,?\s*(?:it is stated that )?"
    r"|(?:the|this) (?:abstract|paper|text) (?:also )?(?:states|mentions|says|notes|reports|indicates|suggests) that\s+)+",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\b(?:abstracts?|papers?|texts?|information|context|passage|study|document)\b.{0,40}\b(?:(?:do|does|did|is|are)"
    r" not|doesn't|don't|isn't|no)\b.{0,30}\b(?:mention|say|specif|provide|state|contain|include|discuss|given|report"
    r"|address|indicate|describe|explicit|information|detail)"
    r"|\bnot (?:explicitly )?(?:mentioned|specified|provided|stated|given|reported)\b"
    r"|\b(?:I|we) (?:do not|don't|cannot|can't|am unable|'m unable|am sorry)|\bno information\b|\bunable to\b.{0,20}"
    r"\b(?:answer|determine)|^(?:sorry|i'm sorry)\b",
    re.IGNORECASE,
)


def is_refusal(sentence: str) -> bool:
    """Whether the model says that it cannot answer, instead of answering."""
    return _REFUSAL.search(sentence) is not None


def cleaned(sentence: str) -> str:
    """A model's sentence without its own citation marks, Markdown and preambles.

    >>> cleaned("- Yes, the abstract states that **MiniLM** keeps 99% [1][2].")
    'MiniLM keeps 99%.'
    """
    text = _MARKDOWN.sub("", _BRACKETS.sub("", " ".join(sentence.split()))).strip()
    marks = sum(text.count(mark) for mark in _QUOTES)
    if text[:1] in _QUOTES and (marks == 1 or (marks == 2 and text[-1] in _QUOTES)):
        text = text.strip(f"{_QUOTES} ")
    if match := _PREAMBLE.match(text):
        text = _capitalised(text[match.end() :])
    return re.sub(r"\s+([.,;:!?])", r"\1", text)


def _capitalised(text: str) -> str:
    """With a capital in front, unless the first word is a name that begins small ("w2v-BERT")."""
    first = text.split(maxsplit=1)[0] if text else ""
    return text if any(c.isupper() or c.isdigit() for c in first) else text[:1].upper() + text[1:]


def check(
    claim: str,
    vector: np.ndarray,
    readings: Sequence[Reading],
    question: str,
    strictness: Strictness = Strictness(),
) -> CheckedSentence:
    """Hold a sentence against abstracts and cite the one that carries it best.

    Args:
        claim: a `cleaned` sentence.
        vector: the claim's vector, float32 (dimension,).
        readings: the abstracts that the model was shown.
        question: words of the question prove nothing and are not counted.
        strictness: thresholds of the lenient checks.
    """
    words = [stem for stem in content_stems(claim) if any(c.isalpha() for c in stem)]
    if not words or (len(words) < 2 and not numbers(claim)):
        return CheckedSentence(claim, Support.UNSUPPORTED, reason="says nothing")
    if is_refusal(claim):
        return CheckedSentence(claim, Support.UNSUPPORTED, reason="a refusal, not a statement")
    if not readings:
        return CheckedSentence(claim, Support.UNSUPPORTED, reason="no abstract was read")
    best = _best(claim, vector, readings, question, strictness)
    if best.support is Support.SUPPORTED or len(readings) == 1:
        return best
    return _in_halves(claim, vector, readings, question, strictness) or best


def _best(
    claim: str, vector: np.ndarray, readings: Sequence[Reading], question: str, strictness: Strictness
) -> CheckedSentence:
    verdicts = []
    for reading in readings:
        if other := _speaks_of_another(claim, reading, readings):
            reason = f"{other} is another paper"
            verdicts.append(CheckedSentence(claim, Support.UNSUPPORTED, reason=reason))
        else:
            verdicts.append(_against(claim, vector, reading, question, strictness))
    return max(verdicts, key=lambda v: (_ORDER[v.support], sum(e.relevance for e in v.evidence)))


def _speaks_of_another(claim: str, reading: Reading, readings: Sequence[Reading]) -> str:
    """A name in the claim that belongs to another of the abstracts shown and that this one lacks."""
    for other in readings:
        for alias in sorted(aliases(other.paper)) if other is not reading else ():
            if mentions(claim, plain(alias)) and not mentions(reading.text, plain(alias)):
                return alias
    return ""


_HALVES = re.compile(r",?\s+(?:while|whereas)\s+|;\s+|,\s+(?:but|and)\s+")

# A half without a subject of its own speaks of the paper of the half before it.
_LEANS_BACK = re.compile(
    r"(?:it|its|they|their|this|that|these|those|also|then|thereby|thus|both)\b|[a-z]+(?:s|ed|ing)\b|(?:has|have|is|was|can)\b",
)


def _in_halves(
    claim: str, vector: np.ndarray, readings: Sequence[Reading], question: str, strictness: Strictness
) -> CheckedSentence | None:
    """A sentence about two papers is supported if each half is, and then rests on both."""
    halves = _HALVES.split(claim)
    verdicts = [_best(half, vector, readings, question, strictness) for half in halves]
    if len(halves) < 2 or any(v.support is not Support.SUPPORTED for v in verdicts):
        return None
    papers = {evidence.paper_id for verdict in verdicts for evidence in verdict.evidence}
    if len(papers) > 1 and any(_LEANS_BACK.match(half) for half in halves[1:]):
        return None
    return CheckedSentence(claim, Support.SUPPORTED, tuple(e for v in verdicts for e in v.evidence))


_ORDER = {Support.SUPPORTED: 2, Support.PARTLY: 1, Support.UNSUPPORTED: 0}


_LIGHT = frozenset(map(stem, "use uses have has get gets achieve reach obtain report give take make".split()))
"""Verbs that say nothing by themselves: "uses 4.27 tokens" is "an average of 4.27 tokens"."""
_WRITINGS = frozenset(map(stem, "paper work study abstract article overview survey".split()))
"""What a claim calls the paper itself: "was used in this work"."""


def _against(
    claim: str, vector: np.ndarray, reading: Reading, question: str, strictness: Strictness
) -> CheckedSentence:
    if reason := _strictly_missing(claim, reading, question):
        return CheckedSentence(claim, Support.UNSUPPORTED, reason=reason)
    evidence = _aligned(claim, vector, reading)
    carried = " ".join(e.text for e in evidence)
    if (
        reason := _borrowed(claim, question, evidence, reading)
        or _contradicts(claim, carried, reading)
        or _scattered(claim, evidence, reading, question, strictness)
    ):
        return CheckedSentence(claim, Support.UNSUPPORTED, reason=reason)
    known = set(content_stems(carried)) | number_words(carried)
    stems = set(content_stems(claim)) - set(content_stems(reading.paper.title)) - _LIGHT
    new = stems - set(content_stems(question))
    if not new and not numbers(claim) - numbers(question):
        return CheckedSentence(claim, Support.UNSUPPORTED, reason="says nothing beyond title and question")
    all_words = len(stems & known) / max(1, len(stems))
    new_words = len(new & known) / len(new) if new else all_words
    cosine = max(e.relevance for e in evidence)
    measured = f"new words {new_words:.2f}, all words {all_words:.2f}, cosine {cosine:.2f}"
    if _carries(all_words, new_words, cosine, strictness):
        return CheckedSentence(claim, Support.SUPPORTED, evidence)
    if all_words >= strictness.partly_words:
        return CheckedSentence(claim, Support.PARTLY, evidence, reason=measured)
    return CheckedSentence(claim, Support.UNSUPPORTED, reason=measured)


def _carries(all_words: float, new_words: float, cosine: float, strictness: Strictness) -> bool:
    if all_words >= strictness.all_words and new_words >= strictness.new_words:
        return True
    most, every = all_words >= strictness.most_words, new_words >= strictness.every_new_word
    return most and every and cosine >= strictness.cosine


# A capital says nothing at the beginning of a sentence; who proposes, trains or releases is a name there too.
_AGENT = re.compile(
    r"(?!(?:It|We|They|He|She|This|That|These|Those|The|Researchers?|Authors?|Experiments?|Results?|Studies|Recent|Previous)\b)"
    r"([A-Z][a-z]+)(?:['’]s)?(?: (?:researchers|scientists|AI|Research|team|University|engineers))*(?: (?:also|first|recently))? "
    r"(?:propos|introduc|develop|present|releas|train|creat|buil[dt]|publish|open-sourc|design|invent|describ|wrote)\w*"
)


def _strictly_missing(claim: str, reading: Reading, question: str) -> str:
    """What the claim names and the whole abstract does not; empty when nothing is missing.

    A name that begins a sentence looks like any word; the question tells that it is one.
    """
    if set(content_stems(claim)) <= set(content_stems(reading.paper.title)):
        return "a title, not a statement"
    if missing := numbers(claim) - numbers(reading.text) - implied_numbers(reading.text):
        return f"number {min(missing)} is not in the abstract"
    agent = _AGENT.match(claim)
    if agent and not mentions(reading.text, plain(agent[1])):
        return f"{agent[1]} is not in the abstract"
    said = names(claim) | {name for name in names_asked(question) if mentions(claim, name)}
    if absent := sorted(name for name in said if not mentions(reading.text, name)):
        return f"{absent[0]} is not in the abstract"
    if subject := _other_subject(claim, question, f"{reading.paper.title}. {reading.text}"):
        return f"“{subject}” is not what the abstract speaks of"
    if unclaimed := effects.unclaimed(claim, reading.text):
        return f"“{min(unclaimed)}” is claimed nowhere in the abstract"
    return ""


_DEFINES = re.compile(
    r"(?:an? |the )?(?P<subject>[\w-]+(?: [\w-]+){1,3}?) (?:is|are|involves?|refers? to|means?|consists? of|works? by)\b",
    re.IGNORECASE,
)


def _other_subject(claim: str, question: str, abstract: str) -> str:
    """A term of the question that the claim defines and the abstract never uses; empty when there is none."""
    match = _DEFINES.match(claim)
    term = plain(match["subject"]) if match else ""
    words = content_stems(term)
    if len(words) < 2 or f" {term} " not in f" {' '.join(tokens(question))} ":
        return ""
    run, there = " ".join(words), " ".join(content_stems(abstract))
    return "" if f" {run} " in f" {there} " else term


def _borrowed(claim: str, question: str, evidence: Sequence[EvidenceSentence], reading: Reading) -> str:
    """Of whom, or how surely, the abstract says what the claim says of the paper as done; empty when it says it so."""
    texts = [e.text for e in evidence]
    if of_earlier_work(claim, question, texts, _own_names(reading)):
        return "the abstract says it of earlier work"
    word = only_meant(claim, texts)
    return f"the abstract says it with “{word}”" if word else ""


def _own_names(reading: Reading) -> frozenset[str]:
    return frozenset(name for alias in aliases(reading.paper) for name in names(f"so {alias}"))


def _contradicts(claim: str, evidence: str, reading: Reading) -> str:
    """How the claim turns what the evidence says; empty when it does not."""
    if missing := numbers(claim) - numbers(evidence) - implied_numbers(evidence):
        return f"number {min(missing)} belongs to another statement"
    if swapped := miscounted(claim, evidence):
        return f"{swapped} counts something else in the abstract"
    own = _own_names(reading)
    if turned := turned_comparison(claim, evidence, own):
        return f"{turned} is compared the other way round in the abstract"
    if turned := turned_round(claim, evidence):
        return f"“{turned}” stands the other way round in the abstract"
    if misplaced := placing.misplaced(claim, evidence):
        return misplaced
    if rival := of_a_rival(claim, evidence, own):
        return f"the abstract says it of {rival}"
    if reversed_range(claim, evidence):
        return "the two ends of a range are exchanged"
    return _other_bound(claim, evidence) or _other_polarity(claim, evidence)


_CLAUSES = re.compile(r"[,;:]\s+|\s+(?:while|whereas|but|and)\s+")


def _scattered(
    claim: str, evidence: Sequence[EvidenceSentence], reading: Reading, question: str, strictness: Strictness
) -> str:
    """A number whose surroundings no one sentence of the evidence holds; empty when there is none.

    Numbers and conditions from different sentences make a statement that nobody made.
    """
    entitled = set(content_stems(reading.paper.title))
    elsewhere, asked = set(content_stems(reading.text)), set(content_stems(question))
    for clause in _CLAUSES.split(REFERENCE.sub(" ", claim)):
        counted = numbers(clause)
        words = {w for w in content_stems(clause) if any(c.isalpha() for c in w)} - entitled - _WRITINGS
        if not counted or len(words) < 3:
            continue
        around = [
            set(content_stems(e.text)) | number_words(e.text)
            for e in evidence
            if counted <= numbers(e.text) | implied_numbers(e.text)
        ]
        if max((len(words & there) / len(words) for there in around), default=0.0) < strictness.around_number:
            return f"{min(counted)} stands among other words in the abstract"
        borrowed = (words & elsewhere) - set().union(*around) - asked - _LIGHT
        if borrowed:
            return f"{min(counted)} stands without “{min(borrowed)}” in the abstract"
    return ""


def _other_bound(claim: str, evidence: str) -> str:
    written = bounds(evidence)
    for number, bound in bounds(claim).items():
        if written.get(number, "") != bound:
            return f"{number} has another bound in the abstract"
    for number, bound in written.items():
        if bound == "upto" and number in numbers(claim) and number not in bounds(claim):
            return f"{number} is only an upper bound in the abstract"
    return ""


def _other_polarity(claim: str, evidence: str) -> str:
    denied, denied_there = negated(claim), negated(evidence)
    if denied and not denied & denied_there:
        return "denies what the abstract does not deny"
    said = set(content_stems(claim))
    if not denied and any(3 * len(reach & said) >= 2 * len(reach) > 0 for reach in negations(evidence)):
        return "affirms what the abstract denies"
    if effects.passive(claim, evidence):
        return "it is the other that outperforms in the abstract"
    if widened := effects.widened(claim, evidence):
        return f"“{widened}” is not in the abstract"
    if turned := effects.turned(claim, evidence):
        return f"“{turned}” is what the abstract says of something else"
    if opposites := effects.reversed_words(claim, evidence):
        return f"“{min(opposites)}” is the opposite of what the abstract says"
    return ""


def _aligned(claim: str, vector: np.ndarray, reading: Reading) -> tuple[EvidenceSentence, ...]:
    """The fewest sentences of the abstract (at most three) that carry the claim, in their order."""
    candidates = reading.evidence(vector)
    needed = set(content_stems(claim)) - set(content_stems(reading.paper.title)) | _as_words(claim)
    held = [set(content_stems(e.text)) | _as_words(e.text) for e in candidates]
    chosen: list[int] = []
    covered: set[str] = set()
    while len(chosen) < min(3, len(candidates)):
        gains = [
            (len((needed & held[n]) - covered) + 2 * (not chosen) * e.relevance, -n)
            for n, e in enumerate(candidates)
        ]
        gain, best = max((g, n) for g, n in gains if -n not in chosen)
        if chosen and gain < max(1.0, 0.15 * len(needed)) and not _brings_number(claim, held[-best], covered):
            break
        chosen.append(-best)
        covered |= needed & held[-best]
    return tuple(candidates[n] for n in sorted(chosen))


def _as_words(text: str) -> set[str]:
    """Numbers as countable words beside the stems, so that alignment reaches for them."""
    return {f"#{number}" for number in numbers(text)}


def _brings_number(claim: str, held: set[str], covered: set[str]) -> bool:
    return bool((_as_words(claim) & held) - covered)
