"""Many clients at once, each of which knows what every one of its answers must be.

`python tests/runtime/load.py URL --clients 64 --seconds 60` puts a service of the fake `echo` under load by hand; run
with `PYTHONPATH=tests`.
"""

import base64
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from contract.forms import form_type, multipart

from swath_converters import Image
from swath_converters.image import decode_image, encode_image
from swath_converters.policy import Policy

PROCESS = "/api/v1/process"
SIDES = (1, 7, 64, 64, 200)
DTYPES = ("uint8", "uint16", "float32")
MOST_TRIES = 400
RETRY_S = 0.02

Sent = tuple[bytes, dict[str, str]]
RIGHT, WRONG, REFUSED, LOST, GIVEN_UP = "right", "wrong", "refused", "lost", "given up"


def make_load_image(random_: random.Random, mark: int) -> Image:
    """An image like no other: its first pixels hold `mark`."""
    side, dtype, bands = random_.choice(SIDES), random_.choice(DTYPES), random_.choice((1, 3, 4))
    noise = np.random.default_rng(mark).integers(0, 256, (bands, side, side))
    array = noise.astype(dtype)
    array.reshape(-1)[:1] = mark % 251
    return Image(array)


def raw(image: Image) -> Sent:
    """The image as the whole body, asked for as GeoTIFF."""
    return encode_image(image, "image/tiff"), {"Content-Type": "image/tiff", "Accept": "image/tiff"}


def as_json(image: Image) -> Sent:
    """The image as base64 in JSON, both ways."""
    text = base64.b64encode(encode_image(image, "image/tiff")).decode()
    return json.dumps({"image": text}).encode(), {"Content-Type": "application/json", "Accept": "application/json"}


def as_form(image: Image) -> Sent:
    """The image as a file of a form, asked for as NPY."""
    body = multipart([("image", encode_image(image, "image/tiff"), "image/tiff", "a.tif")])
    return body, {"Content-Type": form_type(), "Accept": "application/x-npy"}


FORMS: tuple[Callable[[Image], Sent], ...] = (raw, as_json, as_form)


def pixels_of(body: bytes, kind: str) -> Any:
    """The array of an answer in any of the forms that are asked for."""
    if kind.startswith("application/json"):
        body = base64.b64decode(json.loads(body)["image"])
    return decode_image(body, Policy()).array


class Load:
    """Clients of one service, and what became of their requests."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.counts: Counter[str] = Counter()
        self.findings: list[str] = []

    def run(self, clients: int, requests: int, seconds: float = 600.0) -> "Load":
        """Let each client send its requests one after the other on a kept connection, or until the time is up."""
        deadline = time.monotonic() + seconds
        with ThreadPoolExecutor(clients) as threads:
            list(threads.map(lambda one: self._client(one, requests, deadline), range(clients)))
        return self

    def end(self) -> None:
        """Tell the clients that the service stops: from now on, refusals and closed connections are no findings."""
        self._ended.set()

    def _client(self, number: int, requests: int, deadline: float) -> None:
        random_ = random.Random(number)  # noqa: S311 - the same load each time
        connection = HTTPConnection(self._address, timeout=60)
        for index in range(requests):
            if time.monotonic() > deadline or self._ended.is_set():
                break
            image = make_load_image(random_, number * 100_003 + index)
            self._count(*self._one(connection, image, random_.choice(FORMS)(image)))
        connection.close()

    def _one(self, connection: HTTPConnection, image: Image, sent: Sent) -> tuple[str, str]:
        for _ in range(MOST_TRIES):
            try:
                connection.request("POST", PROCESS, *sent)
                reply = connection.getresponse()
                body = reply.read()
            except (OSError, HTTPException) as error:
                connection.close()
                is_end = self._ended.is_set()  # a request may cross the close of its kept connection on the way
                return (REFUSED, "") if is_end else (LOST, f"{type(error).__name__}: {error}")
            if reply.status == 200:
                same = np.array_equal(pixels_of(body, reply.headers["Content-Type"]), image.array)
                return (RIGHT, "") if same else (WRONG, f"other pixels in {reply.headers['Content-Type']}")
            if reply.status != 503 or not reply.headers["Retry-After"]:
                return WRONG, f"{reply.status} {body[:200]!r}"
            if self._ended.is_set():
                return REFUSED, ""
            self._count(REFUSED, "")
            time.sleep(RETRY_S)
        return GIVEN_UP, "no place in many tries"

    def _count(self, what: str, finding: str) -> None:
        with self._lock:
            self.counts[what] += 1
            if finding:
                self.findings.append(f"{what}: {finding}")


def main(arguments: list[str]) -> int:
    """Exit code 1 if an answer was lost or wrong."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args(arguments)
    load = Load(given.url).run(given.clients, sys.maxsize, given.seconds)
    sys.stdout.write(f"{dict(load.counts)}\n" + "".join(f"{one}\n" for one in load.findings[:20]))
    return 1 if load.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
