"""The examples of an algorithm, called in this process or over HTTP, and compared with what they expect."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import orjson
import pybase64

from swath_algorithm.cases import Case, case_folders, read_case, with_files
from swath_algorithm.errors import FolderInvalid
from swath_algorithm.examples import example_findings
from swath_algorithm.folder import Algorithm
from swath_converters.errors import ConversionError
from swath_converters.image import from_wire
from swath_converters.policy import Policy
from swath_runtime.conversion import Leaf, Node, compile_schema
from swath_runtime.local import CallFailed, call_in_process
from swath_runtime.problems import PROBLEM_JSON
from swath_runtime.results import DEFAULT_IMAGE
from swath_runtime.service import Service
from swath_runtime.settings import Settings
from swath_testing.background import outputs_of_job
from swath_testing.compare import compare
from swath_testing.errors import ServiceUnreachable
from swath_testing.loopback import opened
from swath_testing.report import Evidence, Report, Result

Call = Callable[[dict[str, Any]], dict[str, Any]]
Check = Callable[[dict[str, Any]], None]
CALL_TIMEOUT_S = 600
POLICY = Policy()


class CallRefused(Exception):
    """The service answered with a problem instead of outputs.

    Attributes:
        status: of the answer; 0 where there was none that could be read.
        is_problem: whether the answer was a problem document.
    """

    def __init__(self, message: str, status: int = 0, *, is_problem: bool = False) -> None:
        super().__init__(message)
        self.status, self.is_problem = status, is_problem


def run_cases(
    algorithm: Algorithm,
    base_url: str | None = None,
    where: str = "",
    profile: str = "cpu",
    *,
    keep_evidence: bool = False,
) -> Report:
    """Report on every case of an algorithm: in this process where `base_url` is None, else over HTTP.

    With `keep_evidence` each result holds what went in and came out, images decoded.

    Raises FolderInvalid where the examples themselves have mistakes, ServiceUnreachable where nobody answers at the
    URL, and LoadFailed where the algorithm can't be loaded in process (under `profile`).
    """
    if found := example_findings(algorithm.folder, algorithm.describe):
        raise FolderInvalid(algorithm.folder, found)
    cases = [read_case(one) for one in case_folders(algorithm.folder)]
    taken, node = (compile_schema(algorithm.describe[one]) for one in ("input", "output"))
    with open_call(algorithm, node, base_url, profile) as call:
        results = [_run(case, taken, node, call, keep_evidence) for case in cases]
    return Report(algorithm.name, where or base_url or "direct", tuple(results))


@contextmanager
def open_call(
    algorithm: Algorithm, node: Node | None, base_url: str | None, profile: str, check: Check | None = None
) -> Generator[Call]:
    """A way to call the algorithm with a JSON document, for its outputs with images decoded.

    It raises CallRefused where a problem comes back. `check` is given each JSON answer that comes over HTTP; in process
    the core has checked it.
    """
    if base_url is not None:
        yield _over_http(node, base_url, check, is_asynchronous=algorithm.describe["asynchronous"])
        return
    settings = Settings(algorithm=algorithm.folder, profile=profile)
    service = Service(algorithm, settings, in_process=True)
    service.start()
    try:
        yield _in_process(node, service)
    finally:
        service.stop()


def inlined(case: Case) -> dict[str, Any]:
    """The case's inputs with each file beside it in the place of its `href`: images as base64, JSON as it is."""
    return with_files(case.inputs, case.folder, _base64)


def _base64(path: Path, others: dict[str, Any]) -> Any:
    data = pybase64.b64encode_as_string(path.read_bytes())
    return {"data": data, **others} if others else data


def _run(case: Case, taken: Node | None, node: Node | None, call: Call, keep_evidence: bool) -> Result:
    began = time.perf_counter()
    document = inlined(case)
    try:
        actual, refusal = call(document), ""
    except CallRefused as refused:
        actual, refusal = None, str(refused)
    took_s = time.perf_counter() - began
    expected, found = _expected(case, node)
    if refusal:
        found = [refusal]
    elif actual is not None and expected is not None and not found:
        found = _differences(case, expected, actual)
    if not keep_evidence:
        return Result(case.name, tuple(found), took_s)
    evidence = Evidence(readable(taken, document), expected, actual, case.tolerances)
    return Result(case.name, tuple(found), took_s, evidence)


def _expected(case: Case, node: Node | None) -> tuple[dict[str, Any] | None, list[str]]:
    """What is expected, decoded, and why it can't be; None where the case only has to succeed."""
    if case.expected is None:
        return None, []
    try:
        return decoded(node, with_files(case.expected, case.folder, _base64)), []
    except ConversionError as error:
        return None, [f"{error.pointer.strip('/')}: what is expected can't be read: {error.message}"]


def _differences(case: Case, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[str]:
    found = [f"{name}: expected, but missing" for name in expected if name not in actual]
    found += [f"{name}: found, but expected.json does not name it" for name in actual if name not in expected]
    for name, value in expected.items():
        if name in actual:
            found += compare(value, actual[name], case.tolerances.get(name, {}), name)
    return found


def readable(node: Node | None, document: dict[str, Any]) -> dict[str, Any]:
    """A document with its images decoded, as far as they can be."""

    def decode(value: Any, leaf: Leaf, pointer: str) -> Any:
        try:
            return from_wire(value, {}, POLICY) if leaf.type == "image" else value
        except ConversionError:
            return value

    return node.apply(document, "", decode) if node else document


def decoded(node: Node | None, document: dict[str, Any]) -> dict[str, Any]:
    """Outputs as they come over the wire, with their images read."""

    def decode(value: Any, leaf: Leaf, pointer: str) -> Any:
        return from_wire(value, {}, POLICY) if leaf.type == "image" else value

    return node.apply(document, "", decode) if node else document


def _in_process(node: Node | None, service: Service) -> Call:
    def call(document: dict[str, Any]) -> dict[str, Any]:
        try:
            outcome = call_in_process(service, document, {})
        except CallFailed as error:
            raise CallRefused(str(error), error.problem.kind.status, is_problem=True) from error

        def sent(value: Any, leaf: Leaf, pointer: str) -> Any:
            """An image as a caller would get it: what its media type can't hold is lost here too."""
            image = outcome.images.get(pointer)
            wire = value if image is None else leaf.converter.to_wire(image, leaf.media_type or DEFAULT_IMAGE)
            return from_wire(wire, {}, POLICY) if leaf.type == "image" else value

        try:
            return node.apply(outcome.document, "", sent) if node else outcome.document
        except ConversionError as error:
            raise CallRefused(f"an output can't be sent: {error}") from error

    return call


def _over_http(node: Node | None, base_url: str, check: Check | None, *, is_asynchronous: bool) -> Call:
    url = f"{base_url.rstrip('/')}/api/v1/process"

    def call(document: dict[str, Any]) -> dict[str, Any]:
        answer = _post(url, orjson.dumps(document))
        if is_asynchronous:
            answer = _awaited(answer["href"])
        if check:
            check(answer)
        try:
            return decoded(node, answer)
        except ConversionError as error:
            raise CallRefused(f"the answer holds an image that can't be read: {error}") from error

    return call


def _awaited(status_url: str) -> dict[str, Any]:
    try:
        outputs = outputs_of_job(status_url, CALL_TIMEOUT_S)
    except (OSError, http.client.HTTPException) as error:
        raise ServiceUnreachable(status_url, str(error) or type(error).__name__) from error
    if isinstance(outputs, str):
        raise CallRefused(outputs, int(outputs[:3]) if outputs[:3].isdigit() else 0, is_problem=True)
    return outputs


def _post(url: str, body: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - targets.py takes http and https only
    try:
        with opened(request, CALL_TIMEOUT_S) as reply:
            answer = _object(reply.read())
    except urllib.error.HTTPError as error:
        problem = _object(error.read()) or {}
        is_problem = error.headers.get_content_type() == PROBLEM_JSON and problem.get("status") == error.code
        message = f"{error.code} {problem.get('message', error.reason)}"
        raise CallRefused(message, error.code, is_problem=is_problem) from error
    except (OSError, http.client.HTTPException) as error:
        raise ServiceUnreachable(url, str(getattr(error, "reason", error) or type(error).__name__)) from error
    if answer is None:
        raise CallRefused(f"the answer of {url} is no JSON object: is it a Swath service?")
    return answer


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return cast(dict[str, Any], value) if isinstance(value, dict) else None
