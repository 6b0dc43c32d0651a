"""Seconds since a question was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from rag.records import Timings


class Clock:
    """Seconds since the question was asked."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.timings = Timings()

    def _seconds(self) -> float:
        return round(time.perf_counter() - self._start, 4)

    def understood(self) -> None:
        """The question is understood."""
        self.timings = replace(self.timings, understood_s=self._seconds())

    def retrieved(self) -> None:
        """The ranking is ready."""
        self.timings = replace(self.timings, retrieval_s=self._seconds())

    def read(self) -> None:
        """The best papers are read."""
        self.timings = replace(self.timings, read_s=self._seconds())

    @contextmanager
    def checking(self) -> Iterator[None]:
        """What is done inside counts as checking."""
        began = time.perf_counter()
        yield
        spent = self.timings.checking_s + time.perf_counter() - began
        self.timings = replace(self.timings, checking_s=round(spent, 4))

    def written(self) -> None:
        """The model is done."""
        self.timings = replace(self.timings, written_s=self._seconds())

    def wrote(self, anything: bool) -> None:
        """If there is anything to read on the screen, note when the first of it came."""
        if anything and self.timings.first_words_s is None:
            self.timings = replace(self.timings, first_words_s=self._seconds())

    def finished(self) -> Timings:
        """The answer is finished."""
        self.wrote(True)
        self.timings = replace(self.timings, total_s=self._seconds())
        return self.timings
