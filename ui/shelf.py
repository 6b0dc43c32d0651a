"""What the library page works with: a connection of its own to read by, imports, and files to download."""

from __future__ import annotations

import re
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from rag.assemble import Footnote
from rag.browse import Listed, Sort
from rag.duplicates import Pair
from rag.exporters import write
from rag.library import Library
from rag.records import Filters, Paper
from ui.importing import Imports, Job
from ui.places import Places

ROWS = 50
"""Papers on one page of the list."""
ENDINGS = {"bibtex": ".bib", "ris": ".ris", "csl-json": ".json", "csv": ".csv", "jsonl": ".jsonl"}
"""What files of a format are called."""
_IDS = re.compile(r"(?:doi|arxiv|title):\S+(?: and (?:doi|arxiv|title):\S+)?$")


@dataclass(frozen=True, slots=True)
class Query:
    """What the list shows."""

    words: str = ""
    """As typed so far."""
    filters: Filters = Filters()
    """Conditions on papers."""
    sort: Sort = "title"
    """Their order."""

    @property
    def narrowed(self) -> bool:
        """Whether it asks for less than every paper."""
        return bool(self.words.strip()) or self.filters.active


@dataclass(frozen=True, slots=True)
class Opened:
    """A paper with what the user gave it and where it came from."""

    paper: Paper
    tags: tuple[str, ...]
    sources: tuple[str, ...]


class Shelf:
    """The library as the page sees it. Reading never waits for an import that writes.

    Args:
        footnote: the library.
        first: shelf of the library that the server was started for; None for that one itself.

    Raises:
        FootnoteError: from every method, when the library cannot be used.
    """

    def __init__(self, footnote: Footnote, first: Shelf | None = None) -> None:
        self.footnote = footnote
        self.imports = Imports(footnote)
        self.places: Places = first.places if first else Places(footnote.settings)
        self._first = first
        self._files: tempfile.TemporaryDirectory[str] = (
            first._files
            if first
            else tempfile.TemporaryDirectory(prefix="footnote-", ignore_cleanup_errors=True)
        )
        self._opening = threading.Lock()
        self._reader: Library | None = None

    @property
    def folder(self) -> Path:
        """Where files lie that come from browsers or go there, until the end of the server."""
        return Path(self._files.name)

    @property
    def library(self) -> Library:
        """The library, to read from."""
        with self._opening:
            if self._reader is None:
                self._reader = Library(self.footnote.settings.library)
            return self._reader

    def close(self) -> None:
        """Let imports come to an end, and release the files."""
        self.imports.end()
        with self._opening:
            if self._reader is not None:
                self._reader.close()
            self._reader = None
        if self._first is None:
            self._files.cleanup()

    # Looking

    def page(self, query: Query, offset: int) -> tuple[list[Listed], int, int]:
        """One page of the list, how many papers were found, and the offset of that page."""
        rows, total = self._page(query, offset)
        if offset and not rows:
            offset = max(0, (total - 1) // ROWS * ROWS)
            rows, total = self._page(query, offset)
        return rows, total, offset

    def _page(self, query: Query, offset: int) -> tuple[list[Listed], int]:
        return self.library.browse(query.words, query.filters, query.sort, ROWS, offset)

    def found(self, query: Query) -> tuple[str, ...]:
        """Ids of all papers found, in order."""
        rows, _ = self.library.browse(query.words, query.filters, query.sort, None)
        return tuple(row.id for row in rows)

    def opened(self, paper_id: str) -> Opened | None:
        """A paper to read; None when it has gone."""
        if (paper := self.library.paper(paper_id)) is None:
            return None
        return Opened(paper, self.library.tags_of(paper.id), tuple(self.library.sources(paper.id)))

    def duplicates(self) -> tuple[Pair, ...]:
        """Pairs to offer."""
        return tuple(self.library.duplicates())

    # Changing

    def tag(self, ids: tuple[str, ...], tag: str, *, remove: bool) -> int:
        """Give a tag or take it away; returns for how many papers this changed something."""
        return self.footnote.library.tag(ids, tag, remove=remove)

    def delete(self, ids: tuple[str, ...]) -> int:
        """Delete papers; the indexes follow in the background."""
        number = self.footnote.library.delete(ids)
        self.imports.start()
        return number

    def undoable(self) -> str:
        """What can be undone, in words without ids; empty during an import, which is not complete yet."""
        return "" if self.imports.taking else _named(self.library.undoable())

    def undo(self) -> tuple[str, Job]:
        """Undo the last action; returns what it was, and the work of the indexes to follow."""
        return _named(self.footnote.library.undo()), self.imports.start()

    def join(self, first: str, second: str) -> None:
        """Make two papers one."""
        self.footnote.library.join(first, second)
        self.imports.start()

    def tell_apart(self, first: str, second: str) -> None:
        """Offer two papers no longer."""
        self.footnote.library.tell_apart(first, second)

    # Taking away

    def exported(self, ids: tuple[str, ...], form: str, name: str) -> Path:
        """A file of these papers, in their order, to be downloaded."""
        papers = self.library.papers(ids)
        path = self._new(name + ENDINGS[form])
        with path.open("w", encoding="utf-8", newline="") as file:
            write(list({papers[i].id: papers[i] for i in ids if i in papers}.values()), form, file)
        return path

    def rejected(self, source: str) -> Path:
        """A file of the records of a source that were rejected, as they stood."""
        path = self._new("rejected-" + re.sub(r"[^\w.-]+", "-", source))
        texts = [record.text for _, record in self.library.rejected(source)]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return path

    def _new(self, name: str) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder)) / name


def _named(said: str) -> str:
    """What an action is called, for people: "deletion of doi:10.1/x" is that of 1 paper."""
    return _IDS.sub(lambda found: "2 papers" if " and " in found[0] else "1 paper", said)
