"""What a command line names: an image (document, STAC item, raster file) and what a service supports."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from swath_registry.crosswalks import Crosswalk, image_of_asset, is_item
from swath_registry.documents import Document, read_document
from swath_registry.errors import RegistryError
from swath_registry.validation import Validator, Violation

HEADER_READERS = "swath.image_headers"
"""Entry points that read a raster file's header: `Path` -> document of the registry type `image`."""

_DOCUMENTS = frozenset({".json", ".geojson", ".yml", ".yaml"})
_MOST_SHOWN = 5


class NotValid(RegistryError):
    """A document isn't of the type that it must be.

    Args:
        document: the file.
        reference: the type.
        violations: what is wrong with it.
    """

    def __init__(self, document: Document, reference: str, violations: list[Violation]) -> None:
        self.violations = tuple(violations)
        lines = [f"{document.path} isn't of the type {reference}:"]
        for each in violations[:_MOST_SHOWN]:
            place = document.position(each.pointer)
            lines.append(f"  {document.path}:{place.line}:{place.column}: {each.pointer or '/'} {each.message}")
        super().__init__("\n".join(lines))
        self.hint = f"swath registry validate {reference} {document.path} tells everything that is wrong."


class NoHeaderReader(RegistryError):
    """A raster file is named, and nothing that reads them is installed."""

    hint = "Install swath-converters, or give a JSON or YAML document of the type image, or a STAC item."
    exit_code = 3

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} is no JSON or YAML document, and nothing that reads raster files is installed.")


class InputUnknown(RegistryError):
    """A service has no such input, or several of which one must be named."""

    exit_code = 2

    def __init__(self, path: Path, asked: str | None, known: list[str]) -> None:
        self.path = path
        self.known = tuple(known)
        what = f"has no input {asked!r} with capabilities" if asked else f"tells of {len(known)} inputs"
        super().__init__(f"{path} {what}; those that have some: {', '.join(known) or 'none'}.")
        self.hint = "Name one with --input." if known else "Capabilities stand in inputCapabilities/inputs/NAME."


def image_from(path: Path, asset: str | None = None) -> tuple[Any, Crosswalk | None]:
    """The image that a file tells of, and the report where it is a STAC item.

    Args:
        path: a document of the type `image`, a STAC item, or a raster file.
        asset: of a STAC item; None where it has one image.

    Raises:
        RegistryError: the file can't be read, or isn't what it must be; or what a reader of rasters raises.
    """
    if path.suffix.lower() not in _DOCUMENTS and path.is_file():
        return _header(path), None
    document = read_document(path)
    if is_item(document.value):
        found = image_of_asset(document.value, asset)
        return found.document, found
    return _valid(document, "image"), None


def capabilities_from(path: Path, name: str | None = None) -> dict[str, Any]:
    """What a service supports.

    Args:
        path: a document of the type `imageCapabilities`, `inputCapabilities` or `describe`.
        name: of an input of the latter two; None where one has capabilities.

    Raises:
        RegistryError: the file can't be read, isn't what it must be, or has no such input.
    """
    document = read_document(path)
    value: dict[str, Any] = document.value if isinstance(document.value, dict) else {}  # pyright: ignore
    if "input" in value and "output" in value:
        inputs = _valid(document, "describe").get("inputCapabilities", {}).get("inputs", {})
    elif "inputs" in value or "constraints" in value:
        inputs = _valid(document, "inputCapabilities").get("inputs", {})
    else:
        return _valid(document, "imageCapabilities")
    known = [one for one, told in inputs.items() if "capabilities" in told]
    chosen = name if name is not None else known[0] if len(known) == 1 else None
    if chosen not in known:
        raise InputUnknown(path, name, known)
    return inputs[chosen]["capabilities"]


def _valid(document: Document, reference: str) -> Any:
    violations = Validator(reference).violations(document.value)
    if violations:
        raise NotValid(document, reference, violations)
    return document.value


def _header(path: Path) -> Any:
    for reader in entry_points(group=HEADER_READERS):
        return reader.load()(path)
    raise NoHeaderReader(path)
