"""The steps along the versions of each type, as modules of plain data."""

from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from swath_registry.additions import Addition, additions
from swath_registry.errors import GenerationFailed
from swath_registry.generated_digests import HEADER
from swath_registry.upgrades.chain import step_module
from swath_schemas import SchemaId, SchemaStore

_WIDTH = 118


def generated_steps(store: SchemaStore, by_hand: Path) -> dict[str, str]:
    """The text of every step, by its file's name.

    Args:
        store: the types.
        by_hand: the folder of what can't be derived: `image_v2_0_0.py` with `up(document)` and `down(document)`.

    Raises:
        GenerationFailed: a new major has nothing by hand: what became of the old one's fields, only people know.
    """
    versions = {name: [each for each in store.schemas() if each.type == name] for name in store.types()}
    steps = [(older, newer) for each in versions.values() for older, newer in pairwise(each)]
    return {f"{step_module(newer)}.py": _module(older, newer, store, by_hand) for older, newer in steps}


def _module(older: SchemaId, newer: SchemaId, store: SchemaStore, by_hand: Path) -> str:
    is_by_hand = (by_hand / f"{step_module(newer)}.py").is_file()
    if older.order[0] != newer.order[0] and not is_by_hand:
        raise GenerationFailed(
            str(newer),
            f"it is a new major, so write {by_hand.name}/{step_module(newer)}.py: up(document) makes a document of "
            f"{older} into one of {newer}, down(document) the reverse",
        )
    source = f"{older.type}/{older.version} and {newer.version}"
    hooked = "    up=by_hand.up,\n    down=by_hand.down,\n" if is_by_hand else ""
    imported = f"from swath_registry.upgrades.by_hand import {step_module(newer)} as by_hand\n" if is_by_hand else ""
    added = "".join(_entry(each) for each in additions(older, newer, store))
    known = f"    added=(\n{added}    ),\n" if added else ""
    return (
        HEADER.format(source=source)
        + f'"""From `{older}` to `{newer}`, and back."""\n\n'
        + f"{imported}from swath_registry.upgrades.step import {'Added, ' if added else ''}Step\n\n"
        + f'STEP = Step(\n    older="{older}",\n    newer="{newer}",\n{known}{hooked})\n'
    )


def _entry(each: Addition) -> str:
    parts = [
        _text(each.pattern),
        _text(each.description),
        *([f"({_literal(each.default)},)"] if each.has_default else []),
    ]
    line = f"        Added({', '.join(parts)}),\n"
    if len(line) <= _WIDTH:
        return line
    return "        Added(\n" + "".join(f"            {part},\n" for part in parts) + "        ),\n"


def _literal(value: Any) -> str:
    """A value of JSON as Python, in the quotes that the formatter leaves alone."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, cast('list[Any]', value)))}]"
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{_text(name)}: {_literal(one)}" for name, one in members) + "}"
    return repr(value)


def _text(value: str) -> str:
    quoted = repr(value)
    return quoted if '"' in value else f'"{quoted[1:-1]}"'
