"""Citations: which paper has which number, and which of its sentences an answer rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.reading import Reading
from rag.records import Answer, CheckedSentence, CitedPaper, EvidenceSentence, Support, Turn


def cited(now: Answer, readings: Sequence[Reading], history: Sequence[Turn]) -> Answer:
    """Number the papers that the shown sentences rest on; a number stays with its paper."""
    known = {c.paper.id: c.number for turn in history for c in turn.papers}
    papers = {r.paper.id: r.paper for r in readings} | {c.paper.id: c.paper for c in now.papers}
    resting: dict[str, dict[int, EvidenceSentence]] = {}
    sentences: list[CheckedSentence] = []
    for sentence in now.sentences:
        for part in sentence.evidence:
            known.setdefault(part.paper_id, max(known.values(), default=0) + 1)
            resting.setdefault(part.paper_id, {})[part.position] = part
        numbers = sorted({known[part.paper_id] for part in sentence.evidence})
        sentences.append(replace(sentence, citations=tuple(numbers)))
    numbered = [
        CitedPaper(known[i], papers[i], tuple(parts[n] for n in sorted(parts)))
        for i, parts in resting.items()
    ]
    return replace(now, sentences=tuple(sentences), papers=tuple(sorted(numbered, key=lambda c: c.number)))


def quotation(part: EvidenceSentence, text: str | None = None) -> CheckedSentence:
    """A sentence of an abstract as it stands, in quotation marks, or within another `text`."""
    return CheckedSentence(text or f"“{part.text}”", Support.SUPPORTED, (part,), quoted=True)
