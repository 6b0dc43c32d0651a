"""What `footnote eval fit` does: fit, print, and hold the shipped calibration against it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from eval import cache, fit, questions, results, tables
from eval.commands import DATA, Request, check_titles, keep, out, progress, write_text
from eval.fit import Fit
from eval.provenance import provenance
from rag import settings
from rag.assemble import Footnote
from rag.calibration import FILE, OWN

FILES = ("questions.jsonl", "questions-calibration.jsonl", "questions-lists.jsonl")
"""What the shipped calibration is fitted on, of the folder `data`."""
_MOST_NAMED = 3


def calibrate(request: Request, write: bool, json_file: Path | None) -> None:
    """Fit on a file of questions, print, and write the calibration or say whether the shipped one is current.

    Raises:
        ImportFailed: the questions cannot be fitted on, or the file cannot be written.
    """
    with _library(request) as footnote:
        fitted, made_by = _fitted(request, footnote)
        tables.fit(result := _result(fitted, made_by), out)
        keep(result, json_file)
        if request.library is not None:
            _give(footnote, fitted, write)
        elif write:
            write_text(fit.written(fitted), FILE)
        else:
            out.print(verdict(FILE, fitted), markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _library(request: Request) -> Iterator[Footnote]:
    """The library to fit for: the user's of a name, or one made of a file of papers."""
    wanted = settings.load({"model": "extractive", "library": request.library})
    if request.library is not None:
        footnote = Footnote(wanted)
    else:
        with progress() as tell:
            papers = request.papers or DATA / "papers.txt"
            footnote = cache.library_of_file(papers, wanted, cache.root(request.cache), tell)
    try:
        yield footnote
    finally:
        footnote.close()


def _fitted(request: Request, footnote: Footnote) -> tuple[Fit, dict[str, Any]]:
    paths = [request.questions] if request.questions else [DATA / name for name in FILES]
    items = [item for path in paths for item in questions.read(path)]
    with progress() as tell:
        check_titles(items, footnote)
        fitted = fit.fit(footnote, items, paths, partial(tell, "Reading questions"))
    return fitted, provenance(footnote.settings, footnote.library.manifest())


def _give(footnote: Footnote, fitted: Fit, write: bool) -> None:
    """Keep a fit beside the passport of the library that it was made for, when that is wanted."""
    if write:
        footnote.library.write_manifest({OWN: json.dumps(fitted.values)})
    said = "now decides by this fit" if write else "keeps what it has; --write lets it decide by this fit"
    out.print(f"The library {footnote.settings.library.name} {said}.", markup=False, soft_wrap=True)


def _result(fitted: Fit, made_by: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": results.FIT,
        "provenance": made_by,
        "calibration": fitted.values,
        "curve": [asdict(point) for point in fitted.curve],
        "chosen": {name: asdict(point) for name, point in fitted.chosen.items()},
    }


def verdict(path: Path, fitted: Fit) -> str:
    """Whether a calibration file holds a fit, in one line."""
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
        told = fit.differences(old, fitted.values)
    except (OSError, ValueError, AttributeError) as error:
        told = [f"it cannot be read ({error})"]
    if not told:
        return f"{path.name} is current."
    more = f" and {len(told) - _MOST_NAMED} more" if len(told) > _MOST_NAMED else ""
    return (
        f"{path.name} is not current: {'; '.join(told[:_MOST_NAMED])}{more}. Run: footnote eval fit --write"
    )
