"""The bill of materials of an order, made once for the same parts."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from swath_packager.sbom.debian_parts import STATUS_FOLDER
from swath_packager.sbom.document import Subject, sbom_text
from swath_packager.store import Store, digest_of
from swath_packager.trees import Tree

if TYPE_CHECKING:
    from swath_packager.base import Base
    from swath_packager.engine import Engine
    from swath_packager.order import Order

_RULES = "sbom 3"  # raise it when the same parts give another document


def sbom_of(
    order: "Order", base: "Base", trees: Mapping[str, Tree], store: Store, engine: "Engine | None" = None
) -> bytes:
    """The bill of materials of an image, as the file that lies in it.

    Args:
        order: what was asked for.
        base: what the image stands on.
        trees: its layers; those that hold installed wheels or Debian packages are read.
        store: where it is kept, with what was read of the base.
        engine: where the base is, if its layers are not in the store; None tells nothing of it.
    """
    told_of = {name: tree for name, tree in trees.items() if _has_wheels(tree) or _has_packages(tree)}
    parts = [part for name, tree in sorted(told_of.items()) for part in (name, tree.key)]
    told = json.dumps(order.algorithm.describe, sort_keys=True)
    key = digest_of(_RULES, os.environ.get("SOURCE_DATE_EPOCH", ""), told, *_facts(order, base), *parts)
    kept = store.text("sboms", key)
    if not kept.is_file():
        store.write_text("sboms", key, _text(order, base, told_of, store, engine))
    return kept.read_bytes()


def _text(order: "Order", base: "Base", trees: Mapping[str, Tree], store: Store, engine: "Engine | None") -> str:
    from swath_packager.sbom.reading import base_files

    packages = dict(base_files(base, engine, store))
    for tree in filter(_has_packages, trees.values()):
        packages |= _noted(tree.folder)
    return sbom_text(
        Subject(
            order.algorithm,
            order.plan.runtime,
            order.plan.profile,
            base.python,
            _name(base.reference),
            packages,
            [tree.folder for tree in trees.values() if _has_wheels(tree)],
            order.plan.extras,
        )
    )


def _has_wheels(tree: Tree) -> bool:
    return any(tree.folder.glob("*.dist-info"))


def _has_packages(tree: Tree) -> bool:
    return (tree.folder / STATUS_FOLDER).is_dir()


def _noted(folder: Path) -> dict[str, bytes]:
    """What dpkg would note of the packages in a tree, path -> content."""
    places = [*folder.glob(f"{STATUS_FOLDER}*"), *folder.glob("usr/share/doc/*/copyright")]
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in sorted(places) if one.is_file()}


def _facts(order: "Order", base: "Base") -> tuple[str, ...]:
    layers: list[str] = base.image.config["rootfs"]["diff_ids"] if base.image else []
    plan = order.plan
    named = (_name(base.reference), base.digest or "")
    return (plan.runtime, plan.profile, ",".join(plan.extras), base.python, *named, str(len(layers)), *layers)


def _name(reference: str) -> str:
    """A base's name; of an archive on this machine its file's name alone."""
    return Path(reference).name if Path(reference).exists() else reference
