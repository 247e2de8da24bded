"""Serving: what a request costs, against what one would serve it with instead."""

from benchmarks.serving.running import run

__all__ = ["run"]
