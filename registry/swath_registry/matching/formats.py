"""The files that converters write, and which samples each of them holds.

A table of `swath_converters`' encoders, which this package doesn't import; a test there compares the two.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from swath_registry.matching.facts import essence
from swath_registry.matching.truth import Truth

IN_MEMORY = {"cint16": "cfloat32", "cint32": "cfloat32"}
"""Data types that are others once they are read: numpy has no complex integers."""

_NUMBERS = frozenset(
    f"{kind}{bits}"
    for kind, sizes in (("int", (8, 16, 32, 64)), ("uint", (8, 16, 32, 64)), ("float", (32, 64)), ("cfloat", (32, 64)))
    for bits in sizes
)
_COG_TILE_PX = 512


@dataclass(frozen=True)
class FileForm:
    """A kind of file.

    Attributes:
        media_type: with the parameters that ask an encoder for it.
        compression: of its pixels, by the name in `image`.
        data_types: that it holds.
        band_counts: that it holds; None is any.
        most_px: longest side; None is any.
        is_lossless: every sample comes back as it was.
        has_place: it keeps CRS and transform.
        has_overviews: large images are written with overviews; None: how many shows only then.
    """

    media_type: str
    compression: str
    data_types: frozenset[str]
    band_counts: tuple[int, ...] | None = None
    most_px: int | None = None
    is_lossless: bool = True
    has_place: bool = False
    has_overviews: bool | None = False

    @cached_property
    def essence(self) -> str:
        """The media type without parameters."""
        return essence(self.media_type)

    def holds(self, data_type: str | None, band_count: int | None, size: tuple[int, int] | None) -> Truth:
        """Whether it can hold such an image; what isn't known is None."""
        checks = (
            (data_type, len(self.data_types) == len(_ANY), lambda: data_type in self.data_types),
            (band_count, self.band_counts is None, lambda: band_count in (self.band_counts or ())),
            (size, self.most_px is None, lambda: max(size or (0,)) <= (self.most_px or 0)),
        )
        worst = Truth.HOLDS
        for known, is_open, check in checks:
            if not is_open:
                truth = Truth.UNKNOWN if known is None else Truth.HOLDS if check() else Truth.FAILS
                worst = min(worst, truth)
        return worst

    def overviews(self, size: tuple[int, int]) -> list[int] | None:
        """Factors of the overviews that an image of that size gets: halves until one tile holds it. None: unknown."""
        if self.has_overviews is None:
            return None
        factors: list[int] = []
        factor = 1
        while self.has_overviews and max(size) // factor > _COG_TILE_PX:
            factor *= 2
            factors.append(factor)
        return factors


_ANY = _NUMBERS | {"float16"}
_SMALL = frozenset({"uint8"})


def _tiffs() -> Iterator[FileForm]:
    for profile in ("", "; profile=cloud-optimized"):
        for compression in ("deflate", "zstd", "lzw", "none"):
            asked = "" if compression == "deflate" else f"; compression={compression}"
            name = f"image/tiff{profile}{asked}"
            yield FileForm(name, compression, _NUMBERS, has_place=True, has_overviews=bool(profile))


FORMS: tuple[FileForm, ...] = (
    *_tiffs(),
    FileForm("image/png", "deflate", frozenset({"uint8", "uint16"}), (1, 2, 3, 4)),
    FileForm("image/jp2", "jpeg2000", frozenset({"uint8", "int16", "uint16"}), has_place=True, has_overviews=None),
    FileForm("application/x-npz", "none", _ANY, has_place=True),
    FileForm("application/x-npy", "none", _ANY),
    FileForm("image/webp", "webp", _SMALL, (3, 4), 16_383),
    FileForm("image/jpeg", "jpeg", _SMALL, (1, 3), 65_500, is_lossless=False),
)
"""Every kind, the one that holds most first; those that lose something last."""


def forms_for(capabilities: Mapping[str, Any]) -> list[FileForm]:
    """The kinds that capabilities accept: as they name media types first, then in the order above."""
    wanted = [essence(one) for one in capabilities.get("mediaTypes", ())]
    compressions = capabilities.get("compressions")
    accepted = [
        form
        for form in FORMS
        if (not wanted or form.essence in wanted)
        and (compressions is None or form.compression in compressions)
        and (form.has_overviews or not capabilities.get("overviews"))
    ]
    return sorted(accepted, key=lambda form: wanted.index(form.essence) if wanted else 0)
