"""The real page in a process of its own, and asking it over HTTP as its own script does.

As a program, `python webapp.py HOME QUESTION` does both in one go and prints what the page was sent:
for a network namespace in which nothing but this program runs.
"""

from __future__ import annotations

import html
import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
from rag.assemble import Footnote
from rag.settings import load
from ui.web import serve
footnote = Footnote(load())
serve(footnote, open_browser=False)
footnote.close()
"""
READY = "Footnote is ready: "


class WebApp:
    """A running page; `stop` ends it as Ctrl-C does."""

    def __init__(
        self, home: Path, model: str, start: float = 90, before: str = "", port: int | None = None
    ) -> None:
        """Start it and wait until it says that it is ready.

        Args:
            home: holds `library` and, for embedded models, `models`.
            model: what `FOOTNOTE_MODEL` takes.
            start: seconds that it may take.
            before: Python that runs first in its process.
            port: where it listens; a free one when not given.
        """
        self.home = home
        unset = {"OLLAMA_HOST", "PYTHONWARNINGS"}
        env = {k: v for k, v in os.environ.items() if k not in unset and not k.startswith("FOOTNOTE_")}
        env |= {
            "FOOTNOTE_HOME": str(home),
            "FOOTNOTE_MODEL": model,
            "FOOTNOTE_PORT": str(port or free_port()),
        }
        env |= {
            "PYTHONPATH": str(ROOT),
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
        }
        command = [sys.executable, "-c", before + PROGRAM]
        self._errors = (home / f"errors-{secrets.token_hex(4)}.txt").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self.lines: list[str] = []
        self.address = self._announced(start)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def errors(self) -> str:
        """What it wrote to the terminal besides its one line."""
        return Path(self._errors.name).read_text(encoding="utf-8")

    def kill(self) -> None:
        """End it as a crash or a power cut does."""
        self._process.kill()
        self._process.communicate(timeout=60)
        self._errors.close()

    def stop(self) -> int:
        """End it; returns the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            rest, _ = self._process.communicate(timeout=60)
            self.lines += rest.splitlines()
        finally:
            self._process.kill()
            self._errors.close()
        return self._process.returncode

    def _announced(self, seconds: float) -> str:
        giving_up = threading.Timer(seconds, self._process.kill)
        giving_up.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        giving_up.cancel()
        self.lines.append(line.rstrip("\n"))
        if not line.startswith(READY):
            self._process.kill()
            raise AssertionError(f"The page did not start: {line}{self.errors}")
        return line.removeprefix(READY).strip()


def free_port() -> int:
    """A port of this machine that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def ask(address: str, question: str, seconds: float = 120) -> list[str]:
    """Ask the page at the address, and return every text that it sent back, entities resolved."""
    session = secrets.token_hex(6)
    config = json.loads(_read(address, "GET", "/config"))
    asking, looking = _event(config, "fn-box", "submit"), _event(config, "fn-now", "input")
    data = [question, *[None] * (len(asking["inputs"]) - 1)]
    texts = _told(address, {"data": data, "fn_index": asking["id"], "session_hash": session})
    deadline = time.monotonic() + seconds
    while any('aria-busy="true"' in text for text in texts) and time.monotonic() < deadline:
        here = next(
            re.findall(r'data-address="([^"]*)"', text)[0] for text in texts if "data-address" in text
        )
        time.sleep(0.1)
        event = {"index": 0, "value": [here, ""]}
        body = {"data": [], "event_data": event, "fn_index": looking["id"], "session_hash": session}
        texts = _told(address, body)
    return texts


def _event(config: dict[str, Any], place: str, kind: str) -> dict[str, Any]:
    """What the page does at an event of the component of a place."""
    part = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == place)
    return next(d for d in config["dependencies"] if [part, kind] in [list(t) for t in d["targets"]])


def _told(address: str, body: dict[str, Any]) -> list[str]:
    """The texts that an event of the page brings, entities resolved."""
    answer = json.loads(_read(address, "POST", "/gradio_api/run/predict", json.dumps(body)))
    return [html.unescape(text) for text in _strings(answer)]


def _connect(address: str, seconds: float) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(address).netloc, timeout=seconds)


def _read(address: str, method: str, path: str, body: str | None = None) -> bytes:
    connection = _connect(address, 30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        assert response.status == http.HTTPStatus.OK, (path, response.status)
        return response.read()
    finally:
        connection.close()


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in _strings(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _strings(part))


def raise_loopback() -> None:
    """In a fresh network namespace even loopback is down; this puts it up (Linux)."""
    import fcntl
    import struct

    up, set_flags = 0x1 | 0x40, 0x8914  # IFF_UP | IFF_RUNNING, SIOCSIFFLAGS
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14s", b"lo", up, b""))


def outside_is_unreachable() -> bool:
    """Whether a connection to the world fails at once for want of a route."""
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=5).close()  # reserved for documentation
    except TimeoutError:
        return False
    except OSError:
        return True
    return False


if __name__ == "__main__":
    raise_loopback()
    assert outside_is_unreachable()
    app = WebApp(Path(sys.argv[1]), "extractive")
    print("\n".join(ask(app.address, sys.argv[2])))
    sys.exit(app.stop())
