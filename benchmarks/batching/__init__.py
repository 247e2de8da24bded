"""Batching: one network, served by gathering requests, against those that do the same."""

from benchmarks.batching.running import run

__all__ = ["run"]
