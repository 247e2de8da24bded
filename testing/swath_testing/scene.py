"""Plausible Sentinel-2-like scenes in which it is known where the clouds are.

They look right (land, water, beaches, snow, clouds with soft edges and shadows, the oblique edge of an orbit)
and carry what a product carries: digital numbers, scale and offset, band names, CRS, transform, nodata. They
are drawn, not measured: a score on them says that an algorithm works, not how well it does on real scenes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from swath_converters import Image

from .noise import Noise

CLEAR, CLOUD, NODATA = 0, 1, 255

# Level-1C, processing baseline 04.00 and later: reflectance = (DN − 1000) / 10000, DN 1–32767, 0 is nodata.
# https://sentiwiki.copernicus.eu/web/s2-products (RADIO_ADD_OFFSET, QUANTIFICATION_VALUE)
SCALE, OFFSET = 0.0001, -0.1
DN_MIN, DN_MAX, DN_NODATA = 1, 32767, 0
PIXEL_SIZE_M = 10.0

# Where the scene lies: UTM zone 31 north, its upper left corner in southern France (x, y in metres).
CRS, ORIGIN_M = "EPSG:32631", (600_000.0, 4_900_020.0)

# Top-of-atmosphere reflectance of each cover by band. Chosen to look as such covers do (water darker with
# wavelength, plants bright in B08, snow dark in B11, soil and sand more red than green, B09 and B10 dark but for what
# lies above the water vapour); not measured.
REFLECTANCE = {
    #         water  sand  plants  soil  snow  cloud
    "B01": (0.120, 0.22, 0.110, 0.13, 0.80, 0.58),
    "B02": (0.090, 0.24, 0.090, 0.12, 0.80, 0.56),
    "B03": (0.060, 0.29, 0.080, 0.13, 0.78, 0.54),
    "B04": (0.030, 0.35, 0.060, 0.16, 0.76, 0.53),
    "B05": (0.025, 0.37, 0.110, 0.19, 0.75, 0.54),
    "B06": (0.020, 0.39, 0.240, 0.21, 0.73, 0.56),
    "B07": (0.018, 0.40, 0.290, 0.22, 0.72, 0.57),
    "B08": (0.015, 0.42, 0.320, 0.24, 0.70, 0.57),
    "B8A": (0.013, 0.44, 0.330, 0.26, 0.68, 0.58),
    "B09": (0.006, 0.14, 0.090, 0.08, 0.25, 0.30),
    "B10": (0.001, 0.002, 0.001, 0.002, 0.004, 0.020),
    "B11": (0.008, 0.50, 0.160, 0.30, 0.08, 0.38),
    "B12": (0.005, 0.45, 0.080, 0.25, 0.06, 0.28),
}
WATER, SAND, PLANTS, SOIL, SNOW, CLOUD_TOP = range(6)

STRIP_ROWS = 256  # rows drawn at a time: bounds the memory beyond the scene's own; part of what a seed means


class UnknownBand(ValueError):
    """A band that no scene has."""

    hint = f"Bands of a scene: {', '.join(REFLECTANCE)}."
    exit_code = 2

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"No band is called {name!r}.")


@dataclass(frozen=True, eq=False)
class Scene:
    """A drawn scene and what is true of it.

    Attributes:
        image: digital numbers, uint16 (bands, height, width), 1–32767, nodata 0, with scale and offset.
        truth: uint8 (height, width): 1 cloud (opacity at least one half), 0 clear, 255 nodata.
    """

    image: Image
    truth: NDArray[np.uint8]

    @property
    def truth_image(self) -> Image:
        """The truth on the scene's grid, nodata 255."""
        return self.image.like(self.truth, nodata=NODATA, band_names=("cloud",))

    @property
    def cloud_fraction(self) -> float:
        """Share of the valid pixels that are cloud, 0–1; 0 when none is valid."""
        valid = np.count_nonzero(self.truth != NODATA)
        return np.count_nonzero(self.truth == CLOUD) / valid if valid else 0.0


def make_scene(
    width: int,
    height: int,
    bands: Sequence[str] = ("B02", "B03", "B04", "B08", "B11"),
    *,
    seed: int = 0,
    cloud_cover: float = 0.3,
    border: bool = True,
) -> Scene:
    """A scene of any size; the same arguments give the same pixels.

    Args:
        width: columns, px, at least 1.
        height: rows, px, at least 1.
        bands: names out of Sentinel-2's thirteen, B01 to B12 and B8A, in the order wanted.
        seed: which scene, at least 0.
        cloud_cover: about which share of the pixels is cloud, 0–1; a small scene may differ much.
        border: leave a corner without data, as the edge of an orbit does.

    Raises:
        UnknownBand: a band that is not in the list above.

    Memory: 2 bytes a pixel and band, 1 for the truth, and below 20 KB for each column while it is drawn.
    """
    for name in bands:
        if name not in REFLECTANCE:
            raise UnknownBand(name)
    sketch = _Sketch.make(width, height, seed, cloud_cover)
    numbers = np.empty((len(bands), height, width), np.uint16)
    truth = np.empty((height, width), np.uint8)
    for top in range(0, height, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, height)
        rows = slice(top, bottom)
        opacity = sketch.opacity(top, bottom)
        covers = sketch.covers(top, bottom)
        light = sketch.light(top, bottom)
        random = np.random.default_rng([seed, top])
        missing = _beyond_orbit(width, height, range(top, bottom)) if border else np.zeros(opacity.shape, bool)
        for band, name in enumerate(bands):
            reflectance = _reflectance(REFLECTANCE[name], covers, light, opacity)
            numbers[band, rows] = np.where(missing, DN_NODATA, _digital_numbers(reflectance, random))
        truth[rows] = np.where(missing, NODATA, np.where(opacity >= 0.5, CLOUD, CLEAR))
    image = Image(
        numbers,
        crs=CRS,
        transform=Affine(PIXEL_SIZE_M, 0, ORIGIN_M[0], 0, -PIXEL_SIZE_M, ORIGIN_M[1]),
        nodata=DN_NODATA,
        band_names=tuple(bands),
        scales=(SCALE,) * len(bands),
        offsets=(OFFSET,) * len(bands),
    )
    return Scene(image, truth)


@dataclass(frozen=True)
class _Sketch:
    """The smooth fields that a scene is drawn from."""

    altitude: Noise
    moisture: Noise
    texture: Noise
    cloud: Noise
    cloud_cover: float
    shadow_px: int

    @classmethod
    def make(cls, width: int, height: int, seed: int, cloud_cover: float) -> "_Sketch":
        # A small scene still has several covers; a large one has features of 4 km at most.
        wavelength_px = min(max(max(width, height) / 3, 4.0), 400.0)
        fields = [
            Noise.make(width, height, wavelength_px * share, (seed, number))
            for number, share in enumerate((1.0, 0.7, 0.1, 0.6))
        ]
        return cls(*fields, cloud_cover=cloud_cover, shadow_px=round(wavelength_px / 10))

    def opacity(self, top: int, bottom: int) -> NDArray[np.float32]:
        """How much the clouds hide, float32 (rows, width), from 0 (clear) over soft edges to 1."""
        edge = np.float32(0.1)  # of the field's range: a few pixels to a few dozen
        start = np.float32(1 - self.cloud_cover) - edge / 2
        return np.clip((self.cloud.rows(top, bottom) - start) / edge, 0, 1)

    def light(self, top: int, bottom: int) -> NDArray[np.float32]:
        """Brightness of the ground: fine texture, and the shadows of the clouds to the south-east of them."""
        shadow = self.opacity(top - self.shadow_px, bottom - self.shadow_px)
        shadow = np.roll(shadow, self.shadow_px, axis=1)
        shadow[:, : self.shadow_px] = 0
        texture = np.float32(0.85) + np.float32(0.3) * self.texture.rows(top, bottom)
        return np.asarray(texture * (1 - np.float32(0.5) * shadow), np.float32)

    def covers(self, top: int, bottom: int) -> NDArray[np.intp]:
        """Which cover, intp (rows, width): low is water, then a beach; high is snow; else by moisture."""
        altitude = self.altitude.rows(top, bottom)
        land = np.where(self.moisture.rows(top, bottom) > 0.45, PLANTS, SOIL)
        return np.select([altitude < 0.25, altitude < 0.29, altitude > 0.85], [WATER, SAND, SNOW], land)


def _reflectance(
    of_cover: tuple[float, ...],
    covers: NDArray[np.intp],
    light: NDArray[np.float32],
    opacity: NDArray[np.float32],
) -> NDArray[np.float32]:
    ground = np.asarray(of_cover, np.float32)[covers] * light
    return np.asarray(ground + (np.float32(of_cover[CLOUD_TOP]) - ground) * opacity, np.float32)


def _digital_numbers(reflectance: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.uint16]:
    # 10 counts are 0.001 of reflectance: visible in dark places, small against any threshold in use.
    noise = random.standard_normal(reflectance.shape, np.float32) * np.float32(10)
    numbers = (reflectance - np.float32(OFFSET)) / np.float32(SCALE) + noise
    return np.clip(np.rint(numbers), DN_MIN, DN_MAX).astype(np.uint16)


def _beyond_orbit(width: int, height: int, rows: range) -> NDArray[np.bool_]:
    """True in the upper left corner, which the orbit did not see: a tenth of the scene, (rows, width)."""
    across = (np.arange(width, dtype=np.float64) + 0.5) / width
    along = (np.arange(rows.start, rows.stop, dtype=np.float64) + 0.5) / height
    return np.less(across[None, :], 0.22 - 0.25 * along[:, None])
