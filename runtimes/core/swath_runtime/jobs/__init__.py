"""Work that goes on after its request was answered: accepted durably, run by any worker, its results kept a while."""

from swath_runtime.jobs.room import Jobs

__all__ = ["Jobs"]
