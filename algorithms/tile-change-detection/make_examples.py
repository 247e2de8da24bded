"""Writes the cases under examples/: pairs of tiles with changes whose outlines are known because they were drawn there.

Run it with `python algorithms/tile-change-detection/make_examples.py`.
"""

import json
import math
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.image import encode_image

EXAMPLES = Path(__file__).with_name("examples")
Box = tuple[int, int, int, int]  # left, top, right, bottom, px
BUILT: Box = (20, 12, 34, 20)
FELLED: Box = (50, 40, 58, 60)


def main() -> None:
    """Writes every case anew."""
    before, after = pair(72, {BUILT: 90, FELLED: -60})
    write("built_and_felled", before, after, {}, {BUILT: "brighter", FELLED: "darker"})
    write("padding_is_the_neighbour_s", before, after, {"padding": 17, "tile1Format": "image/png"}, {FELLED: "darker"})
    write("nothing_but_another_sun", *pair(48, {}), {}, {})


def pair(size: int, changes: dict[Box, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The same ground twice, uint8 (3, size, size): the second time in stronger light, with noise and the changes."""
    random = np.random.default_rng(4)
    ground = random.normal(100, 12, (3, size, size))
    later = ground.copy()
    for (left, top, right, bottom), step in changes.items():
        later[:, top:bottom, left:right] += step
    return _digital(ground + random.normal(0, 2, ground.shape)), _digital(
        later * 1.1 + random.normal(8, 2, ground.shape)
    )


def write(
    name: str, before: NDArray[np.uint8], after: NDArray[np.uint8], inputs: dict[str, Any], changes: dict[Box, str]
) -> None:
    """Writes one case: the tiles, the request, and what must be found."""
    case = EXAMPLES / name
    case.mkdir(parents=True, exist_ok=True)
    for number, tile in enumerate((before, after), 1):
        (case / f"tile{number}.png").write_bytes(encode_image(Image(tile), "image/png"))
    request = {"zoom": 17, "tile1": {"href": "tile1.png"}, "tile2": {"href": "tile2.png"}, **inputs}
    _write_json(case / "input.json", request)
    size = magnitudes(before, after)
    threshold = max(otsu([one for row in size for one in row]), 5.0)
    features = [feature(box, became, size, threshold) for box, became in changes.items()]
    (case / "changes.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}) + "\n", encoding="utf-8"
    )
    _write_json(case / "expected.json", {"changes": {"href": "changes.geojson"}})
    # Outlines are exact; a magnitude is a root of sums that are taken in another order here.
    _write_json(case / "tolerances.json", {"changes": {"abs": 1e-9}})


def magnitudes(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> list[list[float]]:
    """Length of the change vector of each pixel, as the README says it, without numpy's statistics."""
    bands = []
    for first, second in zip(before.tolist(), after.tolist(), strict=True):
        (level1, spread1), (level2, spread2) = _centre(first), _centre(second)
        change = [
            [(y - level2) * (spread1 / spread2) - (x - level1) for x, y in zip(*rows, strict=True)]
            for rows in zip(first, second, strict=True)
        ]
        middle, spread = _centre(change)
        deviation = max(spread * 1.4826, 1.0)
        bands.append([[(value - middle) / deviation for value in row] for row in change])
    return [
        [math.sqrt(sum(one * one for one in pixel) / len(pixel)) for pixel in zip(*rows, strict=True)]
        for rows in zip(*bands, strict=True)
    ]


def otsu(values: list[float]) -> float:
    """Upper edge of the bin, of 4096, after which the classes below and above vary most between each other."""
    width = max(values) / 4096
    counts = [0] * 4096
    for value in values:
        counts[min(int(value / width), 4095)] += 1
    whole = sum(count * (index + 0.5) for index, count in enumerate(counts))
    best, at, below, moment = -1.0, 0, 0, 0.0
    for index, count in enumerate(counts):
        below, moment = below + count, moment + count * (index + 0.5)
        above = len(values) - below
        between = below * above * (moment / below - (whole - moment) / above) ** 2 if below and above else -1.0
        if between > best:
            best, at = between, index
    return (at + 1) * width


def feature(box: Box, became: str, size: list[list[float]], threshold: float) -> dict[str, Any]:
    """The feature of a change that was drawn there."""
    left, top, right, bottom = box
    peak = max(size[row][column] for row in range(top, bottom) for column in range(left, right))
    ring = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[[float(x), float(y)] for x, y in ring]]},
        "properties": {
            "areaPixels": (right - left) * (bottom - top),
            "category": ["change", became],
            "confidence": 1 - threshold / peak,
        },
        "bbox": [float(edge) for edge in box],
        "crs": "pixel",
    }


def _centre(rows: list[list[float]]) -> tuple[float, float]:
    values = [value for row in rows for value in row]
    middle = median(values)
    return middle, median(abs(value - middle) for value in values)


def _digital(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return values.round().clip(0, 255).astype(np.uint8)


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
