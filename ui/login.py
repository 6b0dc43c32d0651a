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

from rag.errors import FootnoteError
from ui.access import SESSION_SECONDS, Access, SignedOut, Tries
from ui.api.problems import Problem, refuse
from ui.language import current, deferred, said
from ui.markup import plain

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from starlette.types import Message as Event

COOKIE = "footnote_session"
"""Name of the session's cookie."""
SIGNED_IN = "footnote.signed_in"
"""What the scope of a request has that came with a session."""
_LONGEST_FORM = 4096
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{enter} – Footnote</title><style>
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
<h1>Footnote</h1>{told}
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus{described}>
<button>{enter}</button></form></main></body></html>
"""


class Door:
    """Lets in who has a session or sends the password as a bearer token; others may sign in.

    Args:
        app: what lies behind the door.
        access: the password.
        ended: sessions that were ended before their time.
    """

    def __init__(self, app: ASGIApp, access: Access, ended: SignedOut) -> None:
        self._app = app
        self._access = access
        self._ended = ended
        self._tries = Tries()
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
        if self._is_open(request):
            await self._app({**scope, SIGNED_IN: True}, receive, _unkept(send))
            return
        if (problem := await self._bearer(request)) is None:
            await self._app(scope, receive, send)
        elif "text/html" in request.headers.get("accept", "") and request.method == "GET":
            await RedirectResponse("/login", 303)(scope, receive, send)
        else:
            await refuse(problem, send)

    async def _at_the_door(self, request: Request) -> Response:
        if request.url.path == "/logout" and request.method == "POST":
            return await self._left(request)
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

    def _is_open(self, request: Request) -> bool:
        """Whether a request comes with a session that goes on."""
        session = request.cookies.get(COOKIE, "")
        return self._access.knows(session, time.time()) and session not in self._ended

    async def _left(self, request: Request) -> Response:
        """The end of a session, here and in the browser."""
        left: Response = RedirectResponse("/login", 303)
        if self._is_open(request):
            try:
                await asyncio.to_thread(self._ended.add, request.cookies[COOKIE], time.time())
            except FootnoteError as error:
                left = _page(Problem(500, str(error)))
        left.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return left

    async def _bearer(self, request: Request) -> Problem | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            told = "A password is asked for here: send it as `Authorization: Bearer PASSWORD`."
            return Problem(401, told, code="no_password")
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
            return Problem(429, _TOO_MANY, code="too_many_tries", retry_after=int(wait) + 1)
        if not await asyncio.to_thread(self._access.admits, password):
            return Problem(401, _WRONG, code="wrong_password")
        self._tries.succeeded(address)
        return None


_TOO_LONG = Problem(413, deferred("The password is too long."), code="too_large")
_TOO_MANY = deferred("Too many wrong passwords came from this address. Try again later.")
_WRONG = deferred("The password is wrong.")


def _unkept(send: Send) -> Send:
    """Sends pages so that no browser shows them again, by its way back, after their reader has signed out."""

    async def sent(event: Event) -> None:
        headers = event.get("headers", ())
        if any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers):
            event["headers"] = [*headers, (b"cache-control", b"no-store")]
        await send(event)

    return sent


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
    told = f'<p role="alert" id="told">{plain(said(problem.message))}</p>' if problem else ""
    page = _PAGE.format(
        language=current(),
        told=told,
        enter=said("Sign in"),
        password=said("Password"),
        described=' aria-describedby="told"' if problem else "",
    )
    kept = {"cache-control": "no-store"} | (problem.headers() if problem else {})
    kept.pop("www-authenticate", None)  # the browser would ask in a window of its own
    return HTMLResponse(page, problem.status if problem else 200, kept)
