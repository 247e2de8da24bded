"""A picture of a run: each ratio with its quartiles and its bar, and each growth on logarithmic axes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.frame.rows import Growth, Ratio, Row

WITHIN, ABOVE, UNJUDGED, BAR = "#1b7837", "#b2182b", "#4d4d4d", "#2166ac"


def write_plot(folder: Path, name: str, rows: Sequence[Row]) -> Path | None:
    """Where the SVG was written; None where there is nothing to draw, or matplotlib is not installed."""
    ratios = [row for row in rows if isinstance(row, Ratio)]
    growths = [row for row in rows if isinstance(row, Growth)]
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return None
    if not ratios and not growths:
        return None
    heights = [0.28 * len(ratios) + 1.2] * bool(ratios) + [3.6] * bool(growths)
    figure = Figure(figsize=(10, sum(heights)), layout="constrained")
    axes = figure.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0]
    if ratios:
        _draw_ratios(axes[0], ratios)
    if growths:
        _draw_growths(axes[-1], growths)
    figure.suptitle(name)
    path = folder / f"{name}.svg"
    figure.savefig(path)
    return path


def _draw_ratios(axes: Any, ratios: Sequence[Ratio]) -> None:
    for place, row in enumerate(ratios):
        colour = UNJUDGED if row.bar is None else ABOVE if row.is_above else WITHIN
        axes.plot([row.low, row.high], [place, place], color=colour, linewidth=2)
        axes.plot([row.ratio], [place], "o", color=colour, markersize=5)
        if row.bar is not None:
            axes.plot([row.bar], [place], "|", color=BAR, markersize=12, markeredgewidth=2)
    axes.axvline(1, color="#cccccc", linewidth=1, zorder=0)
    axes.set_xscale("log")
    axes.set_yticks(range(len(ratios)), [row.name for row in ratios], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("ours / theirs: median, quartiles; | the most promised")


def _draw_growths(axes: Any, growths: Sequence[Growth]) -> None:
    for row in growths:
        first = row.costs[0]
        label = f"{row.name}: {row.of}^{row.exponent:.2f}"
        axes.plot(row.sizes, [cost / first for cost in row.costs], "o-", label=label, markersize=4)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("size")
    axes.set_ylabel("cost / cost of the first")
    axes.legend(fontsize=7)
