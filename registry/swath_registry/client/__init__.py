"""A registry from wherever it is: over HTTP with a cache that works offline, a folder, or what is installed.

>>> from swath_registry.client import Registry
>>> Registry.open().validate("image@1", {"href": "scene.tif"})
[]
"""

from swath_registry.client.errors import LockRewritten, NotARegistry, Tampered, Unreachable
from swath_registry.client.registry import Registry

__all__ = ["LockRewritten", "NotARegistry", "Registry", "Tampered", "Unreachable"]
