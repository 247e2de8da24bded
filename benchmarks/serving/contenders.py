"""Who serves: how each is started, and how it is asked, by its best route."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.process import Program
from benchmarks.peers.environments import environment
from benchmarks.serving.cases import (
    GEOTIFF_BINARY,
    GEOTIFF_JSON,
    PNG,
    RAW_IN,
    SUM,
    TINY,
    Case,
    Exchange,
    base64_text,
    content,
    json_bytes,
    npy,
)

HERE = Path(__file__).parents[1]
PROGRAMS, ALGORITHMS, PEERS = HERE / "programs", HERE / "algorithms", HERE / "peers"
JSON = (("Content-Type", "application/json"),)
OCTETS = (("Content-Type", "application/octet-stream"),)
TIFF = (("Content-Type", "image/tiff"),)
NPY = (("Content-Type", "application/x-npy"),)
IN_PROCESS = "in-process"
RASTERS = {"PYTHONPATH": str(PROGRAMS)}


@dataclass(frozen=True)
class Contender:
    """A server: how it is started for a case, and how it is asked."""

    name: str
    program: Callable[[Case], Program]
    exchange: Callable[[Case], Exchange]


def _tool(name: str) -> str:
    """A command of this very environment."""
    return str(Path(sys.executable).with_name(name))


def swath_program(runtime: str, algorithm: str, *options: str) -> Program:
    """Our server for an algorithm of the benchmarks, or for a folder, started as people start it."""
    command = (
        *(_tool("swath"), "serve", str(ALGORITHMS / algorithm)),
        *("--runtime", runtime, "--port", "{port}", *options),
    )
    return Program(f"swath-{runtime}", command, HERE, "/api/v1/ready", "/api/v1/health")


def _swath(runtime: str) -> Contender:
    return Contender(f"swath-{runtime}", lambda case: swath_program(runtime, case.algorithm), _of_swath)


def _of_swath(case: Case) -> Exchange:
    path = "/api/v1/process"
    if case is TINY:
        return Exchange(path, JSON, json_bytes(SUM), key=("total",))
    if case is PNG:
        return Exchange(path, JSON, json_bytes({"image": base64_text(case)}), key=("means",))
    if case is GEOTIFF_JSON:
        return Exchange(path, JSON, json_bytes({"image": base64_text(case)}), "base64", ("image",))
    if case is GEOTIFF_BINARY:
        return Exchange(path, (*TIFF, ("Accept", "image/tiff")), content(case), "image/tiff")
    if case is RAW_IN:
        return Exchange(path, NPY, npy(), key=("means",))
    return Exchange(path, (*NPY, ("Accept", "application/x-npy")), npy(), "application/x-npy")


def _by_hand(name: str, command: tuple[str, ...], prefix: str = "") -> Contender:
    def exchange(case: Case) -> Exchange:
        if case is TINY:
            return Exchange(f"{prefix}/sum", JSON, json_bytes(SUM), key=("total",))
        if case is PNG:
            return Exchange(f"{prefix}/means", JSON, json_bytes({"image": base64_text(case)}), key=("means",))
        if case is GEOTIFF_JSON:
            body = json_bytes({"image": base64_text(case)})
            return Exchange(f"{prefix}/invert", JSON, body, "base64", ("image",))
        if case is GEOTIFF_BINARY:
            return Exchange(f"{prefix}/invert/binary", TIFF, content(case), "image/tiff")
        if case is RAW_IN:
            return Exchange(f"{prefix}/means/raw", OCTETS, content(case), key=("means",))
        return Exchange(f"{prefix}/invert/raw", OCTETS, content(case), "application/octet-stream")

    return Contender(name, lambda case: Program(name, command, PROGRAMS), exchange)


def _socket() -> Contender:
    """It knows no algorithm: it reads, and gives back two bytes or what it read."""
    command = (sys.executable, "socket_service.py")

    def exchange(case: Case) -> Exchange:
        gives_back = case.algorithm == "invert"
        body = json_bytes(SUM) if case is TINY else _of_swath(case).body
        return Exchange("/echo" if gives_back else "/length", OCTETS, body, "none")

    return Contender("socket", lambda case: Program("socket", command, PROGRAMS, "/health", ""), exchange)


def _litserve() -> Contender:
    def program(case: Case) -> Program:
        python = str(environment("litserve") / "bin" / "python")
        return Program("litserve", (python, "server.py", case.name, "{port}"), PEERS / "litserve", environment=RASTERS)

    def exchange(case: Case) -> Exchange:
        if case in {TINY, PNG, GEOTIFF_JSON}:
            body = json_bytes(SUM if case is TINY else {"image": base64_text(case)})
            keys = {TINY: ("total",), PNG: ("means",), GEOTIFF_JSON: ("image",)}
            return Exchange("/predict", JSON, body, "base64" if case is GEOTIFF_JSON else "json", keys[case])
        form, boundary = _multipart(content(case))
        kind = (("Content-Type", f"multipart/form-data; boundary={boundary}"),)
        if case is RAW_IN:
            return Exchange("/predict", kind, form, key=("means",))
        return Exchange("/predict", kind, form, "application/octet-stream")

    return Contender("litserve", program, exchange)


def _multipart(body: bytes) -> tuple[bytes, str]:
    boundary = "benchmark-7f3a91c4e0d84b52"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="image"\r\n'
    head += "Content-Type: application/octet-stream\r\n\r\n"
    return head.encode() + body + f"\r\n--{boundary}--\r\n".encode(), boundary


def _bentoml() -> Contender:
    def program(case: Case) -> Program:
        command = (
            *(str(environment("bentoml") / "bin" / "bentoml"), "serve", "service:Imaging"),
            *("--port", "{port}", "--host", "127.0.0.1"),
        )
        variables = {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(HERE / "results" / "bentoml")} | RASTERS
        return Program("bentoml", command, PEERS / "bentoml", "/readyz", "/livez", variables)

    def exchange(case: Case) -> Exchange:
        if case is TINY:
            return Exchange("/total", JSON, json_bytes(SUM), key=("total",))
        if case is PNG:
            return Exchange("/means", JSON, json_bytes({"image": base64_text(case)}), key=("means",))
        if case is GEOTIFF_JSON:
            return Exchange("/invert", JSON, json_bytes({"image": base64_text(case)}), "base64", ("image",))
        if case is GEOTIFF_BINARY:
            return Exchange("/invert_binary", OCTETS, content(case), "image/tiff")
        if case is RAW_IN:
            return Exchange("/means_raw", OCTETS, content(case), key=("means",))
        return Exchange("/invert_raw", OCTETS, content(case), "application/octet-stream")

    return Contender("bentoml", program, exchange)


def _mlserver() -> Contender:
    """V2 knows tensors: an image is a BYTES tensor of one base64 text, by every route."""

    def program(case: Case) -> Program:
        command = (str(environment("mlserver") / "bin" / "mlserver"), "start", ".")
        variables = {"MLSERVER_HTTP_PORT": "{port}", **RASTERS}
        ready = "/v2/models/imaging/ready"
        return Program("mlserver", command, PEERS / "mlserver", ready, "/v2/health/live", variables)

    def exchange(case: Case) -> Exchange:
        kind, values = ("FP64", [SUM["a"], SUM["b"]]) if case is TINY else ("BYTES", [base64_text(case)])
        tensor = {"name": case.algorithm, "shape": [len(values)], "datatype": kind, "data": values}
        body = json_bytes({"id": "benchmark", "inputs": [tensor]})
        key: tuple[str | int, ...] = ("outputs", 0, "data")
        form = "base64" if case.algorithm == "invert" else "json"
        if form == "base64" or case is TINY:
            key = (*key, 0)
        return Exchange("/v2/models/imaging/infer", JSON, body, form, key)

    return Contender("mlserver", program, exchange)


FASTAPI = (_tool("uvicorn"), "fastapi_service:app", "--port", "{port}", "--log-level", "warning")
FLASK = (
    *(_tool("gunicorn"), "flask_service:app", "--bind", "127.0.0.1:{port}", "--log-level", "warning"),
    *("--worker-class", "gthread", "--threads", "8"),
)
OURS: Mapping[str, Contender] = {f"swath-{runtime}": _swath(runtime) for runtime in ("fastapi", "flask")}
RIVALS: Mapping[str, Contender] = {
    "fastapi": _by_hand("fastapi", FASTAPI),
    "fastapi-async": _by_hand("fastapi-async", FASTAPI, "/async"),
    "flask": _by_hand("flask", FLASK),
    "socket": _socket(),
    "litserve": _litserve(),
    "bentoml": _bentoml(),
    "mlserver": _mlserver(),
}
PAIRS = (
    *(("swath-fastapi", rival) for rival in (IN_PROCESS, "fastapi", "fastapi-async", "socket")),
    *(("swath-flask", rival) for rival in (IN_PROCESS, "flask", "socket")),
    *(("swath-fastapi", peer) for peer in ("litserve", "bentoml", "mlserver")),
)
"""Who is measured beside whom: each runtime and the same framework by hand, the limits, and the peers."""
