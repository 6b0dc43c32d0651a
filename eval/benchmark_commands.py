"""What the commands do that measure with a clock: papers coming in, and the list of the library page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from eval import benchmarks, browsing, intake
from eval.commands import DATA, err, keep, out, progress
from eval.embedding_speed import Speed, compared
from eval.provenance import provenance
from rag import importers, settings
from rag.assemble import Footnote
from rag.embedders import MiniLM
from rag.errors import DownloadFailed, ImportFailed
from rag.settings import Settings

COMPARED = 200
"""Abstracts that embedding alone is measured with."""
_BATCH = 5_000

Tell = Callable[[str, int, int], None]
"""A progress bar; called with the stage, what is done and what there is."""


def imported(file: Path | None, papers: int, rounds: int, wheel: Path | None, json_file: Path | None) -> None:
    """Import a file, or so many made-up abstracts, and print where the time goes."""
    with TemporaryDirectory(prefix="footnote-intake-") as place, progress() as tell:
        source = file or Path(place) / "made-up.jsonl"
        if file is None:
            intake.made_up(DATA / "papers.txt", papers, source)
        found = intake.measure(source, Path(place), partial(tell, "Importing"))
        speeds = _compared(source, rounds, wheel) if rounds else []
    name = file.name if file else "made-up abstracts"
    main = {
        "papers a second": found.per_second,
        "outside the model": found.outside,
        "seconds, again": found.again_s,
        "peak memory, MB": found.peak_mb,
    }
    if speeds:
        main["times Chroma's embedding"] = speeds[1].per_second / speeds[0].per_second
    made_by = provenance(settings.load({"model": "extractive"}), {})
    title = f"Import of {found.papers:,} papers: {name}"
    made = benchmarks.result(title, main, intake.tables(found, speeds), made_by)
    benchmarks.show(made, out)
    keep(made, json_file)


def _compared(file: Path, rounds: int, wheel: Path | None) -> Sequence[Speed]:
    """Embedding alone, against Chroma's default; nothing when its weights cannot be had."""
    model, papers = MiniLM(), importers.read(file).papers[:COMPARED]
    texts = [paper.abstract for paper in papers if paper.abstract]
    try:
        return compared([text for text in texts if model.count_tokens(text) <= model.window], rounds, wheel)
    except DownloadFailed as error:
        err.print(f"Chroma's default embedding is left out: {error.problem}", markup=False, soft_wrap=True)
        return []


def browsed(file: Path | None, papers: int, keystrokes: int, json_file: Path | None) -> bool:
    """Fill a library, open the page over it, type, and print how soon it answers; whether within the target."""
    with TemporaryDirectory(prefix="footnote-browse-") as place, progress() as tell:
        source = file or Path(place) / "made-up.jsonl"
        if file is None:
            intake.made_up(DATA / "papers.txt", papers, source)
        number, titles = _filled(source, Path(place) / "library", tell)
        states = browsing.typed(titles, keystrokes, seed=1)
        with browsing.page(Path(place) / "library", settings.load().port) as address:
            seconds = browsing.measure(address, states, partial(tell, "Typing"))
    table = browsing.table(seconds)
    main = {name: float(value) for name, value in table.rows}
    made_by = provenance(settings.load({"model": "extractive"}), {})
    title = f"Typing into the library page: {number:,} papers, {len(seconds)} keystrokes"
    made = benchmarks.result(title, {f"{name}, ms": value for name, value in main.items()}, [table], made_by)
    benchmarks.show(made, out)
    verdict = "within" if main["p95"] < browsing.TARGET_MS else "over"
    out.print(f"p95 {main['p95']:.1f} ms, {verdict} {browsing.TARGET_MS:.0f} ms.", highlight=False)
    keep(made, json_file)
    return main["p95"] < browsing.TARGET_MS


def _filled(source: Path, folder: Path, tell: Tell) -> tuple[int, list[str]]:
    footnote = Footnote(Settings(home=folder.parent, library=folder, model="extractive"))
    try:
        footnote.import_file(source)
        browsing.count_as_indexed(footnote, _BATCH, partial(tell, "Filling the library"))
        papers = footnote.library.all_papers()
        if not papers:
            raise ImportFailed(f"{source} holds no papers.")
        return footnote.library.count(), [paper.title for paper in papers]
    finally:
        footnote.close()
