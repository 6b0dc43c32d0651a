"""The word index: BM25 over titles and abstracts, kept by tantivy beside the library.

Text is not stored in it; it can be rebuilt from the library at any time. BM25 as in Robertson and
Zaragoza (2009), "The Probabilistic Relevance Framework", with tantivy's k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import tantivy

from rag import soundness
from rag.database import no_room
from rag.errors import LibraryError
from rag.records import Paper
from rag.spelling import spellings
from rag.text import STOP_WORDS, tokens

WORDS = "tantivy/2"
"""Name and version of the analysis of words, part of a library's passport."""

TITLE_WEIGHT = 2
"""How often a word in the title counts as if it stood in the abstract. One field for both is worth .07
nDCG@10 on claims against two fields whose scores are added: a word in the title then counts once."""

# A set of ids costs 5 ms a thousand. Finding a paper's words in a longer ranking of all costs the same
# while that is not longer than this.
_DEEPEST = 5000
_SPARE = 2
_ANALYZER = "footnote"
_WRITER_WAIT = 30.0
_WRITER_HEAP = 64_000_000
# Words of questions that say nothing about the paper that answers them.
_QUESTION_WORDS = ("paper", "papers", "abstract", "abstracts", "tell", "explain", "describe", "please")


class WordIndex:
    """BM25 ranking of papers by the words of a question.

    Args:
        folder: made when it is not there.
        look: whether to see first that the files are whole; not all damage is noticed later.

    Raises:
        LibraryError: when the folder cannot be used or another process keeps writing for 30 s.
    """

    def __init__(self, folder: Path, *, look: bool = True) -> None:
        self.folder = folder
        if look and (problem := soundness.words(folder)):
            raise LibraryError(f"The word index {folder} is damaged: {problem}.", "footnote reindex")
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        schema.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
        self._schema = schema.build()
        self._analyzer, self._unstemmed = _analyzer(), _analyzer(stemmed=False)
        with self._mapped():
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
            self._index.register_tokenizer(_ANALYZER, self._analyzer)
            self._index.config_reader("manual")
            self._index.reload()

    def upsert(self, papers: Sequence[Paper]) -> None:
        """Add papers, each replacing what was indexed under its id; searchable on return."""
        with self._writer() as writer:
            for paper in papers:
                writer.delete_documents_by_term("id", paper.id)
                text = " ".join([*[paper.title] * TITLE_WEIGHT, paper.abstract])
                writer.add_document(tantivy.Document(id=[paper.id], text=[text]))

    def remove(self, ids: Iterable[str]) -> None:
        """Forget papers."""
        with self._writer() as writer:
            for paper_id in ids:
                writer.delete_documents_by_term("id", paper_id)

    def count(self) -> int:
        """Number of papers indexed."""
        return int(self._index.searcher().num_docs)

    def frequency(self, text: str) -> int:
        """In how many papers the rarest word of a text occurs, in title or abstract; 0 for no words."""
        searcher = self._index.searcher()
        words = self._words(text)
        counts = [searcher.search(self._query([word]), 1).count for word in words]  # type: ignore[attr-defined]  # the stubs lack it
        return min(counts, default=0)

    def reload(self) -> None:
        """See what another process has written."""
        with self._mapped():
            self._index.reload()

    def search(
        self, question: str, limit: int, within: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Papers by BM25 of the question's words, best first, equal scores by id.

        Args:
            question: any text; nothing in it is read as a query language.
            limit: most papers returned.
            within: when given, only papers of these ids are ranked.

        Returns:
            (paper id, score) pairs; papers without any of the words are absent.
        """
        words = self._words(question)
        if not words or (within is not None and not within):
            return []
        query = self._query(words)
        if within is None:
            return _in_order(self._hits(query, limit))
        found = self._among_all(query, limit, set(within))
        return _in_order(self._among_ids(query, limit, within) if found is None else found)

    def _among_all(
        self, query: tantivy.Query, limit: int, papers: set[str]
    ) -> list[tuple[str, float]] | None:
        """The first hits of these papers in a ranking of all; None when a long one would not hold enough."""
        depth = _SPARE * limit * self.count() // len(papers)
        if depth > _DEEPEST:
            return None
        hits = self._hits(query, max(depth, 1))
        found = [hit for hit in hits if hit[0] in papers][:limit]
        return found if len(found) == limit or len(hits) < depth else None

    def _among_ids(self, query: tantivy.Query, limit: int, papers: Sequence[str]) -> list[tuple[str, float]]:
        allowed = tantivy.Query.const_score_query(
            tantivy.Query.term_set_query(self._schema, "id", list(papers)), 0.0
        )
        both = [(tantivy.Occur.Must, query), (tantivy.Occur.Must, allowed)]
        return self._hits(tantivy.Query.boolean_query(both), limit)

    def _hits(self, query: tantivy.Query, limit: int) -> list[tuple[str, float]]:
        with self._mapped():
            searcher = self._index.searcher()
            hits = searcher.search(query, limit, count=False).hits
            return [(str(searcher.doc(address)["id"][0]), float(score)) for score, address in hits]

    def shares(self, question: str, paper_id: str) -> dict[str, float]:
        """What each word of a question adds to a paper's BM25, best first; words that it lacks are absent."""
        found: dict[str, float] = {}
        for word in tokens(question):
            if words := self._words(word):
                for _, score in self._among_ids(self._query(words), 1, [paper_id]):
                    found[word] = found.get(word, 0.0) + score
        return dict(sorted(found.items(), key=lambda share: (-share[1], share[0])))

    def holds(self, text: str, word: str) -> bool:
        """Whether a text has a word, in any of its forms."""
        held = set(self._analyzer.analyze(text))
        return any(not held.isdisjoint(stems) for stems in self._words(word))

    def _words(self, text: str) -> list[tuple[str, ...]]:
        """The stems of each word of a text, one for each of its spellings."""
        return [
            tuple(dict.fromkeys(self._analyzer.analyze(" ".join(spellings(word)))))
            for word in self._unstemmed.analyze(text)
        ]

    def _query(self, words: Sequence[tuple[str, ...]]) -> tantivy.Query:
        """Any of the words, each by its best spelling; a repeated word counts as often as it stands there."""
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._term(stems)) for stems in words])

    def _term(self, stems: tuple[str, ...]) -> tantivy.Query:
        terms = [tantivy.Query.term_query(self._schema, "text", stem, index_option="freq") for stem in stems]
        return terms[0] if len(terms) == 1 else tantivy.Query.disjunction_max_query(terms)

    @contextmanager
    def _writer(self) -> Iterator[tantivy.IndexWriter]:
        with self._mapped():
            writer = self._locked_writer()
            yield writer
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()

    def _locked_writer(self) -> tantivy.IndexWriter:
        deadline = time.monotonic() + _WRITER_WAIT
        while True:
            try:
                return self._index.writer(_WRITER_HEAP, 1)
            except ValueError as error:
                if "LockBusy" not in str(error) and "lock" not in str(error).lower():
                    raise
                if time.monotonic() > deadline:
                    raise LibraryError(
                        f"Another Footnote has been writing to {self.folder} for {_WRITER_WAIT:.0f} s.",
                        "footnote doctor",
                    ) from error
                time.sleep(0.05)

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError) as error:
            raise no_room(self.folder, str(error)) or LibraryError(
                f"The word index {self.folder} cannot be used: {error}.", "footnote reindex"
            ) from error


def erase(folder: Path) -> None:
    """Delete a word index so that it can be rebuilt."""
    if folder.is_file():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _in_order(hits: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def _analyzer(*, stemmed: bool = True) -> tantivy.TextAnalyzer:
    stop = sorted({*STOP_WORDS, *_QUESTION_WORDS})
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(80),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.custom_stopword(stop),
        *([tantivy.Filter.stemmer("english")] if stemmed else []),
    ):
        builder = builder.filter(step)
    return builder.build()
