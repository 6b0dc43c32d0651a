"""Bytes of a file as text, whatever the encoding, without reading the file whole.

A byte order mark decides; else the pattern of NULs (UTF-16, UTF-32); else UTF-8, where stray bytes
are read as Windows-1252; else another code page that its letters give away; else Windows-1252.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, TextIO, cast

SAMPLE = 1 << 20
"""How many bytes of a file decide about its encoding."""
HEAD = 1 << 16
"""How many bytes of a file decide about its format."""
LONGEST = 1_000_000
"""Characters that a record may have."""
TEXT_KEPT = 2_000
"""Characters that are kept of a rejected record."""

_STRAY = "footnote.cp1252"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_CONTROL = bytes(sorted({*range(32)} - set(b"\t\n\f\r\x1a\x1b")))
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROL_SHARE = 0.01
_FOREIGN_SHARE = 0.15
_EVIDENCE = 1 << 14


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(_STRAY, _windows_1252)


def as_text(file: BinaryIO) -> TextIO:
    """The rest of a file as text with plain line ends, decoded while it is read; the file stays open."""
    sample = read_up_to(file, SAMPLE)
    encoding = encoding_of(sample)
    errors = _STRAY if encoding.startswith("utf-8") else "replace"
    return io.TextIOWrapper(cast(BinaryIO, io.BufferedReader(_Rest(sample, file), HEAD)), encoding, errors)


def head_of(sample: bytes) -> str:
    """The text of the beginning of a file, with plain line ends."""
    return as_text(io.BytesIO(sample)).read()


def read_up_to(file: BinaryIO, size: int) -> bytes:
    """So many bytes of a file, fewer only at its end."""
    parts: list[bytes] = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class _Rest(io.RawIOBase):
    """A beginning that was read already, then the rest of the file, which is never closed."""

    def __init__(self, sample: bytes, file: BinaryIO) -> None:
        self._sample, self._at, self._file = sample, 0, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._sample[self._at : self._at + len(buffer)]
        self._at += len(part)
        if not part:
            self._sample = b""
            part = self._file.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def encoding_of(sample: bytes) -> str:
    """Python's name of the encoding that the beginning of a file is in."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    return _by_nulls(sample) or _by_letters(sample)


def is_binary(sample: bytes) -> bool:
    """Whether the beginning of a file is no text in any encoding: a NUL, or many control characters."""
    if any(sample.startswith(mark) for mark, _ in _MARKS) or _by_nulls(sample):
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROL))
    return b"\x00" in sample or sample.startswith(b"%PDF-") or controls > _CONTROL_SHARE * len(sample)


def _by_nulls(sample: bytes) -> str:
    quarter = len(sample) // 4
    if quarter < 2 or b"\x00" not in sample:
        return ""
    nulls = [sample[place : quarter * 4 : 4].count(0) / quarter for place in range(4)]
    if min(nulls[2:]) > 0.9 and nulls[0] < 0.1:
        return "utf-32-le"
    if min(nulls[:2]) > 0.9 and nulls[3] < 0.1:
        return "utf-32-be"
    even, odd = (nulls[0] + nulls[2]) / 2, (nulls[1] + nulls[3]) / 2
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else ""


def _by_letters(sample: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    without = _MULTIBYTE.sub(b"", sample)
    stray = len(without) - len(without.translate(None, _HIGH))
    if len(_MULTIBYTE.findall(sample)) > 2 * stray:
        return "utf-8"
    return _code_page(sample)


_HIGH = bytes(range(128, 256))


def _code_page(sample: bytes) -> str:
    """Another code page when a good share of its letters is not Latin, else Windows-1252."""
    lines = (line for line in sample.splitlines() if not line.isascii())
    evidence = b"\n".join(lines)[:_EVIDENCE]
    high = len(evidence) - len(evidence.translate(None, _HIGH))
    if high < _FOREIGN_SHARE * len(evidence):
        return "cp1252"
    for encoding in ("shift_jis", "euc_jp"):
        if len(_KANA.findall(evidence.decode(encoding, errors="replace"))) > high // 8:
            return encoding
    from charset_normalizer import from_bytes  # late: few files need it

    best = from_bytes(evidence, threshold=0.5, cp_exclusion=_OLD_MAC).best()
    return best.encoding if best and not best.encoding.startswith("utf") else "cp1252"


_KANA = re.compile("[\u3041-\u30fa]")
_OLD_MAC = ["mac_cyrillic", "mac_greek", "mac_iceland", "mac_latin2", "mac_roman", "mac_turkish"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end."""

    number: int
    """From 1."""
    text: str
    """What stands in it; only the beginning of a line that is too long."""
    whole: bool = True
    """Whether that is everything."""


class Lined(Protocol):
    """What has lines: every text file."""

    def readline(self, limit: int = -1, /) -> str:
        """The next line with its end, or so many characters of it; empty at the end."""


def lines(text: Lined, longest: int = LONGEST) -> Iterator[Line]:
    """The lines of a text; of a line that is too long only the beginning is held in memory."""
    number = 0
    while line := text.readline(longest + 1):
        number += 1
        whole = len(line) <= longest or line.endswith("\n")
        yield Line(number, line.removesuffix("\n") if whole else line[:TEXT_KEPT], whole)
        while not whole and (rest := text.readline(HEAD)):
            whole = rest.endswith("\n")
