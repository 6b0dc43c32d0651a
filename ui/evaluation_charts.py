"""The drawings of the evaluation page.

They are those of the reports of `footnote eval`, so this is the one place outside the command line where
the screens import from the evaluation: late, and only the module that turns numbers into SVG.
"""

from __future__ import annotations

import re

from ui.evaluation_records import Curve, Drawing
from ui.language import decimal, said

_NUMBER = re.compile(r"(?<=>)[0-9]+\.([0-9]+)(?=</text>)")
"""A number that a drawing shows, with its decimals."""


def intervals(drawing: Drawing) -> str:
    """Values with their intervals, as SVG."""
    from eval import charts

    return _spoken(charts.intervals(drawing.rows))


def curve(found: Curve) -> str:
    """What is declined against what is kept, as SVG."""
    from eval import charts

    across, up = said("unanswerable questions declined"), said("answerable questions kept")
    return _spoken(charts.curve(found.points, found.marks, across, up))


def _spoken(svg: str) -> str:
    """The drawing with its numbers as the language of the page writes them."""
    return _NUMBER.sub(lambda shown: decimal(float(shown[0]), f".{len(shown[1])}f"), svg)
