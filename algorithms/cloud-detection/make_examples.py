"""Writes the cases under examples/: small drawn scenes, and what the published formula says of them.

Run it with `python algorithms/cloud-detection/make_examples.py` (needs swath-testing). The expected masks
come from the formula in numpy, on digital numbers, so that the cases check the graph and what feeds it.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.image import encode_image
from swath_converters.polygons import outlines
from swath_testing.scene import make_scene

EXAMPLES = Path(__file__).with_name("examples")


def main() -> None:
    """Writes every case anew."""
    scene = make_scene(64, 64, ("B03", "B04", "B11"), seed=5).image
    mixed = make_scene(48, 40, ("B11", "B08", "B04", "B03"), seed=1).image
    empty = make_scene(16, 12, ("B03", "B04", "B11"), seed=0).image
    _write("scene", scene, {})
    _write("bands_in_another_order_and_lower_threshold", mixed, {"threshold": 0.1})
    _write("nodata_only", replace(empty, array=np.zeros_like(empty.array)), {})


def _write(name: str, image: Image, inputs: dict[str, Any]) -> None:
    case = EXAMPLES / name
    case.mkdir(parents=True, exist_ok=True)
    pixels = expected_mask(image, inputs.get("threshold", 0.2))
    mask = image.like(pixels, nodata=255, band_names=("cloud",))
    valid = np.count_nonzero(pixels != 255)
    expected = {
        "mask": {"href": "mask.tif"},
        "cloudFraction": np.count_nonzero(pixels == 1) / valid if valid else 0.0,
        "clouds": {"href": "clouds.geojson"},
    }
    (case / "scene.tif").write_bytes(encode_image(image))
    (case / "mask.tif").write_bytes(encode_image(mask))
    (case / "clouds.geojson").write_text(json.dumps(outlines(pixels, mask, value=1)) + "\n", encoding="utf-8")
    _write_json(case / "input.json", {"image": {"href": "scene.tif"}, **inputs})
    _write_json(case / "expected.json", expected)
    # Mask and fraction are exact; the last digits of longitude and latitude depend on the version of PROJ.
    _write_json(case / "tolerances.json", {"clouds": {"iou": 0.999}})


def expected_mask(image: Image, threshold: float) -> NDArray[np.uint8]:
    """The formula of README.md on digital numbers, uint8 (height, width): 1 cloud, 0 clear, 255 nodata."""
    green, red, swir = (image.band(name).astype(np.int64) for name in ("B03", "B04", "B11"))

    def number(reflectance: float) -> int:
        return round((reflectance - image.offsets[0]) / image.scales[0])

    bright = green > number(0.39)
    whitish = (green > number(0.175)) & (green > red)
    cloud = (swir > number(threshold)) & (bright | whitish)
    missing = (green == image.nodata) | (red == image.nodata) | (swir == image.nodata)
    return np.where(missing, 255, cloud).astype(np.uint8)


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
