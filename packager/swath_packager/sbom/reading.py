"""Files read out of images without starting them: what dpkg notes of a base, and the bill of materials of an image."""

import base64
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from swath_packager.archive_reading import read_archive
from swath_packager.base import Base
from swath_packager.engine import Engine, require_engine
from swath_packager.image import Image
from swath_packager.layers import StoredLayer, open_layer
from swath_packager.platforms import host_architecture
from swath_packager.sbom.debian_parts import NOTED
from swath_packager.sbom.document import SBOM_PATH
from swath_packager.sbom.errors import SbomMissing
from swath_packager.store import Store, digest_of

PREFIX = "image:"
_LARGEST = 64 << 20  # bytes of one file that is read; dpkg's list of a full desktop has 8 MB
_WHITEOUT = ".wh."
_PLACES = ("/var/lib/dpkg", "/etc", "/usr/lib/os-release", "/usr/share/doc")


def base_files(base: Base, engine: Engine | None, store: Store) -> dict[str, bytes]:
    """Files of a base image that tell what it holds, path -> content; read once for each base."""
    if base.image:
        key = digest_of("base files 1", *base.image.config["rootfs"]["diff_ids"])
    else:
        key = digest_of("base files 1", ((engine and engine.inspect(base.reference)) or {}).get("Id", base.reference))
    note = store.text("base-files", key)
    if not note.is_file():
        found = _noted(base, engine)
        kept = {path: base64.b64encode(content).decode() for path, content in sorted(found.items())}
        store.write_text("base-files", key, json.dumps(kept))
    return {path: base64.b64decode(text) for path, text in json.loads(note.read_text()).items()}


def sbom_of_image(asked: str, store: Store) -> str:
    """The bill of materials in `image:TAG` of an engine, or in an archive or layout; nothing is started.

    Raises SbomMissing, ArchiveUnreadable, EngineMissing or EngineFailed.
    """
    place = SBOM_PATH.strip("/")
    if asked.startswith(PREFIX):
        reference = asked.removeprefix(PREFIX)
        engine = require_engine(f"reading {asked}")
        if engine.inspect(reference) is None:
            raise SbomMissing(asked, "the engine holds no such image")
        found = dict(_from_engine(engine, reference, (SBOM_PATH,), lambda path: path == place))
    elif Path(asked).exists():
        image = read_archive(Path(asked), store, architecture=host_architecture())
        found = files_of(image, lambda path: path == place)
    else:
        raise SbomMissing(asked, "there is no such file")
    if place not in found:
        raise SbomMissing(asked, f"it holds no {SBOM_PATH}")
    return found[place].decode()


def files_of(image: Image, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Files of an image whose path is wanted, as its layers leave them: what a later one removes is gone."""
    found: dict[str, bytes] = {}
    for layer in image.layers:
        for path, content in _of_layer(layer, wanted):
            if content is None:
                for gone in [one for one in found if one == path or one.startswith(f"{path}/")]:
                    del found[gone]
            else:
                found[path] = content
    return found


def _noted(base: Base, engine: Engine | None) -> dict[str, bytes]:
    if base.image:
        return files_of(base.image, _is_noted)
    if engine is None:
        return {}
    return dict(_from_engine(engine, base.reference, _PLACES, _is_noted))


def _is_noted(path: str) -> bool:
    return NOTED.fullmatch(path) is not None


def _of_layer(layer: StoredLayer, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes | None]]:
    with open_layer(layer) as tar:
        for member in tar:
            path = PurePosixPath(member.name.removeprefix("./"))
            if path.name.startswith(_WHITEOUT):
                yield str(path.with_name(path.name.removeprefix(_WHITEOUT))), None
            elif member.isreg() and member.size <= _LARGEST and wanted(str(path)):
                yield str(path), _content(tar, member)


def _from_engine(
    engine: Engine, reference: str, places: tuple[str, ...], wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Wanted files below some places of an image, from a container that is made of it and never started."""
    for place in places:
        packed = engine.read(reference, place)
        if packed is None:
            continue  # the image has no such place
        above = str(PurePosixPath(place).parent).strip("/")
        with tarfile.open(fileobj=io.BytesIO(b"".join(packed))) as tar:
            for member in tar:
                path = re.sub(r"^/+", "", f"{above}/{member.name}")
                if member.isreg() and member.size <= _LARGEST and wanted(path):
                    yield path, _content(tar, member)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    return stream.read() if stream else b""
