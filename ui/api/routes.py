"""Footnote's own API: asking, searching and reading the library."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from rag.errors import FootnoteError
from rag.library import Library
from rag.records import Answer, CitedPaper, Filters, Turn
from ui.api import shapes
from ui.api.answering import begun, last
from ui.api.counter import Counter, Refused
from ui.api.problems import Problem, problem_of
from ui.conversation import TURNS
from ui.terminal import answer_object

_MOST_FOUND = 50
_MOST_LISTED = 200
_FAR = 10_000_000
_STREAM: dict[str, Any] = {"text/event-stream": {"schema": {"type": "string"}}}
_NO_PAPER: dict[int | str, dict[str, Any]] = {404: {"model": shapes.ErrorObject}}


def _conditions(
    year_from: Annotated[shapes.Year | None, Query(description="First year, inclusive.")] = None,
    year_to: Annotated[shapes.Year | None, Query(description="Last year, inclusive.")] = None,
    author: Annotated[shapes.Name, Query(description="Part of an author's name.")] = "",
    venue: Annotated[shapes.Name, Query(description="Part of the venue.")] = "",
    source: Annotated[shapes.Name, Query(description="Name of the imported file.")] = "",
    tag: Annotated[shapes.Name, Query(description="Tag that the user gave.")] = "",
) -> Filters:
    return Filters(year_from, year_to, author, venue, source, tag)


Conditions = Annotated[Filters, Depends(_conditions)]


def routes(counter: Counter) -> APIRouter:
    """The routes of one library."""
    router = APIRouter()
    _asking(router, counter)
    _reading(router, counter)

    @router.get("/health", tags=["Health"])
    def health() -> shapes.Health:
        """What answers questions here, and what is degraded; status 503 when nothing does."""
        return _health(counter)

    return router


def _asking(router: APIRouter, counter: Counter) -> None:
    @router.post(
        "/api/ask",
        response_model=shapes.AnswerObject,
        responses={200: {"content": _STREAM}},
        tags=["Footnote"],
    )
    async def ask(asked: shapes.AskRequest, request: Request) -> Any:
        """Answer a question from the abstracts.

        With `Accept: text/event-stream`, the answer as it grows: events `snapshot`, and `done` for the last
        one, each with the whole answer so far. Quotations of a snapshot may go in a later one.
        """
        snapshots = counter.ask(
            request, asked.question, lambda: _turns(asked.history, counter.library), asked.filters.filters()
        )
        if "text/event-stream" not in request.headers.get("accept", ""):
            return _object(await last(snapshots), counter)
        events = _events(await begun(snapshots), counter)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )


def _reading(router: APIRouter, counter: Counter) -> None:
    @router.get("/api/search", tags=["Footnote"])
    def search(
        filters: Conditions,
        q: Annotated[str, Query(min_length=1, max_length=2000, examples=["speech tokens"])],
        top_k: Annotated[int, Query(ge=1, le=_MOST_FOUND, description="How many papers.")] = 10,
    ) -> shapes.Hits:
        """The papers that match a text, best first, ranked as for a question."""
        hits = [
            shapes.Hit(paper=shapes.PaperObject.of(c.paper), score=c.score, cosine=c.cosine, bm25=c.bm25)
            for c in counter.search(q, top_k, filters)
        ]
        return shapes.Hits(query=q, papers=hits)

    @router.get("/api/papers", tags=["Footnote"])
    def papers(
        filters: Conditions,
        words: Annotated[str, Query(max_length=500, description="In title, authors or venue.")] = "",
        sort: shapes.Sort = "title",
        offset: Annotated[int, Query(ge=0, le=_FAR)] = 0,
        limit: Annotated[int, Query(ge=1, le=_MOST_LISTED)] = 50,
    ) -> shapes.Lines:
        """The papers of the library, or those that have every word, in order."""
        lines, total = counter.library.browse(words, filters, sort, limit, offset)
        listed = [shapes.Line.model_validate(line, from_attributes=True) for line in lines]
        return shapes.Lines(total=total, offset=offset, papers=listed)

    @router.get("/api/papers/{paper_id:path}", responses=_NO_PAPER, tags=["Footnote"])
    def paper(
        paper_id: Annotated[str, Path(max_length=500, examples=["arxiv:2410.07168"])],
    ) -> shapes.PaperObject:
        """One paper, by its id (`doi:…`, `arxiv:…`, `title:…`)."""
        if (found := counter.library.paper(paper_id)) is None:
            raise Refused(
                Problem(404, "The library has no paper of this id.", code="no_paper", param="paper_id")
            )
        return shapes.PaperObject.of(found)


def _turns(history: Sequence[shapes.EarlierTurn], library: Library) -> tuple[Turn, ...]:
    """The turns before a question; papers that the library has no more are left out."""
    turns = history[-TURNS:]
    papers = library.papers([cited.id for turn in turns for cited in turn.papers])
    return tuple(
        Turn(
            turn.question,
            turn.answer,
            tuple(CitedPaper(c.number, papers[c.id], ()) for c in turn.papers if c.id in papers),
        )
        for turn in turns
    )


def _object(answer: Answer, counter: Counter) -> shapes.AnswerObject:
    return shapes.AnswerObject(**answer_object(answer) | {"notices": counter.notices(answer)})


async def _events(snapshots: AsyncIterator[Answer], counter: Counter) -> AsyncIterator[str]:
    """An event for each snapshot in which something can be seen to have changed."""
    shown: object = None
    try:
        async for now in snapshots:
            seen = (now.remark, now.sentences, now.retrieved, now.notices)
            if now.done or seen != shown:
                shown = seen
                yield _event("done" if now.done else "snapshot", _object(now, counter).model_dump())
    except FootnoteError as error:
        yield _event("error", problem_of(error, counter.footnote.settings).body())


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"


def _health(counter: Counter) -> shapes.Health:
    papers, choice = counter.library.count(), counter.footnote.choose_model()
    notices = [*choice.notices, *counter.footnote.stale()]
    return shapes.Health(
        papers=papers,
        model=choice.model.name if choice.model else "extractive",
        engine=choice.model.engine if choice.model else "quotations from the abstracts",
        notices=counter.without_paths(notices),
    )
