"""Writes the cases under examples/: small drawn scenes, and their index reckoned in exact fractions.

Run it with `python algorithms/spectral-index/make_examples.py` (needs swath-testing).
"""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from swath_converters import Image
from swath_converters.image import encode_image
from swath_testing.scene import make_scene

EXAMPLES = Path(__file__).with_name("examples")


def main() -> None:
    """Writes every case anew."""
    scene = make_scene(48, 40, ("B04", "B08", "B03", "B11"), seed=2).image
    write("ndvi", scene, ("B08", "B04"), {})
    write("ndsi", scene, ("B03", "B11"), {"index": "NDSI"})
    write("two_bands_by_name", scene, ("B11", "B04"), {"bands": ["B11", "B04"]})


def write(name: str, image: Image, bands: tuple[str, str], inputs: dict[str, Any]) -> None:
    """Writes one case: the scene, the request, and the index of the two bands."""
    case = EXAMPLES / name
    case.mkdir(parents=True, exist_ok=True)
    values = np.array(
        [[exact(image, bands, row, column) for column in range(image.width)] for row in range(image.height)]
    )
    named = None if "bands" in inputs else inputs.get("index", "NDVI")
    result = image.like(values.astype(np.float32), nodata=float("nan"), band_names=(named,))
    (case / "scene.tif").write_bytes(encode_image(image))
    (case / "values.tif").write_bytes(encode_image(result))
    _write_json(case / "input.json", {"image": {"href": "scene.tif"}, **inputs})
    _write_json(case / "expected.json", {"values": {"href": "values.tif"}})
    # One unit in the last place of float32 at 1: the ratio is rounded from a double that is itself rounded.
    _write_json(case / "tolerances.json", {"values": {"abs": 1.2e-7}})


def exact(image: Image, bands: tuple[str, str], row: int, column: int) -> float:
    """(a - b) / (a + b) of one pixel, without rounding until the end; NaN where it has none."""
    numbers = [int(image.band(name)[row, column]) for name in bands]
    if image.nodata in numbers:
        return float("nan")
    a, b = (Fraction(number, 10_000) - Fraction(1, 10) for number in numbers)  # the scenes' scale and offset
    return float((a - b) / (a + b)) if a + b else float("nan")


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
