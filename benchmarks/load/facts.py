"""What is found of a server beside the ratios: latencies, throughput, processor time, memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from benchmarks.load.client import Load
from benchmarks.load.health import Health


@dataclass
class Facts:
    """What was found of one server in one case; lists hold all rounds."""

    ready_s: float = 0.0
    idle_mb: float = 0.0
    first_peak_mb: float = 0.0
    peak_mb: float = 0.0
    kept_mb: float | None = None
    latencies_s: dict[int, list[float]] = field(default_factory=dict[int, list[float]])
    elapsed_s: dict[int, float] = field(default_factory=dict[int, float])
    cpu_s: dict[int, float] = field(default_factory=dict[int, float])
    health: Health | None = None

    def add(self, clients: int, found: Load, cpu_s: float) -> None:
        """Count one visit in."""
        self.latencies_s.setdefault(clients, []).extend(found.latencies_s)
        self.elapsed_s[clients] = self.elapsed_s.get(clients, 0.0) + found.elapsed_s
        self.cpu_s[clients] = self.cpu_s.get(clients, 0.0) + cpu_s

    def forget(self, clients: int) -> None:
        """Drop what visits of so many clients gave: they were warm-ups."""
        for kept in (self.latencies_s, self.elapsed_s, self.cpu_s):
            kept.pop(clients, None)


def percentile_ms(facts: Sequence[Facts], clients: int, percent: int) -> float | None:
    """Latency that so many per cent of requests kept to, ms; None where there were none."""
    found = [1000 * one for each in facts for one in each.latencies_s.get(clients, ())]
    return quantiles(found, n=100, method="inclusive")[percent - 1] if len(found) > 1 else None


def a_second(facts: Sequence[Facts], clients: int) -> float | None:
    """Requests answered in a second; None where there were none."""
    elapsed_s = sum(one.elapsed_s.get(clients, 0.0) for one in facts)
    return sum(len(one.latencies_s.get(clients, ())) for one in facts) / elapsed_s if elapsed_s else None


def cpu_ms(facts: Sequence[Facts], clients: int) -> float | None:
    """Processor time of the server for one request, ms."""
    requests = sum(len(one.latencies_s.get(clients, ())) for one in facts)
    return 1000 * sum(one.cpu_s.get(clients, 0.0) for one in facts) / requests if requests else None
