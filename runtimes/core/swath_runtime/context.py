"""What an algorithm may ask of the service around it. Light on purpose: authors import it."""

import copy
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from swath_runtime.onnx import OnnxModel


class Cancelled(Exception):
    """The call is no longer wanted: it timed out, or the service stops."""


class InputRejected(ValueError):
    """An algorithm can't work with an input that its schema allows; the caller sees the message, as a 422.

    Args:
        message: what is wrong with it, in the caller's words; no path, no payload.
        pointer: JSON pointer of the input, such as "/image".
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer


class Cancellation(Protocol):
    """Whether a call is still wanted; a threading.Event is one."""

    def is_set(self) -> bool:
        """Whether it is not."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is not, that many seconds at most."""
        ...

    def set(self) -> None:
        """Say that it is not."""
        ...


BOUND = frozenset({"logger", "_model", "_on_progress", "_cancelled"})
"""Attributes of a Context that mean something only in the process which made it."""


class Context:
    """One call's link to the service; `on_start` gets one too, which is never cancelled.

    Attributes:
        profile: name of the profile that the service runs under, such as "cpu".
        logger: writes lines that carry the call's correlation id.
    """

    def __init__(
        self,
        profile: str,
        logger: logging.Logger | logging.LoggerAdapter[logging.Logger],
        model: "OnnxModel | None" = None,
        on_progress: Callable[[float, str], None] | None = None,
        cancelled: Cancellation | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self.profile = profile
        self.logger = logger
        self._model = model
        self._on_progress = on_progress
        self._cancelled: Cancellation = cancelled or threading.Event()
        self._config = dict(config or {})

    @property
    def model(self) -> "OnnxModel":
        """The ONNX model that describe.yml names under `model:`; raises LookupError where it names none."""
        if self._model is None:
            raise LookupError("describe.yml declares no model: add model: {href: model.onnx}")
        return self._model

    @property
    def config(self) -> Mapping[str, Any]:
        """The algorithm's configuration as it was when the call began, with the defaults of `configSchema`.

        A copy: what a call does to lists and objects in it reaches no other call.
        """
        return MappingProxyType(copy.deepcopy(self._config))

    @property
    def is_cancelled(self) -> bool:
        """True once nobody waits for the result any more."""
        return self._cancelled.is_set()

    def check_cancelled(self) -> None:
        """Raise Cancelled once nobody waits for the result: call it in long loops."""
        if self.is_cancelled:
            raise Cancelled

    def wait_cancelled(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s` seconds; True as soon as the call is cancelled."""
        return self._cancelled.wait(timeout_s)

    def progress(self, fraction: float, message: str = "") -> None:
        """Say how far the work is: `fraction` from 0 to 1."""
        if self._on_progress:
            self._on_progress(min(max(fraction, 0.0), 1.0), message)

    def shared(self, on_progress: Callable[[float, str], None]) -> "Context":
        """A context of the same service that tells others of its progress, and is not cancelled."""
        return Context(self.profile, self.logger, self._model, on_progress, config=self._config)

    def cancel(self) -> None:
        """Tell the algorithm that nobody waits any more; the core calls this."""
        self._cancelled.set()

    def carried(self) -> dict[str, Any]:
        """What of it another process is told, by attribute."""
        return {name: value for name, value in vars(self).items() if name not in BOUND}

    def resume(self, carried: dict[str, Any]) -> "Context":
        """Itself, with what another process's Context carried."""
        vars(self).update(carried)
        return self


def together(contexts: Sequence[Context]) -> Context:
    """The context of calls that run together: progress is told to each that is not cancelled; cancelled by itself."""

    def tell(fraction: float, message: str) -> None:
        for one in contexts:
            if not one.is_cancelled:
                one.progress(fraction, message)

    return contexts[0].shared(tell)
