"""The page answers where there is no network at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import webapp

QUESTION = "How many tokens per second does Sylber's tokenizer average?"
GUARD = """
import errno, ipaddress, sys
def _only_loopback(event, args):
    if event not in {"socket.connect", "socket.getaddrinfo"}:
        return
    host = args[1][0] if event == "socket.connect" and isinstance(args[1], tuple) else args[0]
    if not isinstance(host, str) or host in {"localhost", ""}:
        return
    try:
        outside = not ipaddress.ip_address(host).is_loopback
    except ValueError:
        outside = True
    if outside:
        print("OUTSIDE", event, host, file=sys.stderr, flush=True)
        raise OSError(errno.ENETUNREACH, "Network is unreachable")
sys.addaudithook(_only_loopback)
"""


@pytest.fixture
def home(shipped_library: Path, tmp_path: Path) -> Path:
    shutil.copytree(shipped_library, tmp_path / "offline" / "library")
    return tmp_path / "offline"


def namespaces() -> bool:
    """Whether this machine lets us make a network namespace of our own."""
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode == 0


def answered(texts: list[str]) -> bool:
    return any("4.27" in text and 'class="fn-cite"' in text for text in texts)


def test_answers_where_only_loopback_exists(home: Path) -> None:
    """In a network namespace without any route, a question over HTTP gets a cited answer."""
    if not namespaces():
        pytest.skip("network namespaces are not allowed here; the socket guard below stands in")
    program = str(Path(webapp.__file__))
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, program, str(home), QUESTION],
        capture_output=True, text=True, timeout=200, cwd=webapp.ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert answered(done.stdout.splitlines())


def test_tries_no_address_but_loopback(home: Path) -> None:
    """The server neither resolves nor connects to anything outside, from start to end."""
    app = webapp.WebApp(home, "extractive", before=GUARD)
    try:
        texts = webapp.ask(app.address, QUESTION)
    finally:
        status = app.stop()
    assert answered(texts)
    assert "OUTSIDE" not in app.errors
    assert (status, app.errors) == (0, "")


def test_says_one_line_and_ends_quietly(home: Path) -> None:
    """It prints where it is, once, and Ctrl-C ends it without another word."""
    app = webapp.WebApp(home, "extractive")
    status = app.stop()
    assert (status, app.errors) == (0, "")
    assert app.lines == [f"Footnote is ready: {app.address}"]


def test_takes_the_next_port(home: Path) -> None:
    """A port that is taken is passed over."""
    from ui.web import listen

    with listen("127.0.0.1", webapp.free_port()) as first:
        port = first.getsockname()[1]
        with listen("127.0.0.1", port) as second:
            assert second.getsockname()[1] > port


def test_a_foreign_address_is_one_line() -> None:
    """An address that this machine does not have is named, with what to run."""
    from rag.errors import SettingsError
    from ui.web import listen

    with pytest.raises(SettingsError, match=r"192\.0\.2\.1.*Run: "):
        listen("192.0.2.1", 7860)
