"""The door of a server that asks for a password: a page to sign in, a session for browsers, a token for programs."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ui.access import SESSION_SECONDS, Access, Tries
from ui.api.problems import Problem, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "footnote_session"
"""Name of the session's cookie."""
_LONGEST_FORM = 4096
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in – Footnote</title><style>
:root {{ color-scheme: light dark; --ink: #1e293b; --quiet: #64748b; --line: #94a3b8; --back: #f8fafc; --warn: #835500; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e2e8f0; --quiet: #94a3b8; --line: #64748b; --back: #0f172a; --warn: #e6b85c; }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }}
form {{ width: min(20rem, 86vw); display: grid; gap: .6rem; }}
h1 {{ margin: 0 0 .6rem; font-size: 1.25rem; font-weight: 650; }}
label {{ font-size: .86rem; }}
input {{ padding: .6rem .7rem; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: 8px; }}
button {{ margin-top: .3rem; padding: .6rem; font: inherit; font-weight: 600; color: #fff; background: #4f46e5; border: 0;
  border-radius: 8px; cursor: pointer; }}
button:hover {{ background: #4338ca; }}
:focus-visible {{ outline: 3px solid #818cf8; outline-offset: 2px; }}
p {{ margin: 0; font-size: .86rem; color: var(--warn); }}
</style></head><body><main><form method="post" action="login">
<h1>Footnote</h1>{said}
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus{described}>
<button>Sign in</button></form></main></body></html>
"""


class Door:
    """Lets in who has a session or sends the password as a bearer token; others may sign in.

    Args:
        app: what lies behind the door.
        access: the password.
    """

    def __init__(self, app: ASGIApp, access: Access, tries: Tries | None = None) -> None:
        self._app = app
        self._access = access
        self._tries = tries or Tries()
        self._secret = secrets.token_bytes(32)
        self._known_token = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if scope["path"] in ("/login", "/logout"):
            await (await self._at_the_door(request))(scope, receive, send)
            return
        if self._access.knows(request.cookies.get(COOKIE, ""), time.time()):
            await self._app(scope, receive, send)
            return
        if (problem := await self._bearer(request)) is None:
            await self._app(scope, receive, send)
        elif "text/html" in request.headers.get("accept", "") and request.method == "GET":
            await RedirectResponse("/login", 303)(scope, receive, send)
        else:
            await refuse(problem, send)

    async def _at_the_door(self, request: Request) -> Response:
        if request.url.path == "/logout" and request.method == "POST":
            left = RedirectResponse("/login", 303)
            left.delete_cookie(COOKIE, httponly=True, samesite="strict")
            return left
        if request.url.path == "/logout" or request.method != "POST":
            return _page()
        password = await _password(request)
        problem = await self._wrong(password, _address(request)) if password is not None else _TOO_LONG
        if problem is not None:
            return _page(problem)
        entered = RedirectResponse("/", 303)
        entered.set_cookie(
            COOKIE,
            self._access.session(time.time()),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.headers.get("origin", "").startswith("https:"),
        )
        return entered

    async def _bearer(self, request: Request) -> Problem | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            said = "A password is asked for here: send it as `Authorization: Bearer PASSWORD`."
            return Problem(401, said, code="no_password")
        token = token.strip().encode("latin-1").decode("utf-8", "replace")
        known = hashlib.blake2b(token.encode(), key=self._secret).digest()
        if secrets.compare_digest(known, self._known_token):
            return None
        problem = await self._wrong(token, _address(request))
        if problem is None:
            self._known_token = known  # scrypt is slow on purpose, and programs send it with each request
        return problem

    async def _wrong(self, password: str, address: str) -> Problem | None:
        if wait := self._tries.begin(address):
            said = "Too many wrong passwords came from this address. Try again later."
            return Problem(429, said, code="too_many_tries", retry_after=int(wait) + 1)
        if not await asyncio.to_thread(self._access.admits, password):
            return Problem(401, "The password is wrong.", code="wrong_password")
        self._tries.succeeded(address)
        return None


_TOO_LONG = Problem(413, "The password is too long.", code="too_large")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _password(request: Request) -> str | None:
    """The password of the form; None when it is longer than any."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return fields.get("password", [""])[0]


def _page(problem: Problem | None = None) -> HTMLResponse:
    said = f'<p role="alert" id="said">{problem.message}</p>' if problem else ""
    page = _PAGE.format(said=said, described=' aria-describedby="said"' if problem else "")
    kept = {"cache-control": "no-store"} | (problem.headers() if problem else {})
    kept.pop("www-authenticate", None)  # the browser would ask in a window of its own
    return HTMLResponse(page, problem.status if problem else 200, kept)
