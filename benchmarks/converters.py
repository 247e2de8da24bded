"""Converting a large image, against rasterio alone doing the same with the same options."""

import numpy as np
import pybase64
from affine import Affine
from rasterio.io import MemoryFile

from benchmarks.frame.alternating import compare
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from swath_converters import Image, Policy
from swath_converters.image import decode_image, encode_image, from_wire, to_wire

SIDE_PX, BANDS = 2048, 4
POLICY = Policy()


def scene() -> Image:
    """Smooth ground with noise, uint16 (4, 2048, 2048), as sensors give it."""
    random = np.random.default_rng(1)
    coarse = random.integers(500, 8000, (BANDS, SIDE_PX // 64, SIDE_PX // 64)).repeat(64, axis=1).repeat(64, axis=2)
    array = (coarse + random.normal(0, 12, coarse.shape)).astype(np.uint16)
    return Image(array, crs="EPSG:32631", transform=Affine(10, 0, 500_000, 0, -10, 4_000_000))


def options(content: bytes) -> dict[str, object]:
    """Creation options that give the same file again with rasterio alone."""
    with MemoryFile(content) as file, file.open() as dataset:
        return {**dataset.profile, "predictor": 2, "zlevel": 1}


def by_rasterio(content: bytes, profile: dict[str, object]) -> bytes:
    """Decode and encode once, without anything of ours."""
    with MemoryFile(content) as file, file.open() as dataset:
        array = dataset.read()
    with MemoryFile() as file:
        with file.open(**profile) as dataset:
            dataset.write(array)
        return bytes(file.getbuffer())


def run(plan: Plan) -> list[Ratio]:
    """The ratios of this benchmark."""
    content = encode_image(scene())
    text = pybase64.b64encode_as_string(content)
    profile = options(content)
    return [
        compare(
            "GeoTIFF 2048×2048×4 uint16, binary",
            lambda: encode_image(decode_image(content, POLICY)),
            lambda: by_rasterio(content, profile),
            bar=1.10,
            rounds=plan.rounds(15),
        ),
        compare(
            "the same as base64",
            lambda: to_wire(from_wire(text, {}, POLICY)),
            lambda: pybase64.b64encode_as_string(by_rasterio(pybase64.b64decode(text, validate=True), profile)),
            bar=1.15,
            rounds=plan.rounds(15),
        ),
    ]
