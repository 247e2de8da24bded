"""What a benchmark finds, a row at a time: ratios, figures, growth, tables without a bar, and what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.frame.growth import exponent


@dataclass(frozen=True)
class Ratio:
    """How much ours took against theirs: two medians in one unit, and the interquartile range of the pairs' ratios.

    Attributes:
        low: first quartile of the pairs' ratios.
        high: third quartile.
        bar: the most that the ratio may be; None where nothing was promised.
        unit: of ours and theirs; less of it is better.
    """

    name: str
    ours: float
    theirs: float
    low: float
    high: float
    bar: float | None = None
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """Ours divided by theirs: under 1 is better."""
        return self.ours / self.theirs

    @property
    def is_above(self) -> bool:
        """Whether it is over its bar."""
        return self.bar is not None and self.ratio > self.bar

    def __str__(self) -> str:
        return (
            f"{self.name:58} {told(self.ours, self.unit):>13} {told(self.theirs, self.unit):>13}   "
            f"{self.ratio:.2f} [{self.low:.2f}–{self.high:.2f}]   {verdict(self)}"
        )

    def document(self) -> dict[str, Any]:
        """What JSON keeps of it."""
        return {"kind": "ratio", **vars(self), "ratio": self.ratio, "isAbove": self.is_above}


@dataclass(frozen=True)
class Figure:
    """One value that has no counterpart; where it has a bar, less is better."""

    name: str
    value: float
    unit: str
    bar: float | None = None

    @property
    def is_above(self) -> bool:
        """Whether it is over its bar."""
        return self.bar is not None and self.value > self.bar

    def __str__(self) -> str:
        return f"{self.name:58} {told(self.value, self.unit):>13} {'':13}   {'':18}   {verdict(self)}".rstrip()

    def document(self) -> dict[str, Any]:
        """What JSON keeps of it."""
        return {"kind": "figure", **vars(self), "isAbove": self.is_above}


@dataclass(frozen=True)
class Growth:
    """What some work costs at several sizes, and how fast that grows: cost ~ size ** exponent."""

    name: str
    sizes: Sequence[float]
    costs: Sequence[float]
    unit: str
    bar: float | None = None
    of: str = "size"

    @property
    def exponent(self) -> float:
        """Fitted by least squares on the logarithms: 1 is linear, 0 constant."""
        return exponent(self.sizes, self.costs)

    @property
    def is_above(self) -> bool:
        """Whether it grows faster than its bar."""
        return self.bar is not None and self.exponent > self.bar

    def __str__(self) -> str:
        points = ", ".join(
            f"{size:g}: {told(cost, self.unit)}" for size, cost in zip(self.sizes, self.costs, strict=True)
        )
        return f"{self.name:58} ~ {self.of}^{self.exponent:.2f}   {verdict(self)}\n{'':6}{points}"

    def document(self) -> dict[str, Any]:
        """What JSON keeps of it."""
        return {"kind": "growth", **vars(self), "exponent": self.exponent, "isAbove": self.is_above}


@dataclass(frozen=True)
class Sheet:
    """A table of what no bar stands on; each line has the columns' values in their order."""

    name: str
    columns: Sequence[str]
    lines: Sequence[Sequence[str | float | None]]
    is_above: bool = field(default=False, init=False)

    def __str__(self) -> str:
        cells = [list(self.columns), *[[_cell(value) for value in line] for line in self.lines]]
        widths = [max(len(line[index]) for line in cells) for index in range(len(self.columns))]
        rows = ["  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in cells]
        return "\n".join(["", self.name, *rows, ""])

    def document(self) -> dict[str, Any]:
        """What JSON keeps of it."""
        lines = [dict(zip(self.columns, line, strict=True)) for line in self.lines]
        return {"kind": "sheet", "name": self.name, "lines": lines}


@dataclass(frozen=True)
class LeftOut:
    """Something that could not be measured here, and why."""

    name: str
    reason: str
    is_above: bool = field(default=False, init=False)

    def __str__(self) -> str:
        return f"{self.name:58} left out: {self.reason}"

    def document(self) -> dict[str, Any]:
        """What JSON keeps of it."""
        return {"kind": "leftOut", "name": self.name, "reason": self.reason}


Row = Ratio | Figure | Growth | Sheet | LeftOut


def verdict(row: Ratio | Figure | Growth) -> str:
    """Within or above the bar, or nothing where there is none."""
    return "" if row.bar is None else f"{'ABOVE' if row.is_above else 'within'} {row.bar:g}"


def told(value: float, unit: str) -> str:
    """A value with its unit, to three or four digits."""
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f} {unit}"


def _cell(value: str | float | None) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else told(value, "").strip()
