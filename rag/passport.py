"""The passport of a library: what made its indexes, checked whenever they are opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from rag.embedders import Embedder
from rag.errors import PassportMismatch
from rag.lexical import WORDS
from rag.library import SCHEMA
from rag.passages import SPLITTER


@dataclass(frozen=True, slots=True)
class Passport:
    """Everything that vectors and words depend on; different values must not be mixed."""

    embedder: str
    """Name of the embedder."""
    digest: str
    """Hash of the embedder's weights."""
    dimension: str
    """Numbers in a vector."""
    splitter: str
    """Name and version of the passage splitter."""
    words: str
    """Name and version of the word analysis."""
    schema: str
    """Version of the library's tables."""

    def manifest(self) -> dict[str, str]:
        """The fields as the library stores them."""
        return asdict(self)


def current(embedder: Embedder) -> Passport:
    """The passport of an index that this program makes now."""
    return Passport(embedder.name, embedder.digest, str(embedder.dimension), SPLITTER, WORDS, str(SCHEMA))


def check(stored: Mapping[str, str], now: Passport, folder: str) -> None:
    """Compare what made the indexes with what would read them.

    Raises:
        PassportMismatch: they differ; names the first field that does.
    """
    for field in fields(now):
        was, reads = stored.get(field.name, "unknown"), getattr(now, field.name)
        if was != reads:
            raise PassportMismatch(
                f"The library {folder} was indexed with {field.name} {_short(was)}, this Footnote uses "
                f"{_short(reads)}.",
                "footnote reindex",
            )


def _short(value: str) -> str:
    return value if len(value) <= 24 else f"{value[:12]}…"
