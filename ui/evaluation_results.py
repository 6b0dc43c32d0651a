"""Results of `footnote eval` on disk: which there are, and reading one. What is no result is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from ui import evaluation_tables
from ui.evaluation_records import Entry, Run
from ui.language import current, deferred, said

FOLDER = "evaluations"
"""Folder of the home folder where `footnote eval` leaves its results."""

_MONTHS = deferred("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
T = TypeVar("T")


class NoResult(ValueError):
    """A file holds no result, or one of another version."""


def entries(folder: Path) -> tuple[list[Entry], list[str]]:
    """The runs of a folder, the newest first, and the names of files that hold none."""
    found: list[tuple[str, Entry]] = []
    others: list[str] = []
    for path in folder.glob("*.json"):
        try:
            status = path.stat()
            found.append(_entry_of(path, status.st_mtime_ns, status.st_size, current()))
        except (OSError, NoResult):
            others.append(path.name)
    found.sort(key=lambda pair: (pair[0], pair[1].file), reverse=True)
    return [entry for _, entry in found], sorted(others)


@lru_cache(maxsize=256)
def _entry_of(path: Path, changed: int, size: int, language: str) -> tuple[str, Entry]:  # noqa: ARG001  # which version of the file
    """The entry of a file, with what it is sorted by."""
    result = _read(path)
    return result["provenance"]["time"], _understood(_entry, path.name, result)


def run(folder: Path, file: str) -> Run:
    """One run with everything that is shown of it.

    Raises:
        NoResult: the folder has no such file, or it holds no result.
    """
    if file not in {path.name for path in folder.glob("*.json")}:
        raise NoResult(said("There is no evaluation {file} any more.", file=file))
    return _understood(_run, file, _read(folder / file))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        result: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if result["kind"] in evaluation_tables.KINDS and isinstance(result["provenance"]["time"], str):
            return result
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoResult(said("{file} cannot be read as an evaluation.", file=path.name)) from error
    raise NoResult(said("{file} is of a kind that this page does not know.", file=path.name))


def _understood(reader: Callable[[str, Mapping[str, Any]], T], file: str, result: Mapping[str, Any]) -> T:
    try:
        return reader(file, result)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise NoResult(said("{file} was written by another version of Footnote.", file=file)) from error


def _entry(file: str, result: Mapping[str, Any]) -> Entry:
    kind = evaluation_tables.KINDS[result["kind"]]
    made_by = result["provenance"]
    return Entry(
        file,
        str(result["kind"]),
        kind.title(result),
        _when(made_by["time"]),
        str((made_by.get("model") or {}).get("name", "")),
        len(result[kind.items]) if kind.items else 0,
        tuple(kind.main(result)),
    )


def _run(file: str, result: Mapping[str, Any]) -> Run:
    kind = evaluation_tables.KINDS[result["kind"]]
    return Run(
        _entry(file, result),
        tuple(kind.tables(result)),
        kind.drawing(result),
        kind.curve(result),
        tuple(kind.failures(result)),
        tuple((str(name), _told(value)) for name, value in result["provenance"].items()),
    )


def _when(time: str) -> str:
    """A moment as people write it.

    >>> _when("2026-11-23T03:31:50+00:00")
    '23 Nov 2026, 03:31 UTC'
    """
    then = datetime.fromisoformat(time).astimezone(UTC)
    date = {"day": then.day, "month": said(_MONTHS).split()[then.month - 1], "year": then.year}
    return f"{said('{day} {month} {year}', **date)}, {then:%H:%M} UTC"


def _told(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
