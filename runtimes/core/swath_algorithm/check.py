"""Every mistake in an algorithm folder, found at once and without importing it."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from swath_algorithm.agreement import compare
from swath_algorithm.batches import batch_findings
from swath_algorithm.description import place, read_description
from swath_algorithm.errors import FolderInvalid
from swath_algorithm.examples import example_findings
from swath_algorithm.findings import Finding
from swath_algorithm.layout import DESCRIBE, PROCESS, complete
from swath_algorithm.model import is_elsewhere, model_place
from swath_algorithm.nocode import graph_mistakes, is_without_code, mistakes, use_of
from swath_algorithm.onnx_graph import GraphUnreadable, read_graph
from swath_algorithm.signature import WITHOUT_CODE, Signature, read_signature
from swath_registry.documents import Document

CHECKS = "swath.checks"


@dataclass(frozen=True)
class Examined:
    """A folder as found: its raw description and signature where they could be read, and all findings, sorted."""

    describe: dict[str, Any] | None
    signature: Signature | None
    findings: tuple[Finding, ...]


def check(folder: Path) -> list[Finding]:
    """All mistakes in a folder, examples included, sorted by place; empty where there is none.

    Installed distributions add checks of what they alone know by an entry point `swath.checks`: a function that takes
    the folder and its description as written (None where it can't be read), and gives findings.
    """
    examined = examine(folder)
    examples = example_findings(folder, complete(examined.describe)) if examined.describe else []
    added = [one for entry in entry_points(group=CHECKS) for one in entry.load()(folder, examined.describe)]
    return sorted([*examined.findings, *examples, *added])


def require_no_mistakes(folder: Path) -> None:
    """Raises FolderInvalid with all mistakes in a folder, if there are any."""
    if found := check(folder):
        raise FolderInvalid(folder, found)


def examine(folder: Path) -> Examined:
    """What must be right before the algorithm can be served: description, signature, model."""
    described = read_description(folder / DESCRIBE)
    describe: dict[str, Any] | None = described.value if isinstance(described, Document) else None
    if isinstance(described, Document) and is_without_code(described.value):
        found = [*_without_code(folder, described), *batch_findings(folder / PROCESS, None, described)]
        return Examined(describe, WITHOUT_CODE, tuple(sorted(found)))
    called = read_signature(folder / PROCESS)
    signature = called if isinstance(called, Signature) else None
    findings = [one for found in (described, called) if isinstance(found, list) for one in found]
    if describe is not None and signature:
        findings += compare(folder / PROCESS, signature, describe)
    if isinstance(described, Document):
        findings += batch_findings(folder / PROCESS, signature, described)
    return Examined(describe, signature, tuple(sorted(findings)))


def _without_code(folder: Path, document: Document) -> Iterator[Finding]:
    """Findings where `model.input` and `model.output` say how the model is used, the graph's own sides among them."""
    describe: dict[str, Any] = document.value
    if (folder / PROCESS).exists():
        message = "model.input says how the model is used, and process.py is there as well"
        yield place(document, "/model/input", message, "take one of them out")
    found = list(mistakes(describe))
    href: str = describe["model"]["href"]
    if not found and not is_elsewhere(href):
        try:
            found = list(graph_mistakes(use_of(describe), read_graph(model_place(folder, href))))
        except GraphUnreadable as error:
            found = [("/model/href", f"{href} can't be read as ONNX: {error}", "export it again")]
    for pointer, message, advice in found:
        yield place(document, pointer, message, advice)
