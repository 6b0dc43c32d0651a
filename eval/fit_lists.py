"""Fitting which papers belong on a list, on the questions that ask for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.grading import title_key
from eval.questions import Item
from rag import calibration, listing, matching
from rag.assemble import Footnote
from rag.calibration import Logistic
from rag.understand import understand

PENALTY = 1.0
_GRID = np.arange(-3.0, 1.01, 0.1)


@dataclass(frozen=True, slots=True)
class Listed:
    """The papers found for one list."""

    rows: np.ndarray
    """Their features, float64 (papers, features)."""
    may: np.ndarray
    """Whether they may be on it at all, bool (papers,)."""
    labels: np.ndarray
    """1 for those that belong on it, 0 for the others, -1 for those of which one may say either, int (papers,)."""
    wanted: int
    """How many belong on it, those included that were not found."""

    @property
    def counted(self) -> np.ndarray:
        """The papers that are fitted on, bool (papers,)."""
        counts: np.ndarray = self.may & (self.labels >= 0)
        return counts


def lists(footnote: Footnote, items: Sequence[Item]) -> list[Listed]:
    """The questions for a list that some paper belongs on, with what the library has for them."""
    parts = footnote.parts(calibration=calibration.BLANK)
    rarity, known = parts.rarity(), parts.library.known()
    found = []
    for item in items:
        if item.type != "list" or item.history:
            continue
        topic = listing.topic(item.question)
        vector = parts.embed([topic.text])[0]
        ranking = matching.near(topic, vector, parts, understand(item.question, (), known))
        rows, may = listing.of_papers(topic, ranking, rarity)
        gold, either = ({title_key(t) for t in titles} for titles in (item.gold_titles, item.may_titles))
        keys = [title_key(c.paper.raw_title) for c in ranking]
        labels = np.array([1 if key in gold else -1 if key in either else 0 for key in keys])
        found.append(Listed(rows, may, labels, len(gold)))
    return found


def threshold(fitted: Logistic, found: Sequence[Listed]) -> float:
    """The least log odds for being on a list that give the best F1 of mean precision and mean recall."""
    odds = [matching.log_odds(fitted, one.rows, one.may) for one in found]
    return float(max(_GRID, key=lambda least: _f1(found, odds, float(least))))


def _f1(found: Sequence[Listed], odds: Sequence[np.ndarray], least: float) -> float:
    precision, recall = 0.0, 0.0
    for one, given in zip(found, odds, strict=True):
        shown = one.labels[matching.chosen(given, least)]
        right = int((shown == 1).sum())
        precision += right / max(1, int((shown >= 0).sum()))
        recall += right / one.wanted
    return precision * recall / max(1e-9, precision + recall)
