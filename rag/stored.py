"""Exchanges as JSON and back, with a version.

One codec reads the records' own field types, so that a field added to a record is stored without a
word here. The papers of an answer are stored once each and whole, so that it stays readable when a
paper leaves the library: where a record names a paper, its place in that list is stored. What has
its default is left out, and so are long traces (the prompt, what the model wrote).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from rag.records import Answer, Exchange, Paper

VERSION = 1
"""Of what is written; anything newer is not read."""
SHORT = 2000
"""Characters up to which the prompt and the model's own words are kept."""
_RAW = {"raw_title": "title", "raw_abstract": "abstract"}
"""Texts before cleaning; `true` is stored where they are the same as what people read."""

Record = TypeVar("Record")


class Unreadable(ValueError):
    """What was stored cannot be read; says why, to follow "This answer"."""


def dumps(exchange: Exchange) -> str:
    """An exchange as JSON text, free of what UTF-8 cannot hold."""
    return clean(json.dumps(packed(exchange), ensure_ascii=False, separators=(",", ":")))


def loads(text: str) -> Exchange:
    """The exchange of a JSON text.

    Raises:
        Unreadable: it is damaged, or a newer Footnote wrote it.
    """
    return unpacked(parsed(text))


def parsed(text: str | bytes) -> Any:
    """The values of a JSON text.

    Raises:
        Unreadable: it is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("is damaged: it is no JSON") from error


def packed(exchange: Exchange) -> dict[str, Any]:
    """An exchange as JSON values."""
    if exchange.answer is not None:
        exchange = replace(exchange, answer=_without_traces(exchange.answer))
    papers: dict[Paper, int] = {}
    row = _encoded(exchange, papers)
    cited = {c.paper.id for c in exchange.answer.papers} if exchange.answer else set()
    return {"version": VERSION, "papers": [_paper(p, p.id in cited) for p in papers], "exchange": row}


def unpacked(row: Any) -> Exchange:
    """The exchange of JSON values.

    Raises:
        Unreadable: they are none, or a newer Footnote wrote them.
    """
    if not isinstance(row, dict) or type(row.get("version")) is not int:
        raise Unreadable("is damaged: it has no version")
    if row["version"] > VERSION:
        raise Unreadable("was written by a newer Footnote")
    papers = row.get("papers")
    if not isinstance(papers, list):
        raise Unreadable("is damaged: it has no list of papers")
    return _record(Exchange, row.get("exchange"), [_paper_of(one) for one in papers])


def plain_text(record: Any) -> str:
    """A record that names no paper as JSON text: conditions, what a verdict is about."""
    return clean(json.dumps(_encoded(record, {}), ensure_ascii=False))


def plain_record(kind: type[Record], row: Any) -> Record:
    """Such a record of JSON values.

    Raises:
        Unreadable: they are none.
    """
    return _record(kind, row, [])


def clean(text: str) -> str:
    """The text with a question mark for each half character, which no file and no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _without_traces(answer: Answer) -> Answer:
    prompt, raw = (text if len(text) <= SHORT else "" for text in (answer.prompt, answer.raw))
    return replace(answer, prompt=prompt, raw=raw)


# Writing


def _encoded(value: Any, papers: dict[Paper, int]) -> Any:
    if isinstance(value, Paper):
        return papers.setdefault(value, len(papers))
    if isinstance(value, tuple):
        return [_encoded(part, papers) for part in value]
    if is_dataclass(value):
        named = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: _encoded(part, papers) for field, part in named if part != _default(field)}
    return value


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _paper(paper: Paper, whole: bool) -> dict[str, Any]:
    """A paper's fields; the texts before cleaning only of papers that are cited."""
    named = ((field, getattr(paper, field.name)) for field in fields(Paper))
    row = {field.name: _encoded(part, {}) for field, part in named if part != _default(field)}
    for raw, read in _RAW.items():
        if not whole:
            row.pop(raw, None)
        elif raw in row and row[raw] == row[read]:
            row[raw] = True
    return row


# Reading


def _paper_of(row: Any) -> Paper:
    if isinstance(row, dict):
        row = {name: row.get(_RAW[name]) if name in _RAW and v is True else v for name, v in row.items()}
    paper: Paper = _fields_of(Paper, row, [])
    return paper


def _record(kind: type[Record], row: Any, papers: list[Paper]) -> Record:
    found: Record = _decoded(kind, row, papers)
    return found


def _decoded(kind: Any, value: Any, papers: list[Paper]) -> Any:
    """A value of a type, checked all the way down."""
    if get_origin(kind) in (Union, UnionType):
        some = next(one for one in get_args(kind) if one is not NoneType)
        return None if value is None else _decoded(some, value, papers)
    if get_origin(kind) is tuple:
        part = get_args(kind)[0]
        return tuple(_decoded(part, one, papers) for one in _of_type(list, value))
    if kind is Paper:
        return _paper_at(value, papers)
    if is_dataclass(kind):
        return _fields_of(kind, value, papers)
    return _PLAIN[kind](value) if kind in _PLAIN else _named(kind, value)


def _fields_of(kind: Any, row: Any, papers: list[Paper]) -> Any:
    """A record of the fields that are there; fields that this Footnote does not know are passed over."""
    row, types = _of_type(dict, row), _types(kind)
    values = {name: _decoded(types[name], value, papers) for name, value in row.items() if name in types}
    lacking = [f.name for f in fields(kind) if f.name not in values and _default(f) is MISSING]
    if lacking:
        raise Unreadable(f"is damaged: {lacking[0]} is missing")
    return kind(**values)


@lru_cache
def _types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _paper_at(value: Any, papers: list[Paper]) -> Paper:
    place: int = _of_type(int, value)
    if not 0 <= place < len(papers):
        raise Unreadable("is damaged: it names a paper that it does not hold")
    return papers[place]


def _of_type(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise Unreadable(f"is damaged: there is {type(value).__name__} in place of {kind.__name__}")
    return value


def _number(value: Any) -> float:
    number = float(value) if type(value) is int and abs(value) < 1 << 53 else _of_type(float, value)
    if not math.isfinite(number):
        raise Unreadable("is damaged: a number has no end")
    return float(number)


def _named(kind: type[StrEnum], value: Any) -> StrEnum:
    try:
        return kind(value)
    except ValueError as error:
        raise Unreadable(f"is damaged: there is no {kind.__name__.lower()} of that name") from error


_PLAIN: dict[Any, Callable[[Any], Any]] = {
    str: lambda value: clean(_of_type(str, value)),
    int: lambda value: _of_type(int, value),
    bool: lambda value: _of_type(bool, value),
    float: _number,
}
