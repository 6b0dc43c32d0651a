"""Seconds since a question was asked."""

from __future__ import annotations

import time
from dataclasses import replace

from rag.records import Timings


class Clock:
    """Seconds since the question was asked."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.timings = Timings()

    def _seconds(self) -> float:
        return round(time.perf_counter() - self._start, 4)

    def retrieved(self) -> None:
        """The ranking is ready."""
        self.timings = replace(self.timings, retrieval_s=self._seconds())

    def wrote(self, anything: bool) -> None:
        """If there is anything to read on the screen, note when the first of it came."""
        if anything and self.timings.first_words_s is None:
            self.timings = replace(self.timings, first_words_s=self._seconds())

    def finished(self) -> Timings:
        """The answer is finished."""
        self.wrote(True)
        self.timings = replace(self.timings, total_s=self._seconds())
        return self.timings
