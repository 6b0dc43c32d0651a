"""OpenAI's API over the library: `/v1/models` and `/v1/chat/completions`."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from rag.assemble import Footnote
from rag.errors import FootnoteError
from rag.records import Answer
from ui.api import openai_shapes as shapes
from ui.api.answering import begun, last
from ui.api.conversing import deltas, message, turns
from ui.api.counter import Counter, Refused
from ui.api.problems import Problem, problem_of
from ui.api.shapes import ErrorObject

_STREAM: dict[str, Any] = {"text/event-stream": {"schema": {"type": "string"}}}


def routes(counter: Counter) -> APIRouter:
    """The routes of one library."""
    router = APIRouter(prefix="/v1", tags=["OpenAI"])
    since = int(time.time())
    only = shapes.Model(id=shapes.MODEL, created=since)

    @router.get("/models")
    def models() -> shapes.Models:
        """The one model: this library, with what writes its answers."""
        return shapes.Models(data=[only])

    @router.get("/models/{name}", responses={404: {"model": ErrorObject}})
    def model(name: str) -> shapes.Model:
        """The model of a name."""
        _known(name)
        return only

    @router.post(
        "/chat/completions",
        response_model=shapes.ChatCompletion,
        responses={200: {"content": _STREAM}, 404: {"model": ErrorObject}},
    )
    async def complete(asked: shapes.ChatRequest, request: Request) -> Any:
        """Answer the last message of the user; with `stream`, as server-sent events in OpenAI's shape.

        The sentences that a model writes are sent as soon as they are found in an abstract; quotations
        and references follow at the end, because what is written later comes in front of them.
        """
        _known(asked.model)
        snapshots = _asked(asked, request, counter)
        if not asked.stream:
            answer = await last(snapshots)
            return _completion(answer, counter)
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        events = _events(await begun(snapshots), counter, include_usage=usage)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )

    return router


def _known(name: str) -> None:
    if name != shapes.MODEL:
        said = f"There is no such model here; the only one is {shapes.MODEL}."
        raise Refused(Problem(404, said, code="model_not_found", param="model"))


def _asked(asked: shapes.ChatRequest, request: Request, counter: Counter) -> AsyncIterator[Answer]:
    places = [n for n, said in enumerate(asked.messages) if said.role == "user"]
    if not places:
        raise Refused(Problem(400, "There is no message of the user.", code="no_question", param="messages"))
    said = [(m.role, m.text) for m in asked.messages[: places[-1]]]
    question = asked.messages[places[-1]].text
    return counter.ask(request, question, lambda: turns(said, counter.library))


def _completion(answer: Answer, counter: Counter) -> shapes.ChatCompletion:
    said = shapes.AssistantMessage(content=message(answer))
    return shapes.ChatCompletion(
        id=f"chatcmpl-{secrets.token_hex(12)}",
        created=int(time.time()),
        model=shapes.MODEL,
        choices=[shapes.Choice(message=said)],
        usage=_usage(answer, counter.footnote),
        footnote=shapes.Extension.of(answer, counter.notices(answer)),
    )


async def _events(
    snapshots: AsyncIterator[Answer], counter: Counter, *, include_usage: bool
) -> AsyncIterator[str]:
    """The chunks of an answer, each as an event."""
    head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": "chat.completion.chunk"}
    head |= {"created": int(time.time()), "model": shapes.MODEL}  # type: ignore[dict-item]
    sent = ""
    yield _chunk(head, {"role": "assistant", "content": ""})
    try:
        async for now in snapshots:
            if more := deltas(sent, now):
                sent += more
                yield _chunk(head, {"content": more})
    except FootnoteError as error:
        yield _event(problem_of(error, counter.footnote.settings).body())
        return
    said = shapes.Extension.of(now, counter.notices(now)).model_dump()
    yield _chunk(head, {}, finish_reason="stop", footnote=said)
    if include_usage:
        yield _event(head | {"choices": [], "usage": _usage(now, counter.footnote).model_dump()})
    yield "data: [DONE]\n\n"


def _chunk(head: dict[str, Any], delta: dict[str, str], finish_reason: str | None = None, **more: Any) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _event(head | {"choices": [choice]} | more)


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"


def _usage(answer: Answer, footnote: Footnote) -> shapes.Usage:
    read, wrote = answer.prompt_tokens, 0
    if answer.raw:
        with footnote.chooser.lent() as choice:
            wrote = choice.model.count_tokens(answer.raw) if choice.model else 0
    return shapes.Usage(prompt_tokens=read, completion_tokens=wrote, total_tokens=read + wrote)
