"""The bill of materials of an order, made once for the same parts."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from swath_packager.sbom.document import Subject, sbom_text
from swath_packager.store import Store, digest_of
from swath_packager.trees import Tree

if TYPE_CHECKING:
    from swath_packager.base import Base
    from swath_packager.engine import Engine
    from swath_packager.order import Order

_RULES = "sbom 1"  # raise it when the same parts give another document


def sbom_of(
    order: "Order", base: "Base", trees: Mapping[str, Tree], store: Store, engine: "Engine | None" = None
) -> bytes:
    """The bill of materials of an image, as the file that lies in it.

    Args:
        order: what was asked for.
        base: what the image stands on.
        trees: its layers; those that hold installed wheels are read.
        store: where it is kept, with what was read of the base.
        engine: where the base is, if its layers are not in the store; None tells nothing of it.
    """
    wheels = {name: tree for name, tree in trees.items() if any(tree.folder.glob("*.dist-info"))}
    parts = [part for name, tree in sorted(wheels.items()) for part in (name, tree.key)]
    told = json.dumps(order.algorithm.describe, sort_keys=True)
    key = digest_of(_RULES, os.environ.get("SOURCE_DATE_EPOCH", ""), told, *_facts(order, base), *parts)
    kept = store.text("sboms", key)
    if not kept.is_file():
        store.write_text("sboms", key, _text(order, base, wheels, store, engine))
    return kept.read_bytes()


def _text(order: "Order", base: "Base", wheels: Mapping[str, Tree], store: Store, engine: "Engine | None") -> str:
    from swath_packager.sbom.reading import base_files

    return sbom_text(
        Subject(
            order.algorithm,
            order.plan.runtime,
            order.plan.profile,
            base.python,
            _name(base.reference),
            base_files(base, engine, store),
            [tree.folder for tree in wheels.values()],
        )
    )


def _facts(order: "Order", base: "Base") -> tuple[str, ...]:
    layers: list[str] = base.image.config["rootfs"]["diff_ids"] if base.image else []
    return (order.plan.runtime, order.plan.profile, base.python, _name(base.reference), str(len(layers)), *layers)


def _name(reference: str) -> str:
    """A base's name; of an archive on this machine its file's name alone."""
    return Path(reference).name if Path(reference).exists() else reference
