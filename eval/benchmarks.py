"""Results of what is measured with a clock: a few numbers that matter, and tables, in one form for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from eval import tables


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first column is text."""

    title: str
    """What it is of."""
    headings: Sequence[str]
    """One a column."""
    rows: Sequence[Sequence[str]]
    """As long as the headings."""


def result(
    title: str, main: Mapping[str, float], measured: Sequence[Table], provenance: Mapping[str, Any]
) -> dict[str, Any]:
    """The result as JSON.

    Args:
        title: what was measured, and on what.
        main: the numbers that matter, by what they are called.
        measured: all numbers.
        provenance: what made it.
    """
    return {
        "kind": "benchmark",
        "provenance": dict(provenance),
        "title": title,
        "main": dict(main),
        "tables": [asdict(table) for table in measured],
    }


def show(made: Mapping[str, Any], console: Console) -> None:
    """Print its tables."""
    console.print(made["title"], style="bold", highlight=False)
    for table in made["tables"]:
        console.print(
            f"\n{table['title']}", highlight=False
        )  # a title of its own would wrap at the table's width
        console.print(tables.grid(table["headings"], table["rows"]))
