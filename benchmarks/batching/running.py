"""Requests a second for patches through one network, gathered into batches, at 8 and 64 clients."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO

import numpy as np

from benchmarks.batching.contenders import FOLDER, MODEL, OURS, PATCHES, PROGRAMS, RIVALS, Contender, texts
from benchmarks.batching.folder import prepare
from benchmarks.batching.model import patches
from benchmarks.frame.alternating import alternate, ratio_of
from benchmarks.frame.plan import Plan
from benchmarks.frame.results import RESULTS
from benchmarks.frame.rows import LeftOut, Row, Sheet
from benchmarks.load.facts import Facts, a_second, cpu_ms, percentile_ms
from benchmarks.load.pairing import ratio
from benchmarks.load.sides import InProcess, Served, SideFailed
from benchmarks.peers.environments import PeerMissing
from swath_runtime.launch import server_environment
from swath_runtime.settings import Settings

CLIENTS = (8, 64)
BATCHES = (1, 8, 32)
BAR = 1.0
"""More requests a second than each of them."""
COLUMNS = ("server", "req/s 8", "p50 ms 8", "p99 ms 8", "CPU ms 8", "req/s 64", "p50 ms 64", "p99 ms 64", "CPU ms 64")


def run(plan: Plan) -> Iterator[Row]:
    """Each of ours against each peer, and against onnxruntime alone on batches that are there already."""
    prepare(FOLDER)
    expected = _expected()
    facts: dict[str, list[Facts]] = {}
    for ours in OURS:
        for rival in RIVALS:
            wanted = [clients for clients in CLIENTS if plan.wants(f"{ours}/{rival}/{clients}")]
            if wanted:
                yield from _pair(ours, rival, wanted, expected, plan, facts)
    for size in BATCHES:
        if plan.wants(f"swath-fastapi/onnxruntime-{size}"):
            yield _against_onnx(size, expected, plan)
    if facts:
        yield Sheet("64×64×13 uint16 patches, ResNet-18", COLUMNS, [_line(*item) for item in facts.items()])


def _pair(
    ours: str,
    rival: str,
    counts: Sequence[int],
    expected: Sequence[list[float]],
    plan: Plan,
    facts: dict[str, list[Facts]],
) -> Iterator[Row]:
    title = f"{ours} / {rival}"
    with ExitStack() as stack:
        mine = _served(OURS[ours], expected, stack)
        try:
            theirs = _served(RIVALS[rival], expected, stack)
            for clients in counts:
                yield ratio(mine, theirs, title, lambda _: BAR, plan, clients)
        except (SideFailed, PeerMissing) as error:
            if str(error).startswith(mine.name):
                raise
            yield LeftOut(title, str(error))
            return
        for side in (mine, theirs):
            facts.setdefault(side.name, []).append(side.facts)


def _against_onnx(size: int, expected: Sequence[list[float]], plan: Plan) -> Row:
    """Ours at eight clients against the network alone: time for one patch."""
    with ExitStack() as stack:
        mine = _served(OURS["swath-fastapi"], expected, stack)
        alone = _onnx(size)
        stack.callback(alone.stop)
        seconds = plan.seconds(1.0)
        for _ in range(2):
            mine.visit(8, seconds, 8)
            alone.visit(1, seconds, 2)
        pairs = alternate(
            lambda: mine.visit(8, seconds, 8).ms_a_request,
            lambda: alone.visit(1, seconds, 2).ms_a_request / size,
            plan.rounds(5),
        )
    return ratio_of(f"swath-fastapi, 8 clients / onnxruntime, batches of {size}, ms a patch", pairs, None)


def _expected() -> list[list[float]]:
    """Scores of all patches by onnxruntime alone."""
    alone = _onnx(PATCHES)
    alone.stop()
    return json.loads(alone.answer().body)


def _onnx(size: int) -> InProcess:
    file = BytesIO()
    np.save(file, patches(size))
    command = ["onnx_alone.py", str(MODEL)]
    return InProcess(command, server_environment(Settings()), PROGRAMS, f"patches-{size}", file.getvalue())


def _served(contender: Contender, expected: Sequence[list[float]], stack: ExitStack) -> Served:
    program = contender.program()
    asked = [contender.asked(text, scores) for text, scores in zip(texts(), expected, strict=True)]
    side = Served(program, asked, RESULTS / "logs" / f"batching-{program.name}.log")
    stack.callback(side.stop)
    return side


def _line(name: str, facts: Sequence[Facts]) -> list[str | float | None]:
    line: list[str | float | None] = [name]
    for clients in CLIENTS:
        line += [a_second(facts, clients), *(percentile_ms(facts, clients, one) for one in (50, 99))]
        line.append(cpu_ms(facts, clients))
    return line
