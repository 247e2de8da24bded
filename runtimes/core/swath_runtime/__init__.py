"""The framework-free core that serves an algorithm folder; authors need the names below and no others."""

from swath_runtime.context import Cancelled, Context, InputRejected

__all__ = ["Cancelled", "Context", "InputRejected"]
