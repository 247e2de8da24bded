"""Headers of numpy's files: shape and dtype, and what an NPZ written here says of its samples."""

import io
import zipfile
from typing import Any

from .arrays import ZIP_ERRORS, archive_facts, archive_members, array_header, array_name
from .described import Document, described_facts
from .errors import ConversionError, TooLarge, UndecodableImage
from .parts import Buffer
from .policy import Policy
from .window_open import Seekable


def npy_header(source: Buffer | Seekable, policy: Policy) -> Document:
    """What an NPY's header says. Raises UndecodableImage, TooLarge."""
    shape, data_type = _header(_file(source), policy)
    return described_facts({}, shape, (data_type,) * shape[0])


def npz_header(source: Buffer | Seekable, policy: Policy) -> Document:
    """What an NPZ says of its array, and of the image in it where it was written here. Raises as `npy_header`."""
    try:
        with zipfile.ZipFile(_file(source)) as archive:
            members = archive_members(archive)
            with archive.open(members[array_name(members)]) as file:
                shape, data_type = _header(file, policy)
            facts = archive_facts(archive, members)
    except ConversionError:
        raise
    except ZIP_ERRORS:
        raise UndecodableImage("The content begins like an NPZ, but is damaged or holds no image.") from None
    return described_facts(facts, shape, (data_type,) * shape[0])


def _file(source: Buffer | Seekable) -> Any:
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    source.seek(0)
    return source


def _header(file: Any, policy: Policy) -> tuple[tuple[int, int, int], str]:
    """(bands, height, width) and the dtype's name; of more bands than the policy allows none is described."""
    shape, _, dtype = array_header(file)
    count, height, width = shape if len(shape) == 3 else (1, *shape)
    if count > policy.max_bands:
        raise TooLarge("bands", count, policy.max_bands)
    return (count, height, width), dtype.name
