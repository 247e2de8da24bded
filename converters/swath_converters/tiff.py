"""GeoTIFF and Cloud Optimized GeoTIFF: all that an `Image` holds.

What TIFF has no field for (nodata that differs between bands, descriptions of bands, opacity of colours, names of
control points, digits of RPCs beyond the 15th) stands as JSON in the tag `SWATH_IMAGE`, which other programs pass over.
"""

from dataclasses import asdict, fields
from typing import Any

from rasterio.control import GroundControlPoint as _Point  # pyright: ignore[reportUnknownVariableType]
from rasterio.rpc import RPC as _RPC  # pyright: ignore[reportUnknownVariableType]

from . import gdal
from .control import POLYNOMIALS, GroundControlPoint, Rpcs
from .crs import crs_of, crs_to_text, known_crs
from .errors import ImageMalformed, MalformedValue
from .facts import facts_from_text, facts_to_text
from .formats import TIFF
from .memory import Image
from .writing import Encoding, Parameters, as_written, created, held, interpretations

EXTRA_TAG = "SWATH_IMAGE"
_DTYPES = frozenset(
    f"{kind}{bits}"
    for kind, sizes in (
        ("int", (8, 16, 32, 64)),
        ("uint", (8, 16, 32, 64)),
        ("float", (32, 64)),
        ("complex", (64, 128)),
    )
    for bits in sizes
)
_PALETTE_DTYPES = ("uint8", "uint16")
_TILE_PX = 512
_TILE_STEP_PX = 16  # TIFF: sides of tiles are multiples of 16
_STRIP_PX = 64
_EXACT_IN_DOUBLE = 2**53  # rasterio hands a nodata value to GDAL as a double
_LEVELS: dict[str, dict[str, int]] = {"deflate": {"zlevel": 1}, "zstd": {"zstd_level": 1}, "lzw": {}, "none": {}}
_KEPT_COLORS = frozenset({None, "gray", "red", "green", "blue", "alpha"})
_RGB = ("red", "green", "blue")
_rasterios_point: Any = _Point
_rasterios_rpcs: Any = _RPC


def refusal(image: Image) -> str | None:
    """Why TIFF cannot hold the image."""
    if image.dtype.name not in _DTYPES and image.dtype.kind != "b":
        return f"its samples are {image.dtype.name}, which TIFF does not have"
    if image.color_map is not None and image.dtype.name not in _PALETTE_DTYPES:
        return f"it has colours of {image.dtype.name} samples, and TIFF has those of uint8 and uint16"
    return None


def write(image: Image, parameters: Parameters) -> memoryview:
    """The file; raises ImageMalformed where a CRS of the image is not known."""
    is_cog = parameters["profile"] == "cloud-optimized"
    options = _options(image, parameters["compression"], is_cog=is_cog)
    samples = as_written(image)
    extra = _unheld(image, is_cog=is_cog)
    with gdal.sandbox():
        crs = None if image.gcps else crs_of(image)
        nodata = None if "nodata" in extra else image.nodata
        file, dataset = created(
            image, "COG" if is_cog else TIFF.driver, nodata=nodata, crs=crs, transform=image.transform, **options
        )
        with dataset:
            # Before the samples: GDAL would otherwise write the directory again behind them.
            _write_facts(dataset, image, extra)
            dataset.write(samples)
            if image.mask is not None:
                dataset.write_mask(image.mask)
        return held(file)


def read_facts(dataset: Any, tags: dict[str, str]) -> dict[str, Any]:
    """Arguments of `Image` that TIFF knows beyond those of every format; `SWATH_IMAGE` is taken out of the tags.

    That tag is passed over where it is not of this file: another program may have cut bands away, or set nodata.
    """
    text = tags.pop(EXTRA_TAG, None)
    points, crs = dataset.gcps
    found: dict[str, Any] = {"units": dataset.units if any(dataset.units) else (), "rpcs": _rpcs(dataset.rpcs)}
    if points:
        found["gcps"] = tuple(GroundControlPoint(at.row, at.col, at.x, at.y, at.z or 0.0, at.id) for at in points)
        found["gcp_crs"] = crs_to_text(crs)
    try:
        return found | _fitting(facts_from_text(text), found, dataset) if text else found
    except MalformedValue:
        return found


def _fitting(extra: dict[str, Any], found: dict[str, Any], dataset: Any) -> dict[str, Any]:
    """The facts of the tag that agree with the file."""
    fits = {
        "nodata": dataset.nodata is None,
        "band_descriptions": len(extra.get("band_descriptions", ())) == dataset.count,
        "color_interpretation": len(extra.get("color_interpretation", ())) == dataset.count,
        "color_map": True,
        "gcps": len(extra.get("gcps", ())) == len(found.get("gcps", ())),
        "crs": bool(found.get("gcps")),
        "rpcs": found["rpcs"] is not None,
    }
    if isinstance(extra.get("nodata"), tuple) and len(extra["nodata"]) != dataset.count:
        fits["nodata"] = False
    return {name: value for name, value in extra.items() if fits.get(name)}


def _unheld(image: Image, *, is_cog: bool) -> set[str]:
    """Names of the facts that TIFF, as GDAL writes it, would lose or round."""
    names = {"band_descriptions"}
    wide = image.dtype.name in {"int64", "uint64"}
    if isinstance(image.nodata, tuple) or (
        image.nodata is not None and wide and (is_cog or abs(image.nodata) > _EXACT_IN_DOUBLE)
    ):
        names.add("nodata")
    if image.gcps:
        names |= {"gcps", "crs"}
    if image.rpcs is not None and _is_rounded(image.rpcs):
        names.add("rpcs")
    if image.color_map is not None:
        names.add("color_map")
    if not _KEPT_COLORS.issuperset(image.color_interpretation):
        names.add("color_interpretation")
    return {name for name in names if getattr(image, name) not in (None, ())}


def _is_rounded(rpcs: Rpcs) -> bool:
    """Whether GDAL, which passes them as text of 15 digits, would change a coefficient."""
    said: dict[str, Any] = asdict(rpcs)
    numbers: list[float] = [one for name in POLYNOMIALS for one in said[name]]
    numbers += [value or 0.0 for name, value in said.items() if name not in POLYNOMIALS]
    return any(float(f"{one:.15g}") != one for one in numbers)


def _write_facts(dataset: Any, image: Image, extra: set[str]) -> None:
    if EXTRA_TAG in image.tags:
        raise ImageMalformed(f"The tag {EXTRA_TAG} is not an image's own.")
    tags = dict(image.tags) | ({EXTRA_TAG: facts_to_text(image, extra)} if extra else {})
    if tags:
        dataset.update_tags(**tags)
    for name, default in (("band_names", None), ("scales", 1.0), ("offsets", 0.0), ("units", None)):
        values = getattr(image, name)
        if any(value != default for value in values):
            setattr(dataset, _GDAL_NAMES.get(name, name), values)
    for index, band_tags in enumerate(image.band_tags, start=1):
        dataset.update_tags(index, **band_tags)
    if image.color_interpretation:
        dataset.colorinterp = interpretations(image)
    if image.gcps:
        points = [_rasterios_point(one.row, one.column, one.x, one.y, one.z, one.id) for one in image.gcps]
        dataset.gcps = (points, known_crs(image.gcp_crs))
    if image.rpcs is not None:
        said: dict[str, Any] = asdict(image.rpcs)
        dataset.rpcs = _rasterios_rpcs(**(said | {name: list(said[name]) for name in POLYNOMIALS}))
    if image.color_map is not None:
        dataset.write_colormap(1, dict(image.color_map))


_GDAL_NAMES = {"band_names": "descriptions"}


def _rpcs(found: Any) -> Rpcs | None:
    if found is None:
        return None
    said: dict[str, Any] = {one.name: getattr(found, one.name) for one in fields(Rpcs)}
    polynomials: dict[str, Any] = {name: tuple(said[name]) for name in POLYNOMIALS}
    return Rpcs(**(said | polynomials))


def _options(image: Image, compression: str, *, is_cog: bool) -> dict[str, Any]:
    """GDAL's creation options: `predictor` 2 stores differences of integers, 3 those of floats' bytes."""
    predictor = 1 if compression == "none" else {"i": 2, "u": 2, "b": 2, "f": 3, "c": 1}[image.dtype.kind]
    if is_cog:
        # An overview's pixels are pixels of the image, so that classes stay classes.
        level = {"level": 1} if _LEVELS[compression] else {}
        names = {1: "no", 2: "standard", 3: "floating_point"}
        cog = {"predictor": names[predictor], "blocksize": _cog_tile_px(image), "overview_resampling": "nearest"}
        return {"compress": compression, "bigtiff": "if_safer", **level, **cog}
    is_large = min(image.height, image.width) >= _TILE_PX
    blocks = {"tiled": True, "blockxsize": _TILE_PX, "blockysize": _TILE_PX} if is_large else {}
    return {
        "compress": compression,
        **_LEVELS[compression],
        "predictor": predictor,
        "interleave": "band",
        "bigtiff": "if_safer",
        "photometric": _photometric(image),
        "alpha": "yes" if "alpha" in image.color_interpretation else "no",
        **(blocks or {"blockysize": min(image.height, _STRIP_PX)}),
    }


def _photometric(image: Image) -> str:
    """What TIFF says of its first bands; of the others GDAL's own metadata do."""
    if image.color_map is not None:
        return "palette"
    return "rgb" if image.color_interpretation[:3] == _RGB else "minisblack"


def _cog_tile_px(image: Image) -> int:
    """Side of a tile: no larger than the image needs, since all of a tile is encoded."""
    longest = max(image.height, image.width)
    return min(_TILE_PX, -(-longest // _TILE_STEP_PX) * _TILE_STEP_PX)


ENCODING = Encoding(
    TIFF.media_type,
    refusal,
    write,
    {
        "compression": ("deflate", "zstd", "lzw", "none"),
        "profile": ("", "cloud-optimized"),
        "application": ("geotiff",),
    },
)
