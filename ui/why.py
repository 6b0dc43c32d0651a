"""What `footnote why` prints: a paper's signals, the words that hit, and what stands before it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rag.explain import Explanation, Standing, WordHit
from rag.filters import said

_COLUMNS = ("rank", "score", "before smoothing", "cosine", "its rank", "BM25", "its rank", "by name", "title")
_WIDTHS = (4, 6, 16, 6, 8, 6, 8, 7)


def as_text(explanation: Explanation) -> None:
    """Print an explanation for people."""
    print("\n".join(text(explanation)))


def as_json(explanation: Explanation) -> None:
    """Print an explanation as one JSON object."""
    print(json.dumps(as_object(explanation), ensure_ascii=False, indent=2))


def text(explanation: Explanation) -> list[str]:
    """The lines that explain a paper's place."""
    paper, question = explanation.standing.paper, explanation.question
    lines = [paper.title, f"  {paper.id}", "", _place(explanation)]
    if filters := said(question.filters):
        lines.append(f"Only papers {filters} were ranked.")
    lines += [_weights(explanation), "", _row(*_COLUMNS), _signals(explanation.standing), ""]
    lines += _words(explanation)
    if explanation.before:
        lines += ["", "Before it:", *(_signals(standing) for standing in explanation.before)]
    return lines


def _place(explanation: Explanation) -> str:
    standing, many = explanation.standing, explanation.candidates
    if standing.rank is not None:
        return f"Rank {standing.rank} of {many} candidates."
    if not explanation.meets_filters:
        return f"Not ranked: the paper is none of those {said(explanation.question.filters)}."
    return (
        f"Not among the {many} candidates: neither its best passage nor its words are near enough, "
        "and the question does not call it by name."
    )


def _weights(explanation: Explanation) -> str:
    share = explanation.words_share
    return f"Weights for this question: words {share:.2f}, vectors {1 - share:.2f}."


def _signals(standing: Standing) -> str:
    return _row(
        _number(standing.rank),
        _number(standing.score),
        _number(standing.fused),
        _number(standing.cosine),
        _number(standing.dense_rank),
        _number(standing.bm25, 2),
        _number(standing.word_rank),
        "yes" if standing.named else "no",
        standing.paper.title,
    )


def _row(*cells: str) -> str:
    return "  ".join([*(c.rjust(w) for c, w in zip(cells, _WIDTHS, strict=False)), cells[-1]])


def _number(value: float | None, digits: int = 3) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def _words(explanation: Explanation) -> list[str]:
    if not explanation.words:
        return ["None of the question's words is in its title or abstract."]
    lines = ["Words of the question that it has, and what each adds to BM25:"]
    lines += [f"  {hit.bm25:6.2f}  {hit.word} ({_where(hit)})" for hit in explanation.words]
    return [*lines, f"Lacking: {', '.join(explanation.lacking)}"] if explanation.lacking else lines


def _where(hit: WordHit) -> str:
    places = (("title", hit.in_title), ("abstract", hit.in_abstract))
    return " and ".join(place for place, there in places if there)


def as_object(explanation: Explanation) -> dict[str, Any]:
    """The explanation as the object that `footnote why --json` prints."""
    question = explanation.question
    return {
        "question": question.asked,
        "searched_for": question.looked_up,
        "filters": asdict(question.filters),
        "meets_filters": explanation.meets_filters,
        "candidates": explanation.candidates,
        "weights": {"words": explanation.words_share, "vectors": 1 - explanation.words_share},
        "paper": _standing_object(explanation.standing),
        "words": [asdict(hit) for hit in explanation.words],
        "lacking": list(explanation.lacking),
        "before": [_standing_object(standing) for standing in explanation.before],
    }


def _standing_object(standing: Standing) -> dict[str, Any]:
    signals = {name: getattr(standing, name) for name in standing.__slots__ if name != "paper"}
    return {"id": standing.paper.id, "title": standing.paper.title, **signals}
