"""Writes the cases under examples/: drawn scenes and their true clouds, which the network must find to a stated share.

Run it with `python algorithms/cloud-unet/make_examples.py` (needs swath-testing). Seeds are none that train.py uses.
"""

import json
from pathlib import Path
from typing import Any

from swath_converters.image import encode_image
from swath_testing.scene import make_scene

EXAMPLES = Path(__file__).with_name("examples")


def main() -> None:
    """Writes every case anew."""
    write("scene", 64, 56, ("B02", "B03", "B04", "B08"), 200_001)
    write("larger_than_a_tile_in_another_order", 528, 16, ("B08", "B11", "B04", "B03", "B02"), 200_003)


def write(name: str, width: int, height: int, bands: tuple[str, ...], seed: int) -> None:
    """Writes one case: a scene, the request, and where its clouds are."""
    case = EXAMPLES / name
    case.mkdir(parents=True, exist_ok=True)
    scene = make_scene(width, height, bands, seed=seed)
    (case / "scene.tif").write_bytes(encode_image(scene.image))
    (case / "mask.tif").write_bytes(encode_image(scene.truth_image))
    _write_json(case / "input.json", {"image": {"href": "scene.tif"}})
    _write_json(case / "expected.json", {"mask": {"href": "mask.tif"}})
    # The truth, not the network's own answer: edges of clouds are soft, and the network is not perfect (README.md).
    _write_json(case / "tolerances.json", {"mask": {"iou": 0.85}})


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
