"""The part of a report that is about answers."""

from __future__ import annotations

from typing import Any

from eval import charts
from eval.blocks import Block, Chart, Fold, Grid, Heading, Text
from eval.results import Result
from eval.tables import ANSWER_ROWS, cell, interval


def answers(result: Result) -> list[Block]:
    """Measures by type, times, and every question with its whole trace."""
    types = result["types"]
    correct = [
        (n, r["correct"]["value"], r["correct"]["low"], r["correct"]["high"]) for n, r in types.items()
    ]
    rows = [
        [heading, *(cell(row.get(m), m) for row in types.values()), interval(types["all"].get(m))]
        for m, heading in ANSWER_ROWS.items()
    ]
    return [
        Chart(charts.intervals(correct), "Right answers by type of question, with 95% bootstrap intervals."),
        Grid(["", *types, "all, 95% interval"], rows),
        Chart(_seconds(result), "Seconds until the answer was finished, one dot a question."),
        *_unsupported(result),
        *_questions(result),
    ]


def _seconds(result: Result) -> str:
    by_type: dict[str, list[float]] = {}
    for question in result["questions"].values():
        by_type.setdefault(question["type"], []).append(question["trace"]["total_s"])
    return charts.spread(list(by_type.items()))


def _unsupported(result: Result) -> list[Block]:
    """Every shown sentence that the independent check does not find carried, to be read by a person."""
    rows = [
        [part["text"], part["reason"], name]
        for name, question in result["questions"].items()
        for part in question["unsupported"]
    ]
    if not rows:
        return [
            Text("The independent check finds every shown sentence carried by the abstracts that it cites.")
        ]
    return [
        Heading("Shown sentences that the independent check does not find carried", 3),
        Grid(["sentence", "reason", "question"], rows),
    ]


def _questions(result: Result) -> list[Block]:
    rows = result["questions"]
    wrong = [i for i, q in rows.items() if not q["measures"]["correct"]]
    right = [i for i in rows if i not in set(wrong)]
    return [
        Heading(f"Not right: {len(wrong)}", 3),
        *(_question(i, rows[i]) for i in wrong),
        Heading(f"Right: {len(right)}", 3),
        *(_question(i, rows[i]) for i in right),
    ]


def _question(name: str, question: dict[str, Any]) -> Fold:
    trace = question["trace"]
    shown = " ".join([trace["remark"], *(_with_marks(s) for s in trace["sentences"])]).strip()
    told = [
        *((Text(f"{asked} — {answered}", "before") for asked, answered in question["history"])),
        Text(shown or "nothing", "answer"),
        Text(question["answer"], "wanted") if question["answer"] else None,
        Text(", ".join(question["missing"]), "lacks") if question["missing"] else None,
        *(Text(f"{p['text']} ({p['reason']})", "unsupported") for p in question["unsupported"]),
        Text(question["notes"], "notes") if question["notes"] else None,
        Text(trace["error"], "error") if trace["error"] else None,
    ]
    good = bool(question["measures"]["correct"])
    blocks: list[Block] = [block for block in told if block is not None]
    return Fold(f"{name}: {question['question']}", [*blocks, *_trace(trace)], good)


def _with_marks(sentence: dict[str, Any]) -> str:
    return " ".join([sentence["text"], *(f"[{n}]" for n in sentence["citations"])])


def _trace(trace: dict[str, Any]) -> list[Block]:
    """The way of the question through the pipeline."""
    blocks: list[Block] = [
        Text(f"{trace['standalone']} ({trace['shape']})", "searched for"),
        Text("; ".join(f"[{p['number']}] {p['title']}" for p in trace["papers"]) or "nothing", "cites"),
        *(Text(" ".join(e["sentences"]), f"the model read of {e['title']}") for e in trace["evidence"]),
        *(Text(e, f"evidence for “{s['text'][:60]}”") for s in trace["sentences"] for e in s["evidence"]),
        *(Text(f"{s['text']} ({s['reason']})", "removed") for s in trace["removed"]),
        *(Text(n, "notice") for n in trace["notices"]),
        _ranking(trace),
        Text(f"{trace['first_words_s']:.2f} s to the first words, {trace['total_s']:.2f} s in total", "took"),
        Text(f"{trace['prompt_tokens']}", "prompt tokens"),
    ]
    for label in ("prompt", "raw"):
        if trace[label]:
            blocks.append(Text(trace[label], label, preformatted=True))
    return blocks


def _ranking(trace: dict[str, Any]) -> Block:
    """The first papers with every signal that retrieval gave."""
    if not trace["ranking"]:
        return Text("nothing was searched", "ranking")
    signals = [
        k
        for k, v in trace["ranking"][0].items()
        if k not in ("id", "title") and not isinstance(v, list | dict)
    ]
    rows = [[c["title"], *(str(c.get(s, "")) for s in signals)] for c in trace["ranking"][:5]]
    return Grid(["paper", *signals], rows)
