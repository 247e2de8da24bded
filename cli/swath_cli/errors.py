"""How an error tells the command line what to do: nothing here is imported by those who raise."""

from typing import Protocol, runtime_checkable

DONE = 0
WRONG = 1  # the thing asked about is wrong: a test failed, a schema is incompatible
USAGE = 2
LACKING = 3  # the environment lacks something


@runtime_checkable
class Explained(Protocol):
    """An error that a user can do something about.

    Every package's base error has these two fields; the command line prints `str(error)`, then the hint,
    and leaves with the exit code.
    """

    hint: str
    exit_code: int
