"""A PESTO project, made into an algorithm folder with a report of what became of each part of it."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_algorithm.agreement import compare
from swath_algorithm.check import check
from swath_algorithm.errors import FolderExists
from swath_algorithm.findings import Finding
from swath_algorithm.layout import DESCRIBE, PROCESS
from swath_algorithm.pesto import project as layout
from swath_algorithm.pesto.build import write_requirements
from swath_algorithm.pesto.cases import Test, media_type_of, read_tests, values_of, write_examples
from swath_algorithm.pesto.code import copy_code
from swath_algorithm.pesto.declared import NAME, declared_in
from swath_algorithm.pesto.errors import PlaceInside, ProjectNotFound, ProjectUnusable
from swath_algorithm.pesto.facts import facts_of, left_over
from swath_algorithm.pesto.notes import Notes, as_markdown
from swath_algorithm.pesto.project import Project, read_project
from swath_algorithm.pesto.schemas import Translator
from swath_algorithm.pesto.writing import as_yaml
from swath_algorithm.signature import signature_of
from swath_algorithm.source import Source, read_source

REPORT = "import-report.md"
DEFINITIONS = "pesto/api/user_definitions.json"
HEAD = "Taken over from a PESTO project: import-report.md says how. Checked against the type describe@1: swath check"


@dataclass(frozen=True)
class TakenOver:
    """The folder that was written, what became of each part, and what `swath check` finds in it."""

    folder: Path
    name: str
    notes: Notes
    mistakes: tuple[Finding, ...]


def take_over(project: Path, into: Path, profiles: Sequence[str] = ()) -> TakenOver:
    """Write the folder of a project below `into`, under the name that its description gives it.

    The project is left as it is; the folder appears whole or not at all. Raises ProjectNotFound, ProjectUnusable,
    ProfileUnknown, PlaceInside or FolderExists.
    """
    notes, mistakes = Notes(), list[Finding]()
    _check_places(project, into)
    read = read_project(project, profiles, notes)
    tests = read_tests(project, notes, mistakes)
    source = read_source(project / layout.PROCESS)
    mistakes += [source] if isinstance(source, Finding) else _without_class(source)
    if mistakes:
        raise ProjectUnusable(project, mistakes, "mend these in the project first")
    describe = _describe(read, tests, notes)
    folder = into / describe["name"]
    if folder.exists():
        raise FolderExists(folder)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=".import-") as scratch:
        draft = Path(scratch) / describe["name"]
        draft.mkdir()
        copy_code(project, draft, notes)
        write_requirements(read, draft, notes)
        write_examples(tests, draft, describe, notes)
        (draft / DESCRIBE).write_text(as_yaml(describe, HEAD), encoding="utf-8")
        _tell_defaults(draft, describe, notes)
        found = tuple(_moved(one, draft) for one in check(draft))
        report = as_markdown(describe["title"], notes, [str(one) for one in found])
        (draft / REPORT).write_text(report, encoding="utf-8")
        shutil.move(draft, folder)
    return TakenOver(folder, describe["name"], notes, found)


def _check_places(project: Path, into: Path) -> None:
    if not project.is_dir():
        raise ProjectNotFound(project)
    if into.resolve().is_relative_to(project.resolve()):
        raise PlaceInside(into, project)


def _without_class(source: Source) -> list[Finding]:
    if source.owner:
        return []
    return [source.at(source.function, "process stands in no class: PESTO calls Process().process", "write the class")]


def _describe(project: Project, tests: Sequence[Test], notes: Notes) -> dict[str, Any]:
    description = project.file("pesto/api/description.json")
    profiles = tuple(one for one in project.profiles if one == "gpu")
    describe = facts_of(description, profiles, notes)
    for part in ("input", "output"):
        describe[part] = _part(part, project, tests, notes)
    if config := project.file("pesto/api/config.json"):
        describe["config"] = config
        message = "config; as in PESTO it is shown and handed to nobody: what reads /etc/pesto/config.json finds none"
        notes.decided("pesto/api/config.json", "", message)
    if kept := left_over(description, notes) | _kept(project, notes):
        describe["x-pesto"] = kept
    if project.file(DEFINITIONS):
        notes.mapped(DEFINITIONS, "", "written out wherever a schema refers to one of them")
    _tell_build(project, notes)
    return describe


def _part(part: str, project: Project, tests: Sequence[Test], notes: Notes) -> dict[str, Any]:
    source = f"pesto/api/{part}_schema.json"
    declared = declared_in(project.file(source), source, notes)
    defined = {**declared.definitions, **project.file(DEFINITIONS)}
    translator = Translator(source, defined, notes, is_output=part == "output")
    properties: dict[str, Any] = {}
    for name, schema in declared.properties.items():
        if not NAME.fullmatch(name):
            notes.lost(source, f"/{name}", "can't be a name here: letters, digits and _, a letter first")
            continue
        properties[name] = translator.parameter(name, schema, values_of(tests, part, name))
        if part == "output":
            _set_media_type(properties[name], name, tests, source, notes)
    required = [one for one in declared.required if one in properties]
    whole: dict[str, Any] = {"type": "object", "properties": properties}
    return whole | ({"required": required} if required else {}) | {"additionalProperties": False}


def _set_media_type(schema: dict[str, Any], name: str, tests: Sequence[Test], source: str, notes: Notes) -> None:
    image = schema.get("items", schema)
    if not isinstance(image, dict) or image.get("$ref") != "image/1" or "contentMediaType" in image:  # pyright: ignore[reportUnknownMemberType]
        return
    seen = media_type_of(tests, name)
    image["contentMediaType"] = seen or "image/tiff"
    reason = "as the tests have it" if seen else "no test shows which: the one that holds every kind of pixel"
    message = f"{image['contentMediaType']}, {reason}; PESTO wrote PNG up to 3 bands, GeoTIFF above"
    notes.decided(source, f"/{name}", message)


def _kept(project: Project, notes: Notes) -> dict[str, Any]:
    """What is kept under x-pesto of other files."""
    kept: dict[str, Any] = {}
    if schema := project.file("pesto/api/config_schema.json"):
        kept["config_schema"] = schema
        notes.lost("pesto/api/config_schema.json", "", "the config has no schema of its own: kept under x-pesto only")
    source = "pesto/api/version.json"
    if "version" in project.file(source):
        notes.mapped(source, "/version", "/version answers the version of describe.yml")
    version = {key: value for key, value in project.file(source).items() if key != "version"}
    if version:
        kept["version"], names = version, ", ".join(version)
        notes.lost(source, "", f"{names}: /version has fields of its own; under x-pesto only")
    return kept


def _tell_build(project: Project, notes: Notes) -> None:
    source, description = "pesto/build/build.json", project.file("pesto/api/description.json")
    for key, value in project.file(source).items():
        if key in {"name", "version"} and value == description.get(key):
            notes.mapped(source, f"/{key}", "the same as in description.json")
        elif key in {"name", "version"}:
            notes.decided(source, f"/{key}", f"'{value}' is another than in description.json, which was taken")
        elif value is not None:
            notes.lost(source, f"/{key}", f"'{value}': where PESTO builds")


def _tell_defaults(folder: Path, describe: Mapping[str, Any], notes: Notes) -> None:
    """Tell of defaults that now apply, and of annotations that say something else than the schema."""
    source = read_source(folder / PROCESS)
    if isinstance(source, Finding):
        return
    written = signature_of(source, taken_over=False)
    inputs, required = describe["input"]["properties"], describe["input"].get("required", ())
    optional = [
        one for one in written.parameters if one.has_default and one.name in inputs and one.name not in required
    ]
    if optional:
        names = ", ".join(one.name for one in optional)
        message = f"defaults of the signature apply where an input is absent, PESTO handed None: {names}"
        notes.decided(layout.PROCESS, f"line {optional[0].line}", message)
    heeded = signature_of(source, taken_over=True)
    known = set(compare(source.path, heeded, describe))
    for finding in compare(source.path, written, describe):
        if finding not in known and "is optional, but" not in finding.message:
            notes.decided(layout.PROCESS, f"line {finding.line}", f"{finding.message}: not heeded, as in PESTO")


def _moved(finding: Finding, draft: Path) -> Finding:
    path = finding.path.relative_to(draft) if finding.path.is_relative_to(draft) else finding.path
    return Finding(path, finding.line, finding.column, finding.message, finding.advice)
