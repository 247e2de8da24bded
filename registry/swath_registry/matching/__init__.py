"""Capability matching: does a service take an image, why, and what would make it fit. See docs/matching.md."""

from swath_registry.matching.inputs import InputsMatch, match_inputs
from swath_registry.matching.matching import Match, Reason, Verdict, apply_steps, match
from swath_registry.matching.steps import Cost, Step
from swath_registry.matching.truth import Truth

__all__ = ["Cost", "InputsMatch", "Match", "Reason", "Step", "Truth", "Verdict", "apply_steps", "match", "match_inputs"]
