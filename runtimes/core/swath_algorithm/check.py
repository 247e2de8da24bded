"""Every mistake in an algorithm folder, found at once and without importing it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_algorithm.agreement import compare
from swath_algorithm.description import read_description
from swath_algorithm.examples import example_findings
from swath_algorithm.findings import Finding
from swath_algorithm.layout import DESCRIBE, PROCESS, complete
from swath_algorithm.signature import Signature, read_signature
from swath_registry.documents import Document


@dataclass(frozen=True)
class Examined:
    """A folder as found: its raw description and signature where they could be read, and all findings, sorted."""

    describe: dict[str, Any] | None
    signature: Signature | None
    findings: tuple[Finding, ...]


def check(folder: Path) -> list[Finding]:
    """All mistakes in a folder, examples included, sorted by place; empty where there is none."""
    examined = examine(folder)
    examples = example_findings(folder, complete(examined.describe)) if examined.describe else []
    return sorted([*examined.findings, *examples])


def examine(folder: Path) -> Examined:
    """What must be right before the algorithm can be served: description, signature, model."""
    described, called = read_description(folder / DESCRIBE), read_signature(folder / PROCESS)
    describe: dict[str, Any] | None = described.value if isinstance(described, Document) else None
    signature = called if isinstance(called, Signature) else None
    findings = [one for found in (described, called) if isinstance(found, list) for one in found]
    if describe is not None and signature:
        findings += compare(folder / PROCESS, signature, describe)
    return Examined(describe, signature, tuple(sorted(findings)))
