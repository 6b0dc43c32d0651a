"""The API of one library as an application of its own, beside the page."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import fastapi
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rag.errors import FootnoteError
from ui.api import openai_routes, routes
from ui.api.answering import Busy
from ui.api.counter import Counter, Refused
from ui.api.problems import Problem, problem_of, refuse
from ui.api.shapes import ErrorObject

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

LARGEST = 1_000_000
"""Bytes that a request to the API may have."""
DESCRIPTION = """Chat with paper abstracts: every sentence of an answer carries a citation that supports it.

Where a password is set, send it as `Authorization: Bearer PASSWORD`."""
_ERRORS = {
    400: "The request cannot be served: no question in it, or no JSON.",
    401: "A password is asked for, or is wrong.",
    403: "It came from a page of another origin, or under a foreign host name.",
    413: f"It is longer than {LARGEST} bytes.",
    422: "A field has a wrong type or value.",
    429: "Too many wrong passwords.",
    503: "The library, the embedder or the model cannot be used now, or too many answers are under way.",
}


class Doors:
    """Requests to the API go to it, all others to the page.

    Args:
        page: the application of the page.
        api: the application of the API.
    """

    def __init__(self, page: ASGIApp, api: ASGIApp) -> None:
        self._page = page
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        of_api = scope["type"] == "http" and _of_api(_below(scope))
        await (self._api if of_api else self._page)(scope, receive, send)


def _below(scope: Scope) -> str:
    """The path without what leads to this library."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _of_api(path: str) -> bool:
    return path in ("/health", "/openapi.json") or path.startswith(("/api/", "/v1/"))


def api(counter: Counter) -> ASGIApp:
    """The application."""
    app = fastapi.FastAPI(
        title="Footnote",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        responses={status: {"model": ErrorObject, "description": said} for status, said in _ERRORS.items()},
    )
    app.include_router(routes.routes(counter))
    app.include_router(openai_routes.routes(counter))
    _tell_what_went_wrong(app, counter)
    return Bounded(app, LARGEST)


def _tell_what_went_wrong(app: fastapi.FastAPI, counter: Counter) -> None:
    async def refused(_: Request, error: Any) -> JSONResponse:
        return _answer(error.problem)

    async def engine(_: Request, error: Any) -> JSONResponse:
        return _answer(problem_of(error, counter.footnote.settings))

    async def busy(_: Request, __: Exception) -> JSONResponse:
        said = "As many answers are under way as may be; try again in a moment."
        return _answer(Problem(503, said, code="busy", retry_after=5))

    async def invalid(_: Request, error: Any) -> JSONResponse:
        return _answer(_invalid(error.errors()))

    async def http(_: Request, error: Any) -> JSONResponse:
        answer = _answer(Problem(error.status_code, str(error.detail)))
        answer.headers.update(error.headers or {})
        return answer

    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        said = f"Something unforeseen went wrong ({type(error).__name__}); the server's terminal shows more."
        return _answer(Problem(500, said))

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(FootnoteError, engine)
    app.add_exception_handler(Busy, busy)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unforeseen)


def _answer(problem: Problem) -> JSONResponse:
    return JSONResponse(problem.body(), problem.status, problem.headers())


def _invalid(errors: Any) -> Problem:
    """The first field that is wrong, by name; what was sent is not sent back."""
    first = errors[0]
    if first["type"] == "json_invalid":
        return Problem(400, "The request is no JSON.", code="json_invalid")
    where = ".".join(str(part) for part in first["loc"][1:])
    return Problem(422, f"{where or 'The request'}: {first['msg']}.", code=first["type"], param=where or None)


class Bounded:
    """Refuses requests that are longer than a limit.

    Args:
        app: what serves the others.
        limit: bytes.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._limit:
                said = f"The request is longer than {self._limit} bytes."
                await refuse(Problem(413, said, code="too_large"), send)
                return
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                break
        first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return first.pop() if first else await receive()

        await self._app(scope, again, send)
