"""Streams that end, and say so, where a file is damaged or would unpack to too much."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

import zstandard

LARGEST = 4 << 30
"""Bytes that one file may unpack to."""
UNSUSPICIOUS = 100 << 20
"""Bytes that a file may unpack to however small it is."""
LARGEST_RATIO = 200
"""How many times its size a file may unpack to beyond that."""
BROKEN = (
    EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile, zstandard.ZstdError, lzma.LZMAError,
    NotImplementedError, ValueError,
)  # fmt: skip
"""What readers of damaged files raise."""
_AT_ONCE = 1 << 16
_FED = 1 << 10
BREAKS_OFF = "the file is damaged or breaks off here"


@dataclass
class Budget:
    """How much of one file of the disk may still be unpacked."""

    size: int
    """Bytes that it has on the disk."""
    used: int = 0
    """Bytes that were unpacked."""

    def spend(self, count: int) -> str:
        """Count so many bytes; why they are too many, or nothing."""
        self.used += count
        if self.used > LARGEST:
            return f"the file unpacks to more than {LARGEST >> 30} GB; the rest is not read"
        if self.used > max(UNSUSPICIOUS, LARGEST_RATIO * self.size):
            return f"the file unpacks to more than {LARGEST_RATIO} times its size; the rest is not read"
        return ""


class Stream(io.RawIOBase):
    """A file that ends, and says so, where it is damaged or where it would unpack to too much."""

    def __init__(self, file: IO[bytes], budget: Budget | None = None) -> None:
        self._budget, self._head = budget, b""
        self._read: Callable[[int], bytes] = getattr(
            file, "read1", file.read
        )  # before a break, not across it
        self.line = 1
        """Line up to which it was read."""
        self.broken = ""
        """Why it ended before its end; empty when it did not."""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read; fewer at the end."""
        while len(self._head) < size and (part := self._next(size - len(self._head))):
            self._head += part
        return self._head[:size]

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes; 0 at the end."""
        part = self._head[: len(buffer)] or self._next(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        self.line += part.count(b"\n")
        return len(part)

    def _next(self, size: int) -> bytes:
        if self.broken:
            return b""
        try:
            part = self._read(min(size, _AT_ONCE))
        except BROKEN:
            self.broken = BREAKS_OFF
            return b""
        except (OSError, RuntimeError) as error:
            self.broken = f"the file cannot be read further: {getattr(error, 'strerror', None) or 'damaged'}"
            return b""
        self.broken = self._budget.spend(len(part)) if self._budget else ""
        return b"" if self.broken else part


class _Zstandard:
    """What a file of Zstandard frames unpacks to; fed in small portions, because one unpacks to so much."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._packed, self._unpacked = file, b"", io.BytesIO()
        self._frame: Any = None

    def read(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            EOFError: the file ends inside a frame.
        """
        while not (part := self._unpacked.read(size)):
            packed = self._packed or self._file.read(_FED)
            if not packed and self._frame:
                raise EOFError
            if not packed:
                break
            frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
            self._unpacked = io.BytesIO(frame.decompress(packed))
            self._packed, self._frame = (frame.unused_data, None) if frame.eof else (b"", frame)
        return part


_COMPRESSED: tuple[tuple[bytes, Callable[[BinaryIO], Any]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"\x28\xb5\x2f\xfd", _Zstandard),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
)


def unpacked(stream: Stream, budget: Budget) -> Stream | None:
    """What a compressed file unpacks to; None when it is not compressed."""
    head = stream.peek(8)
    unpack = next((unpack for mark, unpack in _COMPRESSED if head.startswith(mark)), None)
    return Stream(unpack(buffered(stream)), budget) if unpack else None


def buffered(stream: Stream) -> BinaryIO:
    """A stream as readers want it."""
    return cast(BinaryIO, io.BufferedReader(stream, _AT_ONCE))
