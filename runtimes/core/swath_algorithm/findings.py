"""One mistake in a folder: where it stands and what to write instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, order=True)
class Finding:
    """A mistake at `path:line:column` (1-based; 0 where a file as a whole is meant)."""

    path: Path
    line: int
    column: int
    message: str
    advice: str = ""

    def __str__(self) -> str:
        """`path:line:column: message; advice`, as editors make clickable."""
        place = f"{self.path}:{self.line}:{self.column}" if self.line else str(self.path)
        return f"{place}: {self.message}" + (f"; {self.advice}" if self.advice else "")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Advice that names the closest known word, or all of them; empty where none is known."""
    close = closest(word, known)
    if close:
        return f"did you mean '{close}'?"
    return f"known: {', '.join(sorted(known))}" if known else ""


def closest(word: str, known: Sequence[str], likeness: float = 0.6) -> str:
    """The known word that is most like another; empty where none is (likeness: 0–1, difflib's ratio)."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=likeness)), "")
