"""What makes an image fit what a service takes: bands, dtype, nodata, reference system, pixel size, tiles, file.

Each function takes an `Image` and gives another with a record of what it changed; the one it was given stays as it is.
What cannot be done without changing what the image says is refused, never done silently.
"""

from .bands import select_bands
from .grids import reproject, resample
from .media import reformat
from .record import Change, Fitted
from .samples import CannotFit, cast, set_nodata
from .tiles import Tile, merge, tile_windows, tiles

__all__ = [
    "CannotFit",
    "Change",
    "Fitted",
    "Tile",
    "cast",
    "merge",
    "reformat",
    "reproject",
    "resample",
    "select_bands",
    "set_nodata",
    "tile_windows",
    "tiles",
]
