"""The one door to GDAL: what it may do on input that nobody vouches for.

Every file that is read or written passes through `sandbox`: rasterio's environment is one for each thread, so
many threads can decode at once. Each option stands for an attack that worked on a naive reader.
"""

import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import rasterio
from rasterio._err import CPLE_BaseError as _CPLE_BaseError  # pyright: ignore[reportUnknownVariableType]
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile
from rasterio.session import DummySession

OPTIONS: dict[str, Any] = {
    # A cut PNG read by the whole-image path succeeds, and holds whatever the memory held before:
    # another caller's pixels. See `png_stored`.
    "GDAL_PNG_WHOLE_IMAGE_OPTIM": "NO",
    # No sidecar file (.aux.xml, .ovr, .msk, .tfw) is looked for, read or written.
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    # libjpeg fills what is missing with grey and calls it a warning.
    "GDAL_ERROR_ON_LIBJPEG_WARNING": "YES",
    "GTIFF_IGNORE_READ_ERRORS": "NO",
    # JPEG 2000 would decode on threads of GDAL's, whose errors go to stderr (writing is the exception).
    "GDAL_NUM_THREADS": "1",
    # Bytes. Blocks that were decoded are wanted once, so a large cache would hold the image a second time; but one of
    # JPEG 2000 holds all bands, and is decoded anew for each band where it does not fit.
    "GDAL_CACHEMAX": 64 << 20,
    # A mask is written into the file, not beside it.
    "GDAL_TIFF_INTERNAL_MASK": "YES",
    # Nothing is fetched: no /vsicurl/ file matches this name, no grid or CRS definition comes from outside.
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/none",
    "PROJ_NETWORK": "OFF",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
}

AT_ONE_GO = {"GDAL_PNG_WHOLE_IMAGE_OPTIM": "YES"}
"""A PNG that is known to hold all its samples is read twice as fast, with all of it in GDAL's memory too."""

_gdals = cast(type[Exception], _CPLE_BaseError)
UNREADABLE: tuple[type[Exception], ...] = (RasterioError, CRSError, UnicodeDecodeError, _gdals)
"""What rasterio raises on a damaged file: its own errors, those of GDAL and PROJ that it lets through, and text in a
file's tags that is not UTF-8."""

_filtering = threading.Lock()


@contextmanager
def sandbox(**others: str) -> Generator[Any, None, None]:
    """GDAL with the options above, in this thread: errors are raised, not printed, no credentials sought.

    Args:
        others: options that may be otherwise, since what they are there for can't happen.
    """
    _ignore_missing_georeference()
    options: dict[str, Any] = OPTIONS | others
    with rasterio.Env(session=DummySession(), **options) as environment:
        yield environment


def has_driver(name: str) -> bool:
    """Whether this GDAL was built with a driver."""
    with sandbox() as environment:
        return name in environment.drivers()


def memory_file(content: bytes = b"", suffix: str = ".tif") -> Any:
    """A file that GDAL sees under a name of its own in memory; the content is used in place, not copied."""
    return MemoryFile(content or None, ext=suffix)


def _ignore_missing_georeference() -> None:
    """Make `NotGeoreferencedWarning` silent in this process: a PNG has no georeference, and that is fine.

    `warnings.catch_warnings` changes what all threads share and puts it back under the feet of the others, so
    the filter is added once and stays; it is added again only where another one has been put before it.
    """
    if not _is_silent():
        with _filtering:
            warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)


def _is_silent() -> bool:
    for action, message, category, module, _line in tuple(warnings.filters):
        if message is None and module is None and issubclass(NotGeoreferencedWarning, category):
            return action == "ignore"
    return False
