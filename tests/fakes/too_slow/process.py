"""An algorithm that takes its time, but gives its worker back when it is cancelled."""

from swath_runtime import Context


def process(seconds: float, context: Context) -> dict[str, float]:
    """The time waited.

    Args:
        seconds: how long to wait, in seconds, at least 0.
        context: ends the wait when the call is cancelled.

    Raises:
        Cancelled: the caller went away or the time allowed has passed.
    """
    context.wait_cancelled(seconds)
    context.check_cancelled()
    return {"seconds": seconds}
