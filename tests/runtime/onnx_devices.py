"""A device that is none: onnxruntime on the CPU that says it were CUDA, and remembers how it was asked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from swath_runtime.onnx import Expected, open_model
from swath_runtime.settings import Settings

CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


class FakeBinding(ort.IOBinding):
    """Binds outputs to the CPU's memory, whichever device is named."""

    def __init__(self, session: "FakeSession") -> None:
        super().__init__(session)
        self._asked = session.bound_to

    def bind_output(self, name: str, device_type: str = "cpu", *more: Any, **named: Any) -> None:
        self._asked.append(device_type)
        super().bind_output(name)


class FakeSession(ort.InferenceSession):
    """A session that computes on the CPU and says that it has the providers asked for."""

    def __init__(self, path: str, options: Any, providers: Sequence[tuple[str, dict[str, str]]]) -> None:
        self.asked = dict(providers)
        self.bound_to: list[str] = []
        self.falls_back = True
        super().__init__(path, options, providers=[CPU])

    def get_providers(self) -> list[str]:
        return list(self.asked)

    def io_binding(self) -> FakeBinding:
        return FakeBinding(self)

    def disable_fallback(self) -> None:
        self.falls_back = False


def pretend(monkeypatch: pytest.MonkeyPatch, *providers: str) -> None:
    """Let onnxruntime have these providers besides the CPU's."""
    monkeypatch.setattr(ort, "get_available_providers", lambda: [*providers, CPU])
    monkeypatch.setattr(ort, "InferenceSession", FakeSession)
    monkeypatch.setattr(ort, "preload_dlls", lambda: None, raising=False)


def answer_of(path: Path, settings: Settings, expected: Expected, value: float) -> float:
    """What a model of one sample, x to y, gives: here, for another process can't import a test."""
    given = {"x": np.full((1, 1, 1, 1), value, np.float32)}
    return float(open_model(path, settings, expected).run(given)["y"].max())
