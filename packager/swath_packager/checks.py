"""What `swath check` finds in a folder where the packager is installed: mistakes that only packaging would meet."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from swath_algorithm.description import place
from swath_algorithm.findings import Finding, did_you_mean
from swath_algorithm.layout import DESCRIBE
from swath_packager.errors import ProjectInvalid, RequirementRefused
from swath_packager.profile import known_profiles
from swath_packager.project import PROJECT
from swath_packager.requirements import understood
from swath_registry.documents import read_document


def packaging_findings(folder: Path, describe: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Requirements that can't be locked, a pyproject.toml that can't be used, and profiles that nobody declares.

    Args:
        folder: the algorithm's.
        describe: its description as written, None where it can't be read.
    """
    try:
        for one in understood(folder):
            if isinstance(one, RequirementRefused):
                yield _refused(folder, one)
    except ProjectInvalid as error:
        yield Finding(folder / PROJECT, 0, 0, error.reason, error.hint)
    if describe is not None:
        yield from _unknown_profiles(folder / DESCRIBE, describe.get("profiles", ()))


def _refused(folder: Path, error: RequirementRefused) -> Finding:
    file, _, rest = error.origin.partition(",")
    name, _, number = file.partition(":")
    said = f"{error.line}: {error.reason}" if error.line != name else error.reason
    return Finding(folder / name, int(number or 0), 1 if number else 0, said, "" if rest else error.hint)


def _unknown_profiles(path: Path, named: Any) -> Iterator[Finding]:
    known = known_profiles()
    for index, name in enumerate(named):
        if name not in known:
            message = f"there is no profile '{name}'"
            yield place(read_document(path), f"/profiles/{index}", message, did_you_mean(name, known))
