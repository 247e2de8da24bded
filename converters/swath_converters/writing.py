"""What the writers of the formats share: what an encoding is, and files of GDAL kept in memory without a copy."""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp

from . import gdal
from .formats import JP2
from .memory import Image

Parameters = Mapping[str, str]
_SUFFIXES = {JP2.driver: JP2.suffix}  # by another name the driver writes a bare codestream, without CRS


@dataclass(frozen=True)
class Encoding:
    """A way to write images.

    Attributes:
        media_type: its name, without parameters.
        refusal: why the format cannot hold the samples of an image; None where it can.
        write: the file, by the parameters of the media type that were asked for.
        parameters: values that each parameter may have, the default first.
        is_lossless: every sample comes back as it was, whatever the parameters.
    """

    media_type: str
    refusal: Callable[[Image], str | None]
    write: Callable[[Image, Parameters], memoryview]
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    is_lossless: bool = True


class _Held(np.ndarray[Any, Any]):
    """Bytes in GDAL's memory; can be referred to weakly."""


def created(image: Image, driver: str, nodata: Any = None, **options: Any) -> tuple[Any, Any]:
    """A file in memory and the dataset in it, open for writing; to be used in `gdal.sandbox`."""
    file = gdal.memory_file(suffix=_SUFFIXES.get(driver, ".tif"))
    try:
        return file, file.open(
            driver=driver,
            count=image.count,
            height=image.height,
            width=image.width,
            dtype=as_written(image).dtype.name,
            nodata=nodata,
            **options,
        )
    except BaseException:
        file.close()
        raise


def held(file: Any) -> memoryview:
    """The content of a closed file, read-only and not copied; its memory is freed with the last view of it."""
    content = np.frombuffer(file.getbuffer(), np.uint8).view(_Held)
    weakref.finalize(content, file.close).atexit = False
    return memoryview(cast(Any, content)).toreadonly()


def interpretations(image: Image) -> list[Any]:
    """What rasterio calls the image's colour interpretation; a name that it does not have is undefined."""
    known = ColorInterp.__members__
    return [known.get(name or "undefined", ColorInterp.undefined) for name in image.color_interpretation]


def as_written(image: Image) -> NDArray[Any]:
    """The samples as GDAL takes them: booleans as uint8, 1 and 0."""
    return image.array.view(np.uint8) if image.dtype.kind == "b" else image.array
