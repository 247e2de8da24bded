"""A base image from Debian packages, where no registry answers: no root, no engine, and no shell unless asked for.

No maintainer script runs: the few things that they would do for us are done here, in `_finishing`. The same packages
give the same bytes.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path

from swath_packager import apt
from swath_packager.compiling import compile_tree, find_python
from swath_packager.compression import Compression
from swath_packager.errors import BaseUnavailable, PackagesUnavailable
from swath_packager.image import Image, checked_python
from swath_packager.layers import Entry, created, make_layer, tree_entries
from swath_packager.store import Store, digest_of

PREFIX = "debian:"
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
SHELL = ("dash", "coreutils", "findutils", "grep", "sed")
# What the closure brings and a service never runs: installers, and NIS, Kerberos and readline behind Python.
DROPPED = (
    "debconf*", "libdebconfclient*", "dpkg", "tar", "mawk", "openssl", "perl*", "gcc-*-base", "media-types",
    "libacl1", "libmd0", "libselinux*", "libpcre2*",
    "readline-common", "libreadline*", "libnsl*", "libtirpc*",
    "libgssapi*", "libkrb5*", "libk5crypto*", "libkeyutils*", "libcom-err*", "libdb5.3", "libncurses*", "libtinfo*",
)  # fmt: skip
_KEPT_WITH_SHELL = ("libacl1", "libselinux*", "libpcre2*", "libtinfo*")
_UNWANTED = re.compile(
    r"usr/share/(doc/(?!.*copyright)|man/|info/|lintian/|locale/|bug/|common-licenses/GFDL|doc-base/)|usr/lib/[^/]+/gconv/"
    r"|usr/share/zoneinfo/(right|posix)/|.*/(ensurepip|idlelib|lib2to3|tkinter|turtledemo|pydoc_data|curses)/|usr/share/python3/"
    r"|usr/lib/python3\.\d+/test/|.*/lib-dynload/(_dbm|_curses\w*|readline)\..*|usr/lib/python3\.\d+/turtle\.py|.*\.(a|la)"
)
_PROGRAMS = re.compile(r"usr/s?bin/(?!python)")
FRESH_S = 24 * 3600
_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


@dataclass(frozen=True)
class Wish:
    """A base to assemble: of a release ("bookworm"; "" is whatever this machine has), with a shell or without."""

    release: str = ""
    shell: bool = False


def wish_of(base: str) -> Wish | None:
    """What `debian:bookworm` or `debian:bookworm-shell` asks for; None for any other name of a base."""
    if not base.startswith(PREFIX):
        return None
    release = base.removeprefix(PREFIX)
    return Wish(release.removesuffix("-shell"), release.endswith("-shell"))


def assemble(
    store: Store,
    architecture: str,
    report: Callable[[str], None],
    wish: Wish | None = None,
    compression: Compression = "gzip",
    known: Callable[[str], object] | None = None,
) -> tuple[str, Image]:
    """Name and image of a base made from this machine's Debian (or Ubuntu) packages.

    `known` is told its Python ("3.11") as soon as the packages are here, which is before they are unpacked.

    The name is made from the packages' own digests; an image that the store holds already is not made again.
    Raises BaseUnavailable where apt cannot fetch them, or has another release than was asked for.
    """
    wish = wish or Wish()
    found = _remembered(store, architecture, wish)
    if found is None:
        report("assembling a base image from Debian packages")
        found = _found(store, architecture, wish, known or str)
    tree = store.text("trees", f"debian-{found.key}")
    release = found.release
    everyones = [Entry(path, mode=0o1777) for path in ("tmp", "var/tmp")]
    layer = make_layer(
        chain(tree_entries(tree, "/"), everyones), store, key=f"debian-{found.key}", compression=compression
    )
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
    """Packages that were fetched and unpacked: the digest of them all, their Python's version, their number, their
    release."""

    key: str
    python: str
    packages: int
    release: str


def _found(store: Store, architecture: str, wish: Wish, known: Callable[[str], object]) -> _Found:
    with store.workplace() as place:
        packages = _download(place, architecture, wish)
        python = _version_of("python3", packages)
        minor = checked_python(_minor(python), "assembled from Debian packages")
        known(minor)
        key = _digest(packages, find_python(minor) is not None, wish.shell)
        tree = store.tree(f"debian-{key}", lambda folder: _unpack(packages, folder, minor, with_shell=wish.shell))
    found = _Found(key, python, len(packages), _os_release(tree))
    if wish.release and not found.release.endswith(f"-{wish.release}"):
        here = f"this machine's apt has {found.release.replace('-', ':', 1)}"
        raise BaseUnavailable(f"{PREFIX}{wish.release}", [here])
    store.write_text("debian", _memory(architecture, wish), json.dumps(asdict(found)))
    return found


def _remembered(store: Store, architecture: str, wish: Wish) -> _Found | None:
    """What the last assembly found, for FRESH_S: so that a second build asks no package index."""
    note = store.text("debian", _memory(architecture, wish))
    if not note.is_file() or time.time() - note.stat().st_mtime > FRESH_S:
        return None
    found = _Found(**json.loads(note.read_text()))
    return found if store.text("trees", f"debian-{found.key}").is_dir() else None


def _memory(architecture: str, wish: Wish) -> str:
    return digest_of(architecture, repr(wish), _rules())


def _rules() -> bytes:
    return Path(__file__).read_bytes() + Path(apt.__file__).read_bytes()


def _download(place: Path, architecture: str, wish: Wish) -> list[Path]:
    wanted = (*WANTED, *(SHELL if wish.shell else ()))
    dropped = [one for one in DROPPED if not (wish.shell and one in _KEPT_WITH_SHELL)]
    try:
        found = apt.fetch_packages(wanted, place, architecture)
    except PackagesUnavailable as error:
        raise BaseUnavailable("assembled from Debian packages", [str(error)]) from error
    return [one for one in found if not any(fnmatch(apt.package_name(one), pattern) for pattern in dropped)]


def _unpack(packages: Sequence[Path], folder: Path, minor: str, *, with_shell: bool) -> None:
    apt.unpack_packages(packages, folder, lambda path: is_wanted(path, programs=with_shell))
    for entry in _finishing(folder, minor):
        apt.write_entry(entry, folder)
    if python := find_python(minor):
        compile_tree(folder / f"usr/lib/python{minor}", f"/usr/lib/python{minor}", python)


def is_wanted(path: str, *, programs: bool = False) -> bool:
    """Whether a package's file belongs in a base: no manuals, no installers, and no programs unless asked for."""
    return not _UNWANTED.match(path) and (programs or not _PROGRAMS.match(path))


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
    if (folder / "usr/bin/dash").is_file():
        yield Entry("usr/bin/sh", link="dash")
    yield Entry("etc/localtime", link="/usr/share/zoneinfo/Etc/UTC")
    for path in ("tmp", "var/tmp", "run", "dev", "proc", "sys", "root"):
        yield Entry(path)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _version_of(name: str, packages: Sequence[Path]) -> str:
    version = next(one.name.split("_")[1] for one in packages if apt.package_name(one) == name)
    return re.sub(r"^\d+%3a", "", version).partition("-")[0]


def _digest(packages: Sequence[Path], *more: bool) -> str:
    digest = hashlib.sha256(_rules() + bytes(more))
    for path in packages:
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _os_release(tree: Path) -> str:
    lines = (tree / "usr/lib/os-release").read_text("utf-8").splitlines()
    said = {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}
    return f"{said.get('ID', 'debian')}-{said.get('VERSION_CODENAME', 'unknown')}"
