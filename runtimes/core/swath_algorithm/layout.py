"""What an algorithm folder holds, and what its description says where it says nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swath_schemas import pin

DESCRIBE, PROCESS, REQUIREMENTS = "describe.yml", "process.py", "requirements.txt"
PACKAGE = "algorithm"  # of a process.py that was written for PESTO
DEFAULTS: Mapping[str, Any] = {"asynchronous": False, "batched": False, "profiles": ["cpu", "gpu"]}
EXECUTION: Mapping[str, Any] = {"concurrency": 1, "queueSize": 16, "timeoutSeconds": 300, "isolation": "thread"}


def complete(describe: Mapping[str, Any]) -> dict[str, Any]:
    """A valid description with aliases pinned and defaults filled in; undeclared inputs are refused by default."""
    filled = {**DEFAULTS, **describe, "execution": {**EXECUTION, **describe.get("execution", {})}}
    filled["input"] = {"type": "object", "additionalProperties": False, **pin(describe["input"])}
    if "configSchema" in describe:
        filled["configSchema"] = pin(describe["configSchema"])
    filled["output"] = {"type": "object", "additionalProperties": False, **pin(describe["output"])}
    return filled


def is_taken_over(folder: Path) -> bool:
    """Whether a folder's process.py is the module `algorithm.process` of a package beside it: the layout of PESTO.

    Such a class is called as it was there: see `swath_runtime.taken_over`.
    """
    return (folder / PACKAGE / "__init__.py").is_file()
