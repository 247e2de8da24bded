"""Reading and writing each format at two sizes, against rasterio alone with the same options; bytes and peak memory."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame.alternating import compare
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Row, Sheet
from benchmarks.programs.codecs_by_rasterio import OPTIONS, read_by_rasterio, write_by_rasterio
from benchmarks.serving.cases import PNG, picture, scene
from swath_converters import Image, Policy
from swath_converters.image import decode_image, encode_image

POLICY = Policy()
PROGRAM = Path(__file__).parent / "programs" / "codec_memory.py"
BAR = 1.15
WAYS = [(what, who) for what in ("read", "write") for who in ("ours", "rasterio")]
COLUMNS = ("image", "media type", "ours MB", "rasterio MB", *(f"{what} by {who}, B/B" for what, who in WAYS))
SLOW = "image/jp2"  # a second for each at the large size


def run(plan: Plan) -> Iterator[Row]:
    """A ratio for reading and one for writing, then the table of sizes."""
    lines: list[list[str | float | None]] = []
    with TemporaryDirectory() as place:
        for name, image in _images().items():
            for media_type in OPTIONS:
                if not plan.wants(f"{name}/{media_type}"):
                    continue
                ours, theirs = encode_image(image, media_type), write_by_rasterio(image.array, media_type)
                _require_same(image.array, ours, theirs)
                yield from _ratios(name, media_type, image, ours, plan)
                file = Path(place, "image")
                file.write_bytes(ours)
                sizes_mb = [len(content) / 1e6 for content in (ours, theirs)]
                lines.append([name, media_type, *sizes_mb, *_memory(media_type, file, image.array)])
    yield Sheet("Bytes, and peak memory above idle for each byte of pixels", COLUMNS, lines)


def _images() -> dict[str, Image]:
    return {PNG.title.split(" PNG")[0]: Image(picture()), "2048×2048×4 uint16": scene()}


def _require_same(array: NDArray[np.generic], ours: bytes, theirs: bytes) -> None:
    """Both files hold the very samples, by either reader."""
    for content in (ours, theirs):
        for found in (decode_image(content, POLICY).array, read_by_rasterio(content)):
            if not np.array_equal(found, array):
                raise ValueError("a file holds other samples than were written")


def _ratios(name: str, media_type: str, image: Image, content: bytes, plan: Plan) -> Iterator[Row]:
    rounds = 3 if media_type == SLOW else plan.rounds(11)
    yield compare(
        f"read {name}, {media_type}",
        partial(decode_image, content, POLICY),
        partial(read_by_rasterio, content),
        BAR,
        rounds=rounds,
        warmups=1,
    )
    yield compare(
        f"write {name}, {media_type}",
        partial(encode_image, image, media_type),
        partial(write_by_rasterio, image.array, media_type),
        BAR,
        rounds=rounds,
        warmups=1,
    )


def _memory(media_type: str, file: Path, array: NDArray[np.generic]) -> list[float]:
    """Peak above idle for each byte of pixels: read by us and by rasterio, written by us and by rasterio."""
    found: list[float] = []
    for what, who in WAYS:
        command = [sys.executable, str(PROGRAM), who, what, media_type, str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(int(done.stdout) / array.nbytes)
    return found
