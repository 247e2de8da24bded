"""Who serves the network, how each is started, and how it is asked: base64 of NPY in JSON, everywhere."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.batching.model import patches
from benchmarks.frame.results import RESULTS
from benchmarks.load.client import Answer, request_bytes
from benchmarks.load.process import Program
from benchmarks.load.sides import Asked
from benchmarks.peers.environments import environment
from benchmarks.serving.contenders import swath_program

HERE = Path(__file__).parents[1]
PROGRAMS, PEERS = HERE / "programs", HERE / "peers"
FOLDER = RESULTS / "classify"
MODEL = FOLDER / "model.onnx"
PATCHES = 16
JSON = (("Content-Type", "application/json"),)
TOLERANCE = 1e-3
"""Sums of a batch are added in another order than those of one patch; scores are about 1."""


@dataclass(frozen=True)
class Contender:
    """A server, its request for a patch, and where the scores stand in its answer."""

    program: Callable[[], Program]
    path: str
    body: Callable[[str], Any]
    scores: Callable[[Any], list[float]]

    def asked(self, text: str, expected: list[float]) -> Asked:
        """The request for a patch as base64, and what its answer must hold."""

        def agrees(body: bytes) -> bool:
            found = self.scores(json.loads(body))
            pairs = zip(found, expected, strict=True)
            return all(abs(one - other) <= TOLERANCE * max(1.0, abs(other)) for one, other in pairs)

        def is_right(answer: Answer) -> bool:
            return answer.status == 200 and agrees(answer.body)

        return Asked(request_bytes(self.path, JSON, json.dumps(self.body(text)).encode()), is_right, agrees)


def texts() -> list[str]:
    """Each patch as base64 of NPY."""
    found: list[str] = []
    for patch in patches(PATCHES):
        file = BytesIO()
        np.save(file, patch)
        found.append(base64.b64encode(file.getvalue()).decode("ascii"))
    return found


def _swath(runtime: str) -> Contender:
    def scores(answer: Any) -> list[float]:
        return answer["scores"]

    return Contender(
        lambda: swath_program(runtime, str(FOLDER)), "/api/v1/process", lambda text: {"image": text}, scores
    )


def _peer(name: str, folder: str, command: tuple[str, ...], ready: str, **variables: str) -> Callable[[], Program]:
    """A peer's program, in the peer's environment, which is made when it is first needed."""

    def program() -> Program:
        tool = environment(name) / "bin" / command[0]
        shared = {"BENCHMARK_MODEL": str(MODEL), "PYTHONPATH": str(PROGRAMS)}
        return Program(name, (str(tool), *command[1:]), PEERS / folder, ready, "", {**shared, **variables})

    return program


OURS = {f"swath-{runtime}": _swath(runtime) for runtime in ("fastapi", "flask")}
RIVALS = {
    "litserve": Contender(
        _peer("litserve", "litserve", ("python", "batching.py", "{port}"), "/health"),
        "/predict",
        lambda text: {"image": text},
        lambda answer: answer["scores"],
    ),
    "bentoml": Contender(
        _peer(
            *("bentoml", "bentoml"),
            ("bentoml", "serve", "batching:Classify", "--port", "{port}", "--host", "127.0.0.1"),
            "/readyz",
            BENTOML_DO_NOT_TRACK="True",
            BENTOML_HOME=str(RESULTS / "bentoml"),
        ),
        "/classify",
        lambda text: {"images": [text]},
        lambda answer: answer[0],
    ),
    "mlserver": Contender(
        _peer(
            *("mlserver", "mlserver_batching", ("mlserver", "start", "."), "/v2/models/classify/ready"),
            MLSERVER_HTTP_PORT="{port}",
        ),
        "/v2/models/classify/infer",
        lambda text: {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": [text]}]},
        lambda answer: answer["outputs"][0]["data"],
    ),
}
