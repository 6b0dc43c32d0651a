"""What happened with one question: everything needed to grade the answer and to read a failure.

Traces are appended to a JSONL file as they come, so that a run can be killed at any moment and
taken up again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval.questions import Item
from rag.records import Answer, Candidate, CheckedSentence, CitedPaper, Evidence

FORMAT = 2
"""Version of a trace, part of the name of its file."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that the model wrote or that was quoted, as verification left it."""

    text: str
    """Without citation marks."""
    support: str
    """Footnote's own verdict."""
    reason: str
    """Footnote's own reason."""
    quoted: bool
    """Whether it is a quotation."""
    citations: tuple[int, ...]
    """Numbers of the papers it cites."""
    evidence: tuple[str, ...]
    """The sentences of abstracts that it is said to rest on."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A paper that the answer cites."""

    number: int
    """Its number in the answer."""
    id: str
    """Its id in the library."""
    title: str
    """Its title."""
    abstract: str
    """What it says."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the model was shown of one paper."""

    id: str
    """Its id in the library."""
    title: str
    """Its title."""
    sentences: tuple[str, ...]
    """The chosen sentences in the order of the abstract."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One question on its way through Footnote."""

    id: str
    """Id of the question."""
    digest: str
    """Hash of the question as it was asked."""
    asked: str
    """What was typed."""
    standalone: str
    """What was searched for."""
    shape: str
    """What kind of answer Footnote thought was wanted."""
    filters: dict[str, Any]
    """Filters taken out of the question."""
    ranking: tuple[dict[str, Any], ...]
    """The papers found, best first: id, title, scores and ranks."""
    evidence: tuple[Shown, ...]
    """What the model was shown of each paper in its last attempt."""
    prompt: str
    """What the model read."""
    raw: str
    """What the model wrote."""
    sentences: tuple[Sentence, ...]
    """What was shown."""
    removed: tuple[Sentence, ...]
    """What was written and not shown, with reasons."""
    papers: tuple[Cited, ...]
    """The papers cited."""
    remark: str
    """What Footnote said itself."""
    abstained: bool
    """Whether it said that the abstracts do not say."""
    notices: tuple[str, ...]
    """What was degraded or went wrong."""
    model: str
    """Which model wrote."""
    engine: str
    """What ran it."""
    retrieval_s: float | None
    """Seconds until the ranking was there."""
    first_words_s: float
    """Seconds until the first words of the answer."""
    total_s: float
    """Seconds until the answer was finished."""
    prompt_tokens: int
    """Tokens of the prompt; 0 when no model was asked."""
    snapshots: int = 0
    """How many snapshots of the answer were shown on the way."""
    error: str = ""
    """What was raised instead of an answer."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Anything else worth reading."""

    @property
    def declined(self) -> bool:
        """Whether nothing was claimed: an abstention, or no sentence at all."""
        return self.abstained or not self.sentences

    @property
    def shown(self) -> str:
        """The text of the answer without citation marks."""
        return " ".join([*([self.remark] if self.remark else []), *(s.text for s in self.sentences)])


def trace(item: Item, answer: Answer, first_words_s: float, total_s: float, snapshots: int) -> Trace:
    """What is kept of a finished answer; seconds are measured by the caller's clock."""
    return Trace(
        id=item.id,
        digest=item.digest,
        asked=item.question,
        standalone=answer.question.standalone,
        shape=str(answer.question.shape),
        filters=asdict(answer.question.filters),
        ranking=tuple(_candidate(c) for c in answer.retrieved),
        evidence=tuple(_evidence(e) for e in answer.evidence),
        prompt=answer.prompt,
        raw=answer.raw,
        sentences=tuple(_sentence(s) for s in answer.sentences),
        removed=tuple(_sentence(s) for s in answer.removed),
        papers=tuple(_cited(p) for p in answer.papers),
        remark=answer.remark,
        abstained=answer.abstained,
        notices=answer.notices,
        model=answer.model,
        engine=answer.engine,
        retrieval_s=answer.timings.retrieval_s,
        first_words_s=round(first_words_s, 4),
        total_s=round(total_s, 4),
        prompt_tokens=answer.prompt_tokens,
        snapshots=snapshots,
    )


def failed(item: Item, error: str, total_s: float) -> Trace:
    """The trace of a question that ended in an error."""
    return Trace(
        item.id, item.digest, item.question, item.question, "", {}, (), (), "", "", (), (), (), "", False, (), "", "",
        None, total_s, total_s, 0, error=error,
    )  # fmt: skip


class TraceFile:
    """Traces of one run with one setting, in a JSONL file; a line counts once it is whole.

    Args:
        path: the file; its folder is made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> dict[str, Trace]:
        """The traces so far by question id; a line that was cut off by a kill is cut away."""
        if not self.path.exists():
            return {}
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            with self.path.open("r+b") as file:
                file.truncate(len(whole))
        found = (from_json(json.loads(line)) for line in whole.decode().splitlines())
        return {trace.id: trace for trace in found}

    def append(self, trace: Trace) -> None:
        """Add one trace; on disk when this returns."""
        with self.path.open("ab") as file:
            file.write(json.dumps(asdict(trace), ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def clear(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)


def from_json(row: Mapping[str, Any]) -> Trace:
    """A trace as `dataclasses.asdict` and JSON left it."""
    values = dict(row)
    for name in ("sentences", "removed"):
        values[name] = tuple(_sentence_from(s) for s in row[name])
    values["papers"] = tuple(Cited(**p) for p in row["papers"])
    values["evidence"] = tuple(Shown(**{**e, "sentences": tuple(e["sentences"])}) for e in row["evidence"])
    values["ranking"], values["notices"] = tuple(row["ranking"]), tuple(row["notices"])
    return Trace(**values)


def _sentence_from(row: Mapping[str, Any]) -> Sentence:
    return Sentence(**{**row, "citations": tuple(row["citations"]), "evidence": tuple(row["evidence"])})


def _candidate(candidate: Candidate) -> dict[str, Any]:
    """Every signal of a candidate, whatever fields it has, with the paper as id and title."""
    row = asdict(candidate)
    paper = row.pop("paper")
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
    return {"id": paper["id"], "title": paper["title"], **rounded}


def _evidence(evidence: Evidence) -> Shown:
    return Shown(evidence.paper.id, evidence.paper.title, tuple(s.text for s in evidence.sentences))


def _sentence(sentence: CheckedSentence) -> Sentence:
    evidence = tuple(e.text for e in sentence.evidence)
    return Sentence(
        sentence.text, str(sentence.support), sentence.reason, sentence.quoted, sentence.citations, evidence
    )


def _cited(cited: CitedPaper) -> Cited:
    return Cited(cited.number, cited.paper.id, cited.paper.title, cited.paper.abstract)
