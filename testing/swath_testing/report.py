"""What came of an algorithm's examples."""

from dataclasses import dataclass
from textwrap import indent


@dataclass(frozen=True)
class Result:
    """One case: what differed, output by output; nothing means that it passed."""

    case: str
    differences: tuple[str, ...]
    took_s: float

    @property
    def passed(self) -> bool:
        """True where every output is what was expected."""
        return not self.differences


@dataclass(frozen=True)
class Report:
    """All cases of an algorithm at one place (direct, fastapi, a URL, …)."""

    algorithm: str
    where: str
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """True where there are cases, and every one passed: no examples prove nothing."""
        return bool(self.results) and all(one.passed for one in self.results)

    def summary(self) -> str:
        """A line a case, the differences below it, and a line that counts."""
        lines: list[str] = []
        for one in self.results:
            lines.append(f"  {'passed' if one.passed else 'FAILED'}  {one.case} ({one.took_s:.2f} s)")
            lines += [indent(difference, " " * 10) for difference in one.differences]
        passed = sum(one.passed for one in self.results)
        counted = f"{passed} of {len(self.results)} examples passed" if self.results else "there are no examples to run"
        return "\n".join([f"{self.algorithm} on {self.where}:", *lines, f"  {counted}"])
