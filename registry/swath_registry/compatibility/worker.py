"""The process that compares: one JSON request a line in, one answer a line out, under limits, until the input ends.

It may die of any pair; whoever asked starts another (`swath_registry.compatibility.process`).
"""

import json
import math
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from swath_registry.compatibility.judging import Prover, judge
from swath_registry.compatibility.operands import Operand
from swath_registry.compatibility.prover import Proof, prove
from swath_registry.compatibility.verdicts import Limits
from swath_registry.errors import SchemaInvalid


def main() -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not come between the answers
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    limits = Limits(**request["limits"])
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    prover = _unasked(request["unproven"]) if request["unproven"] else _limited(limits)
    try:
        return {"comparison": asdict(judge(request["old"], request["new"], request["examples"], limits, prover))}
    except SchemaInvalid as error:
        return {"invalid": {"name": error.name, "reason": error.reason, "pointer": error.pointer}}


def _unasked(reason: str) -> Prover:
    def unasked(old: Operand, new: Operand, *, is_thorough: bool = True) -> Proof:
        return Proof("unknown", reason)

    return unasked


def _limited(limits: Limits) -> Prover:
    """The prover, during which the process dies where it takes more CPU time than it may."""

    def limited(old: Operand, new: Operand, *, is_thorough: bool = True) -> Proof:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + limits.prover_s))
        try:
            return prove(old, new, is_thorough=is_thorough)
        finally:
            _limit(resource.RLIMIT_CPU, resource.RLIM_INFINITY)

    return limited


def _limit(kind: int, value: int) -> None:
    """Set a soft limit, as far as the hard one (the caller's `ulimit`) lets it."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY and (value == resource.RLIM_INFINITY or value > hard):
        value = hard
    resource.setrlimit(kind, (value, hard))


if __name__ == "__main__":
    main()
