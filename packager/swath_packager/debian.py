"""A base image from Debian packages, where no registry answers: no root, no engine, no shell inside.

apt-get only downloads, against an empty package status, so that the closure does not depend on this machine; dpkg-deb
only unpacks. No maintainer script runs: the few things that they would do for us are done here, in `_finishing`.
The same packages give the same bytes.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path

from swath_packager.compiling import compile_tree, find_python
from swath_packager.errors import BaseUnavailable
from swath_packager.image import Image, checked_python, created
from swath_packager.layers import Entry, make_layer, tree_entries
from swath_packager.store import Store, digest_of

WANTED = (
    "python3",
    "ca-certificates",
    "libstdc++6",
    "libgomp1",
    "tzdata",
    "netbase",
    "base-files",
    "base-passwd",
    "libc-bin",
)
# What the closure brings and a service never runs: installers, and NIS, Kerberos and readline behind Python.
DROPPED = (
    "debconf*", "libdebconfclient*", "dpkg", "tar", "mawk", "openssl", "perl*", "gcc-*-base", "media-types",
    "libacl1", "libmd0", "libselinux*", "libpcre2*",
    "readline-common", "libreadline*", "libnsl*", "libtirpc*",
    "libgssapi*", "libkrb5*", "libk5crypto*", "libkeyutils*", "libcom-err*",
)  # fmt: skip
_UNWANTED = re.compile(
    r"usr/share/(doc/(?!.*copyright)|man/|info/|lintian/|locale/|bug/|common-licenses/GFDL|doc-base/)|usr/lib/[^/]+/gconv/"
    r"|usr/share/zoneinfo/(right|posix)/|.*/(ensurepip|idlelib|lib2to3|tkinter|turtledemo)/|usr/s?bin/(?!python)|usr/share/python3/"
)
FRESH_S = 24 * 3600
_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def at_hand() -> str | None:
    """What is missing on this machine to assemble a base, or None where nothing is."""
    missing = [tool for tool in ("apt-get", "dpkg-deb") if shutil.which(tool) is None]
    return f"no {' and no '.join(missing)} here" if missing else None


def assemble(store: Store, architecture: str, report: Callable[[str], None]) -> tuple[str, Image]:
    """Name and image of a base made from this machine's Debian (or Ubuntu) packages.

    The name is made from the packages' own digests; an image that the store holds already is not made again.
    Raises BaseUnavailable where apt cannot fetch them.
    """
    found = _remembered(store, architecture)
    if found is None:
        report("assembling a base image from Debian packages")
        found = _found(store, architecture)
    tree = store.text("trees", f"debian-{found.key}")
    release = _os_release(tree)
    everyones = [Entry(path, mode=0o1777) for path in ("tmp", "var/tmp")]
    layer = make_layer([*tree_entries(tree, "/"), *everyones], store, key=f"debian-{found.key}")
    config = {
        "architecture": architecture,
        "os": "linux",
        "created": created(),
        "config": {
            "Env": [
                "PATH=/usr/local/bin:/usr/bin:/bin",
                "LANG=C.UTF-8",
                f"PYTHON_VERSION={found.python}",
            ],
            "Cmd": ["python3"],
        },
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
        "history": [{"created": created(), "created_by": f"swath: {found.packages} packages of {release}"}],
    }
    return f"swath-base/{release}-python{_minor(found.python)}:{found.key[:12]}", Image(config, (layer,))


@dataclass(frozen=True)
class _Found:
    """Packages that were fetched and unpacked: the digest of them all, their Python's version, and their number."""

    key: str
    python: str
    packages: int


def _found(store: Store, architecture: str) -> _Found:
    with store.workplace() as place:
        packages = _download(place, architecture)
        python = _version_of("python3", packages)
        minor = checked_python(_minor(python), "assembled from Debian packages")
        found = _Found(_digest(packages, find_python(minor) is not None), python, len(packages))
        store.tree(f"debian-{found.key}", lambda folder: _unpack(packages, folder, minor))
    store.write_text("debian", _memory(architecture), json.dumps(asdict(found)))
    return found


def _remembered(store: Store, architecture: str) -> _Found | None:
    """What the last assembly found, for FRESH_S: so that a second build asks no package index."""
    note = store.text("debian", _memory(architecture))
    if not note.is_file() or time.time() - note.stat().st_mtime > FRESH_S:
        return None
    found = _Found(**json.loads(note.read_text()))
    return found if store.text("trees", f"debian-{found.key}").is_dir() else None


def _memory(architecture: str) -> str:
    return digest_of(architecture, Path(__file__).read_bytes())


def _download(place: Path, architecture: str) -> list[Path]:
    """The packages' files, sorted by name; from this machine's package lists, else from fresh ones of our own."""
    tried: list[str] = []
    for options in (_options(place, architecture), [*_options(place, architecture), *_own_lists(place)]):
        if tried and (failure := _apt([*options, "update"])):
            tried.append(f"apt-get update: {failure}")
            break
        if not (failure := _apt([*options, "--download-only", "-y", "install", *WANTED])):
            found = sorted((place / "archives").glob("*.deb"), key=lambda one: one.name)
            return [one for one in found if not any(fnmatch(_package(one), pattern) for pattern in DROPPED)]
        tried.append(f"apt-get install --download-only: {failure}")
    raise BaseUnavailable("assembled from Debian packages", tried)


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
        *("-o", f"Dir::Cache::pkgcache={place / 'pkgcache.bin'}"),
        *("-o", f"Dir::Cache::srcpkgcache={place / 'srcpkgcache.bin'}"),
    ]


def _own_lists(place: Path) -> list[str]:
    (place / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    return ["-o", f"Dir::State::lists={place / 'lists'}/"]


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


def _unpack(packages: Sequence[Path], folder: Path, minor: str) -> None:
    listed = folder / "var/lib/dpkg/status.d"
    listed.mkdir(parents=True)
    for package in packages:
        _extract(package, folder)
        control = subprocess.run(["dpkg-deb", "--field", str(package)], capture_output=True, check=True)
        (listed / _package(package)).write_bytes(control.stdout)
    for entry in _finishing(folder, minor):
        _write(entry, folder)
    if python := find_python(minor):
        compile_tree(folder / f"usr/lib/python{minor}", f"/usr/lib/python{minor}", python)


def _extract(package: Path, folder: Path) -> None:
    raw = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        for member in tar:
            path = _merged(member.name)
            if not path or _UNWANTED.match(path) or member.isdir():
                continue  # folders come with what they hold
            if member.isreg():
                stream = tar.extractfile(member)
                _write(Entry(path, stream.read() if stream else b"", mode=member.mode & 0o777), folder)
            elif member.issym():
                _write(Entry(path, link=member.linkname), folder)
            elif member.islnk():
                _write(
                    Entry(path, (folder / _merged(member.linkname)).read_bytes(), mode=member.mode & 0o777),
                    folder,
                )


def _merged(name: str) -> str:
    """A package's path with /bin, /lib and their like under /usr, as the links of a merged /usr have it."""
    path = name.removeprefix("./").strip("/")
    first, slash, _ = path.partition("/")
    return f"usr/{path}" if first in _MERGED and slash else path if slash or first not in _MERGED else ""


def _write(entry: Entry, folder: Path) -> None:
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


def _finishing(folder: Path, minor: str) -> Iterator[Entry]:
    """What the packages' maintainer scripts would have made."""
    for name in _MERGED:
        if (folder / "usr" / name).is_dir():
            yield Entry(name, link=f"usr/{name}")
    for name in ("passwd", "group"):
        yield Entry(f"etc/{name}", (folder / f"usr/share/base-passwd/{name}.master").read_bytes())
    if (switch := folder / "usr/share/libc-bin/nsswitch.conf").is_file():
        yield Entry("etc/nsswitch.conf", switch.read_bytes())
    authorities = sorted((folder / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    yield Entry("etc/ssl/certs/ca-certificates.crt", b"".join(one.read_bytes() for one in authorities))
    yield Entry("usr/lib/ssl/cert.pem", link="/etc/ssl/certs/ca-certificates.crt")
    yield Entry("usr/bin/python", link=f"python{minor}")
    yield Entry("etc/localtime", link="/usr/share/zoneinfo/Etc/UTC")
    for path in ("tmp", "var/tmp", "run", "dev", "proc", "sys", "root"):
        yield Entry(path)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _version_of(name: str, packages: Sequence[Path]) -> str:
    version = next(one.name.split("_")[1] for one in packages if _package(one) == name)
    return re.sub(r"^\d+%3a", "", version).partition("-")[0]


def _package(path: Path) -> str:
    return path.name.partition("_")[0]


def _digest(packages: Sequence[Path], compiled: bool) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes() + bytes([compiled]))
    for path in packages:
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _os_release(tree: Path) -> str:
    lines = (tree / "usr/lib/os-release").read_text("utf-8").splitlines()
    said = {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}
    return f"{said.get('ID', 'debian')}-{said.get('VERSION_CODENAME', 'unknown')}"
