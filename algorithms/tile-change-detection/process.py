"""Changes between two tiles by change vector analysis and Otsu's threshold; README.md says how, and by whom."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.areas import Area, areas
from swath_converters.detection import Detection, to_wire
from swath_runtime import Context, InputRejected

MAD_TO_DEVIATION = 1.4826  # of a normal distribution: 1 / Φ⁻¹(3/4)
LEAST_MAGNITUDE = 5.0  # deviations of unchanged ground: below it nothing is called a change, whatever Otsu says
BINS = 4096  # of the histogram that Otsu's threshold is found in


def process(
    zoom: int,
    tile1: Image,
    tile2: Image,
    context: Context,
    tile1Format: str | None = None,
    tile2Format: str | None = None,
    mask: Image | None = None,
    padding: int = 0,
    minimumArea: int = 9,
) -> dict[str, Any]:
    """Areas that differ between two tiles of the same place.

    Args:
        zoom: level in the Web Mercator pyramid, 1–20.
        tile1: the earlier tile, (bands, height, width), any real dtype.
        tile2: the later one, of the same bands and size.
        context: told how far it is.
        tile1Format: what the client says the tile is; the tile itself has been read already.
        tile2Format: likewise.
        mask: (1, height, width), not 0 where to look.
        padding: px on each side that belong to the neighbours.
        minimumArea: least pixels of a change.

    Returns:
        changes: GeoJSON FeatureCollection of outlines in px, (0, 0) the outer corner of the top left pixel.

    Raises:
        InputRejected: tiles of different bands or size, complex samples, a mask of another size, or padding that leaves
            nothing of the tile.
        Cancelled: the call was given up.
    """
    looked_at = _looked_at(tile1, tile2, mask, padding)
    difference = _difference(tile1, tile2, looked_at)
    context.progress(0.5, "threshold")
    context.check_cancelled()
    magnitude = np.sqrt((difference**2).mean(axis=0))
    threshold = max(otsu(magnitude[looked_at]), LEAST_MAGNITUDE)
    context.progress(0.7, "areas")
    found = [
        _feature(one, difference, float(magnitude[one.rows, one.columns].max()), threshold)
        for one in areas((magnitude > threshold) & looked_at, connectivity=4)
        if one.size >= minimumArea and _is_inside(one, magnitude.shape, padding)
    ]
    return {"changes": {"type": "FeatureCollection", "features": found}}


def otsu(values: NDArray[np.float64]) -> float:
    """The threshold that parts values into the two classes between which they vary most; 0 where there are none.

    Args:
        values: float64 (n,), at least 0.

    Returns:
        The upper edge of a bin of a histogram of 4096 from 0 to the greatest value.

    Source: N. Otsu, IEEE Transactions on Systems, Man, and Cybernetics 9 (1979), equation 18.
    """
    if values.size == 0 or not values.max() > 0:
        return 0.0
    counts, edges = np.histogram(values, BINS, (0.0, float(values.max())))
    share = counts / values.size
    middles = (edges[:-1] + edges[1:]) / 2
    below, first_moment = np.cumsum(share), np.cumsum(share * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (first_moment[-1] * below - first_moment) ** 2 / (below * (1 - below))
    return float(edges[1:][np.nanargmax(np.where(np.isfinite(between), between, -1.0))])


def _looked_at(tile1: Image, tile2: Image, mask: Image | None, padding: int) -> NDArray[np.bool_]:
    """Where both tiles hold measurements and the mask lets look, bool (height, width)."""
    if tile1.shape != tile2.shape:
        sizes = " and ".join(f"{one.count} bands of {one.width} × {one.height} px" for one in (tile1, tile2))
        raise InputRejected(f"The tiles differ: {sizes}.", "/tile2")
    for pointer, tile in (("/tile1", tile1), ("/tile2", tile2)):
        if tile.dtype.kind == "c":
            raise InputRejected(f"The tile holds {tile.dtype}; a change vector is made of real numbers.", pointer)
    if 2 * padding >= min(tile1.height, tile1.width):
        raise InputRejected(f"Padding of {padding} px leaves nothing of {tile1.width} × {tile1.height} px.", "/padding")
    valid = tile1.is_valid & tile2.is_valid
    for tile in (tile1, tile2):
        valid &= np.isfinite(tile.array).all(axis=0)
    if mask is None:
        return valid
    if (mask.height, mask.width) != (tile1.height, tile1.width):
        raise InputRejected(
            f"The mask has {mask.width} × {mask.height} px, the tiles {tile1.width} × {tile1.height}.", "/mask"
        )
    return valid & (mask.array[0] != 0)


def _difference(tile1: Image, tile2: Image, looked_at: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The change vector of each pixel, float64 (bands, height, width), in deviations of unchanged ground; 0 elsewhere.

    The later tile is first brought to the earlier one's median and spread, band by band, so that another sun or haze
    is no change. Median and median deviation are not moved by changes of less than half of the tile.
    """
    difference = np.zeros(tile1.shape)
    step = 1.0 if tile1.dtype.kind in "iub" and tile2.dtype.kind in "iub" else float(np.finfo(np.float32).tiny)
    if not looked_at.any():
        return difference
    for band in range(tile1.count):
        before = tile1.array[band][looked_at].astype(np.float64)
        after = tile2.array[band][looked_at].astype(np.float64)
        (level1, spread1), (level2, spread2) = _centre(before), _centre(after)
        gain = spread1 / spread2 if spread1 and spread2 else 1.0
        change = (after - level2) * gain - (before - level1)
        middle, spread = _centre(change)
        difference[band][looked_at] = (change - middle) / max(spread * MAD_TO_DEVIATION, step)
    return difference


def _centre(values: NDArray[np.float64]) -> tuple[float, float]:
    """Median, and median absolute deviation from it."""
    middle = float(np.median(values))
    return middle, float(np.median(np.abs(values - middle)))


def _is_inside(area: Area, shape: tuple[int, ...], padding: int) -> bool:
    """Whether its centre of mass lies in this tile and not in its padding."""
    row, column = area.rows.mean() + 0.5, area.columns.mean() + 0.5
    return bool(padding <= row < shape[0] - padding and padding <= column < shape[1] - padding)


def _feature(area: Area, difference: NDArray[np.float64], peak: float, threshold: float) -> Any:
    became = "brighter" if difference[:, area.rows, area.columns].mean() > 0 else "darker"
    return to_wire(
        Detection(area.outline(), ("change", became), 1.0 - threshold / peak, properties={"areaPixels": area.size})
    )
