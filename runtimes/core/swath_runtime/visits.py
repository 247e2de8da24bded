"""Who is being served: requests whose head has come and whose answer has not yet been sent."""

import threading


class Visits:
    """Counts those inside, apart by whether they came before the door was closed or after.

    Those who come later are told so and leave soon; nobody waits for them.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = {False: 0, True: 0}  # by whether they came late
        self._is_closed = False

    def enter(self) -> bool:
        """Whether the one who comes is late; to be handed to `leave`."""
        with self._changed:
            self._inside[self._is_closed] += 1
            return self._is_closed

    def leave(self, is_late: bool) -> None:
        """One has been answered, or has gone."""
        with self._changed:
            self._inside[is_late] -= 1
            if self._is_closed and not self._inside[False]:
                self._changed.notify_all()

    def close_door(self) -> None:
        """From now on, who comes is late."""
        with self._changed:
            self._is_closed = True

    def wait_empty(self, timeout_s: float) -> bool:
        """Whether all who came in time have left, after waiting at most so long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._inside[False], timeout_s)

    @property
    def inside(self) -> int:
        """How many there are."""
        return sum(self._inside.values())
