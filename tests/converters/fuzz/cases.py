"""One case: an intact file, a seeded change, and what the decoders make of it. Run as a program: many, one a line.

    python cases.py FIRST COUNT MEMORY_MIB

writes `index file change outcome digest` for each case before it begins the next; `index` alone first, so that whoever
reads knows which case ended the process. Outcomes: `refused` (a ConversionError), `same`, `other` (other pixels, where
the format has nothing to tell by), `WRONG` (other pixels, though a checksum covers the change), `RAISED` (another
exception).
"""

import io
import os
import resource
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
import numpy as np
from converters.fuzz.intact import Intact, intact_files
from converters.fuzz.mutations import Damaged, damage

from swath_converters import Image, Policy
from swath_converters.errors import ConversionError
from swath_converters.image import decode_image
from swath_converters.window import read_window

POLICY = Policy(max_pixels=4_000_000, max_bands=64, max_decoded_bytes=64_000_000)
WINDOW = {"window": {"x": 11, "y": 20, "width": 50, "height": 31}}


def case(index: int) -> tuple[Intact, Damaged]:
    """The case of that number, always the same."""
    files = intact_files()
    random = np.random.default_rng(index)
    file = files[index % len(files)]
    return file, damage(file, random)


def outcome(index: int) -> tuple[str, str]:
    """What decoding the whole file and a window of it comes to, and a digest of all pixels received."""
    file, damaged = case(index)
    whole, window, small = _expected(file.name)
    digest = sha256()
    found = {
        _tried(lambda: decode_image(damaged.content, POLICY), whole, digest),
        _tried(lambda: read_window(damaged.content, POLICY, WINDOW), window, digest),
        _tried(lambda: read_window(io.BytesIO(damaged.content), POLICY, max_size=30), small, digest),
    }
    if "other" in found and not damaged.is_forged and file.guards(damaged.content):
        found.add("WRONG")
    worst = next(word for word in ("RAISED", "WRONG", "other", "same", "refused") if word in found)
    return worst, digest.hexdigest()[:16]


@cache
def _expected(name: str) -> tuple[Any, Any, Any]:
    content = next(file.content for file in intact_files() if file.name == name)
    return (
        _pixels(decode_image(content, POLICY)),
        _pixels(read_window(content, POLICY, WINDOW)),
        _pixels(read_window(content, POLICY, max_size=30)),
    )


def _tried(decode: Any, expected: Any, digest: Any) -> str:
    try:
        pixels = _pixels(decode())
    except ConversionError as error:
        digest.update(type(error).__name__.encode())
        return "refused"
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return "RAISED"
    digest.update(repr(pixels).encode())
    return "same" if pixels == expected else "other"


def _pixels(image: Image) -> tuple[Any, ...]:
    """What is compared: samples and mask."""
    mask = None if image.mask is None else image.mask.tobytes()
    return image.dtype, image.shape, image.array.tobytes(), mask


def _main(first: int, count: int, memory_mib: int) -> None:
    for name in (file.name for file in intact_files()):
        _expected(name)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.unraisablehook = lambda _: None  # rasterio's logger meets text that is not UTF-8
    for index in range(first, first + count):
        os.write(1, f"{index}\n".encode())
        file, damaged = case(index)
        word, digest = outcome(index)
        os.write(1, f"{index}\t{file.name}\t{damaged.change}\t{word}\t{digest}\n".encode())


if __name__ == "__main__":
    _main(*map(int, sys.argv[1:]))
