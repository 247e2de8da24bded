"""Every metric of a service: its name, what kind it is, what it says. `docs/observability.md` is made from this."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]

SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0
)  # fmt: skip
"""Upper bounds of latencies: a tiny JSON document takes ms, a scene minutes."""
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
"""Upper bounds of batches, calls."""
STAGES = ("parse", "validate", "decode", "queue", "run", "check", "encode")
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
REASONS = ("busy", "loading", "draining")
JOB_STATES = ("ACCEPTED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")
NOWHERE = "none"  # the route of what has no path here, and the method of what no path takes


@dataclass(frozen=True)
class Family:
    """Samples of one name; a histogram's `bounds` are its buckets' upper ones."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


REQUESTS = Family("swath_requests", "counter", "Requests that were answered.", ("route", "method", "status"))
REQUEST_SECONDS = Family(
    "swath_request_seconds", "histogram", "From the head of a request to its answer.", ("route",), SECONDS
)
STAGE_SECONDS = Family(
    "swath_stage_seconds",
    "histogram",
    "Each stage of a call; queue is the wait for the algorithm.",
    ("stage",),
    SECONDS,
)
IN_WORK = Family("swath_requests_in_work", "gauge", "Requests that came and are not yet answered.")
RUNNING = Family("swath_calls_running", "gauge", "Calls that the algorithm works on.")
QUEUED = Family("swath_queued_requests", "gauge", "Calls that wait for the algorithm.")
CAPACITY = Family("swath_capacity", "gauge", "Calls that are let in at once, by all workers together.")
BATCH_SIZE = Family("swath_batch_size", "histogram", "Calls that ran together.", (), SIZES)
JOBS = Family("swath_jobs", "gauge", "Jobs that are kept, by state.", ("state",))
BYTES_IN = Family("swath_received_bytes", "counter", "Bodies of requests, as they came.")
BYTES_OUT = Family("swath_sent_bytes", "counter", "Bodies of answers, streams aside.")
TIMEOUTS = Family("swath_timeouts", "counter", "Calls that took longer than they may.")
CANCELLED = Family("swath_cancelled", "counter", "Calls whose caller went away.")
REJECTED = Family("swath_rejected", "counter", "Requests that were told to come again.", ("reason",))
LOAD_SECONDS = Family("swath_load_seconds", "gauge", "How long the algorithm and its model took to load, at most.")
WORKERS = Family("swath_workers", "gauge", "Worker processes that live.")
CPU = Family("swath_cpu_seconds", "counter", "Processor time of the worker processes that live.")
MEMORY = Family("swath_resident_memory_bytes", "gauge", "Resident memory of the worker processes.")
GPU_MEMORY = Family("swath_gpu_memory_bytes", "gauge", "Memory of each GPU that NVML shows.", ("gpu", "state"))
BUILD = Family("swath_build_info", "gauge", "Always 1.", ("name", "version", "runtime", "profile", "swath"))

FAMILIES = (
    REQUESTS, REQUEST_SECONDS, STAGE_SECONDS, IN_WORK, RUNNING, QUEUED, CAPACITY, BATCH_SIZE, JOBS, BYTES_IN, BYTES_OUT,
    TIMEOUTS, CANCELLED, REJECTED, LOAD_SECONDS, WORKERS, CPU, MEMORY, GPU_MEMORY, BUILD,
)  # fmt: skip


def table() -> str:
    """Markdown table of every metric: what docs/observability.md shows."""
    rows = [
        f"| `{one.name}{'_total' if one.kind == 'counter' else ''}` | {one.kind} | "
        f"{', '.join(f'`{label}`' for label in one.labels) or '–'} | {one.help} |"
        for one in FAMILIES
    ]
    return "\n".join(["| name | kind | labels | what it says |", "|---|---|---|---|", *rows])
