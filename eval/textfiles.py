"""Reading text files line by line, plain or gzipped; every failure is one clear line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from rag.errors import ImportFailed


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of a UTF-8 file that hold anything, from 1, without the line end.

    Raises:
        ImportFailed: the file cannot be opened or decoded; names the line where it broke.
    """
    number = 0
    try:
        with _open(path) as file:
            for number, data in enumerate(file, 1):
                text = data.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                if text.strip():
                    yield number, text
    except FileNotFoundError as error:
        raise ImportFailed(f"{path} does not exist.", f"ls {path.parent}") from error
    except UnicodeDecodeError as error:
        raise ImportFailed(f"{path}:{number}: not UTF-8 text.", f"file {path}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise ImportFailed(f"{path}:{number + 1}: cannot be read: {error}.", f"ls -l {path}") from error


def _open(path: Path) -> gzip.GzipFile:
    """Opened by content and not by name: a `.gz` that was unpacked in passing still reads."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]  # both iterate over bytes
