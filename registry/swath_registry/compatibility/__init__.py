"""Whether every document that one version of a schema accepts is accepted by another: proven, or disproved by one."""

from swath_registry.compatibility.comparing import Pair, compare, compare_all, compare_each
from swath_registry.compatibility.transitive import Step, compare_versions, worst
from swath_registry.compatibility.verdicts import Comparison, Finding, Limits, Status, Verdict, Witness

__all__ = [
    "Comparison",
    "Finding",
    "Limits",
    "Pair",
    "Status",
    "Step",
    "Verdict",
    "Witness",
    "compare",
    "compare_all",
    "compare_each",
    "compare_versions",
    "worst",
]
