"""Why a PESTO project can't be taken over."""

from collections.abc import Sequence
from pathlib import Path

from swath_algorithm.errors import AlgorithmError
from swath_algorithm.findings import Finding

LAYOUT = "a PESTO project holds algorithm/process.py and pesto/api/{description,input_schema,output_schema}.json"


class ProjectUnusable(AlgorithmError):
    """What the project lacks or what can't be read in it; nothing was written."""

    def __init__(self, folder: Path, findings: Sequence[Finding], hint: str = LAYOUT) -> None:
        lines = "\n".join(f"  {finding}" for finding in findings)
        super().__init__(f"{folder} can't be taken over; nothing was written:\n{lines}")
        self.folder, self.findings, self.hint = folder, tuple(findings), hint


class ProjectNotFound(AlgorithmError):
    """There is no folder of that name."""

    exit_code = 2

    def __init__(self, folder: Path) -> None:
        super().__init__(f"there is no folder {folder}")
        self.folder, self.hint = folder, LAYOUT


class ProfileUnknown(AlgorithmError):
    """No file of the project is of that profile."""

    exit_code = 2

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"--profile {asked[:80]}: no file of the project is of that profile")
        self.hint = f"its profiles: {', '.join(known)}" if known else "it has no file such as requirements.gpu.json"


class PlaceInside(AlgorithmError):
    """The folder would be written into the project, which stays as it is."""

    exit_code = 2

    def __init__(self, into: Path, project: Path) -> None:
        super().__init__(f"--into {into} lies inside {project}, which is left as it is")
        self.hint = "name a folder outside the project, such as --into algorithms"
