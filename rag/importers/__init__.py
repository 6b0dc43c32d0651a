"""Readers of files that hold papers, one module per format."""

from __future__ import annotations

import shlex
from pathlib import Path

from rag.errors import ImportFailed
from rag.importers import saved_page
from rag.importers.parsed import Parsed, Rejected

__all__ = ["Parsed", "Rejected", "read"]

EXPECTED = "a saved web page of papers (each a title, a blank line, an abstract)"


def read(path: Path) -> Parsed:
    """Read the papers of a file.

    Raises:
        ImportFailed: the file cannot be read, is not text, or holds no papers.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ImportFailed(f"{path} does not exist.", f"ls {shlex.quote(str(path.parent))}") from error
    except OSError as error:
        raise ImportFailed(
            f"{path} cannot be read: {error.strerror}.", f"ls -l {shlex.quote(str(path))}"
        ) from error
    text = decode(data)
    if text is None:
        raise ImportFailed(f"{path} is not text; expected {EXPECTED}.", "footnote import --help")
    parsed = saved_page.parse(text, source=path.name)
    if not parsed.papers:
        raise ImportFailed(f"{path} holds no papers; expected {EXPECTED}.", "footnote import --help")
    return parsed


def decode(data: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 with a byte order mark, or Windows-1252; None for binary data."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\x00" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
