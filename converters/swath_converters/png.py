"""PNG, written here: rows as differences from the row above, pressed by ISA-L; eight times as fast as through libpng.

Only writing: strangers' files are read by GDAL. Source: PNG specification, third edition (W3C, 2025), §5, §9.2, §11.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from .formats import PNG
from .memory import Image
from .writing import Encoding, Parameters, as_written

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_BANDS = 4
_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # grey, grey and alpha, RGB, RGBA
_PALETTE = 3
_COLORS = 256
_UP = 2  # filter: the difference from the row above
_STRIP_BYTES = 1 << 20
_LEVEL = 1
_isal: Any = isal_zlib  # its types are partial


def refusal(image: Image) -> str | None:
    """Why PNG cannot hold the image."""
    if image.dtype.name not in {"uint8", "uint16", "bool"}:
        return f"its samples are {image.dtype.name}, and PNG holds uint8 and uint16"
    if image.count > _MOST_BANDS:
        return f"it has {image.count} bands, and PNG holds 1 to {_MOST_BANDS}"
    if image.color_map is not None and image.dtype.name != "uint8":
        return f"it has colours of {image.dtype.name} samples, and PNG has those of uint8"
    return None


def write(image: Image, parameters: Parameters) -> memoryview:
    """The file: samples, colours, and without colours nodata of 1 and 3 bands; strip by strip, so in little memory."""
    array = as_written(image)
    content = bytearray(_SIGNATURE)
    color_type = _PALETTE if image.color_map is not None else _COLOR_TYPES[image.count]
    _put(content, b"IHDR", struct.pack(">IIBBBBB", image.width, image.height, array.itemsize * 8, color_type, 0, 0, 0))
    if image.color_map is not None:
        colors = np.array([image.color_map.get(value, (0, 0, 0, 255)) for value in range(_COLORS)], np.uint8)
        _put(content, b"PLTE", colors[:, :3].tobytes())
        _put(content, b"tRNS", colors[:, 3].tobytes())
    elif image.count in (1, 3) and None not in image.nodatas:
        _put(content, b"tRNS", b"".join(struct.pack(">H", int(value or 0)) for value in image.nodatas))
    press = _isal.compressobj(_LEVEL)
    for rows in _filtered(array):
        _put(content, b"IDAT", press.compress(rows))
    _put(content, b"IDAT", press.flush())
    _put(content, b"IEND", b"")
    return memoryview(content).toreadonly()


def _filtered(array: NDArray[Any]) -> Iterator[NDArray[np.uint8]]:
    """Strips of rows as PNG has them: the filter's number, then the differences of bytes, pixel by pixel."""
    count, height, width = array.shape
    row_bytes = width * count * array.itemsize
    above = np.zeros(row_bytes, np.uint8)
    step = max(1, _STRIP_BYTES // row_bytes)
    for top in range(0, height, step):
        strip = array[:, top : top + step].transpose(1, 2, 0)
        samples = np.ascontiguousarray(strip, array.dtype.newbyteorder(">")).view(np.uint8).reshape(-1, row_bytes)
        rows = np.empty((len(samples), 1 + row_bytes), np.uint8)
        rows[:, 0] = _UP
        np.subtract(samples[0], above, out=rows[0, 1:])
        np.subtract(samples[1:], samples[:-1], out=rows[1:, 1:])
        above = samples[-1]
        yield rows


def _put(content: bytearray, kind: bytes, body: bytes) -> None:
    """Append a chunk; none for an IDAT without content."""
    if body or kind != b"IDAT":
        content += struct.pack(">I", len(body)) + kind + body
        content += struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))


ENCODING = Encoding(PNG.media_type, refusal, write)
