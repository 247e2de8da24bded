"""Image archives, written: one tar that is at once an OCI layout and what `docker load` takes."""

import contextlib
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any

from swath_packager.image import Image
from swath_packager.layers import epoch

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"


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


def manifest_digest(image: Image) -> str:
    """Digest of the image's manifest."""
    return _digest(manifest_of(image)[0])


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
            "Config": place_of(_digest(config)),
            "RepoTags": [tag],
            "Layers": [place_of(one.blob.digest) for one in image.layers],
        }
    ]
    files: dict[str, bytes | Path] = {
        **{place_of(one.blob.digest): one.blob.path for one in image.layers},
        place_of(_digest(config)): config,
        place_of(_digest(manifest)): manifest,
        "index.json": _json(index),
        "manifest.json": _json(loaded),
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
    }
    with _finished(output) as stream:
        for name in sorted(files):
            _add(stream, name, files[name])
        stream.write(bytes(2 * tarfile.BLOCKSIZE))
    return _digest(manifest)


def qualified(tag: str) -> str:
    """The name with its registry and tag, as containerd wants it: a:1 -> docker.io/library/a:1."""
    first, slash, _ = tag.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        name = tag
    else:
        name = f"docker.io/{tag}" if slash else f"docker.io/library/{tag}"
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


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


def _add(stream: IO[bytes], name: str, content: bytes | Path) -> None:
    """A member of the tar; a file's bytes go from file to file, by the kernel where it can."""
    info = tarfile.TarInfo(name)
    info.mtime = epoch()
    info.size = len(content) if isinstance(content, bytes) else content.stat().st_size
    stream.write(info.tobuf(tarfile.PAX_FORMAT))
    if isinstance(content, bytes):
        stream.write(content)
    else:
        _copy(content, stream)
    stream.write(bytes(-info.size % tarfile.BLOCKSIZE))


def _copy(source: Path, target: IO[bytes]) -> None:
    with source.open("rb", buffering=0) as stream:
        target.flush()
        try:
            while os.copy_file_range(stream.fileno(), target.fileno(), 1 << 30):
                pass
        except OSError:  # not on these file systems: what was copied so far stays, the rest follows
            shutil.copyfileobj(stream, target, 1 << 20)
        target.seek(0, os.SEEK_END)


def place_of(digest: str) -> str:
    """Where a blob lies in a layout."""
    return f"blobs/{digest.replace(':', '/')}"


def _described(media_type: str, content: bytes) -> dict[str, Any]:
    return _descriptor(media_type, _digest(content), len(content))


def _descriptor(media_type: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest, "size": size}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
