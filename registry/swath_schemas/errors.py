"""What can be wrong with a reference to a registry type."""

from collections.abc import Sequence
from difflib import get_close_matches

_MOST = 30  # names that a hint lists


class SchemaError(Exception):
    """Base of the errors of this package; `hint` says what to do next."""

    hint: str = ""
    exit_code: int = 1


class UnknownSchema(SchemaError):
    """A reference names a type or a version that the registry doesn't hold.

    Args:
        reference: the reference as it was written.
        reason: what is wrong with it.
        known: what could have been meant, for the hint.
    """

    def __init__(self, reference: str, reason: str, known: Sequence[str]) -> None:
        self.reference = reference
        self.reason = reason
        self.known = tuple(known)
        super().__init__(f"{reference[:120]!r} {reason}")
        near = get_close_matches(reference.rpartition("/")[2].partition("@")[0], self.known, n=1)
        guess = f"Did you mean {near[0]}? " if near else ""
        more = f" and {len(self.known) - _MOST} more" if len(self.known) > _MOST else ""
        self.hint = f"{guess}Known: {', '.join(self.known[:_MOST])}{more}." if self.known else guess


class SchemaUnreadable(SchemaError):
    """A schema file is missing or isn't JSON.

    Args:
        path: the file.
        reason: what the reader said.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class LockDamaged(SchemaError):
    """A line of `registry.lock` was changed, removed or moved.

    Args:
        path: the lock file.
        line: 1-based.
        reason: what is wrong with it.
    """

    hint = "Lines are only ever added at its end, by `swath registry publish`; put back what was there."

    def __init__(self, path: str, line: int, reason: str) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        super().__init__(f"{path}:{line}: {reason}")
