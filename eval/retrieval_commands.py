"""What the commands about retrieval do: a collection, several collections together, ablations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from eval import (
    cache,
    collections,
    comparing,
    questions,
    results,
    retrieval,
    synthetic,
    systems,
    tables,
    variants,
)
from eval import latency as timing
from eval.cache import Progress
from eval.collections import Collection, Document, Problems
from eval.commands import DATA, chosen_switches, err, keep, out, progress, write_json
from eval.grading import title_key
from eval.provenance import provenance
from eval.variants import Variant
from rag import importers, settings
from rag.assemble import Footnote
from rag.errors import ImportFailed


@dataclass(frozen=True, slots=True)
class Request:
    """Which collection, through which systems."""

    collection: Path
    """Its folder."""
    systems: Sequence[str] = ()
    """Names of systems; empty for all."""
    qrels: Path | None = None
    """Judgements instead of the collection's own."""
    runs: Sequence[Path] = ()
    """Files with runs of other systems, judged beside them."""
    skip_broken: bool = False
    """Whether to go on without broken lines."""
    cache: Path | None = None
    """Folder of the cache; None for the platform's."""


def measure(request: Request, json_file: Path | None, run_folder: Path | None, show_queries: bool) -> None:
    """Rank, judge, print, and write the result."""
    collection = collections.read(request.collection, request.qrels, request.skip_broken)
    for line in collection.problems.lines():
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    result, runs = _measured(collection, request)
    for failure in runs.failures[:5]:
        err.print(failure, markup=False, highlight=False, soft_wrap=True)
    tables.retrieval(result, out)
    if show_queries:
        for other in result["tests"]:
            tables.wins_and_losses(retrieval.biggest(result, other), result["queries"], other, out)
    for name, rankings in runs.rankings.items() if run_folder else ():
        collections.write_run(rankings, run_folder / f"{name}.run", name)  # type: ignore[operator]  # not None here
    keep(result, json_file)


def _measured(collection: Collection, request: Request) -> tuple[dict[str, Any], retrieval.Runs]:
    chosen = list(request.systems) or list(systems.NAMES)
    external = {path.stem: collections.read_run(path) for path in request.runs}
    with progress() as tell:
        footnote, built = retrieval.prepare(
            collection, chosen, settings.load(), cache.root(request.cache) / "collections", tell
        )
        try:
            runs = retrieval.run(collection, built, tell)
            made_by = provenance(footnote.settings, footnote.library.manifest())
        finally:
            footnote.close()
    for name, rankings in external.items():
        runs.rankings[name] = {q: [(d, -float(n)) for n, d in enumerate(r)] for q, r in rankings.items()}
    return retrieval.result(collection, runs, made_by), runs


def pool(paths: Sequence[Path], measure: str) -> None:
    """Several retrieval results as one set of queries."""
    read = [results.read(path) for path in paths]
    if wrong := [p for p, r in zip(paths, read, strict=True) if r["kind"] != "retrieval"]:
        raise ImportFailed(f"{wrong[0]} is no result of footnote eval retrieval.")
    tables.pooled(comparing.pooled(read, measure), read, measure, out)


def own_questions() -> Collection:
    """The project's own answerable questions as a collection: the right papers are the gold ones."""
    papers = importers.read(DATA / "papers.txt").papers
    items = [i for i in questions.read(DATA / "questions.jsonl") if i.answerable and not i.history]
    ids = {title_key(p.title): p.id for p in papers}
    documents = tuple(Document(p.id, p.raw_title, p.raw_abstract) for p in papers)
    qrels = {i.id: {ids.get(title_key(t), t): 1 for t in i.gold_titles} for i in items}
    return Collection("questions", documents, {i.id: i.question for i in items}, qrels, Problems())


def ablations(
    folders: Sequence[Path], names: Sequence[str], json_file: Path | None, cache_folder: Path | None
) -> None:
    """Each switch of retrieval on each collection, held against the unchanged pipeline."""
    switches = chosen_switches(names, variants.VARIANTS)
    read = [collections.read(folder) for folder in folders] or [own_questions()]
    root = cache.root(cache_folder)
    found = {collection.name: _ablated(collection, switches, root) for collection in read}
    for result in found.values():
        tables.retrieval(result, out)
    if json_file:
        write_json({"kind": "ablations", "collections": found}, json_file)


def _ablated(collection: Collection, switches: Sequence[Variant], folder: Path) -> Mapping[str, Any]:
    with progress() as tell:
        footnote, _ = retrieval.prepare(
            collection, ("footnote",), settings.load(), folder / "collections", tell
        )
        try:
            built = {v.name: variants.system(v, footnote, tell) for v in switches}
            runs = retrieval.run(collection, built, tell)
            made_by = provenance(footnote.settings, footnote.library.manifest())
        finally:
            footnote.close()
    return retrieval.result(collection, runs, made_by)


def latency(
    size: int, folder: Path | None, rounds: int, json_file: Path | None, cache_folder: Path | None
) -> None:
    """Time each part of finding papers, on a collection or on made-up abstracts, print, and write."""
    with progress() as tell:
        footnote, asked, name = _to_time(size, folder, cache.root(cache_folder), tell)
        try:
            parts = footnote.parts()
            seconds = timing.measure(asked, parts, rounds, partial(tell, "Timing"))
            library = {"name": name, "papers": parts.library.count(), "passages": parts.passages.count()}
            made_by = provenance(footnote.settings, footnote.library.manifest())
        finally:
            footnote.close()
    result = {
        "kind": "latency",
        "provenance": made_by,
        "library": library,
        "questions": len(asked),
        "rounds": rounds,
        "latency_ms": {part: retrieval.latency(values) for part, values in seconds.items()},
    }
    tables.timing(result, timing.TARGET_MS, out)
    keep(result, json_file)


def _to_time(size: int, folder: Path | None, root: Path, tell: Progress) -> tuple[Footnote, list[str], str]:
    """The library to time, the questions, and the library's name."""
    chosen = settings.load({"model": "extractive"})
    if folder is None:
        asked = [i.question for i in questions.read(DATA / "questions.jsonl") if not i.history]
        return synthetic.library(size, chosen, root, tell), asked, "made-up abstracts"
    collection = collections.read(folder)
    footnote, _ = retrieval.prepare(collection, ("footnote",), chosen, root / "collections", tell)
    return footnote, list(collection.queries.values()), collection.name
