"""Writes the cases under examples/: small drawn scenes, and what the package itself says of them.

Run it with `python algorithms/s2cloudless/make_examples.py` where s2cloudless and swath-testing are installed. The
expected values come from the package as its own documentation calls it: on the whole scene at once, and on digital
numbers made reflectance by division. So the cases check the wrapper, and that another version still says the same.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from s2cloudless import S2PixelCloudDetector
from s2cloudless.utils import MODEL_BANDS

from swath_converters import Image
from swath_converters.image import encode_image
from swath_testing.scene import make_scene

EXAMPLES = Path(__file__).with_name("examples")
OTHERS = {"threshold": 0.6, "averageOver": 3, "dilationSize": 2}


def main() -> None:
    """Writes every case anew."""
    scene = make_scene(36, 32, MODEL_BANDS, seed=5).image
    mixed = make_scene(24, 20, ("B03", *reversed(MODEL_BANDS)), seed=1).image
    empty = make_scene(8, 8, MODEL_BANDS, seed=0).image
    write("scene", scene, {})
    write("reflectance_in_another_order", as_reflectance(mixed), OTHERS)
    write("neither_averaged_nor_grown", scene, {"averageOver": 0, "dilationSize": 0})
    write("nodata_only", replace(empty, array=np.zeros_like(empty.array)), {})


def write(name: str, image: Image, inputs: dict[str, Any]) -> None:
    """Writes one case: the scene, the request, and the package's own answer."""
    case = EXAMPLES / name
    case.mkdir(parents=True, exist_ok=True)
    probability, mask = expected(image, inputs)
    (case / "scene.tif").write_bytes(encode_image(image))
    (case / "probability.tif").write_bytes(encode_image(probability))
    (case / "mask.tif").write_bytes(encode_image(mask))
    _write_json(case / "input.json", {"image": {"href": "scene.tif"}, **inputs})
    _write_json(case / "expected.json", {"probability": {"href": "probability.tif"}, "mask": {"href": "mask.tif"}})
    # The trees are exact; their sum goes through exp, whose last digit depends on the machine's library.
    _write_json(case / "tolerances.json", {"probability": {"abs": 1e-6}})


def expected(image: Image, inputs: dict[str, Any]) -> tuple[Image, Image]:
    """Probability and mask on the image's grid."""
    chosen = image.select(MODEL_BANDS)
    reflectance = (chosen.array.astype(np.float64) - 1000) / 10000 if image.scales else chosen.array
    detector = S2PixelCloudDetector(
        threshold=inputs.get("threshold", 0.4),
        average_over=inputs.get("averageOver", 1),
        dilation_size=inputs.get("dilationSize", 1),
    )
    stack = np.moveaxis(reflectance.astype(np.float32), 0, -1)[None]
    probability = detector.get_cloud_probability_maps(np.nan_to_num(stack))
    probability[0, ~chosen.is_valid] = 0
    mask = detector.get_mask_from_prob(probability)[0].astype(np.uint8)
    probability[0, ~chosen.is_valid], mask[~chosen.is_valid] = np.nan, 255
    return (
        image.like(probability[0], nodata=float("nan"), band_names=("cloud probability",)),
        image.like(mask, nodata=255, band_names=("cloud",)),
    )


def as_reflectance(image: Image) -> Image:
    """The same scene as float32 reflectance, nodata NaN."""
    return replace(image, array=image.physical(), nodata=float("nan"), scales=(), offsets=())


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
