"""Writes the model and the examples of the templates of `swath new`; what is expected is known, as it was drawn there.

Run it with `python runtimes/core/make_templates.py` (needs onnx and swath-testing). The same source gives the same
bytes.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper

from swath_converters import Image
from swath_converters.image import encode_image
from swath_testing.scene import make_scene

TEMPLATES = Path(__file__).parent / "swath_algorithm" / "templates"
SLOPE = 40.0  # of the logit, for each unit of reflectance that green lies above the near infrared
SHIPS = [(8, 6, 14, 9), (30, 28, 33, 38)]  # left, top, right, bottom, px


def main() -> None:
    """Writes all of them anew."""
    write_model(TEMPLATES / "onnx")
    scene = make_scene(40, 32, ("B03", "B08"), seed=5, cloud_cover=0.0).image
    write("onnx", "scene", {"image": scene}, {"mask": water(scene)})
    write(
        "detection", "ships", {"image": Image(sea(SHIPS))}, {"objects": boxes(sea(SHIPS))}, {"objects": {"abs": 1e-9}}
    )
    write("detection", "empty_sea", {"image": Image(sea([]))}, {"objects": boxes(sea([]), ())})
    before, after, changed = field()
    expected = {"mask": Image(changed, nodata=255, band_names=("change",)), "changedFraction": float(changed.mean())}
    write("change", "built", {"before": Image(before), "after": Image(after)}, expected)
    for name, softened in (("sharp", 0), ("soft", 6)):
        values = checks(softened)
        expected = {"sharpness": sharpness(values), "isSharp": softened == 0}
        write("batched", name, {"image": Image(values)}, expected, {"sharpness": {"rel": 1e-9}})


def write_model(folder: Path) -> None:
    """model.onnx, and its digest in describe.yml."""
    shape = ["batch", 2, "height", "width"]
    weights = np.array([SLOPE, -SLOPE], np.float32).reshape(1, 2, 1, 1) * np.full((1, 1, 3, 3), 1 / 9, np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["reflectance", "weights"], ["water"], pads=[1, 1, 1, 1])],
        "water",
        [helper.make_tensor_value_info("reflectance", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("water", TensorProto.FLOAT, ["batch", 1, "height", "width"])],
        [helper.make_tensor("weights", TensorProto.FLOAT, weights.shape, weights.ravel().tolist())],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model, full_check=True)  # pyright: ignore[reportUnknownMemberType]
    content = model.SerializeToString(deterministic=True)
    (folder / "model.onnx").write_bytes(content)
    describe = folder / "describe.yml"
    said = re.sub(r"sha256: \w+", f"sha256: {hashlib.sha256(content).hexdigest()}", describe.read_text("utf-8"))
    describe.write_text(said, "utf-8")


def water(scene: Image) -> Image:
    """1 where the nine pixels around one are together brighter in B03 than in B08, 255 where nodata."""
    difference = scene.physical()[0].astype(np.float64) - scene.physical()[1]
    valid = np.isfinite(difference)
    # A tile is continued with its edge to the right and below; beyond the others the graph sees 0.
    padded = np.pad(np.where(valid, difference, 0.0), ((0, 1), (0, 1)), mode="edge")
    padded = np.pad(padded, ((1, 0), (1, 0)))
    total = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).sum(axis=(2, 3))
    if np.abs(total[valid]).min() < 1e-5:
        raise ValueError("a pixel lies on the threshold: draw another scene")
    mask = np.where(valid, total > 0, 255).astype(np.uint8)
    return scene.like(mask, nodata=255, band_names=("water",))


def sea(ships: list[tuple[int, int, int, int]]) -> NDArray[np.uint8]:
    """Dark water with a little noise and bright rectangles, uint8 (1, 48, 48)."""
    tile = np.random.default_rng(3).normal(40, 3, (1, 48, 48))
    for left, top, right, bottom in ships:
        tile[:, top:bottom, left:right] = 200
    return tile.round().clip(0, 255).astype(np.uint8)


def boxes(tile: NDArray[np.uint8], ships: Any = tuple(SHIPS)) -> dict[str, Any]:
    """The features of the ships that were drawn."""
    values = sorted(tile.ravel().tolist())
    median = (values[len(values) // 2 - 1] + values[len(values) // 2]) / 2
    away = sorted(abs(value - median) for value in values)
    deviation = 1.4826 * (away[len(away) // 2 - 1] + away[len(away) // 2]) / 2
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]},
            "properties": {
                "areaPixels": (x1 - x0) * (y1 - y0),
                "category": "bright-object",
                "confidence": 1 - 6 / ((200 - median) / deviation),
            },
            "bbox": [float(x0), float(y0), float(x1), float(y1)],
            "crs": "pixel",
        }
        for x0, y0, x1, y1 in ships
    ]
    return {"type": "FeatureCollection", "features": features}


def field() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """A field before and after something bright was built on it, under another sun; and where: (bands, 32, 40)."""
    random = np.random.default_rng(4)
    ground = random.normal(90, 8, (3, 32, 40))
    before, after = (
        ground + random.uniform(-2, 2, ground.shape),
        1.0 * ground + 12 + random.uniform(-2, 2, ground.shape),
    )
    changed = np.zeros((1, 32, 40), np.uint8)
    changed[0, 10:18, 22:34] = 1
    after[:, changed[0] == 1] = 220
    return before.round().astype(np.uint8), after.round().astype(np.uint8), changed


def checks(softened: int) -> NDArray[np.uint8]:
    """A chessboard, uint8 (1, 32, 40), after as many passes of a mean over a pixel and its neighbours to both sides."""
    rows, columns = np.mgrid[:32, :40]
    values = 60.0 + 120.0 * ((rows // 4 + columns // 4) % 2)
    for _ in range(softened):
        for axis in (0, 1):
            values = (np.roll(values, 1, axis) + values + np.roll(values, -1, axis)) / 3
    return values.round().astype(np.uint8)[None]


def sharpness(values: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian, pixel by pixel."""
    known = values[0].astype(int).tolist()
    found = [
        known[row - 1][column] + known[row + 1][column] + known[row][column - 1] + known[row][column + 1]
        - 4 * known[row][column]
        for row in range(1, len(known) - 1)
        for column in range(1, len(known[0]) - 1)
    ]  # fmt: skip
    mean = sum(found) / len(found)
    return sum((one - mean) ** 2 for one in found) / len(found)


def write(
    template: str, case: str, inputs: dict[str, Any], expected: dict[str, Any], tolerances: dict[str, Any] | None = None
) -> None:
    """One case: images become files, PNG where they are plain and GeoTIFF where more is known of them."""
    folder = TEMPLATES / template / "examples" / case
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "input.json", {name: named(folder, name, one) for name, one in inputs.items()})
    write_json(folder / "expected.json", {name: named(folder, name, one) for name, one in expected.items()})
    if tolerances:  # a confidence is a quotient of numbers that are reckoned in another order here
        write_json(folder / "tolerances.json", tolerances)


def named(folder: Path, name: str, value: Any) -> Any:
    """The value as a case has it: of an image the name of its file."""
    if not isinstance(value, Image):
        return value
    is_plain = value.nodata is None and value.crs is None
    file = folder / f"{name}.{'png' if is_plain else 'tif'}"
    file.write_bytes(encode_image(value, "image/png" if is_plain else "image/tiff"))
    return {"href": file.name}


def write_json(path: Path, document: Any) -> None:
    """A document, indented by two."""
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
