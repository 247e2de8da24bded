"""Image archives: one tar that is at once an OCI layout and what `docker load` takes; and reading either."""

import contextlib
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO, Any

from swath_packager.errors import ArchiveUnreadable
from swath_packager.image import Image
from swath_packager.layers import TAR, TAR_GZIP, StoredLayer, epoch
from swath_packager.store import Blob, Store, chunks_of

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
Open = Callable[[str], IO[bytes] | None]


def manifest_of(image: Image) -> tuple[bytes, bytes]:
    """The OCI manifest and configuration of an image, as the bytes that their digests are of."""
    config = _json(image.config)
    layers = [_descriptor(one.media_type, one.blob.digest, one.blob.size) for one in image.layers]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _described(CONFIG, config),
        "layers": layers,
    }
    return _json(manifest), config


def write_archive(image: Image, tag: str, output: Path) -> str:
    """Write one tar that docker, podman and skopeo load; gives back the manifest's digest.

    The file appears under its name only when it is whole.
    """
    manifest, config = manifest_of(image)
    named = {
        "io.containerd.image.name": qualified(tag),
        "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
    }
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [{**_described(MANIFEST, manifest), "annotations": named}],
    }
    loaded = [
        {
            "Config": _place(_digest(config)),
            "RepoTags": [tag],
            "Layers": [_place(one.blob.digest) for one in image.layers],
        }
    ]
    files: dict[str, bytes | Path] = {
        **{_place(one.blob.digest): one.blob.path for one in image.layers},
        _place(_digest(config)): config,
        _place(_digest(manifest)): manifest,
        "index.json": _json(index),
        "manifest.json": _json(loaded),
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
    }
    with (
        _finished(output) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted(files):
            _add(tar, name, files[name])
    return _digest(manifest)


def read_archive(path: Path, store: Store, *, architecture: str = "amd64") -> Image:
    """The image of an OCI archive or layout, or of a file that `docker save` wrote; its layers go into the store.

    Raises ArchiveUnreadable.
    """
    with opened(path) as member:
        if member("index.json") is not None and member("oci-layout") is not None:
            return _read_layout(path, member, store, architecture)
        return _read_docker(path, member, store)


def read_config(path: Path, *, architecture: str = "amd64") -> dict[str, Any]:
    """The configuration of an archive's image, without reading its layers; raises ArchiveUnreadable."""
    with opened(path) as member:
        if member("index.json") is not None and member("oci-layout") is not None:
            manifest = _manifest(path, member, architecture)
            return _load(path, member, _place(manifest["config"]["digest"]))
        return _load(path, member, _load(path, member, "manifest.json")[0]["Config"])


@contextlib.contextmanager
def opened(path: Path) -> Generator[Open]:
    """A function that opens a member of an archive or a layout folder by name, or gives None where there is none."""
    if path.is_dir():
        yield lambda name: (path / name).open("rb") if (path / name).is_file() else None
        return
    try:
        tar = tarfile.open(path)  # noqa: SIM115
    except (OSError, tarfile.TarError, EOFError) as error:
        raise ArchiveUnreadable(path, str(error)) from error
    with tar:
        names = {
            one.name.removeprefix("./"): one for one in tar.getmembers() if one.isfile() or one.issym() or one.islnk()
        }
        yield lambda name: tar.extractfile(names[name]) if name in names else None


def qualified(tag: str) -> str:
    """The name with its registry and tag, as containerd wants it: a:1 -> docker.io/library/a:1."""
    first, slash, _ = tag.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        name = tag
    else:
        name = f"docker.io/{tag}" if slash else f"docker.io/library/{tag}"
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _read_layout(path: Path, member: Open, store: Store, architecture: str) -> Image:
    manifest = _manifest(path, member, architecture)
    config = _load(path, member, _place(manifest["config"]["digest"]))
    blobs = [_keep(path, member, _place(one["digest"]), store, one["digest"]) for one in manifest["layers"]]
    types = [
        TAR_GZIP if one["mediaType"].endswith(("gzip", "gzip+encrypted")) else one["mediaType"]
        for one in manifest["layers"]
    ]
    types = [TAR if one.endswith((".tar", "diff.tar")) else one for one in types]
    return _image(config, blobs, types)


def _manifest(path: Path, member: Open, architecture: str) -> dict[str, Any]:
    index = _load(path, member, "index.json")
    while "manifests" in index:
        chosen = choose(index["manifests"], architecture)
        if chosen is None:
            raise ArchiveUnreadable(path, f"it holds no image for linux/{architecture}")
        index = _load(path, member, _place(chosen["digest"]))
    return index


def choose(manifests: list[dict[str, Any]], architecture: str) -> dict[str, Any] | None:
    """The entry of an image index for Linux on that architecture; one that names no platform will do."""
    for one in manifests:
        platform = one.get("platform")
        if platform is None or (platform.get("os") == "linux" and platform.get("architecture") == architecture):
            return one
    return None


def _read_docker(path: Path, member: Open, store: Store) -> Image:
    entry = _load(path, member, "manifest.json")[0]
    config = _load(path, member, entry["Config"])
    blobs = [_keep(path, member, name, store, None) for name in entry["Layers"]]
    return _image(config, blobs, [_sniffed(blob) for blob in blobs])


def _image(config: dict[str, Any], blobs: list[Blob], types: list[str]) -> Image:
    diff_ids = config["rootfs"]["diff_ids"]
    return Image(config, tuple(StoredLayer(*one) for one in zip(blobs, diff_ids, types, strict=True)))


def _keep(path: Path, member: Open, name: str, store: Store, digest: str | None) -> Blob:
    if digest and (known := store.blob(digest)):
        return known
    stream = member(name)
    if stream is None:
        raise ArchiveUnreadable(path, f"it lacks {name}")
    with stream:
        blob = store.add_blob(chunks_of(stream))
    if digest and blob.digest != digest:
        raise ArchiveUnreadable(path, f"{name} does not have the digest that it is named by")
    return blob


def _sniffed(blob: Blob) -> str:
    with blob.path.open("rb") as stream:
        return TAR_GZIP if stream.read(2) == b"\x1f\x8b" else TAR


def _load(path: Path, member: Open, name: str) -> Any:
    stream = member(name)
    if stream is None:
        raise ArchiveUnreadable(path, f"it lacks {name}")
    with stream:
        try:
            return json.load(stream)
        except ValueError as error:
            raise ArchiveUnreadable(path, f"{name} is not JSON") from error


@contextlib.contextmanager
def _finished(output: Path) -> Generator[IO[bytes]]:
    output.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        Path(name).chmod(0o644)
        Path(name).replace(output)
    finally:
        Path(name).unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, content: bytes | Path) -> None:
    info = tarfile.TarInfo(name)
    info.mtime = epoch()
    info.size = len(content) if isinstance(content, bytes) else content.stat().st_size
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as stream:
        tar.addfile(info, stream)


def _place(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _described(media_type: str, content: bytes) -> dict[str, Any]:
    return _descriptor(media_type, _digest(content), len(content))


def _descriptor(media_type: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest, "size": size}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
