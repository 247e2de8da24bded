"""Seeded changes to whole files: bits, lengths, headers; and, knowing the format, TIFF tags and PNG chunks."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .intact import Intact, directories

Random = np.random.Generator
_NUMBERS = (0, 1, 2, 3, 7, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, (1 << 64) - 1)


@dataclass(frozen=True)
class Damaged:
    """A changed file. `is_forged`: checksums were made right again, so that it is another whole file."""

    content: bytes
    change: str
    is_forged: bool = False


def damage(file: Intact, random: Random) -> Damaged:
    """One change, or a few of a kind, chosen by `random`."""
    changes = list(_ANY)
    if file.name.startswith("png"):
        changes += _PNG * 2
    if file.content[:4] in (b"II*\0", b"MM\0*"):
        changes += _TIFF * 3
    return changes[random.integers(len(changes))](file, random)


def _at(size: int, random: Random) -> int:
    """A place in a file, as often in its first bytes as anywhere."""
    return int(random.integers(min(size, 600) if random.random() < 0.5 else size))


def _bits(file: Intact, random: Random) -> Damaged:
    content = bytearray(file.content)
    for _ in range(int(random.integers(1, 9))):
        content[_at(len(content), random)] ^= 1 << int(random.integers(8))
    return Damaged(bytes(content), "bits")


def _bytes(file: Intact, random: Random) -> Damaged:
    content = bytearray(file.content)
    for _ in range(int(random.integers(1, 5))):
        content[_at(len(content), random)] = int(random.choice([0, 1, 127, 128, 255, random.integers(256)]))
    return Damaged(bytes(content), "bytes")


def _cut(file: Intact, random: Random) -> Damaged:
    return Damaged(file.content[: int(random.integers(len(file.content)))], "cut")


def _removed(file: Intact, random: Random) -> Damaged:
    at, size = _at(len(file.content), random), int(random.integers(1, 200))
    return Damaged(file.content[:at] + file.content[at + size :], "removed")


def _inserted(file: Intact, random: Random) -> Damaged:
    at, more = _at(len(file.content), random), random.bytes(int(random.integers(1, 200)))
    return Damaged(file.content[:at] + more + file.content[at:], "inserted")


def _zeros(file: Intact, random: Random) -> Damaged:
    content = bytearray(file.content)
    at, size = _at(len(content), random), int(random.integers(1, 2000))
    content[at : at + size] = bytes(len(content[at : at + size]))
    return Damaged(bytes(content), "zeros")


def _swapped(file: Intact, random: Random) -> Damaged:
    content, size = bytearray(file.content), int(random.integers(1, 500))
    one, other = sorted(_at(max(1, len(content) - size), random) for _ in range(2))
    content[one : one + size], content[other : other + size] = (
        file.content[other : other + size],
        file.content[one : one + size],
    )
    return Damaged(bytes(content[: len(file.content)]), "swapped")


def _number(file: Intact, random: Random) -> Damaged:
    """A length or an offset of 2, 4 or 8 bytes."""
    content, form = bytearray(file.content), str(random.choice(["<H", ">H", "<I", ">I", "<Q", ">Q"]))
    size = struct.calcsize(form)
    at = min(_at(len(content), random), len(content) - size)
    number = _NUMBERS[random.integers(len(_NUMBERS))] & ((1 << 8 * size) - 1)
    struct.pack_into(form, content, at, number)
    return Damaged(bytes(content), "number")


def _tag(file: Intact, random: Random) -> Damaged:
    """An entry of a TIFF's directory: its tag, type, count or value."""
    content = bytearray(file.content)
    order = ">" if content[:2] == b"MM" else "<"
    entries = [entry for directory in directories(file.content) for entry in directory]
    place, _, kind, count = entries[random.integers(len(entries))]
    number = _NUMBERS[random.integers(len(_NUMBERS))] & 0xFFFFFFFF
    if random.random() < 0.5:
        number = int(random.integers(1, 400))
    match int(random.integers(4)):
        case 0:
            struct.pack_into(order + "H", content, place, int(random.choice([*_TAGS, number & 0xFFFF])))
        case 1:
            struct.pack_into(order + "H", content, place + 2, int(random.integers(0, 20)))
        case 2:
            struct.pack_into(order + "I", content, place + 4, number)
        case _:
            form, value = (order + "H", number & 0xFFFF) if kind == 3 and count == 1 else (order + "I", number)
            struct.pack_into(form, content, place + 8, value)
    return Damaged(bytes(content), "tag")


def _loop(file: Intact, random: Random) -> Damaged:
    """The next directory of a TIFF is one that was there, or anything."""
    content = bytearray(file.content)
    order = ">" if content[:2] == b"MM" else "<"
    chosen = directories(file.content)
    last = chosen[random.integers(len(chosen))][-1][0] + 12
    targets = [directory[0][0] - 2 for directory in chosen] + [int(random.integers(len(content)))]
    struct.pack_into(order + "I", content, last, int(random.choice(targets)))
    return Damaged(bytes(content), "loop")


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    at = 8
    while at < len(content):
        (size,) = struct.unpack_from(">I", content, at)
        found.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def _png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _header(file: Intact, random: Random) -> Damaged:
    """Another size, depth, colour type or interlacing, with the right CRC."""
    (kind, body), *others = _chunks(file.content)
    fields: list[Any] = list(struct.unpack(">IIBBBBB", body))
    at = int(random.choice([0, 1, 2, 3, 6]))
    fields[at] = (int(random.integers(1, 300)) if at < 2 else int(random.choice([0, 1, 2, 3, 4, 6, 8, 16]))) & 0xFF
    return Damaged(_png([(kind, struct.pack(">IIBBBBB", *fields)), *others]), "header", is_forged=True)


def _order(file: Intact, random: Random) -> Damaged:
    """A chunk twice, gone, elsewhere, empty, or one that does not belong here; CRCs are right."""
    chunks = _chunks(file.content)
    at = int(random.integers(len(chunks)))
    kind, body = chunks[at]
    match int(random.integers(5)):
        case 0:
            chunks.insert(at, chunks[at])
        case 1:
            del chunks[at]
        case 2:
            chunks.insert(int(random.integers(len(chunks))), chunks.pop(at))
        case 3:
            chunks[at] = (kind, body[: int(random.integers(len(body) + 1))])
        case _:
            name = [b"PLTE", b"tRNS", b"gAMA", b"iCCP", b"zTXt", b"sBIT", b"eXIf", b"acTL"][random.integers(8)]
            chunks.insert(at, (name, random.bytes(int(random.integers(60)))))
    return Damaged(_png(chunks), "order", is_forged=True)


def _stream(file: Intact, random: Random) -> Damaged:
    """Too few or too many compressed rows, or a damaged stream in chunks with the right CRC."""
    chunks = _chunks(file.content)
    raw = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    if random.random() < 0.5:
        size = int(random.integers(len(raw))) if random.random() < 0.7 else len(raw)
        body = zlib.compress(raw[:size] + bytes(int(random.integers(2000)) if size == len(raw) else 0))
    else:
        damaged = bytearray(zlib.compress(raw))
        damaged[int(random.integers(len(damaged)))] ^= 1 << int(random.integers(8))
        body = bytes(damaged)
    others = [chunk for chunk in chunks if chunk[0] != b"IDAT"]
    return Damaged(_png([*others[:-1], (b"IDAT", body), others[-1]]), "stream", is_forged=True)


Change = Callable[[Intact, Random], Damaged]
_TAGS = (
    256,
    257,
    258,
    259,
    262,
    273,
    277,
    278,
    279,
    284,
    317,
    322,
    323,
    324,
    325,
    330,
    339,
    347,
    42112,
    42113,
    33550,
    34735,
)
_ANY: list[Change] = [_bits, _bytes, _cut, _removed, _inserted, _zeros, _swapped, _number]
_TIFF: list[Change] = [_tag, _tag, _loop]
_PNG: list[Change] = [_header, _order, _stream]
