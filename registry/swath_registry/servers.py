"""The server of the registry, if one is installed: it has a distribution of its own, and is found by entry point."""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from swath_registry.errors import RegistryError

GROUP = "swath.registry.servers"

Serve = Callable[[Path, Path | None, str, int, int, Callable[[str], None]], None]


class ServerMissing(RegistryError):
    """No server is installed."""

    hint = "Install it with: pip install 'swath-registry[serve]'; or write plain files with: swath registry site"
    exit_code = 3

    def __init__(self) -> None:
        super().__init__("the registry's server is not installed")


def installed_server() -> Serve:
    """What serves a registry. Raises ServerMissing."""
    for found in entry_points(group=GROUP):
        return found.load()
    raise ServerMissing
