"""The examples of an algorithm, called in this process or over HTTP, and compared with what they expect."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pybase64

from swath_algorithm.cases import Case, case_folders, is_file_name, read_case
from swath_algorithm.folder import Algorithm
from swath_converters import Image
from swath_converters.errors import ConversionError
from swath_converters.image import from_wire
from swath_converters.policy import Policy
from swath_runtime.conversion import Leaf, compile_schema
from swath_runtime.service import Service
from swath_runtime.settings import Settings
from swath_testing.compare import compare
from swath_testing.errors import ServiceUnreachable
from swath_testing.report import Report, Result

Call = Callable[[dict[str, Any]], dict[str, Any]]
CALL_TIMEOUT_S = 600
POLICY = Policy()
JSON_SUFFIXES = {".json", ".geojson"}


class CallRefused(Exception):
    """The service answered with a problem instead of outputs."""


def run_cases(algorithm: Algorithm, base_url: str | None = None, where: str = "") -> Report:
    """Report on every case of an algorithm: in this process where `base_url` is None, else over HTTP.

    Raises ServiceUnreachable where nobody answers at the URL, and LoadFailed where it can't be loaded in process.
    """
    if base_url is not None:
        results = [_run(algorithm, read_case(one), _over_http(algorithm, base_url)) for one in _folders(algorithm)]
        return Report(algorithm.name, where or base_url, tuple(results))
    service = Service(algorithm, Settings(algorithm=algorithm.folder))
    service.start()
    try:
        results = [_run(algorithm, read_case(one), _in_process(service)) for one in _folders(algorithm)]
    finally:
        service.stop()
    return Report(algorithm.name, where or "direct", tuple(results))


def _folders(algorithm: Algorithm) -> list[Path]:
    return case_folders(algorithm.folder)


def _run(algorithm: Algorithm, case: Case, call: Call) -> Result:
    began = time.perf_counter()
    try:
        actual = call(inlined(case))
    except CallRefused as refused:
        return Result(case.name, (str(refused),), time.perf_counter() - began)
    took_s = time.perf_counter() - began
    return Result(case.name, tuple(_differences(case, actual)), took_s)


def _differences(case: Case, actual: Mapping[str, Any]) -> list[str]:
    if case.expected is None:
        return []
    found = [f"{name}: expected, but missing" for name in case.expected if name not in actual]
    found += [f"{name}: found, but expected.json does not name it" for name in actual if name not in case.expected]
    for name, wire in case.expected.items():
        if name in actual:
            found += compare(
                _expected(wire, case.folder, actual[name]), actual[name], case.tolerances.get(name, {}), name
            )
    return found


def inlined(case: Case) -> dict[str, Any]:
    """The case's inputs with each file beside it in the place of its `href`: images as base64, JSON as it is."""
    return {name: _inline(value, case.folder) for name, value in case.inputs.items()}


def _inline(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return [_inline(one, folder) for one in value]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(value, dict):
        return value
    href = value.get("href")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(href, str) or not is_file_name(href):
        return {key: _inline(one, folder) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    path = folder / href
    if path.suffix in JSON_SUFFIXES:
        return orjson.loads(path.read_bytes())
    data = pybase64.b64encode_as_string(path.read_bytes())
    others: dict[str, Any] = {key: one for key, one in value.items() if key != "href"}  # pyright: ignore[reportUnknownVariableType]
    return {"data": data, **others} if others else data


def _expected(wire: Any, folder: Path, actual: Any) -> Any:
    inline = _inline(wire, folder)
    if isinstance(actual, Image) and isinstance(inline, str):
        return from_wire(inline, {}, POLICY)
    return inline


def _in_process(service: Service) -> Call:
    def call(document: dict[str, Any]) -> dict[str, Any]:
        from swath_runtime.problems import problem_of

        try:
            outcome = service.call(document, {})
        except Exception as error:
            problem = problem_of(error)
            cause = "" if error is problem else f" ({type(error).__name__}: {error})"
            raise CallRefused(f"{problem.kind.status} {problem.message}{cause}") from error
        return {name: outcome.images.get(f"/{name}", value) for name, value in outcome.document.items()}

    return call


def _over_http(algorithm: Algorithm, base_url: str) -> Call:
    node = compile_schema(algorithm.describe["output"])
    url = f"{base_url.rstrip('/')}/api/v1/process"

    def decode(value: Any, leaf: Leaf, pointer: str) -> Any:
        return from_wire(value, {}, POLICY) if leaf.type == "image" else value

    def call(document: dict[str, Any]) -> dict[str, Any]:
        answer = _post(url, orjson.dumps(document))
        try:
            return node.apply(answer, "", decode) if node else answer
        except ConversionError as error:
            raise CallRefused(f"the answer holds an image that can't be read: {error}") from error

    return call


def _post(url: str, body: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - targets.py takes http and https only
    try:
        with urllib.request.urlopen(request, timeout=CALL_TIMEOUT_S) as reply:  # noqa: S310
            return orjson.loads(reply.read())
    except urllib.error.HTTPError as error:
        problem = _problem(error.read())
        raise CallRefused(f"{error.code} {problem.get('message', error.reason)}") from error
    except OSError as error:
        raise ServiceUnreachable(url, str(getattr(error, "reason", error))) from error


def _problem(body: bytes) -> dict[str, Any]:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
