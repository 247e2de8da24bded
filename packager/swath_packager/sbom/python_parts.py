"""Python distributions of a folder of installed wheels, read from their metadata; nothing is imported."""

from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from swath_packager.sbom.licences import licences_of, spdx_of

_CLASSIFIER = "License :: "
Part = dict[str, Any]


def python_parts(folder: Path) -> list[tuple[Part, tuple[str, ...]]]:
    """Each distribution as a CycloneDX component, with the names of those that it requires; sorted by name.

    They are those whose `*.dist-info` lies in the folder. No digest is told: which of a version's wheels was installed
    is not noted there.
    """
    found = [_metadata(one) for one in sorted(folder.glob("*.dist-info/METADATA"))]
    parts = [(_component(one), tuple(sorted(set(_requirements(one))))) for one in found]
    return sorted(parts, key=lambda one: one[0]["name"])


def _metadata(path: Path) -> Message:
    return BytesParser(policy=compat32).parsebytes(path.read_bytes(), headersonly=True)


def _component(said: Message) -> Part:
    name, version = canonicalize_name(str(said["Name"])), str(said["Version"])
    purl = f"pkg:pypi/{name}@{version.replace('+', '%2B').replace('!', '%21')}"
    part: Part = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if summary := said["Summary"]:
        part["description"] = " ".join(str(summary).split())
    if author := _author(said):
        part["authors"] = [author]
    if licences := _licences(said):
        part["licenses"] = licences
    return part


def _author(said: Message) -> dict[str, str]:
    name, email = str(said["Author"] or ""), str(said["Author-email"] or "")
    if not name:
        name = email.partition("<")[0].strip(' "')
    return {"name": " ".join(name.split())} if name else {}


def _licences(said: Message) -> list[dict[str, Any]]:
    """By the expression of core metadata 2.4; else the free text, where it is a name; else the classifiers."""
    if expression := said["License-Expression"]:
        return licences_of([str(expression)])
    text = str(said["License"] or "")
    if spdx_of(text):
        return licences_of([text])
    classifiers = [str(one) for one in said.get_all("Classifier", []) if str(one).startswith(_CLASSIFIER)]
    named = [one.rpartition(" :: ")[2] for one in classifiers]
    named = [one for one in named if one != "OSI Approved"]
    return licences_of(named or [text.strip().partition("\n")[0]])


def _requirements(said: Message) -> Iterator[str]:
    for line in said.get_all("Requires-Dist", []):
        try:
            requirement = Requirement(str(line))
        except InvalidRequirement:
            continue  # an old wheel's own way of writing; the graph lacks one edge
        if "extra" not in str(requirement.marker or ""):
            yield canonicalize_name(requirement.name)
