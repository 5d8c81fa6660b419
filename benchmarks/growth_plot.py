"""Draws what a webhook costs as a line grows: two charts beside each other, as SVG."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, TOP, DOWN = 420, 260, 50, 40, 40
COLORS = {"SQLite": "#0b6e4f", "PostgreSQL": "#336791"}
HIGHEST = 2.0  # times the first one's cost, at the top of the chart


@dataclass(frozen=True)
class Series:
    """Costs of one database. times: of the first size's."""

    name: str
    what: str
    sizes: Sequence[int]
    times: Sequence[float]


def draw(series: Sequence[Series]) -> str:
    """Return a picture: a chart for whatever grows, a line for each database."""
    kinds = list(dict.fromkeys(one.what for one in series))
    charts = "".join(
        _chart(place, kind, [one for one in series if one.what == kind]) for place, kind in enumerate(kinds)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(kinds)} {HEIGHT}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>{charts}</svg>\n'
    )


def _chart(place: int, kind: str, series: Sequence[Series]) -> str:
    sizes = sorted({size for one in series for size in one.sizes})
    parts = [
        f'<g transform="translate({place * WIDTH} 0)">',
        f'<text x="{LEFT}" y="18" font-size="13">Cost of a webhook, by {escape(kind)} (times the first)</text>',
        *_grid(sizes),
    ]
    for number, one in enumerate(series):
        color = COLORS.get(one.name, "#555")
        points = [(_x(size, sizes), _y(times)) for size, times in zip(one.sizes, one.times, strict=True)]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{color}"/>' for x, y in points]
        parts.append(f'<text x="{LEFT + 8 + 90 * number}" y="{TOP + 8}" fill="{color}">{escape(one.name)}</text>')
    return "".join([*parts, "</g>"])


def _grid(sizes: Sequence[int]) -> Iterator[str]:
    for tick in (0.0, 0.5, 1.0, 1.5, HIGHEST):
        yield f'<path d="M{LEFT} {_y(tick):.0f}H{WIDTH - 20}" stroke="#{"999" if tick == 1 else "ddd"}"/>'
        yield f'<text x="{LEFT - 8}" y="{_y(tick) + 4:.0f}" text-anchor="end">{tick:g}</text>'
    for size in sizes:
        yield f'<text x="{_x(size, sizes):.0f}" y="{HEIGHT - DOWN + 18}" text-anchor="middle">{size:,}</text>'


def _x(size: int, sizes: Sequence[int]) -> float:
    """Place a size by its logarithm; none at all stands a power of ten before the smallest."""
    least = min((one for one in sizes if one), default=1)
    logs = [math.log10(one or least / 10) for one in (min(sizes), max(sizes), size)]
    share = (logs[2] - logs[0]) / ((logs[1] - logs[0]) or 1)
    return LEFT + 20 + share * (WIDTH - LEFT - 70)


def _y(times: float) -> float:
    return HEIGHT - DOWN - min(times, HIGHEST) / HIGHEST * (HEIGHT - DOWN - TOP)
