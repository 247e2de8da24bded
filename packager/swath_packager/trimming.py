"""What installed wheels hold and a service never needs: taken away, and struck from the lists of their files.

By default only what nothing imports at run time: tests, type stubs, sources and headers of compiled modules, and from
compiled libraries the symbols that only debuggers read. Slim also takes tools that few call.
"""

import base64
import csv
import hashlib
import io
import os
import re
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

_FOLDERS = re.compile(r".*/tests")
_FILES = re.compile(r".*/conftest\.py|.*\.(pyi|pyx|pxd|pxi|a|lib|c|cc|cpp|cxx|f90|h|hpp|hxx|cuh|orig)")
_KEPT = re.compile(r"nvidia/.*/include/.*|.*/licenses/.*")  # CuPy and its like compile kernels with these at run time
# Checked by the examples of every shipped algorithm, and by a test: nothing that stays imports any of it.
_SLIM = re.compile(
    r"numpy/f2py/.*|numpy/_pyinstaller/.*|onnxruntime/(transformers|tools|quantization|datasets)/.*"
    r"|onnxruntime/capi/libonnxruntime\.so.*"  # for programs in C++: Python's module has it linked in
    r"|numpy/_core/_(simd|\w+_tests)\..*\.so"
    r"|rasterio/rio/(?!(__init__|helpers)\.py).*"  # rasterio.features imports the helpers
)
_LARGEST = 256 << 20  # bytes of a library that is looked at; larger ones are CUDA's, which carry no symbols
_ELF, _LITTLE_64, _LOAD = b"\x7fELF", b"\x02\x01", 1


def trim(folder: Path, *, slim: bool) -> None:
    """Take away what a service does not need from a folder of installed wheels; their RECORDs say so afterwards."""
    for path in _unneeded(folder, slim=slim):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in sorted(folder.rglob("*.so*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST:
            _strip(path)
    correct_records(folder)


def correct_records(folder: Path) -> None:
    """Make the lists of the distributions in a folder say what is there."""
    for record in sorted(folder.glob("*.dist-info/RECORD")):
        _rewrite(record, folder)


def stripped(elf: bytes) -> bytes | bytearray:
    """A shared library without what is never loaded: debugging symbols, and the table of sections.

    What is loaded keeps its place in memory and, by whole multiples of its alignment, its place in the file, which
    OpenBLAS insists on. Same bytes in, same bytes out, for any processor; what is no such library comes back whole.

    Source: System V ABI, program loading: a segment's offset and address are equal modulo its alignment.
    """
    if elf[:4] != _ELF or elf[4:6] != _LITTLE_64:
        return elf
    table, size, number = struct.unpack_from("<Q", elf, 32)[0], *struct.unpack_from("<HH", elf, 54)
    headers = range(table, table + size * number, size)
    segments = [struct.unpack_from("<IIQQQQQQ", elf, one) for one in headers]
    step = max((one[7] for one in segments if one[0] == _LOAD), default=1) or 1
    loaded = [(0, 64), (table, table + size * number), *((one[2], one[2] + one[5]) for one in segments)]
    parts, moved = _closed_up(_merged(loaded), step)
    made, whole = bytearray(parts[-1][1] - moved[-1]), memoryview(elf)
    for (begin, end), shift in zip(parts, moved, strict=True):
        made[begin - shift : end - shift] = whole[begin:end]
    for header, segment in zip(headers, segments, strict=True):
        place = header - _shift(header, parts, moved)
        struct.pack_into("<Q", made, place + 8, segment[2] - _shift(segment[2], parts, moved))
    struct.pack_into("<QQ", made, 32, table - _shift(table, parts, moved), 0)
    struct.pack_into("<HH", made, 60, 0, 0)
    return made


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of a file, those that touch made one, from its beginning to its end."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _closed_up(parts: list[tuple[int, int]], step: int) -> tuple[list[tuple[int, int]], list[int]]:
    """The parts, and by how much each moves towards the beginning where the gaps close, by multiples of a step."""
    moved, shift, last = list[int](), 0, 0
    for begin, end in parts:
        shift += (begin - last) // step * step
        moved.append(shift)
        last = end
    return parts, moved


def _shift(offset: int, parts: list[tuple[int, int]], moved: list[int]) -> int:
    return next((by for (begin, end), by in zip(parts, moved, strict=True) if begin <= offset <= end), 0)


def _strip(path: Path) -> None:
    before = path.read_bytes()
    after = stripped(before)
    if len(after) < len(before):
        path.write_bytes(after)


def _unneeded(folder: Path, *, slim: bool) -> Iterator[Path]:
    """Files, and whole folders, to take away."""
    for here, folders, files in os.walk(folder):
        place = Path(here).relative_to(folder).as_posix()
        for name in list(folders):
            if _FOLDERS.fullmatch(f"{place}/{name}"):
                folders.remove(name)
                yield Path(here, name)
        for name in files:
            path = name if place == "." else f"{place}/{name}"
            if (_FILES.fullmatch(path) and not _KEPT.fullmatch(path)) or (slim and _SLIM.fullmatch(path)):
                yield Path(here, name)


def _rewrite(record: Path, folder: Path) -> None:
    """The list of a distribution's files: what is gone is struck, what changed has its new digest and size."""
    rows: list[list[str]] = []
    for row in csv.reader(record.read_text("utf-8").splitlines()):
        path = folder / row[0]
        if not path.is_file():
            continue
        if row[1] and str(path.stat().st_size) != row[2]:
            content = path.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.append([row[0], f"sha256={digest}", str(len(content))])
        else:
            rows.append(row)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(sorted(rows))
    record.write_text(text.getvalue(), "utf-8")
