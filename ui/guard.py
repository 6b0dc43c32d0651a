"""The outermost wrapper of the server: what a browser may load, and which requests are let in at all."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ui.api.problems import Problem, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from starlette.types import Message as Event

POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; script-src-attr 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
"""What the browser may load: only what this server sends. Gradio needs inline code and `eval`."""
# With the policy `no-referrer`, browsers send the login form under the origin "null".
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
_OPEN_TO_OTHERS = b"access-control-"
"""What headers begin with that open a server to pages of other hosts."""


class OnlyFromHere:
    """Serves this machine's own pages and programs, and can end the streams to open pages.

    Every response forbids to load anything from other hosts. A request is refused that a page of
    another host sent (its `Origin`), or that reached us under a name that is not ours (its `Host`),
    as after DNS rebinding, where a foreign page's host name leads to this machine.

    Args:
        app: what serves the requests that are let in.
        host: the address that the server listens on; None where a password guards it, which no
            foreign page knows: then it may go by any name, that of a reverse proxy too.
    """

    def __init__(self, app: ASGIApp, host: str | None = "127.0.0.1") -> None:
        self._app = app
        self._host = host
        self._ending = asyncio.Event()

    def end(self) -> None:
        """Tell every open stream that its reader has gone; to be called in the event loop."""
        self._ending.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        unfinished = False

        async def guarded(event: Event) -> None:
            nonlocal unfinished
            if event["type"] == "http.response.start":
                event["headers"] = [*_own(event.get("headers", ())), *_HEADERS]
            unfinished = event["type"] == "http.response.start" or event.get("more_body", False)
            await send(event)

        if problem := self._foreign(dict(scope["headers"])):
            await refuse(problem, guarded)
            return
        await self._app(scope, lambda: self._receive(receive), guarded)
        if unfinished and self._ending.is_set():
            await send({"type": "http.response.body", "body": b""})

    def _foreign(self, headers: dict[bytes, bytes]) -> Problem | None:
        host = headers.get(b"host", b"").decode("latin-1")
        if self._host is not None and not _ours(host, self._host):
            said = "This server does not go by the name in the Host header. Use the address that it printed."
            return Problem(403, said, code="foreign_host")
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1").partition("://")[2].lower() != host.lower():
            return Problem(403, "Pages of other origins may not use this server.", code="foreign_origin")
        return None

    async def _receive(self, receive: Receive) -> Event:
        hearing = asyncio.ensure_future(receive())
        ending = asyncio.ensure_future(self._ending.wait())
        try:
            await asyncio.wait((hearing, ending), return_when=asyncio.FIRST_COMPLETED)
            return hearing.result() if hearing.done() else {"type": "http.disconnect"}
        finally:  # also when nobody waits for it any more
            hearing.cancel()
            ending.cancel()


def loopback(host: str) -> bool:
    """Whether an address or name reaches this machine from itself alone.

    >>> loopback("127.0.0.1"), loopback("::1"), loopback("localhost"), loopback("0.0.0.0")
    (True, True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _ours(header: str, bound: str) -> bool:
    """Whether a Host header has the bound address, or a name of loopback."""
    try:
        name = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return False
    return name == bound.lower() or loopback(name)


def _own(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if not name.lower().startswith(_OPEN_TO_OTHERS)]
