"""What can be wrong with an algorithm folder, and what to do about it."""

from collections.abc import Sequence
from pathlib import Path

from swath_algorithm.findings import Finding


class AlgorithmError(Exception):
    """Base of this package's errors."""

    hint: str = ""
    exit_code: int = 1


class AlgorithmNotFound(AlgorithmError):
    """No folder of that name holds a describe.yml."""

    exit_code = 2

    def __init__(self, asked: str, known: Sequence[str], looked_in: Path) -> None:
        super().__init__(f"no algorithm '{asked}': neither a folder with a describe.yml nor a name in {looked_in}")
        self.asked, self.known, self.looked_in = asked, tuple(known), looked_in
        self.hint = (
            f"known here: {', '.join(known)}; or give a folder, such as ./my-algorithm"
            if known
            else "give the folder that holds describe.yml, or make one: swath new my-algorithm"
        )


class FolderInvalid(AlgorithmError):
    """The folder has mistakes; each finding says where and what to write instead."""

    def __init__(self, folder: Path, findings: Sequence[Finding]) -> None:
        lines = "\n".join(f"  {finding}" for finding in findings)
        count = "1 mistake" if len(findings) == 1 else f"{len(findings)} mistakes"
        super().__init__(f"{folder} has {count}:\n{lines}")
        self.folder, self.findings = folder, tuple(findings)
        self.hint = f"mend them, then: swath check {folder}"


class FolderExists(AlgorithmError):
    """A new algorithm would overwrite a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} exists already; nothing was written")
        self.folder = folder
        self.hint = "choose another name, or --into another folder"
