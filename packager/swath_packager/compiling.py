"""Byte code, made beforehand: an image's root is read-only, and a service that compiles at start takes twice as long.

`unchecked-hash` byte code holds no time and no path of this machine, so the same sources give the same bytes.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path

import uv

_FEW = 50  # modules that are compiled before more processes would have started


def find_python(minor: str) -> Path | None:
    """An interpreter of that minor version on this machine ("3.12"), or None; nothing is downloaded."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == minor:
        return Path(sys.executable)
    return _found(minor)


def compile_tree(folder: Path, destination: str, python: Path) -> None:
    """Compile the modules below a folder for the place where they will stand in an image.

    A file that this Python cannot compile (a template, another version's syntax) stays as it is.
    """
    many = sum(1 for _ in folder.rglob("*.py")) > _FEW
    at_once = ["-j", "0"] if many else []
    subprocess.run(
        [str(python), "-I", "-m", "compileall", "-q", "-q", *at_once, "--invalidation-mode", "unchecked-hash",
         "-s", str(folder), "-p", destination, str(folder)],
        capture_output=True,
        check=False,
    )  # fmt: skip


@cache
def _found(minor: str) -> Path | None:
    done = subprocess.run(
        [uv.find_uv_bin(), "python", "find", "--no-python-downloads", "--no-project", "--system", minor],
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(done.stdout.strip()) if done.returncode == 0 else None
