"""A and B visited in turn: the ratio of what a request takes, at several numbers of clients."""

from collections.abc import Callable
from statistics import median

from benchmarks.frame.alternating import alternate, ratio_of
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from benchmarks.load.facts import a_second
from benchmarks.load.sides import Side

ROUNDS = {1: 9, 8: 5, 64: 3}
VISIT_S = {1: 0.4, 8: 1.0, 64: 1.0}
MOST_S = 20.0
"""Rounds are fewer, down to one, where all of them would take longer than this."""
WARMED_BELOW_S = 3.0
"""Longer visits than this are not rehearsed: fewer clients have warmed the servers before."""
BarOf = Callable[[int], float | None]


def ratio(ours: Side, theirs: Side, title: str, bar_of: BarOf, plan: Plan, clients: int) -> Ratio:
    """Ours against theirs: by the median latency of one client; of many, by the time in which one more is answered."""
    seconds = plan.seconds(VISIT_S[clients])

    def visit(side: Side) -> float:
        found = side.visit(clients, seconds, least=2 if clients == 1 else clients)
        return 1000 * median(found.latencies_s) if clients == 1 else found.ms_a_request

    for side in (ours, theirs):
        if not side.facts.latencies_s or _visit_s(side, clients, seconds) < WARMED_BELOW_S:
            visit(side)
    round_s = sum(_visit_s(side, clients, seconds) for side in (ours, theirs))
    rounds = max(1, min(plan.rounds(ROUNDS[clients]), int(MOST_S / round_s)))
    for side in (ours, theirs):
        side.facts.forget(clients)
    pairs = alternate(lambda: visit(ours), lambda: visit(theirs), rounds)
    told = "1 client" if clients == 1 else f"{clients} clients, ms a request"
    return ratio_of(f"{title}, {told}", pairs, bar_of(clients))


def _visit_s(side: Side, clients: int, seconds: float) -> float:
    """About how long a visit takes, by what one answer took at the number of clients that was tried last."""
    last = max(side.facts.latencies_s)
    return max(seconds, clients / (a_second([side.facts], last) or 1.0))
