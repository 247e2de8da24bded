"""Environments of the peers, made once from each one's requirements.txt, in a folder that git ignores."""

import hashlib
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

PEERS = Path(__file__).parent
ENVIRONMENTS = PEERS.parent / ".environments"
STAMP = "requirements.sha256"


class PeerMissing(Exception):
    """A peer's environment can't be made here."""


@cache
def environment(name: str) -> Path:
    """The folder of a peer's environment; it is made anew where the requirements have changed.

    Raises:
        PeerMissing: uv is not there, or did not find or build what is required.
    """
    requirements, folder = PEERS / name / "requirements.txt", ENVIRONMENTS / name
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return folder
    print(f"making the environment of {name}", file=sys.stderr, flush=True)
    _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    _uv("pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "--requirements", str(requirements))
    stamp.write_text(digest)
    return folder


def _uv(*arguments: str) -> None:
    beside = Path(sys.executable).with_name("uv")
    command = str(beside) if beside.is_file() else shutil.which("uv")
    if command is None:
        raise PeerMissing("uv is not installed")
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerMissing(done.stderr.strip()[-300:])
