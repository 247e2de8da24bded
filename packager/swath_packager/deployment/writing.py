"""Deployment files into a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from swath_packager.deployment.compose import compose_file
from swath_packager.deployment.cwl import application_package
from swath_packager.deployment.kubernetes import DEFAULT, Cluster, manifests
from swath_packager.deployment.service import Service


def write_files(service: Service, kinds: Sequence[str], folder: Path, cluster: Cluster = DEFAULT) -> list[Path]:
    """Write the files of some kinds ("compose", "kubernetes", "cwl") into a folder, and give back their paths."""
    documents: dict[str, dict[str, Any]] = {}
    for kind in dict.fromkeys(kinds):
        if kind == "compose":
            documents["compose.yaml"] = compose_file(service)
        elif kind == "kubernetes":
            found = manifests(service, cluster)
            documents |= {f"kubernetes/{name}.yaml": manifest for name, manifest in found.items()}
        else:
            documents[f"{service.name}.cwl"] = application_package(service)
    return [_write(folder / name, document, service) for name, document in documents.items()]


def _write(path: Path, document: dict[str, Any], service: Service) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
    path.write_text(
        f"# {service.describe['title']} {service.describe['version']}: written by swath deploy\n{text}", "utf-8"
    )
    return path


class _Plain(yaml.SafeDumper):
    """YAML without anchors: what is the same in two places is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
