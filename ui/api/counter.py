"""Where the routes of the API get what they give: one library with its desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from threading import Event

from starlette.requests import Request

from rag.assemble import Footnote
from rag.library import Library
from rag.records import Answer, Candidate, Filters, Turn
from ui.api.answering import Answering
from ui.api.problems import Problem, without_paths
from ui.desk import Desk
from ui.shelf import Shelf


class Refused(Exception):
    """A request that is not served."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Counter:
    """A library as programs meet it.

    Raises:
        FootnoteError: from every method, when the library cannot be used.
    """

    def __init__(self, footnote: Footnote, desk: Desk, shelf: Shelf) -> None:
        self.footnote = footnote
        self._desk = desk
        self._shelf = shelf
        self._answering = Answering()

    @property
    def library(self) -> Library:
        """To read from."""
        return self._shelf.library

    def ask(
        self,
        request: Request,
        question: str,
        history: Callable[[], Sequence[Turn]],
        filters: Filters = Filters(),
    ) -> AsyncIterator[Answer]:
        """The snapshots of an answer, which ends when the request does.

        Args:
            history: the turns before; read in the answer's thread.
        """

        def answer(stop: Event) -> Iterator[Answer]:
            yield from self._desk.ask(question, history(), stop, filters)

        return self._answering.snapshots(request, answer)

    def search(self, words: str, top_k: int, filters: Filters) -> list[Candidate]:
        """Papers that match words, best first."""
        self._desk.open()
        return self.footnote.search(words, top_k, filters)

    def notices(self, answer: Answer) -> list[str]:
        """What was degraded, without folders of this machine."""
        return self.without_paths(answer.notices)

    def without_paths(self, notices: Sequence[str]) -> list[str]:
        """The same lines without folders of this machine."""
        return [without_paths(notice, self.footnote.settings) for notice in notices]
