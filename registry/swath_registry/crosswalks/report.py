"""What came of a crosswalk: the document, where each of its members is from, and what was left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from swath_registry.errors import RegistryError
from swath_registry.pointers import look_up, path_of, pointer_of
from swath_registry.validation import Validator

_MOST_ROUNDS = 8  # a member that is taken out may leave another without what it needs


class NotAnItem(RegistryError):
    """A document is no STAC item.

    Args:
        reason: what it lacks.
    """

    hint = 'A STAC item is a GeoJSON Feature with "stac_version", "properties" and "assets".'

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The document is no STAC item: {reason}.")


class AssetUnknown(RegistryError):
    """An item has no such asset, or several of which one must be named.

    Args:
        asset: the one asked for; "" if none was.
        known: those that are images.
    """

    exit_code = 2

    def __init__(self, asset: str, known: Iterable[str]) -> None:
        self.asset = asset
        self.known = tuple(known)
        asked = f"has no asset {asset!r}" if asset else f"has {len(self.known)} images"
        super().__init__(f"The item {asked}; its images are: {', '.join(self.known) or 'none'}.")
        self.hint = "Name one of them." if self.known else "Its assets are no images."


@dataclass(frozen=True)
class LeftOut:
    """Something that was said and isn't in the document.

    Attributes:
        pointer: where it was said.
        reason: why it was left out.
    """

    pointer: str
    reason: str


@dataclass(frozen=True)
class Crosswalk:
    """A document of a registry type, and what it was made from.

    Attributes:
        document: valid.
        mapped: where each member of it was said, by its pointer in the document.
        left_out: what was said and isn't in it, in order.
    """

    document: dict[str, Any]
    mapped: Mapping[str, str] = field(default_factory=dict[str, str])
    left_out: tuple[LeftOut, ...] = ()


class Draft:
    """A document that grows member by member, each from somewhere.

    Args:
        needs: members that another needs: where it is left out, so are they.
    """

    def __init__(self, needs: Mapping[str, str] | None = None) -> None:
        self._needs = needs or {}
        self.document: dict[str, Any] = {}
        self.mapped: dict[str, str] = {}
        self.left_out: list[LeftOut] = []

    def put(self, pointer: str, value: Any, source: str) -> None:
        """Say a member; its parents are made. What is said twice stays as it was said first."""
        if pointer in self.mapped:
            return self.leave(source, f"Something else is taken for it already: {self.mapped[pointer]}.")
        *path, last = path_of(pointer)
        place: Any = self.document
        for name in path:
            place = _entered(place, name)
        place[last] = value
        self.mapped[pointer] = source
        return None

    def leave(self, source: str, reason: str) -> None:
        """Say that something is left out."""
        self.left_out.append(LeftOut(source, reason))

    def finished(self, validator: Validator) -> Crosswalk:
        """The document without what its type doesn't allow."""
        for _ in range(_MOST_ROUNDS):
            violations = validator.violations(self.document)
            if not violations:
                ordered = sorted({*self.left_out}, key=lambda one: one.pointer)
                return Crosswalk(self.document, self.mapped, tuple(ordered))
            for violation in violations:
                if self._is_there(violation.pointer):
                    self._remove(violation.pointer, violation.message)
        raise NotAnItem("what it says makes no valid document")

    def _remove(self, pointer: str, reason: str) -> None:
        """Take out the member that a pointer leads to, or is in, and all that came with it."""
        while pointer and pointer not in self.mapped:
            below = [one for one in self.mapped if one.startswith(f"{pointer}/")]
            if below:
                for one in below:
                    self._drop(one, reason)
                break
            pointer = pointer.rpartition("/")[0]
        else:
            if pointer in self.mapped:
                self._drop(pointer, reason)

    def _is_there(self, pointer: str) -> bool:
        try:
            look_up(self.document, pointer)
        except KeyError:
            return False
        return True

    def _drop(self, pointer: str, reason: str) -> None:
        *path, last = path_of(pointer)
        parent = pointer_of(path)
        del look_up(self.document, parent)[last]
        self.leave(self.mapped.pop(pointer), f"It {reason}." if not reason.endswith(".") else reason)
        if path and isinstance(look_up(self.document, parent), dict) and not look_up(self.document, parent):
            *above, name = path
            holder = look_up(self.document, pointer_of(above))
            if isinstance(holder, dict):
                del holder[name]
        for member, needed in self._needs.items():
            if needed == pointer and member in self.mapped:
                self._drop(member, f"It needs {pointer}, which was left out.")


def _entered(place: Any, name: str) -> Any:
    """A member of an object, made where it isn't there; or an item of a list, which is."""
    return place.setdefault(name, {}) if hasattr(place, "setdefault") else place[int(name)]
