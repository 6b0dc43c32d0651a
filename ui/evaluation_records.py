"""Runs of `footnote eval`, as the evaluation page shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with what it is called."""

    name: str
    """For people."""
    value: float
    """What was measured."""
    low: float | None = None
    """Lower end of the 95% interval, where there is one."""
    high: float | None = None
    """Its upper end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A run as the list has it."""

    file: str
    """Name of its file."""
    kind: str
    """What was measured: answers, retrieval, latency, fit, benchmark."""
    title: str
    """What it is of."""
    when: str
    """Day and time, in words."""
    model: str
    """The language model; empty when none was asked."""
    asked: int
    """Questions or queries; 0 where that means nothing."""
    main: tuple[Measure, ...]
    """The numbers that matter most."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first column is text."""

    title: str
    """What it is of."""
    headings: tuple[str, ...]
    """One a column."""
    rows: tuple[tuple[str, ...], ...]
    """As long as the headings."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A question whose answer is not right, or a query whose ranking is not."""

    question: str
    """As it was asked."""
    lines: tuple[tuple[str, str], ...]
    """What is told of it, each line with a label; an empty line tells of nothing."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Values with intervals, on a scale from 0 to 1."""

    rows: tuple[tuple[str, float, float, float], ...]
    """Name, value, lower and upper end."""
    caption: str
    """What it shows."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares of unanswerable questions declined, with the shares of answerable ones kept."""

    points: tuple[tuple[float, float], ...]
    """One a threshold."""
    marks: tuple[tuple[str, float, float], ...]
    """The thresholds that are used, by name."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is opened."""

    entry: Entry
    """As the list has it."""
    tables: tuple[Table, ...]
    """All numbers."""
    drawing: Drawing | None
    """Its values as a picture."""
    curve: Curve | None
    """What declining costs, where that was measured."""
    failures: tuple[Failure, ...]
    """What went wrong, to be read."""
    provenance: tuple[tuple[str, str], ...]
    """What made it."""
