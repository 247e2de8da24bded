"""An algorithm folder, opened: its description with aliases pinned and defaults filled, and its parts."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_algorithm.check import examine
from swath_algorithm.errors import AlgorithmNotFound, FolderInvalid
from swath_algorithm.layout import DESCRIBE, PROCESS, REQUIREMENTS, complete
from swath_algorithm.model import is_elsewhere, model_place
from swath_algorithm.signature import Signature


@dataclass(frozen=True)
class Algorithm:
    """A folder that passed its checks.

    `describe` is describe.yml with every alias pinned to an absolute URI and the defaults of describe@1 filled in.
    """

    folder: Path
    describe: dict[str, Any]
    signature: Signature

    @property
    def name(self) -> str:
        """The name that describe.yml gives it."""
        return self.describe["name"]

    @property
    def version(self) -> str:
        """Semantic version of the algorithm."""
        return self.describe["version"]

    @property
    def model(self) -> Path | None:
        """Place of the ONNX file in the folder, or None where none is declared; one elsewhere need not be there."""
        model = self.describe.get("model")
        return model_place(self.folder, model["href"]) if model else None

    @property
    def model_elsewhere(self) -> tuple[str, str] | None:
        """URI and SHA-256 of a model that is to be fetched, or None."""
        model = self.describe.get("model")
        return (model["href"], model["sha256"]) if model and is_elsewhere(model["href"]) else None

    @property
    def requirements(self) -> Path | None:
        """Its requirements.txt, or None where it needs nothing of its own."""
        path = self.folder / REQUIREMENTS
        return path if path.is_file() else None

    @property
    def profiles(self) -> tuple[str, ...]:
        """Names of the profiles that it can run under."""
        return tuple(self.describe["profiles"])


def find_folder(asked: str | Path) -> Path:
    """Folder of an algorithm, given its path or its name under `algorithms/`.

    Names are looked up in the `algorithms/` of the working directory or of the closest folder above it. Raises
    AlgorithmNotFound.
    """
    direct = Path(asked)
    if (direct / DESCRIBE).is_file() or _is_path(asked):
        if direct.is_dir():
            return direct
        raise AlgorithmNotFound(str(asked), known_names(shelf()), shelf())
    named = shelf() / str(asked)
    if named.is_dir():
        return named
    raise AlgorithmNotFound(str(asked), known_names(shelf()), shelf())


def shelf() -> Path:
    """The closest `algorithms/` folder, from the working directory upwards."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "algorithms").is_dir():
            return folder / "algorithms"
    return here / "algorithms"


def known_names(folder: Path) -> list[str]:
    """Names of the folders in a folder that hold a describe.yml or a process.py, sorted."""
    return sorted({one.parent.name for file in (DESCRIBE, PROCESS) for one in folder.glob(f"*/{file}")})


def open_algorithm(asked: str | Path) -> Algorithm:
    """The algorithm of a name or folder; raises AlgorithmNotFound, or FolderInvalid with every mistake found."""
    folder = find_folder(asked)
    examined = examine(folder)
    if examined.describe is None or examined.signature is None or examined.findings:
        raise FolderInvalid(folder, examined.findings)
    return Algorithm(folder.resolve(), complete(examined.describe), examined.signature)


def _is_path(asked: str | Path) -> bool:
    return isinstance(asked, Path) or os.sep in asked or asked.startswith(".")
