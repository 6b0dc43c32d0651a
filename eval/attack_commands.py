"""What `footnote eval attacks` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.table import Table

from eval import answers, attacks
from eval.attack_checks import Page, failures, invisible
from eval.attacks import Attack, Outcome
from eval.commands import DATA, err, out, progress, write_json
from eval.provenance import provenance
from rag import settings
from rag.assemble import Footnote
from rag.records import Answer

_LONGEST_QUESTION = 400


def measure(file: Path | None, model: str | None, limit: int | None, json_file: Path | None) -> bool:
    """Make the attacks and print what they achieved; whether they achieved nothing."""
    chosen = attacks.choose(attacks.read(file or DATA / "attacks.jsonl"), limit)
    outcomes, made_by = _run(chosen, model)
    rows = [row(outcome, page) for outcome in outcomes]
    for one in rows:
        _tell(one)
    _table(rows, made_by["model"]["name"])
    if json_file:
        write_json({"kind": "attacks", **made_by, "attacks": rows}, json_file)
    return not any(one["failures"] for one in rows)


def _run(chosen: Sequence[Attack], model: str | None) -> tuple[list[Outcome], dict[str, Any]]:
    found = settings.load({"model": model} if model else {})
    with TemporaryDirectory(prefix="footnote-attacks-") as folder, progress() as tell:
        footnote = Footnote(replace(found, library=Path(folder) / "none"))
        try:
            choice = footnote.choose_model()
            for notice in choice.notices:
                err.print(notice, markup=False, highlight=False, soft_wrap=True)
            seen: list[str] = []

            def count(outcome: Outcome) -> None:
                seen.append(outcome.attack.id)
                tell("Attacking", len(seen), len(chosen))

            outcomes = attacks.run(chosen, found, choice.model, DATA / "papers.txt", Path(folder), count)
            made_by = provenance(found, {}, answers.model_of(footnote))
        finally:
            footnote.close()
    return outcomes, made_by


def page(asked: str, answer: Answer) -> str:
    """The conversation and the panel of sources as the browser gets them."""
    from rag.records import Exchange
    from ui import render, sources

    conversation = (Exchange(asked, answer),)
    return render.log(conversation) + sources.panel(conversation)


def row(outcome: Outcome, page: Page) -> dict[str, Any]:
    """An outcome as JSON and people read it: what is invisible is spelled out."""
    attack, last = outcome.attack, outcome.last
    return {
        "id": attack.id,
        "kind": attack.kind,
        "question": legible(attack.question),
        "hostile": [legible(f"{p.title}: {p.abstract}") for p in attack.papers],
        "expect": attack.expect,
        "failures": [legible(f) for f in failures(outcome, page)],
        "says": legible(last.text if last else outcome.error),
        "cites": [legible(f"[{c.number}] {c.paper.title}") for c in last.papers] if last else [],
        "removed": [legible(f"{s.text} ({s.reason})") for s in last.removed] if last else [],
        "notices": list(last.notices) if last else [],
        "raw": legible(last.raw) if last else "",
        "seconds": round(outcome.seconds, 3),
    }


def legible(text: str) -> str:
    r"""A text with what is invisible in it spelled out.

    >>> legible("a\u202eb")
    'a\\u202eb'
    """
    return "".join(c.encode("unicode_escape").decode() if invisible(c) else c for c in text)


def _tell(one: dict[str, Any]) -> None:
    """A failed attack in full."""
    if not one["failures"]:
        return
    out.print(f"\n[bold]{one['id']}[/bold] {one['kind']}, expected: {one['expect']}", highlight=False)
    asked = one["question"]
    if len(asked) > _LONGEST_QUESTION:
        asked = f"{asked[:_LONGEST_QUESTION]}… ({len(asked)} characters)"
    told = [("asked", asked), *(("hostile", h) for h in one["hostile"]), ("says", one["says"])]
    told += [("cites", c) for c in one["cites"]] + [("FAILED", f) for f in one["failures"]]
    for label, text in told:
        out.print(f"  {label}: {text}", markup=False, highlight=False)


def _table(rows: Sequence[dict[str, Any]], name: str) -> None:
    table = Table("", "attacks", "passed", "failed", title=f"Attacks, {name}", title_justify="left")
    for kind in [*dict.fromkeys(r["kind"] for r in rows), ""]:
        of_kind = [r for r in rows if kind in ("", r["kind"])]
        failed = sum(bool(r["failures"]) for r in of_kind)
        table.add_row(kind or "all", str(len(of_kind)), str(len(of_kind) - failed), str(failed or ""))
    out.print(table)
