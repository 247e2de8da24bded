"""What can go wrong between the wire and what an algorithm sees.

One class for each thing that the caller can do something about; the facts are fields, the message is made
from them. No message holds a pixel, a payload, a path of this machine, or a library's own text.
"""

from collections.abc import Sequence


class ConversionError(Exception):
    """A value could not be converted; `pointer` (RFC 6901) says where in it, "" at its root."""

    hint: str = ""
    exit_code: int = 1

    def __init__(self, message: str, *, pointer: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer
        if hint:
            self.hint = hint

    def within(self, pointer: str) -> "ConversionError":
        """The error itself, its pointer moved below `pointer`: the member that the value stands in."""
        self.pointer = pointer + self.pointer
        return self

    def __str__(self) -> str:
        return f"{self.message} (at {self.pointer})" if self.pointer else self.message


class MalformedValue(ConversionError):
    """The wire value has no form that its type allows: bad base64, a bad data URI, two sources at once."""


class UndecodableImage(ConversionError):
    """The bytes are no whole image of the format that they seem to be, or contradict what is said of them."""

    hint = "Send the file whole and unchanged: GeoTIFF, PNG, JPEG, JPEG 2000, NPY or NPZ."


class BandMissing(ConversionError):
    """An image lacks a band that was asked for by name."""

    def __init__(self, name: str, known: Sequence[str | None], *, pointer: str = "") -> None:
        self.name = name
        self.known = tuple(band for band in known if band)
        listed = ", ".join(self.known) if self.known else "none: its bands are unnamed"
        super().__init__(
            f"The image has no band named {name!r}; its named bands: {listed}.",
            pointer=pointer,
            hint='Name the bands in the file (band descriptions) or in the request ("bands": [{"name": …}]).',
        )


class Unplaceable(ConversionError):
    """Pixels have no place on the ground, or a place no pixel: no transform, or outside of a reference system."""

    hint = "Send an image with CRS and transform (GeoTIFF), or say them beside it."


class MediaTypeUnsupported(ConversionError):
    """A media type that no converter reads or writes."""

    def __init__(self, media_type: str, supported: Sequence[str], *, pointer: str = "") -> None:
        self.media_type = media_type[:100]
        self.supported = tuple(supported)
        super().__init__(
            f"The media type {self.media_type!r} is not supported; supported: {', '.join(self.supported)}.",
            pointer=pointer,
        )


class CannotEncode(ConversionError):
    """A media type cannot hold this image without changing it; `alternatives` are those that can."""

    def __init__(self, media_type: str, reason: str, alternatives: Sequence[str], *, hint: str = "") -> None:
        self.media_type = media_type
        self.reason = reason
        self.alternatives = tuple(alternatives)
        listed = f"Ask for {' or '.join(self.alternatives)}." if alternatives else "Convert its samples first."
        super().__init__(f"{media_type} cannot hold this image: {reason}.", hint=hint or listed)


class TooLarge(ConversionError):
    """More pixels, bands or bytes than the policy allows, seen in the header before anything was decoded."""

    def __init__(self, what: str, actual: int, limit: int, *, pointer: str = "") -> None:
        self.what = what
        self.actual = actual
        self.limit = limit
        super().__init__(
            f"The image has {actual:,} {what}; at most {limit:,} are accepted.",
            pointer=pointer,
            hint="Send a smaller part of the image, or ask the operator to raise the limit.",
        )


class DecodeTimedOut(ConversionError):
    """Decoding took longer than the policy allows; what was decoded is thrown away."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        super().__init__(
            f"The image takes longer to decode than the {limit_s:g} s that are allowed.",
            hint="Send a smaller part of the image, or one that is compressed otherwise; or ask the operator.",
        )


class AccessDenied(ConversionError):
    """A URI that this service is not allowed to open; whether anything is behind it is not said."""


class SchemeDenied(AccessDenied):
    """A URI whose scheme is not among the `allowed`."""

    def __init__(self, scheme: str, allowed: Sequence[str], *, pointer: str = "") -> None:
        self.scheme = scheme[:32]
        self.allowed = tuple(allowed)
        what = f"URIs with the scheme {self.scheme!r} are" if scheme else "References without a scheme are"
        super().__init__(
            f"{what} not opened here; allowed: {', '.join(f'{name}:' for name in self.allowed)}.",
            pointer=pointer,
            hint="Send the image itself: as base64, or as a part of the request and cid:NAME here.",
        )


class FetchFailed(ConversionError):
    """A server did not give the file that a URI names; `where` is its scheme and host, never more of the URI."""

    hint = "Check that the URI is right and may be read; or send the image itself."

    def __init__(self, where: str, reason: str, *, hint: str = "") -> None:
        self.where = where
        self.reason = reason
        super().__init__(f"{where} did not give the file: {reason}.", hint=hint)


class FetchTimedOut(FetchFailed):
    """A server took longer than the policy allows."""

    hint = "Try again later, ask for a smaller part, or send the image itself."


class StoreFailed(ConversionError):
    """A result could not be put where it was asked for; nothing, or the whole of it, stands there."""


class MissingPart(ConversionError):
    """`cid:NAME` names a part that did not come with the request."""

    def __init__(self, name: str, known: Sequence[str], *, pointer: str = "") -> None:
        self.name = name[:64]
        self.known = tuple(known)
        listed = ", ".join(part[:64] for part in self.known) or "none"
        super().__init__(
            f"The request has no part named {self.name!r}; its parts: {listed}.",
            pointer=pointer,
            hint="Send it as a part of a multipart/form-data request, under that name.",
        )


class ImageMalformed(ConversionError, ValueError):
    """An `Image` was made from parts that do not fit together: an algorithm's mistake, not its caller's."""


class NotJson(ConversionError):
    """A result holds something that JSON cannot: NaN, an infinity, bytes, an object of an unknown class."""
