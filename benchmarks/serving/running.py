"""Each kind of request, each pair of servers: ratios, then what was found of every server, as a table."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from time import sleep

from benchmarks.frame.plan import Plan
from benchmarks.frame.results import RESULTS
from benchmarks.frame.rows import LeftOut, Row
from benchmarks.load.client import Answer, request_bytes
from benchmarks.load.pairing import ratio
from benchmarks.load.sides import Asked, InProcess, Served, Side, SideFailed
from benchmarks.peers.environments import PeerMissing
from benchmarks.serving.bars import bar_of
from benchmarks.serving.cases import CASES, RAW_IN, Case, Exchange, is_right
from benchmarks.serving.contenders import IN_PROCESS, OURS, PAIRS, PROGRAMS, RIVALS, Contender
from benchmarks.serving.summary import Summary
from swath_runtime.launch import server_environment
from swath_runtime.settings import Settings

CLIENTS = (1, 8, 64)
IN_WORK, HEALTH_S, IDLE_S = 3, 4.0, 60.0


def run(plan: Plan) -> Iterator[Row]:
    """Ratios pair by pair, and after each case what our own servers were promised to keep to."""
    for case in CASES:
        summary = Summary(case)
        for ours, rival in PAIRS:
            wanted = [clients for clients in CLIENTS if plan.wants(f"{case.name}/{ours}/{rival}/{clients}")]
            if rival == IN_PROCESS:
                wanted = [clients for clients in wanted if clients == 1]
            if wanted:
                yield from _pair(case, ours, rival, wanted, plan, summary)
        yield from summary.rows()


def _pair(case: Case, ours: str, rival: str, counts: Sequence[int], plan: Plan, summary: Summary) -> Iterator[Row]:
    """Both started, both found to be right, then visited in turn."""
    title = f"{case.name}: {ours} / {rival}"
    with ExitStack() as stack:
        mine = _served(OURS[ours], case, stack)
        try:
            theirs = _in_process(case, stack) if rival == IN_PROCESS else _served(RIVALS[rival], case, stack)
            for clients in counts:
                yield ratio(mine, theirs, title, lambda many: bar_of(case.name, ours, rival, many), plan, clients)
                if clients == 8:
                    _between(case, [mine, theirs], plan)
        except (SideFailed, PeerMissing) as error:
            if str(error).startswith(mine.name):
                raise
            yield LeftOut(title, str(error))
            return
        summary.add(mine, theirs)


def _between(case: Case, sides: list[Side], plan: Plan) -> None:
    """After eight clients: `/health` while three large requests are in work, and the memory kept a minute later."""
    servers = [side for side in sides if isinstance(side, Served)]
    if case.is_large:
        for side in servers:
            side.watch_health(IN_WORK, plan.seconds(HEALTH_S))
    if case is RAW_IN:
        sleep(plan.seconds(IDLE_S))
        for side in servers:
            side.facts.kept_mb = side.server.rss_mb() - side.facts.idle_mb


def _served(contender: Contender, case: Case, stack: ExitStack) -> Served:
    exchange = contender.exchange(case)
    request = request_bytes(exchange.path, exchange.headers, exchange.body)
    log = RESULTS / "logs" / f"{case.name}-{contender.name}.log"
    asked = Asked(request, lambda answer: _is_right(case, exchange, answer))
    side = Served(contender.program(case), [asked], log)
    stack.callback(side.stop)
    return side


def _is_right(case: Case, exchange: Exchange, answer: Answer) -> bool:
    return exchange.form == "none" or is_right(case, exchange, answer)


def _in_process(case: Case, stack: ExitStack) -> Side:
    exchange = OURS["swath-fastapi"].exchange(case)
    side = InProcess(["in_process.py"], server_environment(Settings()), PROGRAMS, case.name, exchange.body)
    stack.callback(side.stop)
    if not is_right(case, exchange, side.answer()):
        raise SideFailed(f"{IN_PROCESS} gave something else")
    return side
