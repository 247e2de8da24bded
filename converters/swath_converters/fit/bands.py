"""The bands that a service takes, in the order in which it takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..errors import BandMissing, MalformedValue
from ..memory import PER_BAND, Image
from .record import Change, Fitted


def select_bands(image: Image, bands: Sequence[int | str], *, common_names: Mapping[str, str] | None = None) -> Fitted:
    """The bands asked for, in that order; one may be asked for twice.

    Args:
        image: any.
        bands: of each its index from 0, its name, or its common name.
        common_names: the image's names of bands by common name ("red" -> "B04"), as the image's document says
            them. A name of the image's own goes before a common name.

    Returns:
        The image with those bands and what is said of them. A colour map stays with the one band that it is of.

    Raises:
        BandMissing: no band has that name or common name.
        MalformedValue: no band has that index, or none is asked for.
    """
    at = [_index(image, band, common_names or {}) for band in bands]
    if not at:
        raise MalformedValue("At least one band must be asked for.")
    kept = list(range(image.count))
    details = {"from": _names(image, kept), "to": _names(image, at)}
    return Fitted(selected(image, at), Change("select_bands", details, is_needed=at != kept))


def selected(image: Image, at: Sequence[int]) -> Image:
    """The bands of these indexes, from 0; the image itself where they are all of them in order."""
    if list(at) == list(range(image.count)):
        return image
    return replace(
        image,
        array=image.array[list(at)],
        nodata=tuple(image.nodatas[index] for index in at),
        color_map=image.color_map if image.count == len(at) == 1 else None,
        **{name: tuple(getattr(image, name)[index] for index in at) for name in PER_BAND if getattr(image, name)},
    )


def _index(image: Image, band: int | str, common_names: Mapping[str, str]) -> int:
    if isinstance(band, int):
        if 0 <= band < image.count:
            return band
        raise MalformedValue(f"The image has no band {band}; its bands are 0 to {image.count - 1}.")
    name = band if band in image.band_names else common_names.get(band, band)
    if name not in image.band_names:
        raise BandMissing(band, image.band_names)
    return image.band_names.index(name)


def _names(image: Image, at: Sequence[int]) -> list[str | int]:
    names = image.band_names or (None,) * image.count
    return [names[index] or index for index in at]
