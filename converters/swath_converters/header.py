"""A file's header -> a document of the registry type `image`; no pixel is decoded.

Files are opened as everywhere here: by the one driver that their first bytes name, without sidecars. What a file
doesn't say is absent. A band without a name is called by its number, counted from 1; without a name, the colours of an
RGB file are the bands' common names.
"""

import os
from pathlib import Path
from typing import Any

from . import gdal
from .described import Document, described_facts
from .errors import TooLarge
from .formats import JP2, JPEG, NPY, NPZ, PNG, READABLE, TIFF, WEBP, Format
from .header_numpy import npy_header, npz_header
from .parts import Buffer
from .policy import Policy
from .reader import facts_of
from .samples import decoded_dtype
from .window_open import Seekable, begins_as, opened

IN_HAND = "cid:image"
"""`href` of a document whose file is sent along."""

_COMPRESSIONS = {
    **{name.upper(): name for name in ("deflate", "lzw", "zstd", "packbits", "webp", "lzma", "jpeg2000", "jpeg")},
    **{"YCBCR JPEG": "jpeg", "LERC": "lerc", "LERC_DEFLATE": "lerc", "LERC_ZSTD": "lerc"},
}
_OF_FORMAT = {PNG: "deflate", JPEG: "jpeg", JP2: "jpeg2000", NPY: "none", NPZ: "none"}
_LOSSLESS = frozenset({"none", "deflate", "lzw", "zstd", "packbits", "lzma"})
_TILE_STEP_PX = 16


def image_document(
    source: Buffer | Seekable, policy: Policy, *, href: str = IN_HAND, media_type: str | None = None
) -> Document:
    """What the header of a file says of the image in it.

    Args:
        source: bytes of a file, or a seekable file, of which little more than the header is read.
        policy: the most bands that are described.
        href: where the file is, for whoever gets the document.
        media_type: what the sender says that it is, or None.

    Returns:
        A valid object of `image`: file, size, data type, bands, nodata, CRS, transform, gsd (m), bbox (degrees), tiles,
        overviews, control points and RPCs, as far as the file has them.

    Raises:
        MediaTypeUnsupported: the sender names a format that isn't read here.
        UndecodableImage: it is another format than named, or its header is damaged.
        TooLarge: it has more bands than the policy allows.
        FetchFailed: of the source's own `read`.
    """
    form = begins_as(source, media_type)
    document: Document = {"href": href, "mediaType": form.media_type, "sizeBytes": _size_bytes(source)}
    if form in (NPY, NPZ):
        read = npy_header if form is NPY else npz_header
        document |= {"compression": "none", "compressionLossless": True, "overviews": list[int]()}
        return document | read(source, policy)
    with opened(source, media_type) as file, file.dataset() as dataset:
        if dataset.count > policy.max_bands:
            raise TooLarge("bands", dataset.count, policy.max_bands)
        return document | _described(dataset, form)


def file_document(path: Path, policy: Policy | None = None) -> Document:
    """The same of a file on this machine, which the caller vouches for; `href` is its name. Raises OSError too."""
    with path.open("rb") as file:
        return image_document(file, policy or Policy(), href=path.name)


def dataset_document(dataset: Any, href: str) -> Document:
    """The same of an open dataset of rasterio, of any driver; errors as those of rasterio."""
    form = next((one for one in (*READABLE, WEBP) if one.driver == dataset.driver), None)
    with gdal.sandbox():
        said = {"href": href} | ({"mediaType": form.media_type} if form else {})
        return said | _described(dataset, form or PNG, has_format=form is not None)


def _described(dataset: Any, form: Format, *, has_format: bool = True) -> Document:
    facts = facts_of(dataset, decoded_dtype(dataset), form)
    shape = (dataset.count, dataset.height, dataset.width)
    document = described_facts(facts, shape, dataset.dtypes)
    if has_format:
        document |= _stored(dataset, form)
    bits = {dataset.tags(ns="IMAGE_STRUCTURE", bidx=index).get("NBITS") for index in dataset.indexes}
    if len(bits) == 1 and (said := bits.pop()):
        document["bitsPerSample"] = int(said)
    return document


def _stored(dataset: Any, form: Format) -> Document:
    """How the file keeps its pixels."""
    structure: dict[str, str] = dataset.tags(ns="IMAGE_STRUCTURE")
    named = structure.get("COMPRESSION", "").upper()
    found = _OF_FORMAT.get(form) or (_COMPRESSIONS.get(named) if named else "none")
    copies = dataset.overviews(1) if form in (TIFF, JP2) else ()  # those of a JPEG are a way to decode it
    document: Document = {"overviews": sorted({factor for factor in copies if factor > 1})}
    if found:
        document["compression"] = found
    reversibility = structure.get("COMPRESSION_REVERSIBILITY", "")
    if found in _LOSSLESS or reversibility:
        document["compressionLossless"] = found in _LOSSLESS or reversibility.startswith("LOSSLESS")
    elif found == "jpeg":
        document["compressionLossless"] = False
    rows, columns = dataset.block_shapes[0]
    is_tiled = columns != dataset.width  # strips are as wide as the image
    if form is TIFF and is_tiled and not rows % _TILE_STEP_PX and not columns % _TILE_STEP_PX:
        document["tileSize"] = {"width": columns, "height": rows}
    return document


def _size_bytes(source: Buffer | Seekable) -> int:
    if isinstance(source, bytes | bytearray | memoryview):
        return len(source)
    return source.seek(0, os.SEEK_END)
