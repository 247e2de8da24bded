"""How fast costs grow with the image, the clients, the workers, the versions of a registry: 1 linear, 0 constant."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.frame.alternating import time_ms
from benchmarks.frame.plan import Plan
from benchmarks.frame.results import RESULTS
from benchmarks.frame.rows import Growth, Row
from benchmarks.load.client import request_bytes
from benchmarks.load.process import Program
from benchmarks.load.sides import Asked, Served
from benchmarks.many_versions import registry_of
from benchmarks.registry_site import site_of
from benchmarks.registry_versions import WORK
from benchmarks.serving.cases import TINY
from benchmarks.serving.contenders import OURS, swath_program
from swath_converters import Image
from swath_converters.image import encode_image
from swath_registry.drafting import draft
from swath_registry.models import generated_models
from swath_schemas import SchemaStore

MEGAPIXELS = (1, 5, 20, 50, 100, 200)
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
WORKERS = (1, 2, 4)
VERSIONS = (10, 100, 1000)
VISIT_S = 1.0
LINEAR, CONSTANT = 1.1, 0.1
RUNTIME = "fastapi"
NPY = (("Content-Type", "application/x-npy"),)
TIFF = (("Content-Type", "image/tiff"), ("Accept", "image/tiff"))


def run(plan: Plan) -> Iterator[Row]:
    """A fitted exponent for each, with the costs that it was fitted to."""
    if plan.wants("image"):
        yield from _image("raw in, small answer", "means", NPY, _npy, plan)
        yield from _image("GeoTIFF in and out", "invert", TIFF, encode_image, plan)
    if plan.wants("clients"):
        yield _clients(plan)
    if plan.wants("workers"):
        yield from _workers(plan)
    if plan.wants("versions"):
        yield from _versions(plan)


def _image(
    name: str,
    algorithm: str,
    headers: tuple[tuple[str, str], ...],
    encode: Callable[[Image], bytes],
    plan: Plan,
) -> Iterator[Row]:
    """One request of one client: time and memory above idle, by megapixels of one band of uint8."""
    sizes = MEGAPIXELS[:3] if plan.is_quick else MEGAPIXELS
    times_ms: list[float] = []
    memories_mb: list[float] = []
    for megapixels in sizes:
        request = request_bytes("/api/v1/process", headers, encode(_ground(megapixels)))
        with ExitStack() as stack:
            side = _served(swath_program(RUNTIME, algorithm), request, stack)
            memories_mb.append(side.facts.first_peak_mb - side.facts.idle_mb)
            times_ms.append(1000 * median(side.visit(1, VISIT_S, plan.rounds(5)).latencies_s))
    yield Growth(f"{name}, time of one request", sizes, times_ms, "ms", LINEAR, of="megapixels")
    yield Growth(f"{name}, peak memory above idle", sizes, memories_mb, "MB", LINEAR, of="megapixels")


def _ground(megapixels: int) -> Image:
    """Smooth ground with noise, uint8, one band of 1,000 columns for each megapixel, 1,000 rows."""
    random = np.random.default_rng(megapixels)
    coarse = random.integers(20, 220, (1, 20, 20 * megapixels), np.uint8).repeat(50, axis=1).repeat(50, axis=2)
    coarse += random.integers(0, 8, coarse.shape, np.uint8)
    return Image(coarse)


def _npy(image: Image) -> bytes:
    file = BytesIO()
    np.save(file, image.array)
    return file.getvalue()


def _clients(plan: Plan) -> Row:
    """Tiny requests: the time in which one more is answered must not grow with those who ask."""
    with ExitStack() as stack:
        side = _served(swath_program(RUNTIME, TINY.algorithm), _tiny(), stack)
        side.visit(1, VISIT_S, 1)
        costs_ms = [_ms_a_request(side, clients, plan) for clients in CLIENTS]
    return Growth("tiny JSON, time a request, by clients", CLIENTS, costs_ms, "ms", CONSTANT, of="clients")


def _workers(plan: Plan) -> Iterator[Row]:
    """Tiny requests of 16 clients: at -1, twice the workers answer twice as many. Several have a process above them."""
    costs_ms: list[float] = []
    memories_mb: list[float] = []
    for workers in WORKERS:
        with ExitStack() as stack:
            program = swath_program(RUNTIME, TINY.algorithm, "--workers", str(workers))
            side = _served(program, _tiny(), stack)
            side.visit(16, VISIT_S, 16)
            costs_ms.append(_ms_a_request(side, 16, plan))
            memories_mb.append(side.server.rss_mb())
    yield Growth("tiny JSON, 16 clients, time a request", WORKERS, costs_ms, "ms", of="workers")
    yield Growth("memory of a service", WORKERS, memories_mb, "MB", of="workers")


def _versions(plan: Plan) -> Iterator[Row]:
    """What a registry's commands take, by published versions; the folder is read anew each time."""
    counts = VERSIONS[:2] if plan.is_quick else VERSIONS
    with TemporaryDirectory() as parent:
        roots = [_registry(Path(parent), count) for count in counts]
        works: dict[str, Callable[[Path], object]] = {
            **{name.partition(",")[0]: work for name, work in WORK.items()},
            "generate": lambda root: generated_models(SchemaStore(root)),
            "site": lambda root: site_of(root, Path(parent) / "site"),
        }
        for name, work in works.items():
            costs_ms = [_quickest_ms(work, root, 1 if name == "generate" else plan.rounds(3)) for root in roots]
            yield Growth(f"registry: {name}", counts, costs_ms, "ms", LINEAR, of="versions")


def _quickest_ms(work: Callable[[Path], object], root: Path, rounds: int) -> float:
    return min(time_ms(lambda: work(root)) for _ in range(rounds))


def _registry(parent: Path, versions: int) -> Path:
    """A registry with one draft, so that there is something to check."""
    folder = parent / str(versions)
    folder.mkdir()
    store = registry_of(folder, versions)
    draft(store.types()[0], "patch", store)
    return folder


def _ms_a_request(side: Served, clients: int, plan: Plan) -> float:
    seconds = plan.seconds(VISIT_S)
    return median(side.visit(clients, seconds, clients).ms_a_request for _ in range(plan.rounds(5)))


def _tiny() -> bytes:
    exchange = OURS[f"swath-{RUNTIME}"].exchange(TINY)
    return request_bytes(exchange.path, exchange.headers, exchange.body)


def _served(program: Program, request: bytes, stack: ExitStack) -> Served:
    asked: Sequence[Asked] = [Asked(request, lambda answer: answer.status == 200)]
    side = Served(program, asked, RESULTS / "logs" / f"growth-{program.name}.log")
    stack.callback(side.stop)
    return side
