"""Python distributions of a folder of installed wheels, read from their metadata; nothing is imported."""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from swath_packager.distributions import requirements_of
from swath_packager.sbom.licences import licences_of, spdx_of

_CLASSIFIER = "License :: "
Part = dict[str, Any]


def python_parts(
    folders: Iterable[Path], extras: Mapping[str, Collection[str]] = MappingProxyType({})
) -> list[tuple[Part, tuple[str, ...]]]:
    """Each distribution as a CycloneDX component, with the names of those that it requires; by folder, then by name.

    They are those whose `*.dist-info` lies in a folder. No digest is told: which of a version's wheels was installed
    is not noted there. What an extra requires is told where the extra is asked for: by another distribution, or in
    `extras`, by the names of those that have them.
    """
    found = [[_metadata(one) for one in sorted(folder.glob("*.dist-info/METADATA"))] for folder in folders]
    required = _graph([said for some in found for said in some], extras)
    parts = [[_component(said) for said in some] for some in found]
    return [(one, required[one["name"]]) for some in parts for one in sorted(some, key=lambda part: part["name"])]


def _graph(found: Sequence[Message], extras: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """What each distribution requires, by itself and by those of its extras that are asked for."""
    told = {_name(said): said for said in found}
    pending = [(name, extra) for name in told for extra in ("", *extras.get(name, ()))]
    edges: dict[str, set[str]] = {name: set() for name in told}
    seen: set[tuple[str, str]] = set()
    while pending:
        name, extra = pending.pop()
        if name not in told or (name, extra) in seen:
            continue
        seen.add((name, extra))
        for requirement in _requirements(told[name], extra):
            other = canonicalize_name(requirement.name)
            edges[name].add(other)
            pending += [(other, canonicalize_name(one)) for one in requirement.extras]
    return {name: tuple(sorted(some)) for name, some in edges.items()}


def _name(said: Message) -> str:
    return canonicalize_name(str(said["Name"]))


def _metadata(path: Path) -> Message:
    return BytesParser(policy=compat32).parsebytes(path.read_bytes(), headersonly=True)


def _component(said: Message) -> Part:
    name, version = _name(said), str(said["Version"])
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


def _requirements(said: Message, extra: str) -> Iterator[Requirement]:
    for line in said.get_all("Requires-Dist", []):
        with contextlib.suppress(InvalidRequirement):  # an old wheel's own way of writing; the graph lacks one edge
            yield from requirements_of([str(line)], extra)
