"""Whole files of every format that is read, small, and which of their bytes a checksum guards."""

import io
import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from converters.rasters import naive_write

from swath_converters import Image
from swath_converters.formats import DECODABLE
from swath_converters.image import encode_image
from swath_converters.tiff_directory import directories as read_directories
from swath_converters.tiff_layout import DEFLATE, layout_of

HEIGHT, WIDTH = 76, 90
_TILES = {"tiled": True, "blockxsize": 32, "blockysize": 32}
_JP2 = {"REVERSIBLE": "YES", "QUALITY": 100}
_PLAIN: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("PNG", {}),
    "png interlaced": ("PNG", {"interlaced": True}),
    "jpeg": ("JPEG", {}),
    "jpeg progressive": ("JPEG", {"progressive": True}),
    "jp2": ("JP2OpenJPEG", _JP2),
    "tiff": ("GTiff", {}),
    "tiff big-endian": ("GTiff", {"ENDIANNESS": "BIG", **_TILES}),
    "tiff big": ("GTiff", {"bigtiff": "yes"}),
    "tiff sparse": ("GTiff", {"SPARSE_OK": True, **_TILES}),
    "tiff packbits": ("GTiff", {"compress": "packbits"}),
    "tiff lzw": ("GTiff", {"compress": "lzw", "predictor": 2, **_TILES}),
    "tiff deflate": ("GTiff", {"compress": "deflate", "predictor": 2}),
    "tiff deflate tiles": ("GTiff", {"compress": "deflate", "interleave": "band", **_TILES}),
    "tiff zstd": ("GTiff", {"compress": "zstd", **_TILES}),
    "tiff jpeg": ("GTiff", {"compress": "jpeg", "photometric": "ycbcr", **_TILES}),
    "tiff lerc": ("GTiff", {"compress": "lerc"}),
    "tiff lzma": ("GTiff", {"compress": "lzma"}),
    "tiff webp": ("GTiff", {"compress": "webp", "webp_lossless": True, **_TILES}),
    "tiff 6 bits": ("GTiff", {"compress": "deflate", "nbits": 6}),
    "cog": ("COG", {"BLOCKSIZE": "64", "COMPRESS": "DEFLATE"}),
}
_GUARDED = ("png", "png 16", "png interlaced", "npz")
"""Every byte that matters has a CRC. TIFF has no checksum but the Adler-32 after deflated samples; JPEG, JPEG 2000,
LZW, packbits, zstd as TIFF has it, and plain samples have none."""


@dataclass(frozen=True)
class Intact:
    """A whole file. `is_guarded`: no change may go unseen; `guarded`: nor any from such a byte up to another."""

    name: str
    content: bytes
    is_guarded: bool
    guarded: tuple[tuple[int, int], ...] = ()

    def guards(self, damaged: bytes) -> bool:
        """Whether a checksum covers every byte that was changed."""
        if self.is_guarded:
            return True
        if len(damaged) != len(self.content):
            return False
        changed = np.frombuffer(damaged, np.uint8) != np.frombuffer(self.content, np.uint8)
        for first, end in self.guarded:
            changed[first:end] = False
        return not changed.any()


def scene(dtype: str = "uint8") -> np.ndarray[Any, Any]:
    """Three bands that compress a little."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    noise = np.random.default_rng(3).integers(0, 9, (3, HEIGHT, WIDTH))
    return (np.sin(columns / 37) * np.cos(rows / 21) * 100 + 110 + noise).astype(dtype)


@cache
def intact_files() -> tuple[Intact, ...]:
    """One file of each kind that this build of the library can make and read."""
    files = {name: _made(name, driver, options) for name, (driver, options) in _PLAIN.items()}
    files |= {"png 16": naive_write(scene("uint16"), "PNG"), "tiff float": _float_tiff()}
    files["tiff mask"] = encode_image(Image(scene(), mask=scene()[0] > 100))
    files["jp2 tiles"] = naive_write(scene("uint16"), "JP2OpenJPEG", BLOCKXSIZE=64, BLOCKYSIZE=64, **_JP2)
    for name, media_type, make in (("npy", "application/x-npy", _npy), ("npz", "application/x-npz", _npz)):
        if media_type in DECODABLE:
            files[name] = make()
    if "image/webp" in DECODABLE:
        files["webp"] = naive_write(scene(), "WEBP", LOSSLESS="YES")
    return tuple(Intact(name, content, name in _GUARDED, _deflated(content)) for name, content in files.items())


def _deflated(content: bytes) -> tuple[tuple[int, int], ...]:
    """Where the deflated blocks of a TIFF are."""
    if content[:2] not in (b"II", b"MM"):
        return ()
    layouts = [layout_of(one) for one in read_directories(lambda start, size: content[start : start + size])]
    blocks = [
        block
        for layout in layouts
        if layout.compression in DEFLATE
        for block in layout.blocks(layout.window, range(layout.count))
    ]
    return tuple((block.offset, block.offset + block.length) for block in blocks)


def _made(name: str, driver: str, options: dict[str, Any]) -> bytes:
    array = scene()
    if name == "tiff sparse":
        array[:, :40] = 0
    return naive_write(array, driver, **options)


def _float_tiff() -> bytes:
    return naive_write(
        scene("float32"), "GTiff", compress="deflate", predictor=3, nodata=float("nan"), crs="EPSG:32631"
    )


def _npy() -> bytes:
    file = io.BytesIO()
    np.save(file, scene())
    return file.getvalue()


def _npz() -> bytes:
    return encode_image(Image(scene()), "application/x-npz")


def directories(content: bytes) -> list[list[tuple[int, int, int, int]]]:
    """The entries of each directory of a classic TIFF: (where it stands, tag, type, count)."""
    order = ">" if content[:2] == b"MM" else "<"
    found: list[list[tuple[int, int, int, int]]] = []
    (at,) = struct.unpack_from(order + "I", content, 4)
    while at:
        (count,) = struct.unpack_from(order + "H", content, at)
        places = range(at + 2, at + 2 + 12 * count, 12)
        found.append([(place, *struct.unpack_from(order + "HHI", content, place)) for place in places])
        (at,) = struct.unpack_from(order + "I", content, at + 2 + 12 * count)
    return found
