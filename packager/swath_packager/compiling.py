"""Byte code, made beforehand: an image's root is read-only, and a service that compiles at start takes twice as long.

`unchecked-hash` byte code holds no time and no path of this machine, so the same sources give the same bytes.
"""

import compileall
import subprocess
import sys
import threading
import warnings
from functools import cache
from pathlib import Path
from py_compile import PycInvalidationMode

from swath_packager.uv_command import uv_binary

_ONE_AT_A_TIME = threading.Lock()  # what is done with warnings holds for all threads
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
    few = sum(1 for _ in folder.rglob("*.py")) <= _FEW
    if few and python == Path(sys.executable) and sys.pycache_prefix is None:
        _compile_here(folder, destination)
        return
    at_once = [] if few else ["-j", "0"]
    subprocess.run(
        [str(python), "-I", "-m", "compileall", "-q", "-q", *at_once, "--invalidation-mode", "unchecked-hash",
         "-s", str(folder), "-p", destination, str(folder)],
        capture_output=True,
        check=False,
    )  # fmt: skip


def _compile_here(folder: Path, destination: str) -> None:
    """The same bytes, without starting an interpreter for a handful of modules."""
    mode = PycInvalidationMode.UNCHECKED_HASH
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compileall.compile_dir(
            folder, quiet=2, optimize=0, invalidation_mode=mode, stripdir=folder, prependdir=destination
        )


@cache
def _found(minor: str) -> Path | None:
    done = subprocess.run(
        [uv_binary(), "python", "find", "--no-python-downloads", "--no-project", "--system", minor],
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(done.stdout.strip()) if done.returncode == 0 else None
