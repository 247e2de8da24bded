"""The process that compares: one JSON request a line in, one answer a line out, under limits, until the input ends.

It may die of any pair; whoever asked starts another (`swath_registry.compatibility.process`).
"""

import math
from dataclasses import asdict
from typing import Any

from swath_registry.answering import answer_lines, limit_cpu, limit_memory
from swath_registry.compatibility.judging import Prover, judge
from swath_registry.compatibility.operands import Operand
from swath_registry.compatibility.prover import Effort, Proof, prove
from swath_registry.compatibility.verdicts import Limits
from swath_registry.errors import SchemaInvalid


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    limits = Limits(**request["limits"])
    limit_memory(limits.memory_bytes)
    prover = _unasked(request["unproven"]) if request["unproven"] else _limited(limits)
    try:
        return {"comparison": asdict(judge(request["old"], request["new"], request["examples"], limits, prover))}
    except SchemaInvalid as error:
        return {"invalid": {"name": error.name, "reason": error.reason, "pointer": error.pointer}}


def _unasked(reason: str) -> Prover:
    def unasked(old: Operand, new: Operand, effort: Effort = "thorough") -> Proof:
        return Proof("unknown", reason)

    return unasked


def _limited(limits: Limits) -> Prover:
    """The prover, during which the process dies where it takes more CPU time than it may."""

    def limited(old: Operand, new: Operand, effort: Effort = "thorough") -> Proof:
        limit_cpu(limits.prover_s)
        try:
            return prove(old, new, effort)
        finally:
            limit_cpu(math.inf)

    return limited


if __name__ == "__main__":
    answer_lines(_answer)
