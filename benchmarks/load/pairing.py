"""A and B visited in turn: the ratio of what a request takes, at several numbers of clients."""

from collections.abc import Callable
from statistics import median

from benchmarks.frame.alternating import alternate, ratio_of
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from benchmarks.load.sides import Side

ROUNDS = {1: 9, 8: 5, 64: 3}
VISIT_S = {1: 0.4, 8: 1.0, 64: 1.0}
MOST_S = 20.0
"""Rounds are fewer, down to one, where all of them would take longer than this."""
BarOf = Callable[[int], float | None]


def ratio(ours: Side, theirs: Side, title: str, bar_of: BarOf, plan: Plan, clients: int) -> Ratio:
    """Ours against theirs: by the median latency of one client; of many, by the time in which one more is answered."""
    seconds = plan.seconds(VISIT_S[clients])

    def visit(side: Side) -> float:
        found = side.visit(clients, seconds, least=2 if clients == 1 else clients)
        return 1000 * median(found.latencies_s) if clients == 1 else found.ms_a_request

    began = [visit(side) for side in (ours, theirs)]  # warms both, and says how long a round will take
    round_s = sum(max(seconds, clients * cost_ms / 1000) for cost_ms in began)
    rounds = max(1, min(plan.rounds(ROUNDS[clients]), int(MOST_S / round_s)))
    _forget(ours, clients)
    _forget(theirs, clients)
    pairs = alternate(lambda: visit(ours), lambda: visit(theirs), rounds)
    told = "1 client" if clients == 1 else f"{clients} clients, ms a request"
    return ratio_of(f"{title}, {told}", pairs, bar_of(clients))


def _forget(side: Side, clients: int) -> None:
    for kept in (side.facts.latencies_s, side.facts.elapsed_s, side.facts.cpu_s):
        kept.pop(clients, None)
