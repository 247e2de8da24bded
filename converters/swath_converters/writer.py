"""`Image` -> bytes of a raster file, losslessly or not at all.

The options are the fastest that still compress well; the figures are in converters/README.md.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import gdal
from .crs import crs_of
from .errors import CannotEncode, MediaTypeUnsupported
from .formats import PNG, TIFF, Format, essence
from .memory import Image

_TIFF_DTYPES = frozenset(
    f"{kind}{bits}"
    for kind, sizes in (
        ("int", (8, 16, 32, 64)),
        ("uint", (8, 16, 32, 64)),
        ("float", (32, 64)),
        ("complex", (64, 128)),
    )
    for bits in sizes
)
_PNG_DTYPES = frozenset(("uint8", "uint16"))
_PNG_MOST_BANDS = 4
_TILE_PX = 512
_STRIP_PX = 64
_EXACT_IN_DOUBLE = 2**53  # rasterio hands a nodata value to GDAL as a double


@contextmanager
def written(image: Image, media_type: str) -> Generator[memoryview, None, None]:
    """The encoded file, readable until the context ends, without a copy.

    Args:
        image: what to write; booleans are written as uint8, 1 and 0.
        media_type: one of `ENCODABLE`, parameters allowed.

    Raises:
        MediaTypeUnsupported: nothing is written as that media type.
        CannotEncode: the format cannot hold the samples; the error names one that can.
        ImageMalformed: the image's CRS is not known.
    """
    write = _WRITERS.get(essence(media_type))
    if write is None:
        raise MediaTypeUnsupported(media_type, ENCODABLE)
    array = image.array.astype(np.uint8) if image.dtype.kind == "b" else image.array
    with gdal.sandbox(), gdal.memory_file() as file:
        write(file, image, array)
        with memoryview(file.getbuffer()) as content:
            yield content


def _write_tiff(file: Any, image: Image, array: NDArray[Any]) -> None:
    """A GeoTIFF: all that `Image` holds, deflated, one band after the other."""
    if array.dtype.name not in _TIFF_DTYPES:
        raise CannotEncode(
            TIFF.media_type,
            f"its samples are {array.dtype.name}",
            (),
            hint="Convert them, to float32 for example.",
        )
    if array.dtype.kind in "iu" and abs(image.nodata or 0) > _EXACT_IN_DOUBLE:
        raise CannotEncode(
            TIFF.media_type, "its nodata value is beyond 2**53", (), hint="Use a nodata value nearer to 0."
        )
    with _created(
        file, TIFF, array, image.nodata, crs=crs_of(image), transform=image.transform, **_tiff_layout(array)
    ) as dataset:
        # Before the samples: GDAL would otherwise write the directory again behind them.
        dataset.update_tags(**image.tags)
        dataset.descriptions = image.band_names or (None,) * image.count
        dataset.scales = image.scales or (1.0,) * image.count
        dataset.offsets = image.offsets or (0.0,) * image.count
        dataset.write(array)


def _write_png(file: Any, image: Image, array: NDArray[Any]) -> None:
    """A PNG: samples, and nodata for 1 and 3 bands; what else an `Image` knows is left out."""
    if array.dtype.name not in _PNG_DTYPES:
        reason = f"its samples are {array.dtype.name}, and PNG holds uint8 and uint16"
        raise CannotEncode(PNG.media_type, reason, (TIFF.media_type,))
    if image.count > _PNG_MOST_BANDS:
        reason = f"it has {image.count} bands, and PNG holds 1 to {_PNG_MOST_BANDS}"
        raise CannotEncode(PNG.media_type, reason, (TIFF.media_type,))
    nodata = image.nodata if image.count in (1, 3) else None
    with _created(file, PNG, array, nodata, zlevel=1) as dataset:
        dataset.write(array)


def _created(file: Any, form: Format, array: NDArray[Any], nodata: float | int | None, **options: Any) -> Any:
    count, height, width = array.shape
    return file.open(
        driver=form.driver,
        count=count,
        height=height,
        width=width,
        dtype=array.dtype.name,
        nodata=nodata,
        **options,
    )


def _tiff_layout(array: NDArray[Any]) -> dict[str, Any]:
    """GDAL's creation options: `predictor` 2 stores differences of integers, 3 those of floats' bytes."""
    _, height, width = array.shape
    is_large = min(height, width) >= _TILE_PX
    blocks = {"tiled": True, "blockxsize": _TILE_PX, "blockysize": _TILE_PX} if is_large else {}
    return {
        "compress": "deflate",
        "zlevel": 1,
        "predictor": {"i": 2, "u": 2, "f": 3, "c": 1}[array.dtype.kind],
        "interleave": "band",
        "bigtiff": "if_safer",
        **(blocks or {"blockysize": min(height, _STRIP_PX)}),
    }


_WRITERS: dict[str, Callable[[Any, Image, NDArray[Any]], None]] = {
    TIFF.media_type: _write_tiff,
    PNG.media_type: _write_png,
}
ENCODABLE = tuple(_WRITERS)
"""Media types that can be written, the one that holds everything first."""
