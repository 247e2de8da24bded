"""NPY and NPZ, numpy's own files: every dtype, nothing to decode. Pickles are never read.

An NPY holds samples alone. An NPZ written here holds `array.npy`, `mask.npy` where the image has a mask, and
`image.json` with all else that an `Image` knows; `numpy.load(file)["array"]` reads it. Of another's NPZ the only array
is taken.
"""

import io
import struct
import tokenize
import zipfile
import zlib
from typing import Any, cast

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .deadline import Deadline
from .errors import ConversionError, DecodeTimedOut, MalformedValue, TooLarge, UndecodableImage
from .facts import facts_from_text, facts_to_text
from .formats import NPY, NPZ
from .memory import Image
from .parts import Buffer
from .policy import Policy
from .writing import Encoding, Parameters

_ARRAY, _MASK, _FACTS = "array.npy", "mask.npy", "image.json"
_KINDS = "biufc"
_MOST_MEMBERS = 16
_MOST_FACT_BYTES = 16 << 20
_MOST_HEADER_BYTES = 10_000
_HEADERS: dict[Any, Any] = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_CHUNK_BYTES = 1 << 20
_FLAG_ENCRYPTED = 1
ZIP_ERRORS = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, NotImplementedError, RuntimeError, IndexError, OverflowError),
)
"""What zipfile raises on damaged archives, or on kinds that it does not read."""


def read_npy(content: Buffer, policy: Policy, *, may_keep: bool = False) -> Image:
    """The image of an NPY: samples of shape (bands, height, width), or (height, width) for one band.

    The array can be written to. It is a copy, unless the content may be kept and is such an array already: writable,
    in C order and this machine's byte order, and aligned.

    Raises:
        UndecodableImage: it is cut short or holds no such array of numbers.
        TooLarge: more pixels, bands or bytes than the policy allows, by its header; nothing was allocated.
    """
    head = io.BytesIO(bytes(content[: _MOST_HEADER_BYTES + 64]))
    shape, is_fortran, dtype = array_header(head)
    _check_size(shape, dtype, policy)
    body = memoryview(content)[head.tell() :]
    size_bytes = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if len(body) != size_bytes:
        raise UndecodableImage(f"The array has {len(body)} bytes, and its header says {size_bytes}.")
    array = np.frombuffer(body, dtype).reshape(shape, order="F" if is_fortran else "C")
    is_ready = array.flags.carray and dtype.isnative  # writable, aligned and in C order
    if not (may_keep and is_ready):
        array = np.array(array, dtype.newbyteorder("="), order="C")
    return Image(_stacked(array))


def read_npz(content: Buffer, policy: Policy) -> Image:
    """The image of an NPZ, with what it says of its samples.

    Raises:
        UndecodableImage: it is damaged, or holds no array that is an image, or several.
        TooLarge: as `read_npy`, also by what the archive says of its members.
        DecodeTimedOut: inflating it takes longer than the policy allows.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive_members(archive)
            deadline = Deadline(policy)
            array = _read_array(archive, members[array_name(members)], policy, deadline)
            facts = archive_facts(archive, members)
            mask = _read_array(archive, members[_MASK], policy, deadline) if _MASK in members else None
        return Image(_stacked(array), **facts, mask=mask)
    except (TooLarge, UndecodableImage, DecodeTimedOut):
        raise
    except ConversionError:
        raise UndecodableImage("What the archive says of its samples does not fit them.") from None
    except ZIP_ERRORS:
        raise _damaged() from None


def _damaged() -> UndecodableImage:
    return UndecodableImage("The content begins like an NPZ, but is damaged, cut short, or of a kind not read here.")


def array_header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and dtype; numpy parses it as a literal, never as code."""
    try:
        read = _HEADERS[npy.read_magic(file)]
        shape, is_fortran, dtype = read(file, max_header_size=_MOST_HEADER_BYTES)
    except (ValueError, TypeError, KeyError, SyntaxError, tokenize.TokenError, RecursionError, MemoryError):
        raise UndecodableImage("The content begins like an NPY, but its header is damaged.") from None
    if dtype.kind not in _KINDS or dtype.hasobject or dtype.itemsize > np.dtype(np.complex128).itemsize:
        raise UndecodableImage("The array holds no numbers of at most 64 bits (complex: 128).")
    if len(shape) not in (2, 3) or any(type(side) is not int or side < 1 for side in shape):
        raise UndecodableImage("The array is neither (bands, height, width) nor (height, width), none of them 0.")
    return shape, is_fortran, dtype


def _check_size(shape: tuple[int, ...], dtype: np.dtype[Any], policy: Policy) -> None:
    count, height, width = shape if len(shape) == 3 else (1, *shape)
    for what, actual, limit in (
        ("pixels in a band", height * width, policy.max_pixels),
        ("bands", count, policy.max_bands),
        ("bytes once decoded", count * height * width * dtype.itemsize, policy.max_decoded_bytes),
    ):
        if actual > limit:
            raise TooLarge(what, actual, limit)


def _stacked(array: NDArray[Any]) -> NDArray[Any]:
    return array[None] if array.ndim == 2 else array


def archive_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Members of an archive by name; UndecodableImage for one that no image here is: encrypted, doubled, too many."""
    infos = archive.infolist()
    members = {info.filename: info for info in infos}
    if len(infos) > _MOST_MEMBERS or len(members) != len(infos):
        raise _damaged()
    if any(
        info.flag_bits & _FLAG_ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        for info in infos
    ):
        raise _damaged()
    return members


def array_name(members: dict[str, zipfile.ZipInfo]) -> str:
    """The member that holds the samples; raises UndecodableImage where none, or none alone, can be it."""
    if _ARRAY in members:
        return _ARRAY
    names = [name for name in members if name.endswith(".npy") and name != _MASK]
    if len(names) != 1:
        raise UndecodableImage(f"The archive holds {len(names)} arrays, and none is named array.")
    return names[0]


def _read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, policy: Policy, deadline: Deadline) -> NDArray[Any]:
    """An array of a member, checked by its header before memory is taken, and by the archive's CRC after."""
    with archive.open(member) as file:
        shape, is_fortran, dtype = array_header(file)
        _check_size(shape, dtype, policy)
        array = np.empty(shape, dtype, order="F" if is_fortran else "C")
        body = memoryview(cast(Any, array.ravel(order="K").view(np.uint8)))
        if member.file_size - file.tell() != len(body):
            raise _damaged()
        filled = 0
        while filled < len(body):
            deadline.check()
            chunk = file.read(min(_CHUNK_BYTES, len(body) - filled))
            if not chunk:
                raise _damaged()
            body[filled : filled + len(chunk)] = chunk
            filled += len(chunk)
        if file.read(1):  # the end is read too, since only there the CRC is checked
            raise _damaged()
    return np.ascontiguousarray(array, dtype.newbyteorder("="))


def archive_facts(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> dict[str, Any]:
    """What an archive says of its samples; raises TooLarge, MalformedValue."""
    if _FACTS not in members:
        return {}
    if members[_FACTS].file_size > _MOST_FACT_BYTES:
        raise TooLarge("bytes of facts", members[_FACTS].file_size, _MOST_FACT_BYTES)
    with archive.open(members[_FACTS]) as file:
        text = file.read(_MOST_FACT_BYTES + 1)
    try:
        return facts_from_text(text.decode())
    except UnicodeDecodeError:
        raise MalformedValue("What the archive says of its samples is no text.") from None


def _refusal(image: Image) -> str | None:
    return None if image.dtype.kind in _KINDS else f"its samples are {image.dtype.name}"


def _write_npy(image: Image, parameters: Parameters) -> memoryview:
    return _npy(image.array).data.toreadonly()


def _write_npz(image: Image, parameters: Parameters) -> memoryview:
    file = io.BytesIO()
    arrays = {_ARRAY: image.array} | ({} if image.mask is None else {_MASK: image.mask})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_FACTS), facts_to_text(image))
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=array.nbytes >= zipfile.ZIP64_LIMIT) as member:
                member.write(_npy_header(array))
                member.write(memoryview(cast(Any, np.ascontiguousarray(array))).cast("B"))
    return file.getbuffer().toreadonly()


def _npy(array: NDArray[Any]) -> NDArray[np.uint8]:
    """The whole file as bytes, its samples copied once."""
    head = _npy_header(array)
    content = np.empty(len(head) + array.nbytes, np.uint8)
    content[: len(head)] = np.frombuffer(head, np.uint8)
    content[len(head) :].view(array.dtype).reshape(array.shape)[...] = array
    return content


def _npy_header(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    said = {"descr": npy.dtype_to_descr(array.dtype), "fortran_order": False, "shape": array.shape}
    npy.write_array_header_1_0(file, said)
    return file.getvalue()


NPY_ENCODING = Encoding(NPY.media_type, _refusal, _write_npy)
NPZ_ENCODING = Encoding(NPZ.media_type, _refusal, _write_npz)
