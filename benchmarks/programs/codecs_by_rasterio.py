"""Reading and writing files with rasterio alone, by the options that Swath writes them with."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.io import MemoryFile

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "image/tiff": {"driver": "GTiff", "compress": "deflate", "zlevel": 1, "predictor": 2},
    "image/tiff; compression=zstd": {"driver": "GTiff", "compress": "zstd", "zstd_level": 1, "predictor": 2},
    "image/tiff; compression=none": {"driver": "GTiff"},
    "image/png": {"driver": "PNG"},
    "image/jp2": {"driver": "JP2OpenJPEG", "QUALITY": 100, "REVERSIBLE": "YES", "YCBCR420": "NO"},
}
TILE_PX = 512
TILES: Mapping[str, Any] = {"tiled": True, "blockxsize": TILE_PX, "blockysize": TILE_PX, "interleave": "band"}


def read_by_rasterio(content: bytes) -> NDArray[Any]:
    """Samples (bands, height, width)."""
    with MemoryFile(content) as file, file.open() as dataset:
        return dataset.read()


def write_by_rasterio(array: NDArray[Any], media_type: str) -> bytes:
    """The file of an array (bands, height, width)."""
    bands, height, width = array.shape
    tiles = TILES if media_type.startswith("image/tiff") and min(height, width) >= TILE_PX else {}
    shape = {"count": bands, "height": height, "width": width, "dtype": np.dtype(array.dtype).name}
    with MemoryFile() as file:
        with file.open(**shape, **tiles, **OPTIONS[media_type]) as dataset:
            dataset.write(array)
        return file.read()
