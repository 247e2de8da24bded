"""An algorithm that takes its time, but gives its worker back when it is cancelled."""

import time

from swath_runtime import Context

# Short against the timeout of 0.5 s in describe.yml, so that a cancelled call ends soon after it.
STEP_S = 0.01


def process(seconds: float, context: Context) -> dict[str, float]:
    """The time waited.

    Args:
        seconds: how long to wait, in seconds, at least 0.
        context: asked every 10 ms whether to stop.

    Raises:
        Cancelled: the caller went away or the time allowed has passed.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        context.check_cancelled()
        time.sleep(min(STEP_S, left))
    return {"seconds": seconds}
