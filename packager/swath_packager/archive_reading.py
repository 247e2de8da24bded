"""Image archives, read: OCI archives and layouts, and what `docker save` writes."""

import contextlib
import json
import tarfile
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any

from swath_packager.archive import place_of
from swath_packager.errors import ArchiveUnreadable
from swath_packager.image import Image
from swath_packager.layers import GZIP_MAGIC, TAR, TAR_GZIP, TAR_ZSTD, ZSTD_MAGIC, StoredLayer
from swath_packager.store import Blob, Store, chunks_of


class Contents:
    """The files of an archive or of a layout folder, by name."""

    def __init__(self, path: Path, tar: tarfile.TarFile | None) -> None:
        self.path, self._tar = path, tar
        self._members = {one.name.removeprefix("./"): one for one in tar or () if not one.isdir()}

    @property
    def is_layout(self) -> bool:
        """Whether it is an OCI layout, whatever else it is."""
        return self._has("index.json") and self._has("oci-layout")

    def open(self, name: str) -> IO[bytes]:
        """A file of it; raises ArchiveUnreadable where there is none of that name."""
        if not self._has(name):
            raise ArchiveUnreadable(self.path, f"it lacks {name}")
        if self._tar is None:
            return (self.path / name).open("rb")
        stream = self._tar.extractfile(self._members[name])
        if stream is None:
            raise ArchiveUnreadable(self.path, f"{name} is not a file")
        return stream

    def _has(self, name: str) -> bool:
        return name in self._members if self._tar else (self.path / name).is_file()


@contextlib.contextmanager
def opened(path: Path) -> Generator[Contents]:
    """The contents of an archive or a layout folder; raises ArchiveUnreadable."""
    if path.is_dir():
        yield Contents(path, None)
        return
    try:
        tar = tarfile.open(path)  # noqa: SIM115
    except OSError as error:
        raise ArchiveUnreadable(path, error.strerror or str(error)) from error
    except (tarfile.TarError, EOFError) as error:  # tarfile tells what each of its four readers thought of it
        raise ArchiveUnreadable(path, "it is no tar file") from error
    with tar:
        yield Contents(path, tar)


def read_archive(path: Path, store: Store, *, architecture: str = "amd64") -> Image:
    """The image of an OCI archive or layout, or of a file that `docker save` wrote; its layers go into the store.

    Raises ArchiveUnreadable.
    """
    with opened(path) as contents:
        if contents.is_layout:
            return _read_layout(contents, store, architecture)
        return _read_docker(contents, store)


def read_config(path: Path, *, architecture: str = "amd64") -> dict[str, Any]:
    """The configuration of an archive's image, without reading its layers; raises ArchiveUnreadable."""
    with opened(path) as contents:
        if contents.is_layout:
            manifest = _manifest(contents, architecture)
            return _load(contents, place_of(manifest["config"]["digest"]))
        return _load(contents, _load(contents, "manifest.json")[0]["Config"])


def _read_layout(contents: Contents, store: Store, architecture: str) -> Image:
    manifest = _manifest(contents, architecture)
    config = _load(contents, place_of(manifest["config"]["digest"]))
    blobs = [_keep(contents, place_of(one["digest"]), store, one["digest"]) for one in manifest["layers"]]
    return _image(config, blobs, [oci_type(one["mediaType"]) for one in manifest["layers"]])


def _manifest(contents: Contents, architecture: str) -> dict[str, Any]:
    index = _load(contents, "index.json")
    while "manifests" in index:
        chosen = choose(index["manifests"], architecture)
        if chosen is None:
            raise ArchiveUnreadable(contents.path, f"it holds no image for linux/{architecture}")
        index = _load(contents, place_of(chosen["digest"]))
    return index


def choose(manifests: list[dict[str, Any]], architecture: str) -> dict[str, Any] | None:
    """The entry of an image index for Linux on that architecture; one that names no platform will do."""
    for one in manifests:
        platform = one.get("platform")
        if platform is None or (platform.get("os") == "linux" and platform.get("architecture") == architecture):
            return one
    return None


def oci_type(media_type: str) -> str:
    """The OCI's media type of a layer that an engine or a registry calls by an older name."""
    if media_type.endswith("gzip"):
        return TAR_GZIP
    if media_type.endswith("zstd"):
        return TAR_ZSTD
    return TAR if media_type.endswith((".tar", "diff.tar")) else media_type


def _read_docker(contents: Contents, store: Store) -> Image:
    entry = _load(contents, "manifest.json")[0]
    config = _load(contents, entry["Config"])
    blobs = [_keep(contents, name, store, None) for name in entry["Layers"]]
    return _image(config, blobs, [_sniffed(blob) for blob in blobs])


def _image(config: dict[str, Any], blobs: list[Blob], types: list[str]) -> Image:
    diff_ids = config["rootfs"]["diff_ids"]
    return Image(config, tuple(StoredLayer(*one) for one in zip(blobs, diff_ids, types, strict=True)))


def _keep(contents: Contents, name: str, store: Store, digest: str | None) -> Blob:
    if digest and (known := store.blob(digest)):
        return known
    with contents.open(name) as stream:
        blob = store.add_blob(chunks_of(stream))
    if digest and blob.digest != digest:
        raise ArchiveUnreadable(contents.path, f"{name} does not have the digest that it is named by")
    return blob


def _sniffed(blob: Blob) -> str:
    with blob.path.open("rb") as stream:
        first = stream.read(4)
    if first == ZSTD_MAGIC:
        return TAR_ZSTD
    return TAR_GZIP if first.startswith(GZIP_MAGIC) else TAR


def _load(contents: Contents, name: str) -> Any:
    with contents.open(name) as stream:
        try:
            return json.load(stream)
        except ValueError as error:
            raise ArchiveUnreadable(contents.path, f"{name} is not JSON") from error
