"""Whether `batched` and `batch` of a description go with the code, with each other and with `resources`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from swath_algorithm.description import place
from swath_algorithm.findings import Finding
from swath_algorithm.signature import Signature
from swath_algorithm.source import BATCH
from swath_registry.documents import Document

GPU = "gpu"


def batch_findings(path: Path, signature: Signature | None, document: Document) -> Iterator[Finding]:
    """Findings about batches.

    Args:
        path: the folder's process.py.
        signature: how it is called; None where it can't be read.
        document: the description, valid against describe@1.
    """
    describe: Mapping[str, Any] = document.value
    if describe.get("batched"):
        yield from _limit_findings(document)
        if signature and not signature.batch:
            message = f"batched: true, but process.py defines no {BATCH}"
            advice = f"write def {BATCH}({'self, ' if signature.owner else ''}items), or batched: false"
            yield place(document, "/batched", message, advice)
    elif signature and signature.batch and not signature.is_taken_over:
        called = signature.batch
        message = f"{BATCH} is never handed more than one item: describe.yml does not say batched: true"
        advice = "write batched: true and batch: {maxSize: 8} there, or take it out"
        yield Finding(path, called.line, called.column, message, advice)


def fitting(describe: Mapping[str, Any], profile: str) -> int:
    """How many items of a batch fit into the memory that `resources` declares: 0 to maxSize.

    A batch of n needs staticMemory + n × dynamicMemoryPerItem of `ram`, under the profile gpu of `gpuMemory` where it
    is declared. Batches that run at once share it.
    """
    batch, memory = describe["batch"], _memory(describe, profile)
    shares: int = describe.get("execution", {}).get("concurrency", 1)
    left: int = memory // shares - batch.get("staticMemory", 0)
    per_item: int = batch.get("dynamicMemoryPerItem", 0)
    if left < per_item:
        return 0
    return min(left // per_item, batch["maxSize"]) if per_item else batch["maxSize"]


def _memory(describe: Mapping[str, Any], profile: str) -> int:
    resources: Mapping[str, int] = describe["resources"]
    return resources["gpuMemory"] if profile == GPU and "gpuMemory" in resources else resources["ram"]


def _limit_findings(document: Document) -> Iterator[Finding]:
    describe, batch = document.value, document.value["batch"]
    if batch.get("preferredSize", 1) > batch["maxSize"]:
        message = f"a batch of {batch['preferredSize']} is larger than maxSize, {batch['maxSize']}"
        yield place(document, "/batch/preferredSize", message, f"write at most {batch['maxSize']}")
    needed = batch.get("staticMemory", 0) + batch.get("dynamicMemoryPerItem", 0)
    for profile in describe.get("profiles", ("cpu", GPU)):
        if fitting(describe, profile) == 0:
            at_once: int = describe.get("execution", {}).get("concurrency", 1)
            shared = f" for {at_once} batches at once" if at_once > 1 else ""
            message = f"one item needs {needed} bytes, but there are {_memory(describe, profile)}{shared}"
            yield place(document, "/batch", message, "raise what resources declares, or write what a batch needs")
            return
