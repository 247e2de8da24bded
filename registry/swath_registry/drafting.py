"""Beginning a version: the newest published one of its major under the number that follows."""

import json
import shutil
from typing import Literal

from swath_registry.attestations import FILE
from swath_registry.candidates import published, successors
from swath_registry.errors import RegistryError
from swath_registry.frozen import ARCHIVE
from swath_registry.lock import write_whole
from swath_schemas import SchemaId, SchemaStore

_BUMPS = ("patch", "minor", "major")


class AlreadyThere(RegistryError):
    """A version that was to be begun has a folder already.

    Args:
        schema: type@version.
        path: its folder.
    """

    def __init__(self, schema: str, path: str) -> None:
        self.schema = schema
        self.path = path
        self.hint = f"Edit it, and look at it with: swath registry check {schema}"
        super().__init__(f"{schema} is there already: {path}")


class NothingToCopy(RegistryError):
    """A type of which nothing is published.

    Args:
        type_: its name.
    """

    hint = "Edit the candidate that is there, and publish it."

    def __init__(self, type_: str) -> None:
        self.type = type_
        super().__init__(f"{type_} has no published version that a new one could begin with")


def draft(reference: str, bump: Literal["patch", "minor", "major"], store: SchemaStore) -> SchemaId:
    """Copy the newest published version of a major to the number that follows, and its `$id` with it.

    Args:
        reference: a type (`image`), or a major of it (`image@1`).
        bump: which number follows.
        store: the registry.

    Raises:
        swath_schemas.UnknownSchema: there is no such type or version.
        NothingToCopy: nothing of it is published.
        AlreadyThere: that version has been begun.
    """
    old = store.resolve(reference)
    if not store.is_published(old):
        raise NothingToCopy(old.type)
    number = successors(old, published(old.type, store))[_BUMPS.index(bump)]
    new = SchemaId(old.type, number, store.base_uri)
    source, target = store.path(old).parent, store.path(new).parent
    if target.exists():
        raise AlreadyThere(str(new), str(target))
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(ARCHIVE, FILE))
    text = store.path(new).read_text(encoding="utf-8").replace(json.dumps(old.uri), json.dumps(new.uri), 1)
    write_whole(store.path(new), text.encode())
    return new
