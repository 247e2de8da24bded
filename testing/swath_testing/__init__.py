"""An algorithm's examples, run the same way wherever it is served."""

from swath_testing.report import Report, Result
from swath_testing.run import run_cases

__all__ = ["Report", "Result", "run_cases"]
