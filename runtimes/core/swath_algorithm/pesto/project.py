"""A PESTO project as it lies on disk: its JSON files, with the profiles asked for merged in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from swath_algorithm.findings import Finding
from swath_algorithm.pesto.errors import ProfileUnknown, ProjectUnusable
from swath_algorithm.pesto.notes import Notes
from swath_registry.documents import read_document
from swath_registry.errors import DocumentUnreadable

PROCESS = "algorithm/process.py"
TESTS = "pesto/tests/resources"
REQUIRED = ("pesto/api/description.json", "pesto/api/input_schema.json", "pesto/api/output_schema.json")
OPTIONAL = (
    "pesto/api/user_definitions.json",
    "pesto/api/config.json",
    "pesto/api/config_schema.json",
    "pesto/api/version.json",
    "pesto/build/build.json",
    "pesto/build/requirements.json",
)
WITHOUT_PROFILES = "pesto/build/build.json"
Json = dict[str, Any]


@dataclass(frozen=True)
class Project:
    """A project: `files` maps each JSON file that is there to its object; `profiles` are all that it has."""

    folder: Path
    files: Mapping[str, Json]
    profiles: tuple[str, ...]
    merged: tuple[str, ...]

    def file(self, name: str) -> Json:
        """The object of a file such as pesto/api/config.json; empty where there is none."""
        return self.files.get(name, {})


def read_project(folder: Path, merged: Sequence[str], notes: Notes) -> Project:
    """The project of a folder.

    Args:
        folder: what `pesto build` was given.
        merged: profiles to merge in, in this order, dicts recursively, as PESTO did.
        notes: hear of what other profiles change.

    Raises:
        ProjectUnusable: with each file that it lacks, or that is no JSON object.
        ProfileUnknown: a profile that it has no file of.
    """
    missing = [one for one in (PROCESS, *REQUIRED) if not (folder / one).is_file()]
    if missing:
        raise ProjectUnusable(folder, [Finding(folder / one, 0, 0, "there is no such file") for one in missing])
    found = [_Variants.of(folder, one) for one in (*REQUIRED, *OPTIONAL) if (folder / one).is_file()]
    profiles = sorted({name for one in found for name in one.profiles})
    for name in merged:
        if name not in profiles:
            raise ProfileUnknown(name, profiles)
    _tell_others(folder, found, notes)
    mistakes: list[Finding] = []
    files = {one.name: one.merge(folder, merged, mistakes, notes) for one in found}
    if mistakes:
        raise ProjectUnusable(folder, mistakes, "mend the project first: PESTO could not build it either")
    return Project(folder, files, tuple(profiles), tuple(merged))


@dataclass(frozen=True)
class _Variants:
    """A JSON file and those beside it that a profile changes it by: `requirements.gpu.json`."""

    name: str
    profiles: Mapping[str, Path]

    @classmethod
    def of(cls, folder: Path, name: str) -> "_Variants":
        path = folder / name
        every = path.parent.glob(f"{path.stem}.*.json") if name != WITHOUT_PROFILES else ()
        return cls(name, {one.name[len(path.stem) + 1 : -len(".json")]: one for one in sorted(every)})

    def merge(self, folder: Path, merged: Sequence[str], mistakes: list[Finding], notes: Notes) -> Json:
        whole = _object(folder / self.name, mistakes)
        for profile in merged:
            if profile in self.profiles:
                whole = _updated(whole, _object(self.profiles[profile], mistakes))
                notes.mapped(str(self.profiles[profile].relative_to(folder)), "", f"merged into {self.name}")
        for profile, path in self.profiles.items():
            if profile not in merged:
                changes = ", ".join(_object(path, mistakes)) or "nothing"
                message = f"what the profile {profile} changes ({changes}): a folder has one description for all"
                advice = f"another folder holds it: swath import-pesto {folder.name} --profile {profile} --into OTHER"
                notes.lost(str(path.relative_to(folder)), "", f"{message}; {advice}")
        return whole


def _tell_others(folder: Path, found: Sequence[_Variants], notes: Notes) -> None:
    known = {folder / one.name for one in found} | {path for one in found for path in one.profiles.values()}
    for path in sorted((folder / "pesto").rglob("*")):
        if path.is_file() and path not in known and not path.is_relative_to(folder / TESTS):
            notes.lost(path.relative_to(folder).as_posix(), "", "not taken: no file that PESTO reads")


def _object(path: Path, mistakes: list[Finding]) -> Json:
    try:
        value = read_document(path).value
    except DocumentUnreadable as error:
        mistakes.append(Finding(path, error.line, error.column, error.reason))
        return {}
    if not isinstance(value, dict):
        mistakes.append(Finding(path, 1, 1, "must be a JSON object"))
        return {}
    return cast(Json, value)


def _updated(base: Json, change: Json) -> Json:
    """The object with another merged in: objects recursively, anything else replaced."""
    updated = dict(base)
    for key, value in change.items():
        before = updated.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            updated[key] = _updated(cast(Json, before), cast(Json, value))
        else:
            updated[key] = value
    return updated
