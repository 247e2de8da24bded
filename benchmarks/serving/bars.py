"""What was promised of serving, as data: ratios at a number of clients, and figures of our own servers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """The most that ours may take of what a rival takes, by the median."""

    case: str
    rival: str
    most: float
    clients: int = 1
    ours: tuple[str, ...] = ("swath-fastapi", "swath-flask")


FASTAPI = ("swath-fastapi",)
FLASK = ("swath-flask",)

RATIOS = (
    Bar("tiny", "fastapi", 1.25, ours=FASTAPI),
    Bar("tiny", "fastapi-async", 1.25, ours=FASTAPI),
    Bar("tiny", "flask", 1.25, ours=FLASK),
    Bar("png", "fastapi", 1.1, ours=FASTAPI),
    Bar("png", "fastapi-async", 1.1, ours=FASTAPI),
    Bar("png", "flask", 1.1, ours=FLASK),
    Bar("geotiff-json", "fastapi", 1.2, ours=FASTAPI),
    Bar("geotiff-json", "fastapi-async", 1.2, ours=FASTAPI),
    Bar("geotiff-json", "flask", 1.2, ours=FLASK),
    Bar("geotiff-binary", "in-process", 1.15),
    Bar("raw-in", "socket", 1.4),
    Bar("raw-in-out", "fastapi", 0.6, ours=FASTAPI),
    Bar("raw-in-out", "fastapi-async", 0.6, ours=FASTAPI),
    Bar("raw-in-out", "flask", 0.6, ours=FLASK),
)
HEALTH_MEDIAN_MS, HEALTH_WORST_MS = 20.0, 50.0
"""While three large images are in work."""
READY_S = 1.5
BYTES_A_PIXEL_BYTE: Mapping[str, float] = {
    "geotiff-json": 5.0, "geotiff-binary": 3.0, "raw-in": 3.0, "raw-in-out": 3.0,
}  # fmt: skip
"""Peak memory above idle for each byte of pixels: one request."""


def bar_of(case: str, ours: str, rival: str, clients: int) -> float | None:
    """The bar of a ratio; None where nothing was promised."""
    found = (
        bar.most for bar in RATIOS if (bar.case, bar.rival, bar.clients) == (case, rival, clients) and ours in bar.ours
    )
    return next(found, None)
