"""Files that appear when they are complete."""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path

from rag.errors import FootnoteError


def write_text(file: Path, text: str) -> None:
    """Write a file in UTF-8, in place of one of that name.

    Raises:
        FootnoteError: it cannot be written.
    """
    try:
        _replace(file, text)
    except OSError as error:
        folder = shlex.quote(str(file.absolute().parent))
        raise FootnoteError(f"{file} cannot be written: {error.strerror}.", f"ls -ld {folder}") from error


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(handle)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)
