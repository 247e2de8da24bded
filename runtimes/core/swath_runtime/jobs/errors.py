"""What keeps jobs from being accepted, kept or found."""

from swath_runtime.errors import RuntimeFailure


class StoreUnavailable(RuntimeFailure):
    """The place where jobs are kept does not answer, or refuses. What it said may hold names: it is only logged.

    Args:
        what: what can't be done, in the caller's words.
        hint: what to do next.
    """

    exit_code = 3

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class StoreFull(StoreUnavailable):
    """The disk or the database is full: nothing of what was to be written was."""

    def __init__(self) -> None:
        super().__init__("The place where jobs are kept is full.", "Try again later, or tell the operator.")


class LimitReached(RuntimeFailure):
    """More than may be kept, by `SWATH_JOBS_MAX_BYTES` or `SWATH_MAX_JOBS`."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class ClaimLost(RuntimeFailure):
    """A job is no longer this runner's: it was cancelled, or another took it over."""


class DriverMissing(RuntimeFailure):
    """`SWATH_JOBS` names a PostgreSQL server, and nothing here speaks to one."""

    exit_code = 3

    def __init__(self) -> None:
        super().__init__("SWATH_JOBS names a PostgreSQL server, for which psycopg is not installed")
        self.hint = "install swath-runtime[postgresql]"
