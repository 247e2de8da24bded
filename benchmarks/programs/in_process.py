"""The floor: decode, call and encode in one process, with Swath's converters and the allocator settings of its servers.

A number of calls on standard input, their times in seconds as JSON on standard output; no server anywhere.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson

from swath_converters import Policy
from swath_converters.image import decode_image, encoded_image, from_wire, to_wire

POLICY = Policy()
Buffer = bytes | memoryview


def add(body: bytes) -> Buffer:
    """Two numbers added."""
    given = orjson.loads(body)
    return orjson.dumps({"total": given["a"] + given["b"], "label": given["label"]})


def means(body: bytes) -> Buffer:
    """Means of an image as base64."""
    image = from_wire(orjson.loads(body)["image"], {}, POLICY)
    return orjson.dumps({"means": image.array[:, ::8, ::8].mean(axis=(1, 2)).tolist()})


def invert(body: bytes) -> Buffer:
    """An image as base64 inverted."""
    image = from_wire(orjson.loads(body)["image"], {}, POLICY)
    return orjson.dumps({"image": to_wire(image.like(np.invert(image.array)))})


def invert_binary(body: bytes) -> Buffer:
    """An image inverted, as it is."""
    image = decode_image(body, POLICY)
    return encoded_image(image.like(np.invert(image.array)))


def means_raw(body: bytes) -> Buffer:
    """Means of an NPY array."""
    return orjson.dumps({"means": decode_image(body, POLICY).array[:, ::8, ::8].mean(axis=(1, 2)).tolist()})


def invert_raw(body: bytes) -> Buffer:
    """An NPY array inverted."""
    image = decode_image(body, POLICY)
    return encoded_image(image.like(np.invert(image.array)), "application/x-npy")


WORKS: dict[str, Callable[[bytes], Buffer]] = {
    "tiny": add,
    "png": means,
    "geotiff-json": invert,
    "geotiff-binary": invert_binary,
    "raw-in": means_raw,
    "raw-in-out": invert_raw,
}


def main(case: str, body: Path, answer: Path) -> None:
    """Answer once into a file, then call as often as asked."""
    work, content = WORKS[case], body.read_bytes()
    answer.write_bytes(work(content))
    print("ready", flush=True)
    for line in sys.stdin:
        took_s: list[float] = []
        for _ in range(int(line)):
            began = time.perf_counter()
            work(content)
            took_s.append(time.perf_counter() - began)
        print(json.dumps(took_s), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
