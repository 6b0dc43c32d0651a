"""Ablations of answers: the main path with one of its parts changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from math import inf
from typing import Any, cast

from eval.traces import Cited, Sentence, Trace
from rag.answer import Parts
from rag.errors import SettingsError
from rag.verify import Strictness


def _as_it_is(trace: Trace) -> Trace:
    return trace


@dataclass(frozen=True, slots=True)
class Switch:
    """One change of the main path; the defaults are Footnote as it is."""

    name: str
    """Its name in the table."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Field of `rag.answer.Parts`, or one within it after a dot, → its value."""
    after: Callable[[Trace], Trace] = _as_it_is
    """What is done to traces of Footnote as it is; nothing is asked again then."""

    def applied(self, parts: Parts) -> Parts:
        """The parts with this switch turned.

        Raises:
            SettingsError: the main path has no such part.
        """
        for name, value in self.changes.items():
            try:
                parts = cast(Parts, _changed(parts, name.split("."), value))
            except KeyError as error:
                raise SettingsError(
                    f"{self.name!r} cannot be measured: the main path has no part {name!r} to change."
                ) from error
        return parts


def _changed(record: Any, path: Sequence[str], value: Any) -> Any:
    """A record with one field changed, or one of the records that it holds."""
    first, *rest = path
    if not is_dataclass(record) or first not in {f.name for f in fields(record)}:
        raise KeyError(first)
    return replace(
        cast(Any, record), **{first: _changed(getattr(record, first), rest, value) if rest else value}
    )


def unverified(trace: Trace) -> Trace:
    """The answer as it would be without verification: everything that the model wrote is shown.

    Each sentence cites every paper that the model was shown, and is graded against what was shown of
    it. Nothing is asked again; answers that no model wrote stay as they are.
    """
    written = [s for s in (*trace.sentences, *trace.removed) if not s.quoted]
    if not trace.evidence or not written:
        return trace
    papers = tuple(Cited(n, e.id, e.title, " ".join(e.sentences)) for n, e in enumerate(trace.evidence, 1))
    numbers = tuple(p.number for p in papers)
    ordered = sorted(written, key=lambda s: trace.raw.find(s.text))
    shown = tuple(Sentence(s.text, "unchecked", "", False, numbers, s.evidence) for s in ordered)
    return replace(trace, sentences=shown, removed=(), papers=papers, remark="", abstained=False)


SWITCHES = (
    Switch("as it is"),
    Switch("verification off", after=unverified),
    Switch("checks loose", {"strictness": Strictness(0.4, 0.3, 0.3, 0.5, 0.3, 0.0)}),
    Switch("checks strict", {"strictness": Strictness(0.95, 0.9, 0.9, 1.0, 0.8, 0.9)}),
    Switch(
        "gates off", dict.fromkeys(("calibration.hardly", "calibration.least", "calibration.surely"), -inf)
    ),
    Switch("opinion off", {"calibration.surely": -inf}),
    Switch("half evidence", {"side_characters": 400, "evidence_tokens": 128}),
    Switch("double evidence", {"side_characters": 1600}),
)
"""Every switch, the unchanged one first."""
