"""How sure a number is: bootstrap intervals and the paired randomisation test, seeded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

SEED = 20_261
"""Seed of every resampling, so that the same values give the same interval."""
RESAMPLES = 10_000
"""Bootstrap samples, and permutations of a test."""

_CHUNK = 2_000_000
Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Rows of samples to one number a row."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic with its 95% interval."""

    value: float
    """The statistic over all values."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""
    n: int
    """How many values (queries, questions) it is over."""

    def json(self) -> dict[str, float]:
        """Rounded to six digits."""
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems over the same queries."""

    difference: float
    """Mean of first minus second."""
    low: float
    """Lower end of the difference's 95% bootstrap interval."""
    high: float
    """Upper end of it."""
    p: float
    """Two-sided p of the paired randomisation test."""
    wins: int
    """Queries on which the first is better."""
    losses: int
    """Queries on which the second is better."""
    n: int
    """Queries compared."""

    def json(self) -> dict[str, float]:
        """Rounded to six digits."""
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(self).items()}


def mean(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each row."""
    result: NDArray[np.float64] = samples.mean(axis=1)
    return result


def quantile(share: float) -> Statistic:
    """The statistic that is this quantile of each row."""

    def of_rows(samples: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = np.quantile(samples, share, axis=1)
        return result

    return of_rows


def estimate(values: Sequence[float], statistic: Statistic = mean, seed: int = SEED) -> Estimate:
    """A statistic with its percentile bootstrap interval (Efron 1979) over the values.

    No values give 0 with the interval 0 to 0 and n = 0.
    """
    if not len(values):
        return Estimate(0.0, 0.0, 0.0, 0)
    data = np.asarray(values, dtype=np.float64)
    value = float(statistic(data[None, :])[0])
    low, high = np.quantile(_resampled(data, statistic, seed), (0.025, 0.975))
    return Estimate(value, float(low), float(high), len(data))


def _resampled(data: NDArray[np.float64], statistic: Statistic, seed: int) -> NDArray[np.float64]:
    """The statistic of each bootstrap sample; in chunks, so that many queries fit the memory."""
    random = np.random.default_rng(seed)
    results = []
    for size in _chunks(len(data)):
        results.append(statistic(data[random.integers(0, len(data), (size, len(data)))]))
    return np.concatenate(results)


def compare(first: Sequence[float], second: Sequence[float], seed: int = SEED) -> Comparison:
    """Hold two systems against each other, query by query.

    The p-value is of Fisher's paired randomisation test on the mean difference, two-sided, which
    Smucker, Allan and Carterette (2007, "A Comparison of Statistical Significance Tests for
    Information Retrieval Evaluation") recommend, with the observed labelling counted among the
    permutations (Phipson and Smyth 2010), so that p is never 0.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} values cannot be paired with {len(second)}")
    delta = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if not len(delta):
        return Comparison(0.0, 0.0, 0.0, 1.0, 0, 0, 0)
    difference = estimate(delta.tolist(), seed=seed)
    p = _randomised(delta, seed)
    return Comparison(
        difference.value,
        difference.low,
        difference.high,
        p,
        int((delta > 0).sum()),
        int((delta < 0).sum()),
        len(delta),
    )


def _randomised(delta: NDArray[np.float64], seed: int) -> float:
    """Share of random sign flips whose mean is at least as far from 0 as the observed one."""
    observed = abs(delta.mean())
    changed = delta[delta != 0]
    if not len(changed):
        return 1.0
    random = np.random.default_rng(seed)
    extreme = 0
    for size in _chunks(len(changed)):
        signs = random.integers(0, 2, (size, len(changed)), dtype=np.int8) * 2 - 1
        extreme += int((np.abs(signs @ changed) / len(delta) >= observed - 1e-12).sum())
    return (extreme + 1) / (RESAMPLES + 1)


def _chunks(width: int) -> list[int]:
    """Sizes that sum to `RESAMPLES`, each of rows that fit the memory together."""
    size = max(1, min(RESAMPLES, _CHUNK // max(1, width)))
    whole, rest = divmod(RESAMPLES, size)
    return [size] * whole + ([rest] if rest else [])
