"""The gate: a result held against a committed baseline and against floors.

A measure is `ok` within its tolerance, `drift` when it is better than that (the baseline should be
renewed), `fail` when it is worse, or missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.results import Result, flat
from eval.summary import lower_is_better
from rag.errors import ImportFailed

OK, DRIFT, FAIL = "ok", "drift", "fail"

TOLERANCE = 0.02
"""Tolerance that a new baseline gives to shares; of other numbers, half of the value."""


@dataclass(frozen=True, slots=True)
class Check:
    """One measure against what it should be."""

    measure: str
    """Its name, as `footnote eval gate` takes it."""
    value: float | None
    """What the result has; None when it lacks the measure."""
    expected: float
    """The baseline's value, or the floor."""
    tolerance: float
    """How far from it is still ok; 0 for a floor."""
    verdict: str
    """`ok`, `drift` or `fail`."""


def against_baseline(result: Result, baseline: Mapping[str, Any]) -> list[Check]:
    """Every measure of the baseline."""
    values = flat(result)
    return [
        _compared(measure, values.get(measure), row["value"], row["tolerance"])
        for measure, row in baseline["measures"].items()
    ]


def against_floors(result: Result, floors: Sequence[tuple[str, float]]) -> list[Check]:
    """Floors that hold whatever the baseline says; ceilings for measures of which less is better."""
    checks = []
    for measure, floor in floors:
        value = flat(result).get(measure)
        holds = value is not None and (value <= floor if lower_is_better(measure) else value >= floor)
        checks.append(Check(measure, value, floor, 0.0, OK if holds else FAIL))
    return checks


def _compared(measure: str, value: float | None, expected: float, tolerance: float) -> Check:
    if value is None:
        return Check(measure, None, expected, tolerance, FAIL)
    gain = expected - value if lower_is_better(measure) else value - expected
    verdict = OK if abs(gain) <= tolerance + 1e-9 else DRIFT if gain > 0 else FAIL
    return Check(measure, value, expected, tolerance, verdict)


def floor(text: str) -> tuple[str, float]:
    """A floor as it is written: `measure=value`.

    Raises:
        ImportFailed: it is not.
    """
    measure, equals, value = text.rpartition("=")
    try:
        if not equals or not measure:
            raise ValueError
        return measure.strip(), float(value)
    except ValueError as error:
        raise ImportFailed(f"{text!r} is no floor; expected measure=value, such as correct=0.9.") from error


def read(path: Path) -> dict[str, Any]:
    """A baseline file.

    Raises:
        ImportFailed: it is missing or no baseline.
    """
    try:
        baseline = json.loads(path.read_text(encoding="utf-8"))
        rows = baseline["measures"].values()
        if all(
            isinstance(row["value"], int | float) and isinstance(row["tolerance"], int | float)
            for row in rows
        ):
            return dict(baseline)
    except FileNotFoundError as error:
        raise ImportFailed(
            f"{path} does not exist.", f"footnote eval gate RESULT --baseline {path} --accept"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImportFailed(f"{path} is no baseline: {error!r}.", f"head {path}") from error
    raise ImportFailed(f"{path} is no baseline: a value or tolerance is no number.", f"head {path}")


def renewed(result: Result, old: Mapping[str, Any] | None, measures: Sequence[str]) -> dict[str, Any]:
    """A baseline of this result: the measures and tolerances of the old one, and further measures.

    Raises:
        ImportFailed: the result lacks a measure.
    """
    values = flat(result)
    tolerances = {m: row["tolerance"] for m, row in (old or {"measures": {}})["measures"].items()}
    for measure in measures:
        tolerances.setdefault(measure, None)
    if lacking := [m for m in tolerances if m not in values]:
        raise ImportFailed(f"The result has no measure {lacking[0]!r}; it has {', '.join(sorted(values))}.")
    rows = {
        m: {"value": round(values[m], 4), "tolerance": _tolerance(values[m]) if t is None else t}
        for m, t in tolerances.items()
    }
    made_by = result["provenance"]
    return {
        "made_by": {k: made_by[k] for k in ("time", "git", "passport", "model", "seed")},
        "measures": rows,
    }


def _tolerance(value: float) -> float:
    return TOLERANCE if 0 <= value <= 1 else round(value / 2, 4)
