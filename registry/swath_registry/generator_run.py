"""Running datamodel-code-generator over many folders of prepared schemas, in a few processes.

Starting the generator takes as long as dozens of modules, and a run over very many takes more than its share: so each
process makes runs over folders of a middling size, one after the other.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from swath_registry.errors import GenerationFailed, GeneratorMissing

INPUT, OUTPUT = "schemas", "models"

# Chosen by a differential trial of generated models against their schemas; docs/decisions/0002 says why.
OPTIONS = (
    *("--input-file-type", "jsonschema", "--schema-version", "2020-12"),
    *("--output-model-type", "pydantic_v2.BaseModel", "--base-class", "swath_types.base.Model"),
    *("--target-python-version", "3.11", "--target-pydantic-version", "2.14"),
    *("--strict-refs", "--no-allow-remote-refs", "--disable-timestamp", "--formatters", "builtin"),
    *("--use-title-as-name", "--use-exact-imports", "--use-annotated", "--field-constraints"),
    *("--collapse-root-models", "--use-missing-sentinel", "--enum-field-as-literal", "all"),
    *("--strict-types", "str", "bytes", "int", "float", "bool"),
    *("--use-tuple-for-closed-arrays", "--generate-schema-validators", "--check-pattern-maps-strictly"),
    *("--read-unevaluated-properties", "--intersect-allof-keywords", "--read-const-beside-enum"),
    *("--use-schema-description", "--use-field-description", "--use-double-quotes"),
)


def run_generator(folders: Sequence[Path]) -> None:
    """Generate the modules of each folder's `schemas` into its `models`.

    Raises:
        GeneratorMissing: datamodel-code-generator isn't installed.
        GenerationFailed: it refused a schema; the error names the folder.
    """
    if find_spec("datamodel_code_generator") is None:
        raise GeneratorMissing("datamodel-code-generator")
    count = os.cpu_count() or 1
    shares = [share for index in range(count) if (share := folders[index::count])]
    started = [_start(share) for share in shares]
    outcomes = [process.communicate("\n".join(map(str, share))) for process, share in zip(started, shares, strict=True)]
    for process, (done, reason) in zip(started, outcomes, strict=True):
        if process.returncode:
            failed = done.splitlines()[-1] if done else "the registry"
            raise GenerationFailed(failed, reason.strip())


def _start(share: Sequence[Path]) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "swath_registry.generator_run"]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def _run_here(folders: Sequence[Path]) -> int:
    """One run for each folder, its name written before it: the last one written is the one that failed."""
    from datamodel_code_generator.__main__ import main

    for folder in folders:
        sys.stdout.write(f"{folder.name}\n")
        sys.stdout.flush()
        arguments = ["--input", str(folder / INPUT), "--output", str(folder / OUTPUT), *OPTIONS]
        if code := int(main(arguments)):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(_run_here([Path(line) for line in sys.stdin.read().splitlines()]))
