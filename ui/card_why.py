"""Why a paper is beside an answer: what placed it, at once from the answer, in full from the library."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from rag.explain import Explanation, Standing
from rag.records import Answer, Candidate, Paper, Question
from rag.text import STOP_WORDS, content_stems, stem, tokens
from ui import remarks
from ui.language import decimal, deferred, in_english, said
from ui.markup import exact, line, plain

PAPERS = 1024
"""Papers whose words are kept counted."""
_COLUMNS = (
    deferred("Rank"), deferred("Score"), deferred("By meaning"), deferred("By words"), deferred("Paper"),
)  # fmt: skip


def why(answer: Answer, paper: Paper, number: int) -> str:
    """The fold that tells what placed a paper; a button in it asks the library for every signal.

    Args:
        number: which answer of the conversation it is, for the button.
    """
    name = said("Why this paper?")
    label = f'aria-label="{name} {plain(paper.title)}"'
    more = (
        f'<button type="button" class="fn-offer" data-why="{number}" data-id="{exact(paper.id)}" '
        f'data-key="{key(answer.question, paper.id)}">{said("Every signal")}</button>'
    )
    body = f'<div class="fn-why">{_placed(answer, paper)}{more}</div>'
    return (
        f'<details class="fn-fold" data-fold="why"><summary class="fn-offer" {label}>{name}</summary>'
        f"{body}</details>"
    )


def key(question: Question, paper_id: str = "") -> str:
    """What the page keeps an explanation or an open fold under: one question, and one paper."""
    named = f"{question.looked_up}\n{question.filters}\n{paper_id}"
    return hashlib.blake2b(named.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _placed(answer: Answer, paper: Paper) -> str:
    """The signals that retrieval had, named."""
    places = {candidate.paper.id: place for place, candidate in enumerate(answer.retrieved, 1)}
    if paper.id not in places:
        told = said("The search did not rank it for this question; the conversation brought it in.")
        return line("fn-quiet", told)
    place = places[paper.id]
    candidate = answer.retrieved[place - 1]
    signals = _signals(candidate, answer.question.looked_up)
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in signals)
    found = said("Found in place {place} of {all}.", place=place, all=len(answer.retrieved))
    return f'{line("fn-quiet", found)}<dl class="fn-signals">{rows}</dl>'


def _signals(candidate: Candidate, asked: str) -> list[tuple[str, str]]:
    """Names and values, as HTML."""
    shared = matching(asked, candidate.paper.title, candidate.paper.abstract)
    cosine = said("cosine")
    signals = [
        (
            said("By words"),
            _rank(candidate.word_rank, f"BM25 {decimal(candidate.bm25, '.2f')}", said("no word matches")),
        ),
        (
            said("By meaning"),
            _rank(candidate.dense_rank, f"{cosine} {decimal(candidate.cosine, '.3f')}", said("not near")),
        ),
        (said("Score"), decimal(candidate.score, ".3f")),
        (said("Words in common"), plain(", ".join(shared)) or said("none")),
    ]
    if candidate.named:
        signals.append((said("By name"), said("the question names it")))
    return signals


def _rank(rank: int | None, value: str, without: str) -> str:
    return plain(said("rank {rank} ({value})", rank=rank, value=value)) if rank is not None else without


@lru_cache(maxsize=PAPERS)
def matching(asked: str, title: str, abstract: str) -> tuple[str, ...]:
    """The question's words that a paper has in any of their forms, in the order of the question."""
    had = _stems(title, abstract)
    words = (word for word in tokens(asked) if word not in STOP_WORDS)
    return tuple(word for word in dict.fromkeys(words) if stem(word) in had)


@lru_cache(maxsize=PAPERS)
def _stems(title: str, abstract: str) -> frozenset[str]:
    return frozenset(content_stems(f"{title} {abstract}"))


def full(explanation: Explanation, *, held: bool) -> str:
    """Every signal of a paper and of what stands before it, as a table.

    Args:
        held: whether the library still has the paper.
    """
    gone = "" if held else line("fn-quiet", said("The library no longer holds this paper."))
    share = round(100 * explanation.words_share)
    weights = said("Words weigh {words}% in the score, meaning {meaning}%.", words=share, meaning=100 - share)
    if filters := remarks.conditions(explanation.question.filters):
        weights += " " + said("Only papers {conditions} were ranked.", conditions=filters)
    return f"{gone}{_table(explanation)}{_words(explanation)}{line('fn-quiet', plain(weights))}"


def _table(explanation: Explanation) -> str:
    """What stands before the paper, and the paper last; one place that scrolls where it is too wide."""
    caption = said(
        "Among {number} papers ranked now; ranks by meaning and by words in brackets",
        number=explanation.candidates,
    )
    head = "".join(f'<th scope="col">{said(name)}</th>' for name in _COLUMNS)
    rows = "".join(_row(standing) for standing in explanation.before)
    rows += _row(explanation.standing, 'class="fn-this"')
    table = f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="fn-wide" tabindex="0" role="region" aria-label="{caption}">{table}</div>'


def _row(standing: Standing, attributes: str = "") -> str:
    cells = (
        str(standing.rank or "–"),
        _number(standing.score),
        _number(standing.cosine) + _placed_as(standing.dense_rank),
        _number(standing.bm25, 2) + _placed_as(standing.word_rank),
    )
    shown = "".join(f"<td>{plain(cell)}</td>" for cell in cells)
    name = in_english(plain(standing.paper.title)) + (f" ({said('named')})" if standing.named else "")
    return f"<tr {attributes}>{shown}<td>{name}</td></tr>"


def _placed_as(rank: int | None) -> str:
    return f" ({rank})" if rank is not None else ""


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else decimal(value, f".{digits}f")


def _words(explanation: Explanation) -> str:
    """What each word of the question adds to BM25, and the words that the paper lacks."""
    if not explanation.words:
        return line("fn-quiet", said("None of the question’s words is in its title or abstract."))
    title = f" ({said('title')})"
    hits = ", ".join(
        f"{hit.word} {decimal(hit.bm25, '.2f')}{title * hit.in_title}" for hit in explanation.words
    )
    told = said("BM25 by word: {words}.", words=hits)
    if explanation.lacking:
        told += " " + said("Lacking: {words}.", words=", ".join(explanation.lacking))
    return line("fn-quiet", plain(told))
