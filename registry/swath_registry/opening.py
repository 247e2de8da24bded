"""The registry that a command line means: the installed one, or the folder that `--root` names."""

from pathlib import Path

from swath_registry.errors import RegistryError
from swath_schemas import PUBLISHED, SchemaStore


class NoRegistry(RegistryError):
    """A folder that holds no registry.

    Args:
        root: the folder.
    """

    hint = 'A registry is a folder with registry.json ({"base_uri": "https://…"}) and <type>/<x.y.z>/schema.json.'

    def __init__(self, root: Path) -> None:
        self.root = root
        super().__init__(f"{root}: holds no registry.json")


def open_store(root: Path | None) -> SchemaStore:
    """The installed registry, or that of a folder.

    Raises:
        NoRegistry: the folder holds none.
        swath_schemas.SchemaUnreadable: registry.json can't be read, or lacks the base URI.
        swath_schemas.LockDamaged: registry.lock can't be read.
    """
    if root is None:
        return PUBLISHED
    if not (root / "registry.json").is_file():
        raise NoRegistry(root)
    store = SchemaStore(root)
    _ = store.base_uri, store.entries
    return store
