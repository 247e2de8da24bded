"""What an image document says, and what follows from it.

Only what must be so is concluded: a sample uses no more bits than its data type has, base64 text tells the size of
the file, the finest band is no coarser than one whose size is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from swath_registry.matching.ranges import Interval, moment

BITS = {
    **{
        f"{kind}{bits}": bits
        for kind in ("int", "uint", "float")
        for bits in (8, 16, 32, 64)
        if kind + str(bits) != "float8"
    },
    **{"cint16": 32, "cint32": 64, "cfloat32": 64, "cfloat64": 128},
}
"""Bits of a sample by data type (STAC 1.1); both parts of a complex one."""

_BY_VALUE = ("data:", "cid:")


@dataclass(frozen=True)
class Facts:
    """An image.

    Attributes:
        document: an object of the registry type `image`.
        is_placed: whether it is known to have a CRS and a transform although the document doesn't tell the transform,
            which nobody knows before an image is reprojected.
    """

    document: Mapping[str, Any]
    is_placed: bool = False
    bands: Sequence[Mapping[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bands", self.document.get("bands", ()))

    @classmethod
    def of(cls, image: Mapping[str, Any] | str) -> "Facts":
        """Those of a document, or of the text form of an image."""
        return cls(document_of(image))

    @property
    def size(self) -> tuple[int, int] | None:
        """Columns and rows, px."""
        size = self.document.get("size")
        return (size["width"], size["height"]) if size else None

    @property
    def media_type(self) -> str | None:
        """Media type in lower case, without parameters."""
        said = self.document.get("mediaType")
        return essence(said) if said else None

    @property
    def data_types(self) -> list[str | None]:
        """Of each band that is known, or of all; None where it isn't said."""
        whole = self.document.get("dataType")
        return [band.get("dataType", whole) for band in self.bands] or [whole]

    @property
    def data_type(self) -> str | None:
        """The one data type of all bands, None where they differ or don't say."""
        found = set(self.data_types)
        return found.pop() if len(found) == 1 else None

    @property
    def size_bytes(self) -> int | None:
        """Of the file."""
        if "sizeBytes" in self.document:
            return self.document["sizeBytes"]
        data = self.document.get("data")
        return len(data) // 4 * 3 - data[-2:].count("=") if isinstance(data, str) else None

    @property
    def is_by_value(self) -> bool:
        """Whether the file comes with the request."""
        return "data" in self.document or str(self.document.get("href", "")).lower().startswith(_BY_VALUE)

    @property
    def gsd(self) -> Interval | None:
        """Ground sample distance of the finest band, m."""
        if "gsd" in self.document:
            return self.document["gsd"], self.document["gsd"]
        known = [band["gsd"] for band in self.bands if "gsd" in band]
        if not known:
            return None
        return (min(known) if len(known) == len(self.bands) else 0), min(known)

    @property
    def bits(self) -> list[Interval]:
        """Bits of a sample that are used, of each band; () where nothing is known of one."""
        whole = self.document.get("bitsPerSample")
        found: list[Interval] = []
        for index, data_type in enumerate(self.data_types):
            said = self.bands[index].get("bitsPerSample", whole) if self.bands else whole
            if said is None and data_type not in BITS:
                return []
            found.append((said, said) if said is not None else (1, BITS[cast(str, data_type)]))
        return found

    @property
    def time(self) -> Interval | None:
        """When it was taken: the time that is said, or from start to end."""
        at = moment(self.document.get("datetime"))
        if at:
            return at, at
        start, end = moment(self.document.get("startDatetime")), moment(self.document.get("endDatetime"))
        return (start, end) if start and end else None

    @property
    def has_transform(self) -> bool:
        """Whether it is known to lie in a CRS by a transform."""
        return self.is_placed or ("crs" in self.document and "transform" in self.document)


def document_of(image: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """The object form of an image: a URI stands in `href`, base64 in `data`."""
    if not isinstance(image, str):
        return image
    if image.lower().startswith("data:"):
        media_type = image[5:].partition(",")[0].removesuffix(";base64")
        return {"href": image, "mediaType": media_type} if "/" in media_type else {"href": image}
    scheme = image.partition(":")[0]
    return {"href": image} if scheme != image and scheme[:1].isalpha() else {"data": image}


def essence(media_type: str) -> str:
    """A media type in lower case, without parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_unnamed(band: Mapping[str, Any], index: int) -> bool:
    """Whether a band's name is only its number, counted from 1: the file has no name for it."""
    return band["name"] == str(index + 1)
