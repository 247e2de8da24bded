"""One step along a type's versions: what the newer version has that the older hasn't, and how to go either way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from swath_registry.pointers import path_of

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Added:
    """A property that only the newer version knows.

    Args:
        pattern: RFC 6901 pointer into documents, in which `*` stands for any item or name.
        description: what it says.
        neutral: the values with which it says no more than its absence does: its default, or nothing.
    """

    pattern: str
    description: str
    neutral: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Step:
    """From a version to the next one, and back.

    Args:
        older: like image@1.0.0.
        newer: like image@1.1.0.
        added: what only the newer knows.
        up: makes a document of the older into one of the newer, by hand; None: it is one as it stands.
        down: the reverse, before what is left is compared with the older version; None: nothing but `added` differs.
    """

    older: str
    newer: str
    added: tuple[Added, ...] = ()
    up: Change | None = None
    down: Change | None = None

    def raised(self, document: Any) -> Any:
        """The document as the newer version has it; the document itself is left alone."""
        return document if self.up is None else self.up(document)

    def lowered(self, document: Any) -> Any:
        """The document nearer to the older version, without what its absence says as well; itself left alone."""
        lowered = document if self.down is None else self.down(document)
        for each in self.added:
            for neutral in each.neutral:
                lowered = _without(lowered, path_of(each.pattern), neutral)
        return lowered

    def describe(self, pointer: str) -> str:
        """What the property at a pointer says, where only the newer version knows it; else ""."""
        return next((each.description for each in self.added if _fits(path_of(pointer), path_of(each.pattern))), "")


def _fits(path: list[str], pattern: list[str]) -> bool:
    return len(path) == len(pattern) and all(want in ("*", name) for name, want in zip(path, pattern, strict=True))


def _without(document: Any, pattern: list[str], value: Any) -> Any:
    """The document without the properties at a pattern that have that value; copied where it changes."""
    name, *rest = pattern
    changed = {key: _without(member, rest, value) for key, member in _members(document, name) if rest}
    if isinstance(document, list):
        items = cast("list[Any]", document)
        return [changed.get(str(index), item) for index, item in enumerate(items)] if changed else items
    if not isinstance(document, dict):
        return document
    gone = {key for key, member in _members(document, name) if not rest and _is_same(member, value)}  # pyright: ignore
    whole = cast("dict[str, Any]", document)
    return {key: changed.get(key, member) for key, member in whole.items() if key not in gone}


def _members(document: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Members that one name of a pattern means; items under their index."""
    if isinstance(document, dict):
        whole = cast("dict[str, Any]", document)
        yield from whole.items() if name == "*" else ((name, whole[name]),) if name in whole else ()
    elif isinstance(document, list) and name == "*":
        yield from ((str(index), item) for index, item in enumerate(cast("list[Any]", document)))


def _is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; a boolean is no number."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
