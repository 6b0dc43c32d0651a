"""Weights fitted on the development questions, shipped as `calibration.json` beside this module.

Three logistic models: which sentence of an abstract holds the answer, whether the abstracts found can
answer at all, and which papers belong on a list. `footnote eval fit` writes the file and says what it was
fitted on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import SettingsError
from rag.features import QUESTION, SENTENCE
from rag.listing import LISTED

FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True)
class Logistic:
    """A logistic model over named features, each centred and scaled."""

    features: tuple[str, ...]
    means: np.ndarray
    deviations: np.ndarray
    weights: np.ndarray
    bias: float

    def logit(self, rows: np.ndarray) -> np.ndarray:
        """Log odds of each row, float64 (rows,)."""
        logits: np.ndarray = (np.atleast_2d(rows) - self.means) / self.deviations @ self.weights + self.bias
        return logits


@dataclass(frozen=True)
class Calibration:
    """What was fitted."""

    sentence: Logistic
    """Whether a sentence holds the answer; only the order within an abstract is used."""
    answerable: Logistic
    """Whether the first abstract answers the question."""
    least: float
    """Least log odds of being answerable for answering at all, without a model to ask."""
    hardly: float
    """Log odds below which a model is not asked either."""
    surely: float
    """Log odds from which on none needs to be asked."""
    listed: Logistic
    """Whether a paper belongs on a list."""
    on_list: float
    """Least log odds for being on it, without a model to ask."""
    embedder: str
    """The embedder whose cosines it was fitted with."""


@cache
def shipped() -> Calibration:
    """The calibration that this version comes with.

    Raises:
        SettingsError: its file is missing, or was fitted for other features.
    """
    try:
        return parse(json.loads(FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{FILE} does not fit this version: {error}.", "footnote eval fit --write"
        ) from error


OWN = "calibration"
"""Key of the manifest under which a library keeps a calibration of its own, beside its passport."""


def of_library(manifest: Mapping[str, str]) -> tuple[Calibration, tuple[str, ...]]:
    """The calibration that was fitted on a library's own questions, else the shipped one; with what is degraded.

    Raises:
        SettingsError: the shipped one is needed and cannot be read.
    """
    if not (own := manifest.get(OWN)):
        return shipped(), ()
    try:
        return parse(json.loads(own)), ()
    except (ValueError, KeyError, TypeError):
        notice = "This library's own calibration is of another version, so the shipped one decides."
        return shipped(), (f"{notice} Run: footnote eval fit --library NAME --questions FILE --write",)


def uncalibrated(calibration: Calibration, embedder: str) -> tuple[str, ...]:
    """The notice that the thresholds were fitted for another embedder; nothing when they fit."""
    if calibration.embedder in ("", embedder):
        return ()
    return (
        f"Abstaining was tuned for {calibration.embedder}; with {embedder} it may decline or answer too much.",
    )


def parse(values: Mapping[str, Any]) -> Calibration:
    """A calibration from its JSON form."""
    return Calibration(
        sentence=logistic(values["sentence"], SENTENCE),
        answerable=logistic(values["answerable"], QUESTION),
        least=float(values["least"]),
        hardly=float(values["hardly"]),
        surely=float(values["surely"]),
        listed=logistic(values["listed"], LISTED),
        on_list=float(values["on_list"]),
        embedder=str(values["embedder"]),
    )


def logistic(values: Mapping[str, Any], features: tuple[str, ...]) -> Logistic:
    """A logistic model from its JSON form.

    Raises:
        ValueError: it was fitted for other features.
    """
    if tuple(values["features"]) != features:
        raise ValueError("it was fitted for other features")
    columns = (
        np.array([values[key][name] for name in features]) for key in ("means", "deviations", "weights")
    )
    means, deviations, weights = columns
    return Logistic(features, means, deviations, weights, float(values["bias"]))


def _blank(features: tuple[str, ...]) -> Logistic:
    count = len(features)
    return Logistic(features, np.zeros(count), np.ones(count), np.zeros(count), 0.0)


BLANK = Calibration(
    _blank(SENTENCE), _blank(QUESTION), least=0.0, hardly=0.0, surely=0.0, listed=_blank(LISTED), on_list=0.0, embedder=""
)  # fmt: skip
"""A calibration that knows nothing: what fitting begins with."""
