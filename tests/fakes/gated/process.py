"""An algorithm that waits where it is told to, and ends calls in every way that is no answer."""

from concurrent.futures import CancelledError

from gate import is_open, mark, mark_process, wait_open

from swath_runtime import Context

ENDS = {
    "exit": SystemExit(7),
    "interrupt": KeyboardInterrupt(),
    "memory": MemoryError(),
    "timeout": TimeoutError(),
    "cancelled": CancelledError(),
}


class Process:
    def on_start(self) -> None:
        """Wait for the file `start`; end the interpreter where there is a file `broken` instead."""
        mark("loading")
        wait_open("start")
        if is_open("broken") and not is_open("whole"):
            raise SystemExit("broken on purpose")

    def process(self, what: str, context: Context) -> dict[str, str]:
        """Do `what`: answer at once, wait for the file `go` (`hang` heeds nothing else), or raise."""
        context.logger.info("at work")
        mark_process("inside")
        if what in ENDS:
            raise ENDS[what]
        while what in {"wait", "hang"} and not is_open("go"):
            if context.wait_cancelled(0.005) and what == "wait":
                context.check_cancelled()
        return {"what": what}

    def on_stop(self) -> None:
        """Leave the file `stopped`."""
        mark("stopped")
