"""The examples of an algorithm: what goes in, what must come out, and how exactly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_registry.documents import read_document
from swath_registry.errors import DocumentUnreadable

EXAMPLES, INPUT, EXPECTED, TOLERANCES = "examples", "input.json", "expected.json", "tolerances.json"
JSON_SUFFIXES = {".json", ".geojson"}


@dataclass(frozen=True)
class Case:
    """One folder under `examples/`.

    `inputs` and `expected` map names to wire values, as the files have them; a value `{"href": "scene.tif"}` with a
    relative path names a file of the case's folder. `expected` is None where the case only has to succeed.
    `tolerances` maps output names to rules; an output without one must be equal.
    """

    name: str
    folder: Path
    inputs: dict[str, Any]
    expected: dict[str, Any] | None
    tolerances: dict[str, dict[str, float | str]]


def case_folders(folder: Path) -> list[Path]:
    """Folders below `examples/` that hold an input.json, sorted by name."""
    return sorted(one.parent for one in (folder / EXAMPLES).glob(f"*/{INPUT}"))


def read_case(folder: Path) -> Case:
    """The case in a folder; raises DocumentUnreadable with its line and column."""
    return Case(
        name=folder.name,
        folder=folder,
        inputs=_object(folder / INPUT),
        expected=_object(folder / EXPECTED) if (folder / EXPECTED).is_file() else None,
        tolerances=_object(folder / TOLERANCES) if (folder / TOLERANCES).is_file() else {},
    )


def files_named(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """(pointer of the href, path) for each file that a case's values name."""
    if isinstance(value, dict):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "href" and isinstance(inner, str) and is_file_name(inner):
                yield f"{pointer}/href", inner
            else:
                yield from files_named(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from files_named(inner, f"{pointer}/{index}")


def is_file_name(href: str) -> bool:
    """True for a path (no scheme): a file beside the case."""
    return ":" not in href


def file_beside(folder: Path, href: str) -> Path | None:
    """The file of that name in the case's folder; None where there is none, or it lies elsewhere."""
    path = folder / href
    return path if path.is_file() and path.resolve().is_relative_to(folder.resolve()) else None


def with_files(value: Any, folder: Path, binary: Callable[[Path, dict[str, Any]], Any]) -> Any:
    """A case's value with each file that it names in the place of its `href`.

    A JSON file is put in as it is; any other is given to `binary`, with the other members of the object that names it.
    Raises DocumentUnreadable where there is no such file below `folder`, or its JSON can't be read.
    """
    if isinstance(value, list):
        return [with_files(one, folder, binary) for one in value]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(value, dict):
        return value
    members: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
    href = members.get("href")
    if not isinstance(href, str) or not is_file_name(href):
        return {key: with_files(one, folder, binary) for key, one in members.items()}
    path = file_beside(folder, href)
    if path is None:
        raise DocumentUnreadable(str(folder / href), "is no file of this example's folder")
    if path.suffix.lower() in JSON_SUFFIXES:
        return read_document(path).value
    return binary(path, {key: one for key, one in members.items() if key != "href"})


def _object(path: Path) -> dict[str, Any]:
    value = read_document(path).value
    if not isinstance(value, dict):
        raise DocumentUnreadable(str(path), "must be an object that maps names to values")
    return value  # pyright: ignore[reportUnknownVariableType]
