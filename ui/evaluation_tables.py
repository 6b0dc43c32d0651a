"""What the evaluation page shows of each kind of result: pure functions from JSON to records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ui.evaluation_records import Curve, Drawing, Failure, Measure, Table
from ui.language import decimal, deferred, digits, said

Result = Mapping[str, Any]
"""A result file as `footnote eval` wrote it."""

MEASURES = {
    "correct": deferred("right answers"),
    "support": deferred("sentences supported"),
    "citation_precision": deferred("cites the right paper"),
    "citation_recall": deferred("right papers cited"),
    "wrong_refusal": deferred("wrongly declined"),
    "abstention_recall": deferred("rightly declined"),
    "abstention_precision": deferred("declining was right"),
    "followup_success": deferred("follow-up found"),
    "nDCG@10": "nDCG@10",
    "R@10": "R@10",
    "R@50": "R@50",
    "RR@10": "MRR@10",
    "Success@1": deferred("right paper first"),
    "Success@3": deferred("right paper in first 3"),
    "first_words_s": deferred("seconds to first words"),
    "total_s": deferred("seconds in all"),
    "total_s_p90": deferred("seconds in all, 90%"),
}
"""Measures that are shown, with what the page calls them."""
_TYPES = (
    deferred("all"), deferred("fact"), deferred("compare"), deferred("list"), deferred("followup"),
    deferred("unanswerable"), deferred("adversarial"),
)  # fmt: skip
"""Types of questions, as results name them."""
WORST = 50
"""Queries of a retrieval result that are listed, the worst first."""


class Kind:
    """A kind of result. What it does not say of itself is empty."""

    items = ""
    """Key of what was asked; empty where nothing was."""

    def title(self, result: Result) -> str:
        """What the result is of, in a few words."""
        raise NotImplementedError

    def main(self, result: Result) -> Iterator[Measure]:
        """The numbers that matter most."""
        raise NotImplementedError

    def tables(self, result: Result) -> Iterator[Table]:
        """All numbers."""
        raise NotImplementedError

    def drawing(self, result: Result) -> Drawing | None:  # noqa: ARG002  # most kinds have none
        """Values with intervals to be drawn."""
        return None

    def curve(self, result: Result) -> Curve | None:  # noqa: ARG002  # one kind has one
        """What declining costs."""
        return None

    def failures(self, result: Result) -> Iterator[Failure]:  # noqa: ARG002  # most kinds have none
        """What went wrong."""
        yield from ()


class _Answers(Kind):
    """Answers to questions with known answers."""

    items = "questions"

    def title(self, result: Result) -> str:
        return said("Answers to {number} questions", number=digits(len(result["questions"])))

    def main(self, result: Result) -> Iterator[Measure]:
        every = result["types"]["all"]
        chosen = ("correct", "support", "wrong_refusal", "abstention_recall", "total_s")
        yield from (_measure(name, every[name]) for name in chosen if name in every)

    def tables(self, result: Result) -> Iterator[Table]:
        types = result["types"]
        rows = [
            (
                said(called),
                *(_value(row.get(name)) for row in types.values()),
                _interval(types["all"].get(name)),
            )
            for name, called in MEASURES.items()
            if name in types["all"]
        ]
        headings = ("", *map(_type, types), said("all, 95% interval"))
        yield Table(said("By type of question"), headings, tuple(rows))

    def drawing(self, result: Result) -> Drawing | None:
        rows = tuple(_drawn(_type(name), row["correct"]) for name, row in result["types"].items())
        return Drawing(rows, said("Right answers by type of question, with 95% intervals."))

    def failures(self, result: Result) -> Iterator[Failure]:
        for question in result["questions"].values():
            if not question["measures"]["correct"] or question["unsupported"]:
                yield Failure(str(question["question"]), tuple(_told(question)))


def _told(question: Result) -> Iterator[tuple[str, str]]:
    trace = question["trace"]
    yield from ((said("asked before"), f"{asked} — {answered}") for asked, answered in question["history"])
    yield said("answer"), " ".join([trace["remark"], *map(_cited, trace["sentences"])]).strip()
    yield from (
        (label, text)
        for label, text in (
            (said("wanted"), question["answer"]),
            (said("lacks"), ", ".join(question["missing"])),
            (said("error"), trace["error"]),
            (said("note"), question["notes"]),
        )
        if text
    )
    yield from (
        (said("not supported"), f"{part['text']} ({part['reason']})") for part in question["unsupported"]
    )


def _cited(sentence: Result) -> str:
    return " ".join([sentence["text"], *(f"[{number}]" for number in sentence["citations"])])


class _Retrieval(Kind):
    """Rankings of a test collection."""

    items = "queries"

    def title(self, result: Result) -> str:
        held = result["collection"]
        documents = digits(held["documents"])
        return said("Retrieval on {name}: {number} abstracts", name=held["name"], number=documents)

    def main(self, result: Result) -> Iterator[Measure]:
        row = result["systems"][result["tests_of"]]
        yield from (_measure(name, row[name]) for name in ("nDCG@10", "R@10", "RR@10") if name in row)

    def tables(self, result: Result) -> Iterator[Table]:
        systems = result["systems"]
        measures = [name for name in MEASURES if name in systems[result["tests_of"]]]
        headings = tuple(said(MEASURES[name]) for name in measures)
        rows = [(name, *(_interval(row[m]) for m in measures)) for name, row in systems.items()]
        yield Table(said("By system, with 95% intervals"), (said("system"), *headings), tuple(rows))
        tested = [(name, *(_tested(row[m]) for m in measures)) for name, row in result["tests"].items()]
        if tested:
            title = said(
                "{system} against each other system: difference, p of a randomisation test",
                system=result["tests_of"],
            )
            yield Table(title, (said("against"), *headings), tuple(tested))
        times = [
            (f"{name}, {part}", *_times(t))
            for name, row in systems.items()
            for part, t in row["latency_ms"].items()
        ]
        yield Table(said("Milliseconds for one query"), (said("system, part"), "p50", "p95"), tuple(times))

    def drawing(self, result: Result) -> Drawing | None:
        rows = tuple(_drawn(name, row["nDCG@10"]) for name, row in result["systems"].items())
        return Drawing(rows, said("nDCG@10 by system, with 95% intervals."))

    def failures(self, result: Result) -> Iterator[Failure]:
        values = result["systems"][result["tests_of"]]["per_query"]
        worst = sorted(values, key=lambda query: (values[query]["nDCG@10"], query))
        titles = result["titles"]
        for query in worst[:WORST]:
            asked = result["queries"][query]
            wanted = [i for i, grade in asked["relevant"].items() if grade > 0]
            first = asked["top"].get(result["tests_of"], ())
            yield Failure(
                str(asked["text"]),
                (
                    ("nDCG@10", decimal(values[query]["nDCG@10"], ".2f")),
                    (said("wanted"), "; ".join(str(titles.get(i, i)) for i in wanted)),
                    (said("found first"), "; ".join(str(titles.get(i, i)) for i in first)),
                ),
            )


class _Latency(Kind):
    """Times of the parts of one question."""

    def title(self, result: Result) -> str:
        papers = digits(result["library"]["papers"])
        return said("Milliseconds of one question among {number} abstracts", number=papers)

    def main(self, result: Result) -> Iterator[Measure]:
        whole = result["latency_ms"]["whole"]
        yield from (Measure(f"{name}, ms", float(whole[name])) for name in ("p50", "p95"))

    def tables(self, result: Result) -> Iterator[Table]:
        rows = [(part, *_times(t)) for part, t in result["latency_ms"].items()]
        yield Table(said("By part"), (said("part"), "p50, ms", "p95, ms"), tuple(rows))


class _Fit(Kind):
    """A calibration: when to decline."""

    def title(self, result: Result) -> str:
        on = result["calibration"]["fitted on"]
        return said(
            "When to decline: {answerable} answerable, {unanswerable} unanswerable questions",
            answerable=on["answerable"],
            unanswerable=on["unanswerable"],
        )

    def main(self, result: Result) -> Iterator[Measure]:
        if point := result["chosen"].get("least"):
            yield Measure(said("unanswerable declined"), float(point["declined"]))
            yield Measure(said("answerable kept"), float(point["kept"]))

    def tables(self, result: Result) -> Iterator[Table]:
        keys = ("threshold", "declined", "kept")
        rows = [(name, *(decimal(p[key], ".3f") for key in keys)) for name, p in result["chosen"].items()]
        headings = ("", said("threshold"), said("unanswerable declined"), said("answerable kept"))
        yield Table(said("Thresholds that are used"), headings, tuple(rows))

    def curve(self, result: Result) -> Curve | None:
        points = tuple((float(p["declined"]), float(p["kept"])) for p in result["curve"])
        marks = [(str(name), float(p["declined"]), float(p["kept"])) for name, p in result["chosen"].items()]
        return Curve(points, tuple(marks))


class _Benchmark(Kind):
    """Anything that is measured with a clock: its tables as the terminal shows them."""

    def title(self, result: Result) -> str:
        return str(result["title"])

    def main(self, result: Result) -> Iterator[Measure]:
        yield from (Measure(str(name), float(value)) for name, value in result["main"].items())

    def tables(self, result: Result) -> Iterator[Table]:
        for table in result["tables"]:
            rows = tuple(tuple(map(str, row)) for row in table["rows"])
            yield Table(str(table["title"]), tuple(map(str, table["headings"])), rows)


KINDS: Mapping[object, Kind] = {
    "answers": _Answers(),
    "retrieval": _Retrieval(),
    "latency": _Latency(),
    "fit": _Fit(),
    "benchmark": _Benchmark(),
}
"""How each kind is read."""


def _measure(name: str, found: Mapping[str, float]) -> Measure:
    return Measure(said(MEASURES[name]), float(found["value"]), float(found["low"]), float(found["high"]))


def _type(name: str) -> str:
    """What the page calls a type of question."""
    return said(name) if name in _TYPES else str(name)


def _times(found: Mapping[str, float]) -> tuple[str, str]:
    return decimal(found["p50"], ".1f"), decimal(found["p95"], ".1f")


def _tested(found: Mapping[str, float]) -> str:
    return f"{decimal(found['difference'], '+.3f')} (p {decimal(found['p'], '.4f')})"


def _drawn(name: str, found: Mapping[str, float]) -> tuple[str, float, float, float]:
    return str(name), float(found["value"]), float(found["low"]), float(found["high"])


def _value(found: Mapping[str, float] | None) -> str:
    return decimal(found["value"], ".3g") if found else ""


def _interval(found: Mapping[str, float] | None) -> str:
    if not found:
        return ""
    numbers = {part: decimal(found[part], ".3f") for part in ("value", "low", "high")}
    return said("{value} [{low}, {high}]", **numbers)
