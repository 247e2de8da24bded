"""What is asked of every server: six kinds of request, each with the value that the answer must hold."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from benchmarks.load.client import Answer
from swath_converters import Image, Policy
from swath_converters.image import decode_image, encode_image

SIDE_PX, BANDS = 2048, 4
PNG_SIDE_PX, PNG_BANDS = 512, 3
POLICY = Policy()


@dataclass(frozen=True)
class Case:
    """A kind of request.

    Attributes:
        algorithm: folder below benchmarks/algorithms that Swath serves for it.
        pixel_bytes: of the image in memory, 0 for none.
        is_large: whether `/health` is watched meanwhile.
    """

    name: str
    title: str
    algorithm: str
    pixel_bytes: int = 0
    is_large: bool = False


@dataclass(frozen=True)
class Exchange:
    """How one server is asked: path, headers, body, and the form of its answer.

    Attributes:
        form: `json`, `base64` (an image in JSON), or the media type of a bare image.
        key: path of the value inside a JSON answer.
    """

    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    form: str = "json"
    key: tuple[str | int, ...] = ()


TINY = Case("tiny", "tiny JSON", "sum")
PNG = Case("png", "512×512×3 uint8 PNG, base64 JSON", "means", PNG_SIDE_PX**2 * PNG_BANDS)
_BYTES = SIDE_PX**2 * BANDS * 2
GEOTIFF_JSON = Case("geotiff-json", "2048×2048×4 uint16 GeoTIFF, base64 JSON", "invert", _BYTES, is_large=True)
GEOTIFF_BINARY = Case("geotiff-binary", "2048×2048×4 uint16 GeoTIFF, binary", "invert", _BYTES, is_large=True)
RAW_IN = Case("raw-in", "33.5 MB raw in, small answer", "means", _BYTES, is_large=True)
RAW_IN_OUT = Case("raw-in-out", "33.5 MB raw in and out", "invert", _BYTES, is_large=True)
CASES = (TINY, PNG, GEOTIFF_JSON, GEOTIFF_BINARY, RAW_IN, RAW_IN_OUT)

SUM: Mapping[str, Any] = {"a": 12.5, "b": 30.25, "label": "benchmark"}


@cache
def scene() -> Image:
    """Smooth ground with noise, uint16 (4, 2048, 2048), as sensors give it."""
    random = np.random.default_rng(1)
    coarse = random.integers(500, 8000, (BANDS, SIDE_PX // 64, SIDE_PX // 64)).repeat(64, axis=1).repeat(64, axis=2)
    array = (coarse + random.normal(0, 12, coarse.shape)).astype(np.uint16)
    return Image(array, crs="EPSG:32631", transform=Affine(10, 0, 500_000, 0, -10, 4_000_000))


@cache
def picture() -> NDArray[np.uint8]:
    """A smooth picture with noise, uint8 (3, 512, 512)."""
    random = np.random.default_rng(2)
    coarse = random.integers(20, 230, (PNG_BANDS, 16, 16)).repeat(32, axis=1).repeat(32, axis=2)
    return np.clip(coarse + random.normal(0, 3, coarse.shape), 0, 255).astype(np.uint8)


@cache
def content(case: Case) -> bytes:
    """The image of a case as a file: PNG, GeoTIFF, or bare samples."""
    if case is PNG:
        return encode_image(picture(), "image/png")
    return scene().array.tobytes() if case in {RAW_IN, RAW_IN_OUT} else encode_image(scene())


@cache
def npy() -> bytes:
    """The scene as NPY: bare samples behind a header that says their shape and type."""
    file = BytesIO()
    np.save(file, scene().array)
    return file.getvalue()


@cache
def base64_text(case: Case) -> str:
    """The image of a case as base64; bare samples as NPY, which says what they are."""
    return base64.b64encode(npy() if case in {RAW_IN, RAW_IN_OUT} else content(case)).decode("ascii")


def json_bytes(document: Any) -> bytes:
    """JSON as clients write it."""
    return json.dumps(document).encode()


def expected(case: Case) -> Any:
    """What the answer must hold: a total, means, or samples."""
    if case is TINY:
        return SUM["a"] + SUM["b"]
    if case.algorithm == "means":
        array = picture() if case is PNG else scene().array
        return array[:, ::8, ::8].mean(axis=(1, 2)).tolist()
    return np.invert(scene().array)


def is_right(case: Case, exchange: Exchange, answer: Answer) -> bool:
    """Whether an answer holds what it must; exact, but for the last digits of means."""
    if answer.status != 200:
        return False
    value = _value(case, exchange, answer.body)
    wanted = expected(case)
    return np.array_equal(value, wanted) if case.algorithm == "invert" else np.allclose(value, wanted, rtol=1e-12)


def _value(case: Case, exchange: Exchange, body: bytes) -> Any:
    if exchange.form in {"json", "base64"}:
        value = json.loads(body)
        for step in exchange.key:
            value = value[step]
        return _samples(base64.b64decode(value)) if exchange.form == "base64" else value
    return _samples(body)


def _samples(body: bytes) -> NDArray[Any]:
    """Samples of a file, or bare ones."""
    if len(body) == _BYTES:
        return np.frombuffer(body, "<u2").reshape(BANDS, SIDE_PX, SIDE_PX)
    return decode_image(body, POLICY).array
