"""Values that PESTO's tests keep as files: `input/KEY.EXT`, and folders of such files as lists and objects."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from swath_algorithm.findings import Finding
from swath_registry.documents import read_document
from swath_registry.errors import DocumentUnreadable

IMAGES = (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".jp2")
JSON = (".json", ".geojson")
FLOATS, INTEGERS, TEXTS = (".float", ".number"), (".int", ".integer"), (".string",)
AN_IMAGE = "image"  # stands for a file's content where only the form of a value matters


@dataclass(frozen=True)
class Leaf:
    """The value of one file; `value` is None for an image, and for a `path`: a file of any other ending."""

    path: Path
    kind: Literal["image", "json", "plain", "path"]
    value: Any = None


Tree = Leaf | list[Any] | dict[str, Any]


def read_tree(path: Path, mistakes: list[Finding]) -> Tree:
    """The value of a file, or of a folder: a list where all its names are numbers (in their order), else an object."""
    if not path.is_dir():
        return _leaf(path, mistakes)
    inside = {one.stem: one for one in sorted(path.iterdir()) if not one.name.startswith(".")}
    if all(name.isdigit() for name in inside):
        return [read_tree(inside[name], mistakes) for name in sorted(inside, key=int)]
    return {name: read_tree(one, mistakes) for name, one in inside.items()}


def leaves(tree: Tree) -> Iterator[Leaf]:
    """All files of a value."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for one in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(one)


def wire(tree: Tree, folder: Path) -> Any:
    """The value as input.json has it: images and JSON as `{"href": …}` of files, by their paths from `folder`."""
    if isinstance(tree, dict):
        return {name: wire(one, folder) for name, one in tree.items()}
    if isinstance(tree, list):
        return [wire(one, folder) for one in tree]
    return tree.value if tree.kind == "plain" else {"href": tree.path.relative_to(folder).as_posix()}


def plain(tree: Tree) -> Any:
    """The value itself, with a text in the place of each image."""
    if isinstance(tree, dict):
        return {name: plain(one) for name, one in tree.items()}
    if isinstance(tree, list):
        return [plain(one) for one in tree]
    return AN_IMAGE if tree.kind in {"image", "path"} else tree.value


def _leaf(path: Path, mistakes: list[Finding]) -> Leaf:
    suffix = path.suffix.lower()
    if suffix in IMAGES:
        return Leaf(path, "image")
    if suffix not in (*JSON, *FLOATS, *INTEGERS, *TEXTS):
        return Leaf(path, "path")
    try:
        if suffix in JSON:
            return Leaf(path, "json", read_document(path).value)
        return Leaf(path, "plain", _parsed(suffix, path.read_bytes().decode("utf-8")))
    except DocumentUnreadable as error:
        mistakes.append(Finding(path, error.line, error.column, error.reason))
    except UnicodeDecodeError:
        mistakes.append(Finding(path, 0, 0, "is not UTF-8"))
    except ValueError:
        mistakes.append(Finding(path, 0, 0, f"holds no {'integer' if suffix in INTEGERS else 'number'} that JSON has"))
    return Leaf(path, "plain")


def _parsed(suffix: str, text: str) -> str | float:
    if suffix in TEXTS:
        return text
    number = int(text) if suffix in INTEGERS else float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return json.loads(json.dumps(number))
