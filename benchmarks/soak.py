"""Twenty thousand requests of all kinds and sizes: what a server holds must not grow with what it has answered."""

import base64
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO

import numpy as np

from benchmarks.frame.plan import Plan
from benchmarks.frame.results import RESULTS
from benchmarks.frame.rows import Ratio, Row, Sheet
from benchmarks.load.client import Answer, get_bytes, request_bytes
from benchmarks.load.sides import Asked, Served
from benchmarks.serving.cases import json_bytes
from benchmarks.serving.contenders import swath_program
from swath_converters import Image
from swath_converters.image import encode_image

RUNTIMES = ("fastapi", "flask")
REQUESTS, REQUESTS_AT_A_GLANCE = 20_000, 2_000
SAMPLES = 20
CLIENTS = 8
SIDES_PX = (1, 64, 512)
MOST_GROWTH = 1.10
JSON, NPY, TIFF = "application/json", "application/x-npy", "image/tiff"
PROCESS, BATCH = "/api/v1/process", "/api/v1/process/batch"
PROBLEM, ITEMS = b'{"type":"https://', b'{"items":[{"status":200,'


def run(plan: Plan) -> Iterator[Row]:
    """Resident memory of all processes at the end against that after the first quarter, and its way there."""
    for runtime in RUNTIMES:
        if plan.wants(runtime):
            yield from _soak(runtime, REQUESTS_AT_A_GLANCE if plan.is_quick else REQUESTS)


def _soak(runtime: str, requests: int) -> Iterator[Row]:
    program = swath_program(runtime, "invert")
    side = Served(program, mixture(), RESULTS / "logs" / f"soak-{program.name}.log")
    try:
        memories_mb = [_memory_after(side, requests // SAMPLES) for _ in range(SAMPLES)]
    finally:
        side.stop()
    first, last = memories_mb[SAMPLES // 4 - 1], memories_mb[-1]
    growth = last / first
    name = f"swath-{runtime}, {requests:,} requests / the first quarter"
    yield Ratio(name, last, first, growth, growth, MOST_GROWTH, "MB")
    lines = [(requests // SAMPLES * (index + 1), round(one, 1)) for index, one in enumerate(memories_mb)]
    yield Sheet(f"swath-{runtime}, resident memory", ("requests", "MB"), [(0, round(side.facts.idle_mb, 1)), *lines])


def _memory_after(side: Served, requests: int) -> float:
    side.visit(CLIENTS, 0, requests)
    return side.server.rss_mb()


def mixture() -> Sequence[Asked]:
    """Requests of every kind, right and wrong, asked in turn."""
    found = [Asked(get_bytes("/api/v1/describe"), _is(200)), Asked(get_bytes("/nowhere"), _is(404), _begins(PROBLEM))]
    for side_px in SIDES_PX:
        image = Image(np.random.default_rng(side_px).integers(0, 255, (3, side_px, side_px), np.uint8))
        tiff, file = encode_image(image, TIFF), BytesIO()
        np.save(file, image.array)
        document = {"image": base64.b64encode(tiff).decode()}
        found += [
            Asked(_request(PROCESS, TIFF, tiff, TIFF), _is(200)),
            Asked(_request(PROCESS, NPY, file.getvalue(), NPY), _is(200)),
            Asked(_request(PROCESS, JSON, json_bytes(document)), _is(200)),
            Asked(_request(BATCH, JSON, json_bytes({"items": [document, {}]})), _is(200), _begins(ITEMS)),
            Asked(_request(PROCESS, NPY, file.getvalue()[:-1]), _is(422), _begins(PROBLEM)),
        ]
    return [*found, Asked(_request(PROCESS, JSON, b"{"), _is(400), _begins(PROBLEM))]


def _request(path: str, kind: str, body: bytes, accept: str = JSON) -> bytes:
    return request_bytes(path, (("Content-Type", kind), ("Accept", accept)), body)


def _is(status: int) -> Callable[[Answer], bool]:
    return lambda answer: answer.status == status


def _begins(start: bytes) -> Callable[[bytes], bool]:
    """How what tells the time of day is compared."""
    return lambda body: body.startswith(start)
