"""The bill of materials of one image."""

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from swath_algorithm.folder import Algorithm
from swath_packager.extras import CORE
from swath_packager.inside import ROOT
from swath_packager.layers import created
from swath_packager.sbom.debian_parts import debian_parts, system_part
from swath_packager.sbom.licences import licences_of
from swath_packager.sbom.python_parts import python_parts

SBOM_PATH = f"{ROOT}/sbom.cdx.json"
_NAMESPACE = uuid.UUID("8a7f6f0e-1d0f-5b8e-9a53-6f7c1f2d9e10")  # of Swath's bills of materials, for RFC 9562 version 5
Part = dict[str, Any]
Related = list[tuple[Part, tuple[str, ...]]]


@dataclass(frozen=True)
class Subject:
    """What a bill of materials is about.

    Attributes:
        algorithm: what the image serves.
        runtime, profile, python: how it does.
        base: name of the base image.
        base_files: of the base and of packages on it, path -> content, those that `debian_parts.NOTED` matches.
        folders: of installed wheels, from the store.
        extras: of the runtime, those that the image carries.
    """

    algorithm: Algorithm
    runtime: str
    profile: str
    python: str
    base: str
    base_files: Mapping[str, bytes] = field(repr=False)
    folders: Sequence[Path]
    extras: Sequence[str] = ()


def sbom_text(subject: Subject) -> str:
    """The bill of materials as it is written."""
    return json.dumps(sbom_document(subject), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def sbom_document(subject: Subject) -> dict[str, Any]:
    """The bill of materials: a CycloneDX 1.6 document.

    Source: CycloneDX specification 1.6 (ECMA-424), JSON reference.
    """
    image, base = _image(subject), {"type": "container", "bom-ref": "base", "name": subject.base}
    wheels = python_parts(subject.folders, {CORE: subject.extras})
    packages, system = debian_parts(subject.base_files), system_part(subject.base_files)
    model = _model(subject)
    above = [one for one in (model, base) if one]
    below = [system] if system else []
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": _metadata(image),
        "components": [*above, *below, *(part for part, _ in [*wheels, *packages])],
        "dependencies": [
            _edge(image["bom-ref"], [*(one["bom-ref"] for one in above), *(part["bom-ref"] for part, _ in wheels)]),
            _edge("base", [*(one["bom-ref"] for one in below), *(part["bom-ref"] for part, _ in packages)]),
            *([_edge(model["bom-ref"], [])] if model else []),
            *(_edge(one["bom-ref"], []) for one in below),
            *_graph(wheels),
            *_graph(packages),
        ],
        "compositions": [_composition(packages)],
    }
    content = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return {**document, "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}"}


def _metadata(image: Part) -> dict[str, Any]:
    tool = {"type": "application", "name": "swath-packager", "version": version("swath-packager")}
    told: dict[str, Any] = {"component": image, "tools": {"components": [tool]}}
    if os.environ.get("SOURCE_DATE_EPOCH"):
        told["timestamp"] = created()
    return told


def _image(subject: Subject) -> Part:
    describe = subject.algorithm.describe
    facts = {"runtime": subject.runtime, "profile": subject.profile, "python": subject.python}
    facts |= {"extras": ",".join(subject.extras)} if subject.extras else {}
    image: Part = {
        "type": "container",
        "bom-ref": "image",
        "name": subject.algorithm.name,
        "version": subject.algorithm.version,
        "description": " ".join(describe["description"].split()),
        "supplier": {"name": describe["organization"], "contact": [{"email": describe["email"]}]},
        "properties": [{"name": f"swath:{name}", "value": value} for name, value in sorted(facts.items())],
    }
    licences = licences_of([describe["license"]] if "license" in describe else [])
    return {**image, **({"licenses": licences} if licences else {})}


def _model(subject: Subject) -> Part | None:
    declared: Mapping[str, str] | None = subject.algorithm.describe.get("model")
    if not declared or "sha256" not in declared:
        return None
    name = urlsplit(declared["href"]).path.rpartition("/")[2]
    digest = {"alg": "SHA-256", "content": declared["sha256"]}
    return {"type": "machine-learning-model", "bom-ref": "model", "name": name, "hashes": [digest]}


def _graph(parts: Related) -> list[dict[str, Any]]:
    """Who needs whom among the parts; what is named but not here (an alternative, a virtual package) is left out."""
    references = {part["name"]: part["bom-ref"] for part, _ in parts}
    return [_edge(part["bom-ref"], [references[one] for one in needed if one in references]) for part, needed in parts]


def _edge(reference: str, needed: Sequence[str]) -> dict[str, Any]:
    others = sorted(set(needed) - {reference})
    return {"ref": reference, **({"dependsOn": others} if others else {})}


def _composition(packages: Related) -> dict[str, Any]:
    """Whether all that the base holds is told: not where it keeps no list of packages."""
    return {"aggregate": "complete" if packages else "incomplete", "assemblies": ["base"]}
