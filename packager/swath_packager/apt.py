"""Debian packages, fetched and unpacked without root, without touching this machine, without maintainer scripts.

apt-get only downloads, against an empty package status, so that the closure does not depend on this machine; dpkg-deb
only unpacks.
"""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

from swath_packager.errors import PackagesUnavailable
from swath_packager.layers import Entry

_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
STATUS = "var/lib/dpkg/status.d"


def at_hand() -> str | None:
    """What is missing on this machine to fetch Debian packages, or None where nothing is."""
    missing = [tool for tool in ("apt-get", "dpkg-deb") if shutil.which(tool) is None]
    return f"no {' and no '.join(missing)} here" if missing else None


def fetch_packages(names: Sequence[str], place: Path, architecture: str) -> list[Path]:
    """The files of these packages and of all that they depend on, sorted by name.

    From this machine's package lists, else from fresh ones of our own (as for another architecture).
    Raises PackagesUnavailable.
    """
    if missing := at_hand():
        raise PackagesUnavailable(names, [missing])
    tried: list[str] = []
    for options in (_options(place, architecture), [*_options(place, architecture), *_own_lists(place, architecture)]):
        if tried and (failure := _apt([*options, "update"])):
            tried.append(f"apt-get update: {failure}")
            break
        if not (failure := _apt([*options, "--download-only", "-y", "install", *names])):
            return sorted((place / "archives").glob("*.deb"), key=lambda one: one.name)
        tried.append(f"apt-get install --download-only: {failure}")
    raise PackagesUnavailable(names, tried)


def unpack_packages(packages: Sequence[Path], folder: Path, wanted: Callable[[str], bool]) -> None:
    """The wanted files of some packages below a folder, and what dpkg would note of each, for scanners to read."""
    (folder / STATUS).mkdir(parents=True, exist_ok=True)
    for package in packages:
        _extract(package, folder, wanted)
        control = subprocess.run(["dpkg-deb", "--field", str(package)], capture_output=True, check=True).stdout
        digest = hashlib.sha256(package.read_bytes()).hexdigest()
        (folder / STATUS / package_name(package)).write_bytes(control.rstrip() + f"\nSHA256: {digest}\n".encode())


def package_name(path: Path) -> str:
    """Name of the package in a file that apt-get fetched."""
    return path.name.partition("_")[0]


def _options(place: Path, architecture: str) -> list[str]:
    (place / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    return [
        "-qq",
        *("-o", f"APT::Architecture={architecture}"),
        *("-o", "APT::Install-Recommends=0"),
        *("-o", "APT::Sandbox::User="),
        *("-o", "Debug::NoLocking=1"),
        *("-o", "Dir::State::status=/dev/null"),
        *("-o", f"Dir::Cache::archives={place / 'archives'}/"),
        *("-o", "Dir::Cache::pkgcache="),  # kept in memory: nobody reads it again
        *("-o", "Dir::Cache::srcpkgcache="),
    ]


def _own_lists(place: Path, architecture: str) -> list[str]:
    (place / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    return ["-o", f"Dir::State::lists={place / 'lists'}/", "-o", f"APT::Architectures::={architecture}"]


def _apt(arguments: Sequence[str]) -> str | None:
    """None where apt-get did it, else its last lines."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["apt-get", *arguments], capture_output=True, text=True, timeout=300, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return "no answer within 300 s"
    return None if done.returncode == 0 else " ".join((done.stderr or done.stdout).split()[-40:])


def _extract(package: Path, folder: Path, wanted: Callable[[str], bool]) -> None:
    raw = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        for member in tar:
            path = merged(member.name)
            if not path or member.isdir() or not wanted(path):
                continue  # folders come with what they hold
            if member.isreg():
                stream = tar.extractfile(member)
                write_entry(Entry(path, stream.read() if stream else b"", mode=member.mode & 0o777), folder)
            elif member.issym():
                write_entry(Entry(path, link=member.linkname), folder)
            elif member.islnk():
                origin = folder / merged(member.linkname)
                if origin.is_file():
                    write_entry(Entry(path, origin.read_bytes(), mode=member.mode & 0o777), folder)


def merged(name: str) -> str:
    """A package's path with /bin, /lib and their like under /usr, as the links of a merged /usr have it."""
    path = name.removeprefix("./").strip("/")
    first, slash, _ = path.partition("/")
    return f"usr/{path}" if first in _MERGED and slash else path if slash or first not in _MERGED else ""


def write_entry(entry: Entry, folder: Path) -> None:
    """An entry as a file, link or folder of this machine, in the place of what was there."""
    path = folder / entry.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
    if entry.link is not None:
        path.symlink_to(entry.link)
    elif isinstance(entry.content, bytes):
        path.write_bytes(entry.content)
        path.chmod(0o755 if entry.mode & 0o100 else 0o644)
    else:
        path.mkdir(exist_ok=True)
