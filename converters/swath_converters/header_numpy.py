"""Headers of numpy's files: shape and dtype, and what an NPZ written here says of its samples."""

import io
import struct
import tokenize
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.lib import format as npy

from .described import Document, described_facts
from .errors import ConversionError, TooLarge, UndecodableImage
from .facts import facts_from_text
from .parts import Buffer
from .policy import Policy
from .window_open import Seekable

_KINDS = "biufc"
_MOST_HEADER_BYTES = 10_000
_MOST_FACT_BYTES = 16 << 20
_MOST_MEMBERS = 16
_HEADERS: dict[Any, Any] = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_DAMAGED = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError, TypeError),
    *(NotImplementedError, RuntimeError, IndexError, OverflowError, SyntaxError, tokenize.TokenError, MemoryError),
)


def npy_header(source: Buffer | Seekable, policy: Policy) -> Document:
    """What an NPY's header says. Raises UndecodableImage, TooLarge."""
    try:
        shape, data_type = _header(_file(source), policy)
    except _DAMAGED:
        raise UndecodableImage("The content begins like an NPY, but its header is damaged.") from None
    return described_facts({}, shape, (data_type,) * shape[0])


def npz_header(source: Buffer | Seekable, policy: Policy) -> Document:
    """What an NPZ says of its array, and of the image in it where it was written here. Raises as `npy_header`."""
    try:
        with zipfile.ZipFile(_file(source)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_MEMBERS:
                raise UndecodableImage(f"The archive has {len(names)} members; an image has at most {_MOST_MEMBERS}.")
            arrays = [name for name in names if name.endswith(".npy") and name != "mask.npy"]
            with archive.open("array.npy" if "array.npy" in arrays else arrays[0]) as file:
                shape, data_type = _header(file, policy)
            facts = _facts(archive) if "image.json" in names else {}
    except ConversionError:
        raise
    except _DAMAGED:
        raise UndecodableImage("The content begins like an NPZ, but is damaged or holds no image.") from None
    return described_facts(facts, shape, (data_type,) * shape[0])


def _file(source: Buffer | Seekable) -> Any:
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    source.seek(0)
    return source


def _header(file: Any, policy: Policy) -> tuple[tuple[int, int, int], str]:
    """(bands, height, width) and the dtype; numpy parses the header as a literal, never as code."""
    read = _HEADERS[npy.read_magic(file)]
    shape, _, dtype = read(file, max_header_size=_MOST_HEADER_BYTES)
    if np.dtype(dtype).kind not in _KINDS or len(shape) not in (2, 3) or min(shape) < 1:
        raise UndecodableImage("The array is no image: numbers of shape (bands, height, width) or (height, width).")
    count, height, width = shape if len(shape) == 3 else (1, *shape)
    if count > policy.max_bands:
        raise TooLarge("bands", count, policy.max_bands)
    return (count, height, width), np.dtype(dtype).name


def _facts(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo("image.json").file_size > _MOST_FACT_BYTES:
        raise TooLarge("bytes of facts", archive.getinfo("image.json").file_size, _MOST_FACT_BYTES)
    with archive.open("image.json") as file:
        return facts_from_text(file.read(_MOST_FACT_BYTES + 1).decode())
