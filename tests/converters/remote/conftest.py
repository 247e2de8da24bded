"""Fixtures of the tests that read from and write to servers on this machine."""

from converters.remote.resolver import resolver

__all__ = ["resolver"]
