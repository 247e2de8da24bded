"""Writes the cases under examples/: tiles with objects whose boxes are known because they were drawn there.

Run it with `python algorithms/tile-object-detection/make_examples.py`.
"""

import json
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.image import encode_image

EXAMPLES = Path(__file__).with_name("examples")
SHIPS = [(40, 30, 48, 34), (100, 90, 104, 102), (6, 110, 14, 116)]  # left, top, right, bottom, px
GUARD, RING = 26, 13  # px: 60 m at zoom 16 (2.39 m a pixel) rounded up, and half of it
THRESHOLD = NormalDist().inv_cdf(1 - 1e-6)


def main() -> None:
    """Writes every case anew."""
    tile = sea(128)
    write("ships", tile, {"zoom": 16}, SHIPS)
    land = np.full((1, 128, 128), 255, np.uint8)
    land[0, :, :64] = 0
    write("only_where_the_mask_says", tile, {"zoom": 16, "tileFormat": "image/png"}, SHIPS[1:2], land)
    write("padding_is_the_neighbour_s", tile, {"zoom": 16, "padding": 16}, SHIPS[:2])
    write("empty_sea", sea(64, ships=[]), {"zoom": 16}, [])


def sea(size: int, ships: list[tuple[int, int, int, int]] = SHIPS) -> NDArray[np.uint8]:
    """Dark water with a little noise and bright rectangles, uint8 (3, size, size)."""
    random = np.random.default_rng(11)
    tile = random.normal(40, 3, (3, size, size))
    for left, top, right, bottom in ships:
        tile[:, top:bottom, left:right] = 200
    return tile.round().clip(0, 255).astype(np.uint8)


def write(
    name: str, tile: NDArray[np.uint8], inputs: dict[str, Any], ships: list[Any], mask: NDArray[np.uint8] | None = None
) -> None:
    """Writes one case: the tile, the request, and the boxes that must be found."""
    case = EXAMPLES / name
    case.mkdir(parents=True, exist_ok=True)
    (case / "tile.png").write_bytes(encode_image(Image(tile), "image/png"))
    request: dict[str, Any] = {"tile": {"href": "tile.png"}, **inputs}
    if mask is not None:
        (case / "mask.png").write_bytes(encode_image(Image(mask), "image/png"))
        request["mask"] = {"href": "mask.png"}
    _write_json(case / "input.json", request)
    found = {"type": "FeatureCollection", "features": [feature(tile, ship) for ship in ships]}
    (case / "objects.geojson").write_text(json.dumps(found) + "\n", encoding="utf-8")
    _write_json(case / "expected.json", {"objects": {"href": "objects.geojson"}})
    # Boxes are exact; a contrast is a quotient of sums that are taken in another order here.
    _write_json(case / "tolerances.json", {"objects": {"abs": 1e-9}})


def feature(tile: NDArray[np.uint8], ship: tuple[int, int, int, int]) -> dict[str, Any]:
    """The feature of an object that was drawn there, its contrast reckoned pixel by pixel."""
    left, top, right, bottom = ship
    brightness = tile.mean(axis=0)
    peak = max(contrast(brightness, row, column) for row in range(top, bottom) for column in range(left, right))
    ring = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[[float(x), float(y)] for x, y in ring]]},
        "properties": {
            "areaPixels": (right - left) * (bottom - top),
            "category": "bright-object",
            "confidence": 1 - THRESHOLD / peak,
        },
        "bbox": [float(edge) for edge in ship],
        "crs": "pixel",
    }


def contrast(brightness: NDArray[np.float64], row: int, column: int) -> float:
    """(value - mean) / deviation of the pixels between guard and ring, as the README says it."""
    far = GUARD + RING
    ground = [
        brightness[y, x]
        for y in range(max(0, row - far), min(brightness.shape[0], row + far + 1))
        for x in range(max(0, column - far), min(brightness.shape[1], column + far + 1))
        if max(abs(y - row), abs(x - column)) > GUARD
    ]
    return float((brightness[row, column] - np.mean(ground)) / max(np.std(ground), 1.0))


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
