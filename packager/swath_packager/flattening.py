"""An image's layers as one folder: what a container would see, for builders that have no such base to start from."""

import os
import shutil
import tarfile
from pathlib import Path

from swath_packager.image import Image
from swath_packager.layers import open_layer

_GONE, _OPAQUE = ".wh.", ".wh..wh..opq"


def unpack_image(image: Image, folder: Path) -> None:
    """Lay out the files of an image's layers, each over those before it. Owners are not kept; devices are left out.

    Source: OCI image specification, "Image Layer Filesystem Changeset" (whiteouts).
    """
    for layer in image.layers:
        with open_layer(layer) as tar:
            for member in tar:
                _place(tar, member, folder)


def _place(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    name = os.path.normpath(f"/{member.name}").lstrip("/")
    path = folder / name
    if not _is_inside(path.parent, folder):
        return
    if path.name == _OPAQUE:
        for one in list(path.parent.iterdir()) if path.parent.is_dir() else ():
            _remove(one)
    elif path.name.startswith(_GONE):
        _remove(path.with_name(path.name.removeprefix(_GONE)))
    elif member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(member.mode)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(path)
        _write(tar, member, path, folder)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, folder: Path) -> None:
    if member.issym():
        path.symlink_to(member.linkname)
    elif member.islnk():
        origin = folder / os.path.normpath(f"/{member.linkname}").lstrip("/")
        if origin.is_file() and _is_inside(origin, folder):
            shutil.copy2(origin, path)
    elif member.isreg() and (stream := tar.extractfile(member)) is not None:
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file)
        path.chmod(member.mode)
        os.utime(path, (member.mtime, member.mtime))


def _is_inside(path: Path, folder: Path) -> bool:
    """Whether a path, its links followed, stays in the folder: a base may hold links to absolute places."""
    return path.resolve().is_relative_to(folder.resolve())


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
