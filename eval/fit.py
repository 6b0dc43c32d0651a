"""Fitting what decides about sentences, abstention and lists, on the development questions alone.

Three logistic regressions (ridge penalty, Newton's method): which sentence of the gold abstract holds a
decisive string, whether the abstract found first holds them all, and which papers belong on a list. Each
threshold of the second keeps a stated share of the answerable questions, or declines one of the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval import fit_lists
from eval.grading import title_key
from eval.questions import Item
from rag import calibration, details
from rag.answer import found
from rag.assemble import Footnote
from rag.beyond import asks_for_metadata, asks_otherwise
from rag.comparing import sides
from rag.conversation import remembered
from rag.errors import ImportFailed
from rag.features import QUESTION, SENTENCE, of_question, of_sentences, says_what_it_does
from rag.listing import LISTED
from rag.reading import Reading
from rag.records import Shape
from rag.scene import Scene
from rag.understand import short_name, understand

PENALTY_SENTENCE = 10.0
PENALTY_QUESTION = 3.0
KEPT = {"hardly": 0.995, "least": 0.99}
"""Shares of the answerable questions that two thresholds keep."""
DECLINED = {"surely": 0.7}
"""Share of the unanswerable questions, of those that no other gate declines, that a threshold declines."""
LEAST = 10
"""Fewest questions of either kind that are fitted on."""
SAME = 0.02
"""How far two fits on the same questions may be apart: cosines differ in the last digits between machines."""
_ROUNDS = 100
MADE_COUNTS = 0.05
"""How much a made question counts beside a written one."""
OVERVIEWS = ("What does {} propose?", "What is {}?", "Tell me about {}.")
_TYPES = ("fact", "followup", "unanswerable", "adversarial")
_CURVE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

Tell = Callable[[int, int], None]
"""Called with how many questions are read and how many there are."""


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold on the log odds of being answerable does to questions that were not fitted on."""

    threshold: float
    """Least log odds at which a question is answered."""
    declined: float
    """Share of the unanswerable questions that are declined."""
    kept: float
    """Share of the answerable questions that are not."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted calibration with how well it separates."""

    values: dict[str, Any]
    """As `rag/calibration.json` holds it."""
    curve: tuple[Point, ...]
    """By growing threshold; cross-validated, each question by a model fitted without it."""
    chosen: dict[str, Point]
    """What the threshold of the calibration, `least`, does."""


def fit(
    footnote: Footnote, items: Sequence[Item], paths: Sequence[Path], tell: Tell = lambda done, total: None
) -> Fit:
    """Fit on questions about the papers of a library.

    Args:
        footnote: the library; its embedder makes the cosines.
        items: the questions.
        paths: their files, for the record.
        tell: progress.

    Raises:
        ImportFailed: too few questions say anything about answering.
    """
    asked = [(item, scene) for item, scene in _scenes(footnote, items, tell) if _counts(item, scene)]
    wanted = np.array([float(item.answerable) for item, _ in asked])
    _check_enough(int(wanted.sum()), int((1 - wanted).sum()), paths[0])
    told = [*_answers(asked), *_sides(footnote, items), *_overviews(footnote)]
    sentence = _logistic(
        np.concatenate([_rows(one) for one in told]),
        np.concatenate([one.labels for one in told]),
        PENALTY_SENTENCE,
        SENTENCE,
        np.concatenate([np.full(len(one.labels), one.count) for one in told]),
    )
    features = np.array([_row(scene) for _, scene in asked])
    answerable = _logistic(features, wanted, PENALTY_QUESTION, QUESTION, np.ones(len(wanted)))
    odds = _held_out(features, wanted)
    chosen = {name: _keeping(odds, wanted, share) for name, share in KEPT.items()}
    chosen |= {name: _point(odds, wanted, share) for name, share in DECLINED.items()}
    values = {
        "fitted on": {
            "file": ", ".join(path.name for path in paths),
            "sha256": hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest(),
            "answerable": int(wanted.sum()),
            "unanswerable": int(len(wanted) - wanted.sum()),
        },
        "embedder": footnote.embedder.name,
        "sentence": sentence,
        "answerable": answerable,
        **{name: round(point.threshold, 3) for name, point in chosen.items()},
        **_listed(footnote, items),
    }
    return Fit(values, tuple(_point(odds, wanted, share) for share in _CURVE), chosen)


def _listed(footnote: Footnote, items: Sequence[Item]) -> dict[str, Any]:
    """What decides about lists; as shipped where too few questions ask for one."""
    found = fit_lists.lists(footnote, items)
    if len(found) < LEAST:
        calibration.shipped()  # raises what is wrong with the file
        shipped = json.loads(calibration.FILE.read_text(encoding="utf-8"))
        return {name: shipped[name] for name in ("listed", "on_list")}
    rows = np.concatenate([one.rows[one.counted] for one in found])
    labels = np.concatenate([one.labels[one.counted] for one in found]).astype(float)
    values = _logistic(rows, labels, fit_lists.PENALTY, LISTED, np.ones(len(labels)))
    least = fit_lists.threshold(calibration.logistic(values, LISTED), found)
    return {"listed": values, "on_list": round(least, 3)}


def _scenes(footnote: Footnote, items: Sequence[Item], tell: Tell) -> Iterator[tuple[Item, Scene]]:
    """The questions for one abstract, with what the library has for them."""
    parts = footnote.parts(calibration=calibration.BLANK)
    for done, item in enumerate(items, 1):
        history = remembered(item.history, parts.called)
        question = understand(item.question, history, parts.library.known())
        if item.type in _TYPES and question.shape in (Shape.FACT, Shape.COMPARISON):
            scene = found(question, parts, history)
            if scene.readings:
                yield item, scene
        tell(done, len(items))


@dataclass(frozen=True, slots=True)
class _Told:
    """Which sentences of an abstract answer a question."""

    scene: Scene
    reading: Reading
    labels: np.ndarray
    """How much each answers it, 0 to 1, float64 (sentences,)."""
    count: float = 1.0
    """How much each counts in the fit."""


def _rows(one: _Told) -> np.ndarray:
    scene = one.scene
    return of_sentences(scene.question.standalone, one.reading, scene.vector, scene.rarity)


def _answers(asked: Sequence[tuple[Item, Scene]]) -> Iterator[_Told]:
    """The abstracts that were found first and answer."""
    for item, scene in asked:
        if item.answerable:
            reading = scene.readings[0]
            yield _Told(scene, reading, _decisive(item, reading.paper.title, reading.sentences))


def _sides(footnote: Footnote, items: Sequence[Item]) -> Iterator[_Told]:
    """The abstracts that comparisons are rightly answered from, where what is decisive stands in a sentence."""
    parts = footnote.parts(calibration=calibration.BLANK)
    for item in items:
        if item.type != "compare":
            continue
        scene = found(understand(item.question, (), parts.library.known()), parts, ())
        gold = set(map(title_key, item.gold_titles))
        for reading in sides(scene):
            labels = (_decisive(item, reading.paper.title, reading.sentences) > 0).astype(float)
            if title_key(reading.paper.title) in gold and _decisive(item, "", reading.sentences).any():
                yield _Told(scene, reading, labels)


def _overviews(footnote: Footnote) -> Iterator[_Told]:
    """Each paper that has a name, asked for what it does, as people often begin; the written questions lack them."""
    parts = footnote.parts(calibration=calibration.BLANK)
    for paper in parts.library.all_papers():
        if (name := short_name(paper)) != paper.title:
            for form in OVERVIEWS:
                scene = found(understand(form.format(name), (), parts.library.known()), parts, ())
                reading = scene.readings[0]
                does = np.array([float(says_what_it_does(text)) for text in reading.sentences])
                if reading.paper == paper and does.any():
                    yield _Told(scene, reading, does, MADE_COUNTS)


def _counts(item: Item, scene: Scene) -> bool:
    """Whether a question says something about answering: its abstract was found, or there is none."""
    if item.to_decline:
        text = scene.readings[0].text
        elsewhere = asks_for_metadata(scene.asked) or asks_otherwise(scene.asked)
        return not (elsewhere or details.unspoken(scene.asked, text))
    return item.answerable and bool(item.must_contain) and _holds(item, scene.readings[0].text)


def _check_enough(answerable: int, unanswerable: int, path: Path) -> None:
    kinds = {
        "that the abstract found first answers by its 'must_contain'": answerable,
        "that no abstract answers": unanswerable,
    }
    for kind, count in kinds.items():
        if count < LEAST:
            raise ImportFailed(
                f"{path}: {count or 'no'} questions {kind} can be fitted on; {LEAST} are needed.",
                f"$EDITOR {path}",
            )


def _row(scene: Scene) -> np.ndarray:
    first = scene.readings[0]
    return of_question(scene.question, first, _called(scene, first), scene.vector, scene.rarity)


def _called(scene: Scene, reading: Reading) -> bool:
    return any(c.named and c.paper.id == reading.paper.id for c in scene.ranking)


def _holds(item: Item, text: str) -> bool:
    return all(_any(group, text) for group in item.must_contain)


def _any(group: Sequence[str], text: str) -> bool:
    return any(one.casefold() in text.casefold() for one in group)


def _decisive(item: Item, title: str, sentences: Sequence[str]) -> np.ndarray:
    """Share of the decisive groups in each sentence, those of the title aside."""
    groups = [g for g in item.must_contain if not _any(g, title)] or list(item.must_contain)
    return np.array([sum(_any(g, s) for g in groups) / max(1, len(groups)) for s in sentences])


def _logistic(
    rows: np.ndarray, labels: np.ndarray, penalty: float, names: Sequence[str], counts: np.ndarray
) -> dict[str, Any]:
    means, deviations, weights = _newton(rows, labels, penalty, counts)
    return {
        "features": list(names),
        "means": _named(names, means),
        "deviations": _named(names, deviations),
        "weights": _named(names, weights[:-1]),
        "bias": round(float(weights[-1]), 4),
    }


def _named(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def _newton(
    rows: np.ndarray, labels: np.ndarray, penalty: float, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means, deviations and weights (the bias last) of a logistic regression with a ridge penalty.

    Labels between 0 and 1 count as shares (Hastie, Tibshirani and Friedman 2009, section 4.4).
    """
    means, deviations = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = np.column_stack([(rows - means) / deviations, np.ones(len(rows))])
    weights = np.zeros(scaled.shape[1])
    ridge = np.append(np.full(rows.shape[1], penalty), 1e-6)
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (counts * (likely - labels)) + ridge * weights
        curve = scaled.T @ (scaled * (counts * likely * (1 - likely))[:, None]) + np.diag(ridge)
        weights -= np.linalg.solve(curve, slope)
    return means, deviations, weights


def _held_out(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Log odds of each row by a model that was fitted without it."""
    odds = np.empty(len(labels))
    for n in range(len(labels)):
        others = np.arange(len(labels)) != n
        means, deviations, weights = _newton(
            rows[others], labels[others], PENALTY_QUESTION, np.ones(len(labels) - 1)
        )
        odds[n] = (rows[n] - means) / deviations @ weights[:-1] + weights[-1]
    return odds


def _point(odds: np.ndarray, wanted: np.ndarray, share: float) -> Point:
    """The threshold that declines so many of the unanswerable questions."""
    return _at(float(np.quantile(odds[wanted == 0], share)), odds, wanted)


def _keeping(odds: np.ndarray, wanted: np.ndarray, share: float) -> Point:
    """The threshold that keeps so many of the answerable questions."""
    return _at(float(np.quantile(odds[wanted == 1], 1 - share)), odds, wanted)


def _at(threshold: float, odds: np.ndarray, wanted: np.ndarray) -> Point:
    declined = float((odds[wanted == 0] < threshold).mean())
    return Point(threshold, declined, float((odds[wanted == 1] >= threshold).mean()))


def written(fitted: Fit) -> str:
    """The calibration as its file holds it."""
    return json.dumps(fitted.values, indent=2, ensure_ascii=False) + "\n"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What a calibration has otherwise than a fit, in words; nothing when they agree within rounding.

    >>> differences({"least": 0.5, "bias": {"a": 1.0}}, {"least": 0.51, "bias": {"a": 2.0}})
    ['bias, a: 1.0, fitted 2.0']
    """
    one, other = _flat(old), _flat(new)
    return [
        f"{name}: {one.get(name)}, fitted {other.get(name)}"
        for name in dict.fromkeys([*one, *other])
        if not _same(one.get(name), other.get(name))
    ]


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{before}{name}, ") if isinstance(value, Mapping) else {before + name: value}
    return flat


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= SAME
    return bool(one == other)
