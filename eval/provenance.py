"""Where a result comes from: everything that one needs to get the same numbers again."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from eval.statistics import RESAMPLES, SEED
from rag.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the source tree, or of the installed packages."""

_PACKAGES = (
    "chromadb", "ir-measures", "llama-index-core", "numpy", "ollama", "onnxruntime", "tantivy", "tokenizers", "xllamacpp",
)  # fmt: skip


def provenance(
    settings: Settings, passport: Mapping[str, str], model: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What made a result.

    Args:
        settings: the settings of the run; credentials in addresses are left out.
        passport: what made the indexes.
        model: name, engine and digest of the language model, when one was used.
    """
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": revision(),
        "code": code_digest(),
        "passport": dict(passport),
        "model": dict(model) if model else None,
        "settings": shown(settings),
        "seed": SEED,
        "resamples": RESAMPLES,
        "machine": machine(),
        "packages": packages(),
    }


def revision(root: Path = ROOT) -> dict[str, Any]:
    """The commit of the source tree and whether it has changes; `unknown` outside of one."""
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return {"commit": "unknown", "dirty": None}
    return {
        "commit": commit,
        "dirty": bool(
            _git(root, "status", "--porcelain", "--untracked-files=all", "--", "rag", "eval", "data")
        ),
    }


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def code_digest(names: Sequence[str] = ()) -> str:
    """Hash of the code that answers, with what was fitted for it, so that no result of other code is taken for its own.

    Args:
        names: only these files of `rag/`; all when empty.
    """
    digest, folder = hashlib.sha256(), ROOT / "rag"
    for path in [folder / name for name in names] or sorted([*folder.rglob("*.py"), *folder.glob("*.json")]):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def shown(settings: Settings) -> dict[str, Any]:
    """The settings as JSON takes them, without passwords in addresses."""
    values = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(settings).items()}
    return {k: re.sub(r"//[^/@]*@", "//…@", v) if isinstance(v, str) else v for k, v in values.items()}


def machine() -> dict[str, Any]:
    """Processor, cores that this process may use, memory, system, Python."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _cpu() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or "unknown"


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None


def packages() -> dict[str, str]:
    """Versions of the packages that numbers depend on, `absent` for one that is not installed."""
    return {name: _version(name) for name in _PACKAGES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
