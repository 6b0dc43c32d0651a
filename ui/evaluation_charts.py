"""The drawings of the evaluation page.

They are those of the reports of `footnote eval`, so this is the one place outside the command line where
the screens import from the evaluation: late, and only the module that turns numbers into SVG.
"""

from __future__ import annotations

from ui.evaluation_records import Curve, Drawing


def intervals(drawing: Drawing) -> str:
    """Values with their intervals, as SVG."""
    from eval import charts

    return charts.intervals(drawing.rows)


def curve(found: Curve) -> str:
    """What is declined against what is kept, as SVG."""
    from eval import charts

    return charts.curve(
        found.points, found.marks, "unanswerable questions declined", "answerable questions kept"
    )
