"""What came of an algorithm's examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

from swath_testing.tolerances import Tolerance


@dataclass(frozen=True)
class Evidence:
    """What went in, what was expected and what came back, by name, images decoded; None where there is none."""

    inputs: Mapping[str, Any]
    expected: Mapping[str, Any] | None
    actual: Mapping[str, Any] | None
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict[str, Tolerance])


@dataclass(frozen=True)
class Result:
    """One case: what differed, output by output; nothing means that it passed.

    `evidence` is None unless it was asked for: it holds whole images.
    """

    case: str
    differences: tuple[str, ...]
    took_s: float
    evidence: Evidence | None = field(default=None, repr=False, compare=False)

    @property
    def passed(self) -> bool:
        """True where every output is what was expected."""
        return not self.differences


@dataclass(frozen=True)
class Report:
    """All cases of an algorithm at one place (direct, fastapi, a URL, …), and what came of generated inputs."""

    algorithm: str
    where: str
    results: tuple[Result, ...]
    generated: tuple[Result, ...] = ()

    @property
    def passed(self) -> bool:
        """True where there are cases, and every one passed: no examples prove nothing."""
        return bool(self.results) and all(one.passed for one in self.all_results)

    @property
    def all_results(self) -> tuple[Result, ...]:
        """The examples' results, then those of generated inputs."""
        return (*self.results, *self.generated)

    def as_json(self) -> dict[str, Any]:
        """For machines: each case with its differences, without the evidence."""
        results = [
            {"case": one.case, "passed": one.passed, "differences": list(one.differences), "took_s": one.took_s}
            for one in self.all_results
        ]
        return {"algorithm": self.algorithm, "where": self.where, "passed": self.passed, "results": results}

    def summary(self) -> str:
        """A line a case, the differences below it, and a line that counts."""
        lines: list[str] = []
        for one in self.all_results:
            lines.append(f"  {'passed' if one.passed else 'FAILED'}  {one.case} ({one.took_s:.2f} s)")
            lines += [indent(difference, " " * 10) for difference in one.differences]
        passed = sum(one.passed for one in self.results)
        counted = f"{passed} of {len(self.results)} examples passed" if self.results else "there are no examples to run"
        return "\n".join([f"{self.algorithm} on {self.where}:", *lines, f"  {counted}"])
