"""CWL: an OGC EO Application Package, a Workflow of one CommandLineTool that calls the image once.

Source: OGC 20-089r1, Best Practice for Earth Observation Application Package; Common Workflow Language 1.2.
"""

from collections.abc import Mapping
from typing import Any

from swath_packager.deployment.service import MIB, Service

_TYPES = {"integer": "long", "number": "double", "boolean": "boolean", "string": "string"}
VALUES = {*_TYPES.values()}
_OUT = "result"


def application_package(service: Service) -> dict[str, Any]:
    """The package: `main` is the Workflow, `call` the tool.

    An image comes as a folder with a STAC catalog of one scene, a collection or an object as a JSON file, all else as
    its value. The results come as a folder with a STAC catalog.
    """
    describe = service.describe
    properties: Mapping[str, Any] = describe["input"].get("properties", {})
    kinds = {name: _kind(schema) for name, schema in properties.items()}
    required = set(describe["input"].get("required", ()))
    types = {name: kind if name in required else f"{kind}?" for name, kind in kinds.items()}
    return {
        "cwlVersion": "v1.2",
        "$namespaces": {"s": "https://schema.org/", "cwltool": "http://commonwl.org/cwltool#"},
        "s:softwareVersion": describe["version"],
        "s:name": describe["title"],
        "s:description": " ".join(describe["description"].split()),
        **({"s:license": describe["license"]} if "license" in describe else {}),
        "s:author": [{"class": "s:Organization", "s:name": describe["organization"], "s:email": describe["email"]}],
        "$graph": [_workflow(service, properties, types), _tool(service, types)],
    }


def _workflow(service: Service, properties: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    describe = service.describe
    return {
        "class": "Workflow",
        "id": "main",
        "label": describe["title"],
        "doc": " ".join(describe["description"].split()),
        "inputs": {name: _input(name, properties[name], kind) for name, kind in types.items()},
        "outputs": {
            "results": {
                "type": "Directory",
                "outputSource": "call/results",
                "label": "Results",
                "doc": "The results with a STAC catalog.",
            }
        },
        "steps": {"call": {"run": "#call", "in": {name: name for name in types}, "out": ["results"]}},
    }


def _input(name: str, schema: dict[str, Any] | bool, kind: str) -> dict[str, Any]:
    said = _said(schema)
    told = {"type": kind, "label": said.get("title", name), "doc": " ".join(str(said.get("description", name)).split())}
    return {**told, **({"default": said["default"]} if "default" in said and kind.endswith("?") else {})}


def _tool(service: Service, types: Mapping[str, str]) -> dict[str, Any]:
    return {
        "class": "CommandLineTool",
        "id": "call",
        "requirements": {
            "DockerRequirement": {"dockerPull": service.image},
            "ResourceRequirement": _resources(service),
            "NetworkAccess": {"networkAccess": False},
        },
        **({"hints": _hints(service)} if service.device and service.device.cuda else {}),
        "baseCommand": ["python3", "-m", "swath_runtime.once"],
        "arguments": ["--out", _OUT, "--catalog"],
        "inputs": {name: {"type": kind, "inputBinding": _binding(name, kind)} for name, kind in types.items()},
        "outputs": {"results": {"type": "Directory", "outputBinding": {"glob": _OUT}}},
    }


def _binding(name: str, kind: str) -> dict[str, Any]:
    """`--input NAME=VALUE` by a parameter reference, which needs no JavaScript; nothing for an absent input."""
    return {"prefix": "--input", "valueFrom": f"{name}=$({'self' if kind.rstrip('?') in VALUES else 'self.path'})"}


def _resources(service: Service) -> dict[str, Any]:
    return {
        "coresMin": service.resources["cpu"],
        "ramMin": -(-service.memory_bytes // MIB),
        "tmpdirMin": -(-service.temp_bytes // MIB),
    }


def _hints(service: Service) -> dict[str, Any]:
    return {
        "cwltool:CUDARequirement": {
            "cudaVersionMin": service.device.cuda if service.device else "",
            "cudaComputeCapability": service.resources.get("cudaCompute", "5.0"),
            "cudaDeviceCountMin": service.devices,
        }
    }


def _kind(schema: dict[str, Any] | bool) -> str:
    """The CWL type of an input by its schema: a folder for an image, else a value's own, else a JSON file."""
    said = _said(schema)
    if "/image/" in str(said.get("$ref", "")):
        return "Directory"
    return _TYPES.get(str(said.get("type", "")), "string" if "enum" in said else "File")


def _said(schema: dict[str, Any] | bool) -> Mapping[str, Any]:
    return {} if isinstance(schema, bool) else schema
