"""Charts as SVG text: small, without scripts, in the colours of the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_WIDTH, _LEFT, _ROW = 720, 190, 26
_PLOT = _WIDTH - _LEFT - 60


def intervals(rows: Sequence[tuple[str, float, float, float]], top: float = 1.0) -> str:
    """Values with their intervals, one row each: (name, value, low, high) on a scale from 0."""
    height = _ROW * len(rows) + 24
    parts = [_grid(top, height - 20)]
    for number, (name, value, low, high) in enumerate(rows):
        y = number * _ROW + 14
        x, left, right = (_x(v, top) for v in (value, low, high))
        colour = "var(--one)" if number == 0 else "var(--two)"
        parts.append(_label(_LEFT - 10, y + 4, name, "end"))
        parts.append(
            f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/>'
        )
        parts.append(f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{colour}"/>')
        parts.append(_label(_WIDTH - 48, y + 4, f"{value:.3f}", "start"))
    return _svg(height, parts)


def differences(values: Sequence[float]) -> str:
    """Differences query by query, biggest gain first: how many win, how many lose, by how much."""
    ordered = sorted(values, reverse=True)
    height, middle = 160, 80
    width = _WIDTH / max(1, len(ordered))
    bars = [
        f'<rect x="{n * width:.2f}" y="{middle - max(v, 0) * 70:.2f}" width="{max(width - 0.2, 0.3):.2f}" '
        f'height="{abs(v) * 70:.2f}" fill="var(--{"good" if v > 0 else "bad"})"/>'
        for n, v in enumerate(ordered)
        if v
    ]
    axis = f'<line x1="0" x2="{_WIDTH}" y1="{middle}" y2="{middle}" stroke="var(--dim)"/>'
    return _svg(height, [axis, *bars, _label(0, 12, "+1", "start"), _label(0, 156, "−1", "start")])


def spread(rows: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Every value as a dot, one row a name, on a scale from 0 to the largest."""
    top = max((v for _, values in rows for v in values), default=1.0) or 1.0
    height = _ROW * len(rows) + 24
    parts = [_grid(top, height - 20)]
    for number, (name, values) in enumerate(rows):
        y = number * _ROW + 14
        parts.append(_label(_LEFT - 10, y + 4, name, "end"))
        parts += [
            f'<circle cx="{_x(v, top):.1f}" cy="{y}" r="4" fill="var(--one)" opacity="0.45"/>' for v in values
        ]
    return _svg(height, parts)


def curve(
    points: Sequence[tuple[float, float]], marks: Sequence[tuple[str, float, float]], across: str, up: str
) -> str:
    """A line through points of two shares, 0 to 1, some places on it marked with their names."""
    height, bottom = 300, 250
    places = [(_x(x, 1.0), bottom * (1 - y)) for x, y in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [_grid(1.0, bottom), _label(_LEFT, bottom + 40, across, "start"), _label(0, 12, up, "start")]
    parts += [
        _label(_LEFT - 10, bottom * (1 - y) + 8, f"{y:.2g}", "end") for y in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    parts.append(f'<polyline points="{line}" fill="none" stroke="var(--one)" stroke-width="2"/>')
    for name, x, y in marks:
        at, level = _x(x, 1.0), bottom * (1 - y)
        parts.append(f'<circle cx="{at:.1f}" cy="{level:.1f}" r="5" fill="var(--two)"/>')
        parts.append(_label(at - 8, level + 18, name, "end"))
    return _svg(height, parts)


def _x(value: float, top: float) -> float:
    return _LEFT + _PLOT * min(max(value / top, 0.0), 1.0)


def _grid(top: float, height: int) -> str:
    marks = []
    for step in range(5):
        value = top * step / 4
        x = _x(value, top)
        marks.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}" stroke="var(--line)"/>')
        marks.append(_label(x, height + 16, f"{value:.3g}", "middle"))
    return "".join(marks)


def _label(x: float, y: float, text: str, anchor: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="12" fill="var(--ink)">{escape(text)}</text>'


def _svg(height: int, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img">{"".join(parts)}</svg>'
