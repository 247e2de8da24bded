"""What was done to make an image fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..memory import Image


@dataclass(frozen=True)
class Change:
    """One step, as JSON can hold it.

    Attributes:
        operation: which, such as "cast" or "reproject".
        details: its arguments and what it found, such as {"from": "uint16", "to": "float32"}.
        is_needed: False where the image fitted already and is as it was.
    """

    operation: str
    details: Mapping[str, Any]
    is_needed: bool = True

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.details.items())
        return f"{self.operation}: {told}" if self.is_needed else f"{self.operation}: nothing to do ({told})"


class Fitted(NamedTuple):
    """An image that fits, and what was done for it."""

    image: Image
    change: Change
