"""A model hub on loopback that gives a file by ranges, as fast as a test lets it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BLOCK = 1 << 18


class SlowHub(ThreadingHTTPServer):
    """Sends the first `allowed` bytes of a file and then waits until more are."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.data = path.read_bytes()
        self.ranges: list[int] = []
        self._allowed = 0
        self._more = threading.Condition()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/model.gguf"

    def allow(self, size: int | None = None) -> None:
        """Let the file be sent up to a size; to its end when none is given."""
        with self._more:
            self._allowed = len(self.data) if size is None else size
            self._more.notify_all()

    def piece(self, start: int) -> bytes:
        """The next bytes from there, when they may be sent."""
        with self._more:
            self._more.wait_for(lambda: self._allowed > start, timeout=60)
            return self.data[start : min(self._allowed, start + BLOCK)]


class _Handler(BaseHTTPRequestHandler):
    server: SlowHub

    def do_GET(self) -> None:
        sent = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        self.server.ranges.append(sent)
        self.send_response(206)
        self.send_header("Content-Length", str(len(self.server.data) - sent))
        self.end_headers()
        try:
            while piece := self.server.piece(sent):
                self.wfile.write(piece)
                sent += len(piece)
        except OSError:
            return  # the other side has gone

    def log_message(self, *args: object) -> None:
        """Say nothing on the terminal."""
