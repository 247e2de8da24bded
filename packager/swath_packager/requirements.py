"""What an algorithm asks for itself: requirements.txt, `[project] dependencies` of pyproject.toml, wheels beside them.

Only what can be locked is taken: names with versions from the package index, and wheels in the folder. Where an index
is, and with which credentials, is the machine's to know (uv's and pip's own variables), never the folder's.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from swath_packager.errors import RequirementRefused
from swath_packager.project import read_project

REQUIREMENTS = "requirements.txt"
_HASHES = re.compile(r"\s--hash[= ]\S+")
_INDEX = re.compile(r"-i\b|-f\b|--(extra-)?index-url|--find-links|--trusted-host|--no-index")


@dataclass(frozen=True)
class Asked:
    """One requirement of an algorithm: a PEP 508 line, where it is written ("requirements.txt:3"), and its wheel.

    `wheel` is a file below the algorithm's folder, or None for what comes from the package index.
    """

    line: str
    origin: str
    wheel: Path | None = None

    @property
    def told(self) -> str:
        """The line; for a wheel with the digest of its bytes, so that another wheel of that name is another line."""
        if self.wheel is None:
            return self.line
        return f"{self.line} --hash=sha256:{hashlib.sha256(self.wheel.read_bytes()).hexdigest()}"


def asked_by(folder: Path) -> tuple[Asked, ...]:
    """All that an algorithm's folder asks for, in the order that it is written. Raises RequirementRefused."""
    found: list[Asked] = []
    for one in understood(folder):
        if isinstance(one, RequirementRefused):
            raise one
        found.append(one)
    return tuple(found)


def understood(folder: Path) -> Iterator[Asked | RequirementRefused]:
    """Each line by which a folder asks for something, or why it can't be taken; raises ProjectInvalid."""
    if (folder / REQUIREMENTS).is_file():
        yield from _of_file(folder / REQUIREMENTS, folder, ())
    project = read_project(folder)
    for number, line in enumerate(project.dependencies if project else (), 1):
        yield _of_line(line, f"pyproject.toml, dependency {number}", folder, folder)


def _of_file(path: Path, folder: Path, within: tuple[Path, ...]) -> Iterator[Asked | RequirementRefused]:
    if path in within or not path.is_file():
        yield RequirementRefused(path.name, path.name, "there is no such file, or it includes itself")
        return
    try:
        lines = list(_lines(path))
    except UnicodeDecodeError:
        yield RequirementRefused(path.name, path.name, "is not UTF-8 text")
        return
    for number, line in lines:
        origin = f"{path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name}:{number}"
        if included := re.fullmatch(r"(?:-r|--requirement)[ =]*(\S+)", line):
            yield from _of_file((path.parent / included[1]).resolve(), folder, (*within, path))
        else:
            yield _of_line(line, origin, path.parent, folder)


def _of_line(line: str, origin: str, place: Path, folder: Path) -> Asked | RequirementRefused:
    try:
        return _understood(line, origin, place, folder)
    except RequirementRefused as error:
        return error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(number, text) of each line that asks for something; continued lines are one, comments and hashes none."""
    pending, began = "", 0
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        began = began if pending else number
        pending += re.split(r"(?:^|\s)#", raw)[0]
        if pending.endswith("\\"):
            pending = pending[:-1] + " "
            continue
        text, pending = _HASHES.sub("", f" {pending}").strip(), ""
        if text:
            yield began, text


def _understood(line: str, origin: str, place: Path, folder: Path) -> Asked:
    if _INDEX.match(line):
        raise RequirementRefused(
            origin, line, "where packages come from is set on the machine (UV_DEFAULT_INDEX, pip.conf), not here"
        )
    if line.startswith("-"):
        raise RequirementRefused(
            origin, line, "only names with versions, -r FILE and wheels in the folder can be locked"
        )
    if line.partition(" ")[0].endswith(".whl") and "://" not in line:
        return _wheel(line, origin, place, folder)
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise RequirementRefused(origin, line, str(error).splitlines()[0]) from error
    if requirement.url:
        raise RequirementRefused(
            origin,
            line,
            f"an address can't be locked; build a wheel, put it beside and write ./{requirement.name}-….whl",
        )
    return Asked(line, origin)


def _wheel(line: str, origin: str, place: Path, folder: Path) -> Asked:
    path = (place / line).resolve()
    if not path.is_file():
        raise RequirementRefused(origin, line, "there is no such wheel")
    if not path.is_relative_to(folder.resolve()):
        raise RequirementRefused(origin, line, "a wheel must lie in the algorithm's folder")
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise RequirementRefused(origin, line, "that is no name of a wheel") from error
    return Asked(f"{canonicalize_name(name)}=={version}", origin, path)
