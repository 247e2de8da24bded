"""A document of one version of a type as one of another.

To a newer version every document goes. To an older one it goes where nothing is lost: what only the newer version
knows, and says no more than its absence (a default), is left out; anything else is an error that names each place.
Whatever comes out has been checked against the version that was asked for.
"""

from dataclasses import dataclass
from typing import Any, cast

from swath_registry.errors import DocumentInvalid, RegistryError
from swath_registry.pointers import path_of
from swath_registry.upgrades.chain import steps_between
from swath_registry.upgrades.step import Step
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaId, SchemaStore

_MOST_ROUNDS = 1000  # each takes a value away; a document that needs more has little left


@dataclass(frozen=True)
class Loss:
    """Something that the older version can't hold.

    Args:
        pointer: RFC 6901 pointer into the document.
        message: what it says, or what the older version expects there.
    """

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or 'the document'}: {self.message}"


@dataclass(frozen=True)
class Reduced:
    """A document without what an older version can't hold."""

    document: Any
    lost: tuple[Loss, ...] = ()


class NotConvertible(RegistryError):
    """Types that have nothing to do with each other, or a document that no leaving out makes fit."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class WouldLose(RegistryError):
    """An older version can't hold all that the document says."""

    hint = "Keep the newer version, or leave these out on purpose: `swath registry convert --drop`."

    def __init__(self, source: SchemaId, target: SchemaId, losses: tuple[Loss, ...]) -> None:
        self.source = source
        self.target = target
        self.losses = losses
        super().__init__(f"{target} can't hold what this document of {source} says at {'; '.join(map(str, losses))}")


def convert(document: Any, source: str, target: str, store: SchemaStore = PUBLISHED) -> Any:
    """The document as the other version has it; the one given is left as it is.

    Args:
        document: valid against `source`.
        source, target: two versions of one type: image@1.0.0, or an alias like image@1.
        store: the types.

    Raises:
        WouldLose: `target` is older and can't hold everything; nothing is dropped silently.
        DocumentInvalid: it isn't valid against `source`.
        NotConvertible: these are versions of different types.
        swath_schemas.UnknownSchema: there is no such type or version.
    """
    reduced = reduce(document, source, target, store)
    if reduced.lost:
        raise WouldLose(store.resolve(source), store.resolve(target), reduced.lost)
    return reduced.document


def reduce(document: Any, source: str, target: str, store: SchemaStore = PUBLISHED) -> Reduced:
    """As `convert`, but what an older version can't hold is left out, and told.

    Raises:
        DocumentInvalid, NotConvertible: as `convert`; the latter also where no leaving out makes it fit.
    """
    old, new = store.resolve(source), store.resolve(target)
    if old.type != new.type:
        raise NotConvertible(f"{old} and {new} are different types", "Convert between versions of one type.")
    _check(document, old, store)
    if old.order <= new.order:
        for step in steps_between(old, new, store):
            document = step.raised(document)
        _check(document, new, store)
        return Reduced(document)
    lost: list[Loss] = []
    for step in reversed(steps_between(new, old, store)):
        lowered = _lowered(document, step, store)
        document = lowered.document
        lost += lowered.lost
    return Reduced(document, tuple(lost))


def _check(document: Any, schema: SchemaId, store: SchemaStore) -> None:
    violations = Validator(schema.uri, store).violations(document)
    if violations:
        raise DocumentInvalid(str(schema), violations)


def _lowered(document: Any, step: Step, store: SchemaStore) -> Reduced:
    """One step down: what the older version refuses is taken away, value by value."""
    validator = Validator(store.resolve(step.older).uri, store)
    lowered, lost = step.lowered(document), list[Loss]()
    for _ in range(_MOST_ROUNDS):
        violations = validator.violations(lowered)
        if not violations:
            return Reduced(lowered, tuple(reversed(lost)))
        last = violations[-1]  # so that items before it keep their pointers
        lost.append(Loss(last.pointer, step.describe(last.pointer) or last.message))
        lowered = _taken_away(lowered, path_of(last.pointer))
        if lowered is None:
            break
    said = "; ".join(map(str, reversed(lost)))
    raise NotConvertible(f"{step.older} can't hold this document, whatever is left out of it: {said}")


def _taken_away(document: Any, path: list[str]) -> Any:
    """A copy without the value at a path; None where that is the document itself, or isn't found."""
    if not path:
        return None
    name, *rest = path
    if isinstance(document, dict) and name in document:
        whole = cast("dict[str, Any]", document)
        kept = _taken_away(whole[name], rest) if rest else None
        return None if rest and kept is None else _replaced(whole, name, kept, bool(rest))
    if isinstance(document, list) and name.isdecimal() and int(name) < len(document):  # pyright: ignore
        items, index = cast("list[Any]", document), int(name)
        kept = _taken_away(items[index], rest) if rest else None
        if rest and kept is None:
            return None
        return [*items[:index], *([kept] if rest else []), *items[index + 1 :]]
    return None


def _replaced(whole: dict[str, Any], name: str, kept: Any, stays: bool) -> dict[str, Any]:
    return {key: kept if key == name else member for key, member in whole.items() if key != name or stays}
