"""What goes wrong, as a program reads it: one JSON line in OpenAI's shape, without a path of this machine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import FootnoteError, QuestionError
from rag.settings import Settings

if TYPE_CHECKING:
    from starlette.types import Send

_FOLDERS = re.compile(r"(?<![\w/:.~])(?:~|[A-Za-z]:(?=[\\/]))?[\\/](?:[^\s\\/'\",;()]+[\\/])+")
"""The folders in front of a file's name, in a sentence; not those of a web address."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A refused or failed request."""

    status: int
    """HTTP status."""
    message: str
    """One sentence that names the thing."""
    fix: str | None = None
    """The command that mends it."""
    code: str | None = None
    """A word for programs."""
    param: str | None = None
    """The field of the request that is wrong."""
    retry_after: int | None = None
    """Seconds after which it is worth another try."""

    @property
    def type(self) -> str:
        """The kind of problem, in OpenAI's words."""
        kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
        return kinds.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")

    def body(self) -> dict[str, Any]:
        """What is sent."""
        named = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": named | {"fix": self.fix}}

    def headers(self) -> dict[str, str]:
        """What is sent besides."""
        named = {"www-authenticate": "Bearer"} if self.status == 401 else {}
        return named | ({"retry-after": str(self.retry_after)} if self.retry_after else {})


def problem_of(error: FootnoteError, settings: Settings) -> Problem:
    """A problem of the engine, without the folders of this machine."""
    fix = without_paths(error.fix, settings) if error.fix else None
    status = 400 if isinstance(error, QuestionError) else 503
    return Problem(status, without_paths(error.problem, settings), fix, type(error).__name__)


def without_paths(text: str, settings: Settings) -> str:
    """The text in one line, with what it calls folders of this machine left out.

    >>> at = Settings(home=Path("/home/me/fn"), library=Path("/home/me/fn/library"))
    >>> without_paths("/home/me/fn/library/library.db is damaged. See http://x.org/a/b.", at)
    'library.db is damaged. See http://x.org/a/b.'
    >>> without_paths("The library /home/me/fn/library cannot be written.", at)
    'The library cannot be written.'
    """
    for folder in (settings.library, settings.home, Path.home()):
        text = re.sub(rf"'?{re.escape(str(folder))}(?:[\\/]|(?=[\s'.,:;]|$))'? ?", "", text)
    return " ".join(_FOLDERS.sub("", text).split())


async def refuse(problem: Problem, send: Send) -> None:
    """Answer a request with a problem."""
    body = json.dumps(problem.body()).encode()
    named = {"content-type": "application/json", "content-length": str(len(body))} | problem.headers()
    headers = [(name.encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
