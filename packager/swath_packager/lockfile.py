"""`requirements.lock` beside an algorithm: versions and hashes for each runtime, profile, Python and platform it was
packaged for, in one file. It names no index and no path: the same lock serves whoever has the same wheels.

A section holds what was asked for, so that a lock that no longer fits is seen, and says what changed.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_packager.errors import LockUnreadable
from swath_packager.resolution import Lock
from swath_packager.resolver import Target

LOCK = "requirements.lock"
_HEAD = """\
# Written by `swath package`; refreshed by `swath package … --relock`. Commit it: images are then the same everywhere.
version = 1
"""


@dataclass(frozen=True)
class Section:
    """One resolution: for what, what was asked for (by the algorithm; by Swath), and `name==version` of each answer.

    `extras` are those of the runtime that the image carries.
    """

    runtime: str
    profile: str
    python: str
    platform: str
    asked: tuple[str, ...]
    service: tuple[str, ...]
    pins: tuple[str, ...]
    extras: tuple[str, ...] = ()

    @property
    def image(self) -> tuple[str, str, str, str, tuple[str, ...]]:
        """What it is of; a file has one section of each."""
        return self.runtime, self.profile, self.python, self.platform, self.extras


@dataclass(frozen=True)
class LockFile:
    """All sections, sorted, and the hashes of each pin, which the sections share."""

    sections: tuple[Section, ...] = ()
    hashes: Mapping[str, tuple[str, ...]] | None = None

    def section(self, runtime: str, profile: str, target: Target, extras: tuple[str, ...] = ()) -> Section | None:
        """The section of an image, or None."""
        image = (runtime, profile, target.python, f"linux/{target.architecture}", extras)
        return next((one for one in self.sections if one.image == image), None)

    def lock(self, section: Section) -> Lock:
        """The section's pins with their hashes."""
        hashes = self.hashes or {}
        return Lock(tuple(" ".join([pin, *(f"--hash={one}" for one in hashes[pin])]) for pin in section.pins))

    def with_section(self, section: Section, lock: Lock) -> "LockFile":
        """The file with one section more, or anew; sections of other requirements of the algorithm go."""
        others = [one for one in self.sections if one.image != section.image and one.asked == section.asked]
        sections = tuple(sorted([*others, section], key=lambda one: one.image))
        told = {
            **(self.hashes or {}),
            **{pin: _hashes(entry) for pin, entry in zip(lock.pins, lock.entries, strict=True)},
        }
        used = sorted({pin for one in sections for pin in one.pins})
        return LockFile(sections, {pin: told[pin] for pin in used})

    @property
    def text(self) -> str:
        """As the file is written: the same for the same content."""
        lines = [_HEAD]
        for one in self.sections:
            lines.append("[[image]]")
            lines += [
                f"{name} = {json.dumps(getattr(one, name))}" for name in ("runtime", "profile", "python", "platform")
            ]
            lists = (*(["extras"] if one.extras else []), "asked", "service", "pins")
            lines += [_listed(name, getattr(one, name)) for name in lists]
            lines.append("")
        lines.append("[hashes]")
        lines += [_listed(json.dumps(pin), hashes) for pin, hashes in (self.hashes or {}).items()]
        return "\n".join([*lines, ""])


def read_lock_file(path: Path) -> LockFile:
    """The lock file at a path; an empty one where there is none. Raises LockUnreadable."""
    if not path.is_file():
        return LockFile()
    try:
        written: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        sections = tuple(_section(one) for one in written.get("image", ()))
        hashes = {pin: tuple(some) for pin, some in written.get("hashes", {}).items()}
        if any(pin not in hashes for one in sections for pin in one.pins):
            raise LockUnreadable(path, "a version in it has no hashes")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LockUnreadable(path, str(error)) from error
    return LockFile(sections, hashes)


def _section(one: Mapping[str, Any]) -> Section:
    texts = [str(one[name]) for name in ("runtime", "profile", "python", "platform")]
    lists = [tuple(str(item) for item in one[name]) for name in ("asked", "service", "pins")]
    extras = tuple(str(item) for item in one.get("extras", ()))
    return Section(texts[0], texts[1], texts[2], texts[3], lists[0], lists[1], lists[2], extras)


def _hashes(entry: str) -> tuple[str, ...]:
    return tuple(sorted(one.removeprefix("--hash=") for one in entry.split()[1:] if one.startswith("--hash=")))


def _listed(name: str, values: Sequence[str]) -> str:
    if not values:
        return f"{name} = []"
    return "\n".join([f"{name} = [", *(f"    {json.dumps(one)}," for one in values), "]"])
