"""New indexes are built beside the old ones, which serve until then, whatever happens meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag import assemble, embedders, indexes, reindex
from rag.assemble import Footnote
from rag.embedders import Embedder
from rag.errors import FootnoteError, LibraryError
from rag.importers.parsed import Parsed, paper
from rag.index import PassageIndex
from rag.indexes import FINISHED, UNFINISHED
from rag.lexical import WordIndex
from rag.passport import current
from rag.records import Filters, Paper, Passage
from rag.reindex import BATCH
from rag.settings import DEFAULT_OLLAMA, Settings

ROOT = Path(__file__).resolve().parent.parent
TOPICS = "speech music images graphs proteins poems maps games law chess weather bridges".split()
PAPERS = 2 * BATCH + 40


class Tiny:
    """A real embedder of 32 dimensions: each word of a text points somewhere."""

    name, dimension, window, digest = "ollama/tiny", 32, 400, "sha256:tiny"

    def __init__(self) -> None:
        self.embedded = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2

    def embed(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        del progress  # it is done at once
        self.embedded += len(texts)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(".", " ").split() or [""]:
                row += np.random.default_rng(list(word.encode())).normal(size=self.dimension)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


TINY = Tiny.name


def some(n: int, said: str = "It has parts.") -> Paper:
    return paper(
        f"Study {n} of {TOPICS[n % 12]}", f"We learn {TOPICS[n % 12]} with {n} units. {said}", "a.txt"
    )


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """The embedder that `ollama/tiny` names in this test."""
    made = Tiny()
    real = embedders.embedder

    def named(name: str, host: str) -> Embedder:
        return made if name == TINY else real(name, host)

    monkeypatch.setattr(assemble, "embedder", named)
    return made


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of many papers, to be copied."""
    folder = tmp_path_factory.mktemp("indexed") / "library"
    footnote = Footnote(Settings(home=folder.parent, library=folder, model="extractive"))
    footnote.library.add(Parsed(tuple(some(n) for n in range(PAPERS))), "a.txt")
    footnote.index_pending()
    footnote.close()
    return folder


@pytest.fixture
def footnote(indexed: Path, own_home: Path, tiny: Tiny) -> Iterator[Footnote]:
    folder = Path(shutil.copytree(indexed, own_home / "library"))
    footnote = Footnote(Settings(home=own_home, library=folder, model="extractive"))
    yield footnote
    footnote.close()


@pytest.fixture
def other(footnote: Footnote) -> Iterator[Footnote]:
    """A second Footnote over the same library, as another process has it."""
    other = Footnote(footnote.settings)
    yield other
    other.close()


def complete(footnote: Footnote) -> None:
    """Both indexes hold exactly the papers of the library, as they are now."""
    ids = footnote.library.matching(Filters())
    assert footnote.stale() == ()
    assert footnote.without_passages() == 0
    assert footnote.library.count("pending") == 0
    assert footnote.words.count() == len(ids)
    # one short passage a paper
    assert footnote.passages.count() == len(ids)


def finds(footnote: Footnote, words: str) -> str:
    return footnote.search(words)[0].paper.title


class TestChangingTheEmbedder:
    def test_the_new_indexes_serve_every_process_when_they_are_complete(
        self, footnote: Footnote, other: Footnote
    ) -> None:
        seen: list[tuple[str, str]] = []
        assert "bridges" in finds(other, "bridges with 11 units")

        def look(done: int, total: int) -> None:
            seen.append((other.embedder.name, finds(other, "bridges with 11 units")))

        assert footnote.reindex(look, TINY) == PAPERS
        assert {name for name, _ in seen} == {"minilm"}
        assert all("bridges" in title for _, title in seen)
        for one in (footnote, other):
            assert one.embedder.name == TINY
            assert "bridges" in finds(one, "bridges with 11 units")
            assert one.passages.vectors([some(3).id])[some(3).id].shape == (1, 32)
            complete(one)

    def test_a_library_keeps_the_embedder_that_indexed_it(self, footnote: Footnote) -> None:
        footnote.reindex(embedder=TINY)
        again = Footnote(footnote.settings)
        assert again.settings.embedder == "minilm"
        assert again.embedder.name == TINY
        assert again.stale() == ()
        again.library.add(Parsed((some(900),)), "b.txt")
        assert again.index_pending() == 1
        complete(again)
        assert again.reindex() == PAPERS + 1
        assert again.embedder.name == TINY
        assert again.reindex(embedder="minilm") == PAPERS + 1
        assert again.embedder.name == "minilm"
        complete(again)
        again.close()

    def test_settings_that_ask_for_another_embedder_are_told_which_one_is_used(
        self, footnote: Footnote, tiny: Tiny
    ) -> None:
        wanting = Footnote(replace(footnote.settings, embedder=TINY))
        try:
            assert "speech" in finds(wanting, "speech")
            assert tiny.embedded == 0
            [line] = wanting.stale()
            assert "indexed with minilm, which is used" in line
            assert line.endswith(f"Run: footnote reindex --embedder {TINY}")
            [*_, answer] = wanting.answer("What is learnt with 11 units?")
            assert line in answer.notices
            assert wanting.reindex() == PAPERS
            assert wanting.embedder.name == TINY
            assert wanting.stale() == ()
        finally:
            wanting.close()

    def test_an_embedder_that_does_not_exist_is_refused_before_anything_happens(
        self, footnote: Footnote
    ) -> None:
        with pytest.raises(FootnoteError, match="nonesuch"):
            footnote.reindex(embedder="nonesuch")
        assert not indexes.numbered(footnote.library.folder)
        complete(footnote)

    def test_an_answer_that_began_before_the_change_ends_with_the_old_indexes(
        self, footnote: Footnote, other: Footnote
    ) -> None:
        parts = other.parts()
        footnote.reindex(embedder=TINY)
        vector = parts.embed(["bridges"])[0]
        assert len(parts.passages.search(vector, 5)) == 5
        assert parts.words.search("bridges", 5)


class TestMeanwhile:
    def test_papers_that_come_change_and_go_are_right_in_the_new_indexes(
        self, footnote: Footnote, other: Footnote
    ) -> None:
        happened: list[str] = []

        def meddle(done: int, total: int) -> None:
            if not happened:
                happened.append("now")
                other.library.add(Parsed((some(901), some(0, "Zebras eat grass."))), "a.txt")
                other.index_pending()
                other.delete([some(1).id])
                other.library.add(Parsed((some(902),)), "c.txt")  # stays pending

        footnote.reindex(meddle, TINY)
        footnote.index_pending()
        for one in (footnote, other):
            complete(one)
            assert one.library.count() == PAPERS + 1
            assert finds(one, "zebras eat grass") == some(0).title
            found = {c.paper.id for c in one.search("speech", top_k=400)}
            assert {some(901).id, some(902).id} <= found | set(
                one.passages.vectors([some(901).id, some(902).id])
            )
            assert some(1).id not in one.passages.vectors([some(1).id])

    def test_a_paper_that_came_back_is_held_again(self, footnote: Footnote, tiny: Tiny) -> None:
        """It was forgotten by a build that did not end."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reindex.Build, "serve", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                footnote.reindex(embedder=TINY)
            footnote.delete([some(1).id])
            with pytest.raises(KeyboardInterrupt):
                footnote.reindex(embedder=TINY)
        footnote.library.undo()
        before = tiny.embedded
        assert footnote.reindex(embedder=TINY) == PAPERS
        assert tiny.embedded == before + 1
        complete(footnote)

    def test_two_rebuilds_at_once_are_refused(self, footnote: Footnote, other: Footnote) -> None:
        refused: list[str] = []

        def again(done: int, total: int) -> None:
            with pytest.raises(LibraryError, match="Another Footnote is building") as caught:
                other.reindex()
            refused.append(str(caught.value))

        footnote.reindex(again)
        assert refused
        complete(footnote)


# Another process that rebuilds with the tiny embedder and kills itself at a call.
DYING = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from test_reindex import TINY, Tiny
from rag import assemble, embedders, indexes, library, reindex
from rag.settings import Settings
real_embedder = embedders.embedder
assemble.embedder = lambda name, host: Tiny() if name == TINY else real_embedder(name, host)
folder, owner, method, last, after = Path(sys.argv[1]), eval(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]
real, calls = getattr(owner, method), []
def dying(self, *arguments):
    calls.append(method)
    if after == "after":
        real(self, *arguments)
    if len(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    if after == "before":
        return real(self, *arguments)
setattr(owner, method, dying)
assemble.Footnote(Settings(home=folder.parent, library=folder, model="extractive")).reindex(embedder=TINY)
"""


@pytest.mark.parametrize(
    ("owner", "method", "call", "when", "serves", "left"),
    [
        pytest.param("indexes.Pair", "put", 1, "before", "minilm", PAPERS, id="before anything"),
        pytest.param("indexes.Pair", "put", 2, "before", "minilm", PAPERS - BATCH, id="in the middle"),
        pytest.param(
            "indexes.Pair", "put", 2, "after", "minilm", PAPERS - BATCH, id="before it is written down"
        ),
        pytest.param("library.Library", "write_manifest", 1, "before", "minilm", 0, id="before the change"),
        pytest.param("library.Library", "write_manifest", 1, "after", TINY, None, id="after the change"),
        pytest.param("library.Library", "mark_indexed", 1, "after", TINY, None, id="before the log goes"),
    ],
)
def test_a_rebuild_killed_at_any_moment_is_taken_up_again(
    footnote: Footnote,
    tiny: Tiny,
    owner: str,
    method: str,
    call: int,
    when: str,
    serves: str,
    left: int | None,
) -> None:
    folder = footnote.library.folder
    killed = subprocess.run(
        [sys.executable, "-c", DYING, str(folder), owner, method, str(call), when], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert footnote.embedder.name == serves
    assert "bridges" in finds(footnote, "bridges with 11 units")
    complete(footnote)
    before = tiny.embedded
    assert footnote.reindex(embedder=TINY) == PAPERS
    if left is not None:
        assert tiny.embedded - before == left
    assert footnote.embedder.name == TINY
    complete(footnote)


def test_a_change_that_fails_leaves_the_old_indexes(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise LibraryError("There is no room left.", "df -h")

    with monkeypatch.context() as patch:
        patch.setattr(type(footnote.library), "write_manifest", full)
        with pytest.raises(LibraryError, match="no room"):
            footnote.reindex(embedder=TINY)
    assert footnote.embedder.name == "minilm"
    assert "bridges" in finds(footnote, "bridges with 11 units")
    complete(footnote)


def test_an_unfinished_build_that_is_damaged_is_begun_anew(footnote: Footnote, tiny: Tiny) -> None:
    subprocess.run(
        [sys.executable, "-c", DYING, str(footnote.library.folder), "indexes.Pair", "put", "2", "after"],
        cwd=ROOT,
        check=False,
    )
    [build] = indexes.numbered(footnote.library.folder).values()
    (build / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)
    assert footnote.reindex(embedder=TINY) == PAPERS
    assert tiny.embedded == PAPERS
    complete(footnote)


class TestSweeping:
    def test_the_old_indexes_go_a_minute_after_the_change(self, footnote: Footnote) -> None:
        folder = footnote.library.folder
        footnote.reindex(embedder=TINY)
        [now] = indexes.numbered(folder).values()
        indexes.sweep(folder, footnote.library.manifest)
        assert (folder / "chroma").is_dir()
        os.utime(now / FINISHED, (time.time() - 61, time.time() - 61))
        indexes.sweep(folder, footnote.library.manifest)
        assert sorted(p.name for p in folder.iterdir() if p.is_dir()) == [now.name]
        complete(footnote)

    def test_a_second_rebuild_leaves_one_pair_before_it_at_most(self, footnote: Footnote) -> None:
        for _ in range(3):
            footnote.reindex()
        assert len(indexes.numbered(footnote.library.folder)) == 2
        complete(footnote)

    def test_an_unfinished_build_stays_until_another_is_asked_for(self, footnote: Footnote) -> None:
        folder = footnote.library.folder
        subprocess.run(
            [sys.executable, "-c", DYING, str(folder), "indexes.Pair", "put", "2", "after"],
            cwd=ROOT,
            check=False,
        )
        [build] = indexes.numbered(folder).values()
        indexes.sweep(folder, footnote.library.manifest, grace=0)
        assert (build / UNFINISHED).is_file()
        footnote.reindex()
        assert list(indexes.numbered(folder).values()) != [build] or not (build / UNFINISHED).exists()
        assert footnote.embedder.name == "minilm"
        complete(footnote)


def harm(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "deleted":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(b"garbage!" * (len(data) // 8 + 1))


HOW = ["deleted", "truncated", "garbage"]


class TestDamage:
    """Some of it would end the process if Chroma opened the files."""

    @pytest.fixture(scope="class")
    @staticmethod
    def chroma(tmp_path_factory: pytest.TempPathFactory) -> Path:
        """So many passages that Chroma keeps a graph in files."""
        folder = tmp_path_factory.mktemp("chroma") / "chroma"
        index = PassageIndex(folder)
        rows = np.random.default_rng(0).normal(size=(1200, 8)).astype(np.float32)
        index.replace([Passage(f"p{n}", 0, "") for n in range(1200)], rows)
        index.close()
        return folder

    @pytest.mark.parametrize("how", HOW)
    @pytest.mark.parametrize(
        "name", ["header.bin", "data_level0.bin", "link_lists.bin", "index_metadata.pickle", "chroma.sqlite3"]
    )
    def test_a_damaged_passage_index_is_noticed(
        self, chroma: Path, tmp_path: Path, name: str, how: str
    ) -> None:
        folder = Path(shutil.copytree(chroma, tmp_path / "chroma"))
        [file] = folder.rglob(name)
        harm(file, how)
        with pytest.raises(LibraryError, match="footnote reindex") as caught:
            PassageIndex(folder).search(np.ones(8, np.float32), 5)
        assert "\n" not in str(caught.value)

    def test_garbage_in_the_middle_of_the_graph_is_noticed(self, chroma: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(chroma, tmp_path / "chroma"))
        [file] = folder.rglob("data_level0.bin")
        data = bytearray(file.read_bytes())
        data[60_000:64_096] = b"\xaa" * 4096
        file.write_bytes(data)
        with pytest.raises(LibraryError, match="garbage"):
            PassageIndex(folder)

    def test_a_sound_passage_index_is_opened(self, chroma: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(chroma, tmp_path / "chroma"))
        assert len(PassageIndex(folder).search(np.ones(8, np.float32), 5)) == 5

    @pytest.mark.parametrize("how", HOW)
    @pytest.mark.parametrize("kind", ["meta.json", "*.idx", "*.term", "*.store", "*.fieldnorm", "*.pos"])
    def test_a_damaged_word_index_is_noticed(
        self, indexed: Path, tmp_path: Path, kind: str, how: str
    ) -> None:
        folder = Path(shutil.copytree(indexed / "words", tmp_path / "words"))
        harm(sorted(folder.glob(kind))[0], how)
        with pytest.raises(LibraryError, match="footnote reindex") as caught:
            WordIndex(folder)
        assert "\n" not in str(caught.value)

    def test_one_changed_byte_of_the_words_is_noticed(self, indexed: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(indexed / "words", tmp_path / "words"))
        file = sorted(folder.glob("*.idx"))[0]
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        with pytest.raises(LibraryError, match=r"\.idx is damaged"):
            WordIndex(folder)

    @pytest.mark.parametrize("how", HOW)
    @pytest.mark.parametrize("kind", ["words/*.term", "chroma/chroma.sqlite3"])
    def test_reindex_rebuilds_a_damaged_library(self, footnote: Footnote, kind: str, how: str) -> None:
        footnote.close()
        harm(sorted(footnote.library.folder.glob(kind))[0], how)
        again = Footnote(footnote.settings)
        with pytest.raises(LibraryError, match="footnote reindex"):
            again.search("bridges")
        assert again.reindex() == PAPERS
        complete(again)
        again.close()


def test_the_tiny_embedder_is_one_as_the_others_are() -> None:
    made: Embedder = Tiny()
    assert current(made).dimension == "32"
    assert embedders.embedder("minilm", DEFAULT_OLLAMA).dimension != made.dimension
