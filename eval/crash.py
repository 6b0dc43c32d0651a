"""Does a killed import lose anything? `python -m eval.crash [--kills N] [--papers N]`.

A process imports a file of papers and is killed (SIGKILL) at a random moment; the import is then run
again, and the library compared with that of an import which nobody disturbed: the papers with every
field, the passages with their vectors, and what the word index finds.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rag import importers
from rag.assemble import Footnote
from rag.errors import FootnoteError
from rag.exporters import write
from rag.records import Filters, Paper
from rag.settings import Settings
from rag.text import sentences

ROOT = Path(__file__).resolve().parent.parent

# What is killed; it says when it begins, so that no moment is spent on importing Python modules.
_IMPORT = """
import sys
from pathlib import Path
import chromadb
from rag.assemble import Footnote
from rag.settings import Settings
folder = Path(sys.argv[1])
footnote = Footnote(Settings(home=folder.parent, library=folder, model="extractive"))
footnote.embedder.embed(["Ready?"])
print("begin", flush=True)
footnote.import_file(Path(sys.argv[2]))
footnote.index_pending()
footnote.close()
"""


@dataclass(frozen=True, slots=True)
class State:
    """What a library and its indexes hold, in a form that can be compared."""

    papers: tuple[Paper, ...]
    """Every paper."""
    pending: int
    """Those that are not indexed yet."""
    passages: dict[str, np.ndarray]
    """Vectors of the passages of each paper."""
    held: int
    """Number of passages in the index."""
    words: tuple[dict[str, float], ...]
    """What the word index finds for some queries, with scores."""

    def differs(self, other: State) -> str:
        """What is not the same; empty when everything is."""
        if self.papers != other.papers:
            return "papers"
        if self.pending != other.pending:
            return "pending"
        if self.held != other.held or self.passages.keys() != other.passages.keys():
            return "passages"
        if any(not np.allclose(v, other.passages[i], atol=1e-5) for i, v in self.passages.items()):
            return "vectors"
        return "" if all(map(_alike, self.words, other.words)) else "words"


def _alike(found: dict[str, float], expected: dict[str, float]) -> bool:
    return found.keys() == expected.keys() and all(
        abs(found[i] - s) < 1e-3 * (1 + s) for i, s in expected.items()
    )


@dataclass(frozen=True, slots=True)
class Kill:
    """One import that was killed and run again."""

    moment: float
    """Seconds after its beginning; from 0 to what an undisturbed one takes."""
    found: str
    """What the killed one left."""
    repaired: int
    """Papers that the second run indexed."""
    differs: str
    """What is not as after an undisturbed import; empty when everything is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the return value is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m eval.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="how many imports are killed")
    parser.add_argument("--papers", type=int, default=400, help="papers of the file")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parser.parse_args(arguments)
    try:
        return int(not run(options.kills, options.papers, options.seed))
    except FootnoteError as error:
        print(error, file=sys.stderr)
        return 1


def run(kills: int, papers: int, seed: int) -> bool:
    """Kill, resume, compare, and print a table; whether every library was as after an undisturbed import."""
    print(f"{'moment':>8}  {'state found':<44} {'repaired':>8}  equal")
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), papers, kills, seed, lambda kill: print(line(kill), flush=True))
    bad = sum(bool(kill.differs) for kill in found)
    print(f"\n{len(found)} kills, {len(found) - bad} libraries equal to an undisturbed import, {bad} not")
    return not bad


def line(kill: Kill) -> str:
    """A row of the table."""
    equal = f"no: {kill.differs}" if kill.differs else "yes"
    return f"{kill.moment:>7.2f}s  {kill.found:<44} {kill.repaired:>8}  {equal}"


def measure(
    place: Path, papers: int, kills: int, seed: int, tell: Callable[[Kill], object] = lambda kill: None
) -> list[Kill]:
    """Kill so many imports of a file of so many papers, at moments spread over an undisturbed one."""
    file = place / "papers.jsonl"
    with file.open("w", encoding="utf-8") as out:
        write(made_up(papers), "jsonl", out)
    takes = _killed(place / "undisturbed", file, None)
    expected = state(place / "undisturbed")
    moments = random.Random(seed)
    found = []
    for number in range(kills):
        # one moment in each stretch, so that few kills still meet every stage
        kill = _one(place / f"killed-{number}", file, takes * (number + moments.random()) / kills, expected)
        tell(kill)
        found.append(kill)
    return found


def made_up(number: int) -> list[Paper]:
    """Papers of two sentences each, taken from the abstracts that Footnote ships."""
    shipped = importers.read(ROOT / "data" / "papers.txt").papers
    spoken = [s for paper in shipped for s in sentences(paper.abstract)]
    return [
        replace(
            shipped[n % len(shipped)],
            id=f"x{n}",
            title=f"{shipped[n % len(shipped)].title}, Part {n}",
            abstract=f"{spoken[(7 * n) % len(spoken)]} {spoken[(11 * n + 3) % len(spoken)]}",
            authors=(f"Ana Author{n}",),
            year=1990 + n % 30,
        )
        for n in range(number)
    ]


def _one(folder: Path, file: Path, moment: float, expected: State) -> Kill:
    _killed(folder, file, moment)
    footnote = _footnote(folder)
    try:
        found = _found(footnote)
        footnote.import_file(file)
        repaired = footnote.index_pending()
        return Kill(moment, found, repaired, _state(footnote).differs(expected))
    finally:
        footnote.close()


def _killed(folder: Path, file: Path, moment: float | None) -> float:
    """Import in a process that is killed after so many seconds; returns how long it ran."""
    words = [sys.executable, "-c", _IMPORT, str(folder), str(file)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        if moment is None:
            process.wait()
        else:
            time.sleep(moment)
            process.send_signal(signal.SIGKILL)
        return time.monotonic() - began


def _footnote(folder: Path) -> Footnote:
    return Footnote(Settings(home=folder.parent, library=folder, model="extractive"))


def _found(footnote: Footnote) -> str:
    papers, pending = footnote.library.count(), footnote.library.count("pending")
    if not papers:
        return "no paper"
    held, words = footnote.passages.count(), footnote.words.count()
    return f"{papers} papers, {pending} pending, {held} passages, {words} words"


def state(folder: Path) -> State:
    """What the library of a folder holds."""
    footnote = _footnote(folder)
    try:
        return _state(footnote)
    finally:
        footnote.close()


def _state(footnote: Footnote) -> State:
    ids = footnote.library.matching(Filters())
    queries = ("speech", "language model", "part of the data", "training")
    return State(
        tuple(footnote.library.all_papers()),
        footnote.library.count("pending"),
        footnote.passages.vectors(ids),
        footnote.passages.count(),
        tuple(dict(footnote.words.search(query, len(ids) + 1)) for query in queries),
    )


if __name__ == "__main__":
    sys.exit(main())
