"""How soon does the library page answer a keystroke? Over HTTP, as the page's own script asks.

The page is a process of its own, started by the command that users start it with. Titles of the
library are typed letter by letter; the clock runs from the request to the last byte of the answer, the
HTML of the list.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval.benchmarks import Table
from eval.provenance import ROOT
from eval.retrieval import latency
from rag.assemble import Footnote
from rag.errors import EngineUnreachable

TARGET_MS = 150.0
"""What the slowest twentieth of keystrokes may take at most."""
READY = "Footnote is ready: "
TYPED = 12
"""Letters of a title that are typed."""
_FIELD = "fn-words"


def typed(titles: Sequence[str], number: int, seed: int) -> list[str]:
    """What stands in the search field after each of so many keystrokes, titles being typed one after another."""
    chosen = random.Random(seed).sample(list(titles), min(len(titles), number))
    states = (title[:length] for title in chosen for length in range(1, min(len(title), TYPED) + 1))
    return [text for text, _ in zip(states, range(number), strict=False)]


def count_as_indexed(footnote: Footnote, batch: int, tell: Callable[[int, int], None]) -> None:
    """Take every paper for indexed: the list asks no index, and embedding so many takes an hour."""
    total = footnote.library.count()
    while papers := footnote.library.pending(batch):
        footnote.library.mark_indexed(papers)
        tell(footnote.library.count("indexed"), total)


@contextmanager
def page(library: Path, port: int) -> Iterator[str]:
    """The page over a library, in a process of its own; yields its address.

    Raises:
        EngineUnreachable: it did not start.
    """
    words = ["chat", "--library", str(library), "--model", "extractive", "--port", str(port)]
    command = [sys.executable, "-m", "ui.cli", *words, "--no-browser", "--no-fetch"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line.startswith(READY):
                raise EngineUnreachable("The page did not start.", f"footnote chat --library {library}")
            yield line.removeprefix(READY).strip()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def measure(address: str, states: Sequence[str], tell: Callable[[int, int], None]) -> list[float]:
    """Seconds that each state of the search field is answered in; the first few, which warm up, left out."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        config = _asked(connection, "GET", "/config", "")
        event = _event(config)
        taken = []
        for number, text in enumerate([*states[:5], *states]):
            began = time.perf_counter()
            _asked(connection, "POST", "/gradio_api/run/predict", _body(event, text))
            taken.append(time.perf_counter() - began)
            tell(number + 1, len(states) + 5)
        return taken[5:]
    finally:
        connection.close()


def _event(config: Any) -> Any:
    """What the page does when the text of the search field changes."""
    field = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == _FIELD)
    return next(d for d in config["dependencies"] if [field, "change"] in [list(t) for t in d["targets"]])


def _body(event: Any, text: str) -> str:
    """The search field comes first; the other fields are empty, and the states are the server's own."""
    data = [text, *[""] * 4, "title", *[""] * 2]
    states: list[None] = [None] * (len(event["inputs"]) - len(data))
    return json.dumps(
        {"data": [*data, *states], "fn_index": event["id"], "session_hash": f"typing{os.getpid()}"}
    )


def _asked(connection: http.client.HTTPConnection, method: str, path: str, body: str) -> Any:
    connection.request(method, path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read()
    if response.status != http.HTTPStatus.OK:
        raise EngineUnreachable(f"The page answered {response.status} to {path}.", "footnote chat")
    return json.loads(text)


def table(seconds: Sequence[float]) -> Table:
    """What was measured."""
    found = latency(list(seconds))
    rows = [
        ("p50", f"{found['p50']:.1f}"),
        ("p95", f"{found['p95']:.1f}"),
        ("slowest", f"{max(seconds) * 1000:.1f}"),
    ]
    return Table("Milliseconds from a keystroke to the list", ("", "ms"), rows)
