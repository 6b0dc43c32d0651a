"""Downloads in the background: how far they are, cancelled, resumed, and how they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from model_hub import SlowHub
from ollama_server import Ollama

from rag import weights
from rag.downloads import Downloads, Progress

SMALL = "smollm2-135m"
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def small(cache: Path) -> Path:
    """The weights of a very small model, kept between runs."""
    return weights.fetch(SMALL, cache / "weights", lambda done, total: None)


@pytest.fixture
def hub(small: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowHub]:
    """The only place that the smallest model comes from, as fast as the test lets it."""
    with SlowHub(small) as server:
        here = replace(weights.find(SMALL), hub_url=server.url, packages=())
        monkeypatch.setattr(weights, "CATALOGUE", (here,))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server
        server.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def downloads(folder: Path) -> Iterator[Downloads]:
    found = Downloads(folder, NOWHERE)
    yield found
    found.end()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_a_download_tells_how_far_it_is_and_that_it_is_done(
    hub: SlowHub, folder: Path, downloads: Downloads, small: Path
) -> None:
    hub.allow(20_000_000)
    download = downloads.start(f"embedded/{SMALL}")
    until(lambda: download.now.done == 20_000_000)
    assert download.now.running
    assert download.now.total == small.stat().st_size
    assert downloads.running == (download,)
    hub.allow()
    assert download.over.wait(60)
    assert download.now.state == "done"
    assert (folder / small.name).read_bytes() == small.read_bytes()
    assert downloads.running == ()


def test_a_cancelled_download_keeps_what_is_here_and_goes_on_from_there(
    hub: SlowHub, folder: Path, downloads: Downloads
) -> None:
    hub.allow(20_000_000)
    download = downloads.start(f"embedded/{SMALL}")
    until(lambda: download.now.done == 20_000_000)
    download.stop()
    assert download.now.state == "stopped"
    hub.allow(21_000_000)
    assert download.over.wait(60)
    assert download.now.state == "stopped"
    begun = weights.begun(SMALL, folder)
    assert begun >= 20_000_000
    hub.allow()
    again = downloads.start(f"embedded/{SMALL}")
    assert again is not download
    assert again.over.wait(60)
    assert again.now.state == "done"
    assert hub.ranges == [0, begun]


def test_a_model_is_fetched_once_however_often_it_is_asked_for(hub: SlowHub, downloads: Downloads) -> None:
    assert downloads.start(f"embedded/{SMALL}") is downloads.start(f"embedded/{SMALL}")
    hub.allow()
    until(lambda: not downloads.running)
    assert hub.ranges == [0]


def test_what_has_come_is_told_to_who_wants_to_know(hub: SlowHub, folder: Path) -> None:
    came = threading.Event()
    downloads = Downloads(folder, NOWHERE, came.set)
    hub.allow()
    downloads.start(f"embedded/{SMALL}")
    assert came.wait(60)


FAILING = {
    "no such model": ("embedded/nope", "Run: footnote models list"),
    "no Ollama": ("ollama/qwen2.5:1.5b", "Run: ollama serve"),
}


@pytest.mark.parametrize(("name", "fix"), FAILING.values(), ids=FAILING.keys())
def test_a_failure_is_one_line_with_its_command_until_it_is_forgotten(
    downloads: Downloads, name: str, fix: str
) -> None:
    download = downloads.start(name)
    assert download.over.wait(60)
    assert (download.now.state, download.now.problem.endswith(fix)) == ("failed", True)
    assert "\n" not in download.now.problem
    assert downloads.latest is download
    downloads.forget(name)
    assert downloads.latest is None


def test_a_hub_that_is_not_reached_fails_in_one_line(
    hub: SlowHub, downloads: Downloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "CATALOGUE", (replace(weights.CATALOGUE[0], hub_url=f"{NOWHERE}/x"),))
    download = downloads.start(f"embedded/{SMALL}")
    assert download.over.wait(60)
    assert "could not be fetched" in download.now.problem


def test_a_pull_that_the_server_cannot_make_is_one_line(ollama: Ollama, folder: Path) -> None:
    downloads = Downloads(folder, ollama.host)
    download = downloads.start("ollama/footnote/no-such-model")
    assert download.over.wait(60)
    assert "ollama pull footnote/no-such-model" in download.now.problem


def test_the_end_stops_what_is_under_way_and_what_is_asked_for_later(
    hub: SlowHub, downloads: Downloads
) -> None:
    hub.allow(20_000_000)
    download = downloads.start(f"embedded/{SMALL}")
    until(lambda: download.now.done == 20_000_000)
    threading.Timer(0.2, hub.allow, (21_000_000,)).start()
    downloads.end()
    assert download.over.is_set()
    later = downloads.start(f"embedded/{SMALL}")
    assert later.over.wait(10)
    assert later.now.state == "stopped"


def test_the_time_left_follows_from_speed_and_size() -> None:
    assert Progress(done=20, total=100, rate=4.0).seconds_left == 20
    assert Progress(done=20, total=100).seconds_left is None
    assert Progress(done=20, rate=4.0).seconds_left is None
