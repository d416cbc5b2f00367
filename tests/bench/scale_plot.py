"""The figures of ``bench_scale`` as a drawing: CPU minutes and peak memory of each process, over the size of the shop."""

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.scale_stage import Took

WIDTH, HEIGHT, LEFT, TOP, PANEL, TALL = 920, 380, 70, 50, 340, 250
COLOURS = {"load": "#4c78a8", "train": "#d1495b", "export": "#3d8361"}
STEPS = 4


def draw(columns: "dict[str, dict[str, Took]]", limit_mb: int) -> str:
    """Return an SVG of two panels; columns: what each process took, by shop, smallest first."""
    shops = list(columns)
    minutes = {name: [sum(columns[shop][name].cpu.values()) / 60 for shop in shops] for name in COLOURS}
    peak = {name: [columns[shop][name].peak_mb / 1000 for shop in shops] for name in COLOURS}
    parts = [
        _panel(LEFT, "CPU minutes", shops, minutes, None),
        _panel(LEFT + PANEL + 110, "Peak memory, GB", shops, peak, limit_mb / 1000),
        *(_label(LEFT + 110 * place, HEIGHT - 12, name, colour=colour) for place, (name, colour) in enumerate(COLOURS.items())),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>\n"])


def _panel(left: int, title: str, shops: list[str], lines: dict[str, list[float]], limit: float | None) -> str:
    """Return one panel. limit: drawn as a dashed line, and within the axis."""
    top = _round_up(max([limit or 0.0, *(value for line in lines.values() for value in line)]))
    across = [left + PANEL * (place + 0.5) / len(shops) for place in range(len(shops))]
    up = {value: TOP + TALL * (1 - value / top) for value in [top * step / STEPS for step in range(STEPS + 1)]}
    found = [_label(left, TOP - 18, title, weight="bold")]
    for value, height in up.items():
        found.append(f'<path d="M{left} {height:.1f}h{PANEL}" stroke="#ddd"/>')
        found.append(_label(left - 8, height + 4, f"{value:g}", anchor="end"))
    found += [_label(at, TOP + TALL + 22, _short(shop), anchor="middle") for at, shop in zip(across, shops, strict=True)]
    found.append(_label(left + PANEL / 2, TOP + TALL + 44, "items x shoppers", anchor="middle"))
    if limit is not None:
        height = TOP + TALL * (1 - limit / top)
        found.append(f'<path d="M{left} {height:.1f}h{PANEL}" stroke="#888" stroke-dasharray="6 4"/>')
        found.append(_label(left + PANEL, height - 6, "limit", anchor="end"))
    for name, line in lines.items():
        points = [(at, TOP + TALL * (1 - value / top)) for at, value in zip(across, line, strict=True)]
        told = " ".join(f"{at:.1f},{height:.1f}" for at, height in points)
        found.append(f'<polyline points="{told}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        found += [f'<circle cx="{at:.1f}" cy="{height:.1f}" r="4" fill="{COLOURS[name]}"/>' for at, height in points]
    return "\n".join(found)


def _label(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{colour}">{escape(text)}</text>'


def _short(shop: str) -> str:
    """Return '10k x 100k' for '10,000 x 100,000'."""
    return shop.replace(",000,000", "M").replace(",000", "k")


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 4, 6, 8, 10 times a power of ten: an axis in quarters ends on plain numbers."""
    unit = 10 ** math.floor(math.log10(max(value, 1e-3)))
    return next(step * unit for step in (1, 2, 4, 6, 8, 10) if step * unit >= value)
