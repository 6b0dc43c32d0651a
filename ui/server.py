"""The browser side as a server: one port, its announcement, and its end."""

from __future__ import annotations

import http.client
import socket
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

from rag.errors import SettingsError
from ui.desk import Desk
from ui.guard import OnlyFromHere, loopback
from ui.switching import Switching

if TYPE_CHECKING:
    import uvicorn

PORTS = 100
"""Ports tried from the configured one upwards."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the first free port from `port` upwards.

    Raises:
        SettingsError: the host is not an address of this machine, or no port is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    reason = "there is no such port"
    for candidate in range(port, min(port + PORTS, 65536)):
        try:
            return socket.create_server((host, candidate), family=family, backlog=128)
        except OSError as error:
            reason = error.strerror or str(error)
    problem = f"Nothing can listen at {host}, ports {port} to {port + PORTS - 1}: {reason}."
    raise SettingsError(problem, "FOOTNOTE_HOST=127.0.0.1 FOOTNOTE_PORT=7860 footnote chat")


def server(app: OnlyFromHere, answering: Desk | Switching) -> uvicorn.Server:
    """What serves the application; ending it stops answers and streams first."""
    import uvicorn

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.end()  # open pages hold streams that never end by themselves
            answering.end()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
        ws="none",
        proxy_headers=False,  # else X-Forwarded-For chooses the address that tries are counted by
        server_header=False,
    )
    return Server(config)


def announce(
    desk: Desk, host: str, port: int, *, open_browser: bool, asks_password: bool, ended: threading.Event
) -> None:
    """Say where the page is when it answers, then load what the first question will need."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while not _answers(reachable, port):
        if ended.wait(0.05):
            return
    address = f"http://{f'[{reachable}]' if ':' in reachable else reachable}:{port}"
    print(f"Footnote is ready: {address}", flush=True)
    if asks_password:
        _say_open(host)
    if open_browser:
        webbrowser.open(address)
    desk.warm_up()


def _say_open(host: str) -> None:
    if loopback(host):
        said = "It asks for the password of `footnote access set`."
    else:
        said = (
            f"It is open to the network at {host} and asks for the password of `footnote access set`; "
            "without a proxy that adds TLS, whoever reads along on the network can read it."
        )
    print(said, file=sys.stderr, flush=True)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Accept": "text/html"})
        return connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
