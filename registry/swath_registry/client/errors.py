"""What can go wrong between a client and a registry."""

from swath_registry.errors import RegistryError


class Unreachable(RegistryError):
    """A registry doesn't answer, and what is asked for isn't in the cache.

    Args:
        address: what was asked.
        reason: what happened instead of an answer.
    """

    hint = "Check the address and the network; what was read once works without."
    exit_code = 3

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"{address}: {reason}")


class NotARegistry(RegistryError):
    """There is something at the address, but no registry."""

    hint = "Name a served registry, a site that `swath registry site` wrote, or a folder of schemas with its lock."
    exit_code = 2

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        super().__init__(f"{address}: {reason}")


class Tampered(RegistryError):
    """A schema isn't what its publisher locked; it is not used.

    Args:
        name: type@version.
        address: where it came from.
        locked: the digest in the lock.
        found: the digest of what came.
    """

    hint = "Tell whoever runs the registry: a published version may never change."

    def __init__(self, name: str, address: str, locked: str, found: str) -> None:
        self.name = name
        self.address = address
        self.locked = locked
        self.found = found
        super().__init__(f"{name} from {address} has the digest {found}, but {locked} was published")


class LockRewritten(RegistryError):
    """A registry's lock no longer says what it said before, where it may only grow.

    Args:
        address: where it came from.
        number: the first entry that differs.
        before: what it was.
        after: what it is now.
    """

    def __init__(self, address: str, number: int, before: str, after: str, cache: str) -> None:
        self.address = address
        self.number = number
        self.hint = f"If the registry was rebuilt on purpose, delete {cache}; otherwise don't trust it."
        super().__init__(f"{address}: entry {number} of its lock was {before} and is now {after}")
