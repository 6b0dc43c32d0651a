"""Bytes of a file as text, whatever the encoding."""

from __future__ import annotations

import io
from typing import BinaryIO, TextIO

_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def as_text(file: BinaryIO) -> TextIO:
    """The rest of a file as text, in UTF-8, UTF-16 with a byte order mark, or Windows-1252."""
    data = file.read()
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return io.StringIO(data.decode(encoding, errors="replace"))
    try:
        return io.StringIO(data.decode("utf-8"))
    except UnicodeDecodeError:
        return io.StringIO(data.decode("cp1252", errors="replace"))
