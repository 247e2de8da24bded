"""What became of each part of a project: mapped, decided, or lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["mapped", "decided", "lost"]
TITLES: dict[Kind, str] = {
    "mapped": "Mapped",
    "decided": "Decided: look at these",
    "lost": "Could not be kept",
}


@dataclass(frozen=True)
class Note:
    """One thing: where it stands in the project (a file, and a JSON pointer or a line in it), and what became of it."""

    kind: Kind
    source: str
    pointer: str
    message: str

    def __str__(self) -> str:
        """`file pointer: message`."""
        return f"{self.source}{' ' + self.pointer if self.pointer else ''}: {self.message}"


@dataclass
class Notes:
    """The notes of one project, in the order in which things were met; the same thing is told once."""

    every: list[Note] = field(default_factory=list[Note])

    def mapped(self, source: str, pointer: str, message: str) -> None:
        """Kept, with the same meaning."""
        self._add(Note("mapped", source, pointer, message))

    def decided(self, source: str, pointer: str, message: str) -> None:
        """Kept in a way that its owner should know of, and may want otherwise."""
        self._add(Note("decided", source, pointer, message))

    def lost(self, source: str, pointer: str, message: str) -> None:
        """Not kept: there is no such thing here, or it can't be had without running the project."""
        self._add(Note("lost", source, pointer, message))

    def of(self, kind: Kind) -> list[Note]:
        """Those of one kind."""
        return [one for one in self.every if one.kind == kind]

    def _add(self, note: Note) -> None:
        if note not in self.every:
            self.every.append(note)


def as_markdown(name: str, notes: Notes, mistakes: Sequence[str]) -> str:
    """The report that lies beside describe.yml."""
    lines = [f"# {name}: taken over from PESTO", ""]
    if mistakes:
        lines += ["## To mend before it can be served", "", *(f"- {one}" for one in mistakes), ""]
    kinds: tuple[Kind, ...] = ("lost", "decided", "mapped")
    for kind in kinds:
        found = notes.of(kind)
        lines += [f"## {TITLES[kind]} ({len(found)})", ""]
        lines += [_line(one) for one in found] or ["Nothing."]
        lines.append("")
    return "\n".join(lines)


def _line(note: Note) -> str:
    place = f"`{note.source}`" + (f" `{note.pointer}`" if note.pointer else "")
    return f"- {place}: {' '.join(note.message.split())}"
