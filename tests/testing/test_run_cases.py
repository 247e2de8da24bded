"""Examples are run in process and over HTTP alike; what does not pass is told with its reason and its exit code."""

import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from conftest import FAKES, ROOT

from swath_algorithm.errors import FolderInvalid
from swath_algorithm.folder import Algorithm, open_algorithm
from swath_cli.main import run
from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings
from swath_testing import targets
from swath_testing.run import run_cases
from swath_testing.targets import open_target, reserved_port, running_server

GRAYSCALE = ROOT / "algorithms" / "grayscale"
CASE = Path("examples") / "colours"


@pytest.fixture
def grayscale(tmp_path: Path) -> Path:
    """A copy of the smallest algorithm, to change."""
    return Path(shutil.copytree(GRAYSCALE, tmp_path / "grayscale", ignore=shutil.ignore_patterns("__pycache__")))


def change(folder: Path, old: str, new: str) -> Algorithm:
    path = folder / "process.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    return open_algorithm(folder)


@pytest.mark.parametrize("runtime", sorted(installed_runtimes()))
def test_examples_pass_on_a_real_server(runtime: str) -> None:
    algorithm = open_algorithm(FAKES / "echo")
    with running_server(Settings(algorithm=algorithm.folder, runtime=runtime)) as url:
        report = run_cases(algorithm, url)
    assert report.passed, report.summary()
    assert report.where == url


@pytest.mark.parametrize("runtime", sorted(installed_runtimes()))
def test_examples_of_an_asynchronous_service_pass_by_its_jobs(runtime: str) -> None:
    algorithm = open_algorithm(FAKES / "background")
    with running_server(Settings(algorithm=algorithm.folder, runtime=runtime)) as url:
        assert run_cases(algorithm, url).passed


def test_a_failing_example_is_told_alike_in_process_and_over_http(grayscale: Path) -> None:
    algorithm = change(grayscale, "np.rint(brightness)", "np.rint(brightness) + 1")
    direct = run_cases(algorithm)
    with running_server(Settings(algorithm=grayscale, runtime=sorted(installed_runtimes())[0])) as url:
        served = run_cases(algorithm, url)
    assert not direct.passed
    assert not served.passed
    assert [one.differences for one in direct.results] == [one.differences for one in served.results]


def test_a_failing_example_ends_with_1_and_names_the_output(
    grayscale: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(grayscale, 'band_names=("gray",)', 'band_names=("grey",)')
    assert run(["test", str(grayscale)]) == 1
    out = capsys.readouterr().out
    assert "FAILED  colours" in out
    assert "image: band names ('gray',) expected, ('grey',) found" in out
    assert "0 of 1 examples passed" in out


def test_the_author_is_told_where_process_went_wrong(grayscale: Path) -> None:
    algorithm = change(grayscale, "    red, green, blue = image.array", "    red, green = image.array")
    (result,) = run_cases(algorithm).results
    lines = (grayscale / "process.py").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "red, green = " in text)
    assert "ValueError: too many values to unpack" in result.differences[0]
    assert f"process.py:{line} in process: red, green = image.array" in result.differences[0]


def test_what_process_refuses_is_told(grayscale: Path) -> None:
    (grayscale / CASE / "input.json").write_text('{"image": {"href": "gray.tif"}}')
    (result,) = run_cases(open_algorithm(grayscale)).results
    assert result.differences == ("422 The image has 1 bands; send red, green and blue.",)


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ({}, "image: found, but expected.json does not name it"),
        ({"image": {"href": "no.tif"}}, "image: what is expected can't be read"),
    ],
)
def test_an_expectation_that_does_not_fit_is_told(grayscale: Path, expected: Any, says: str) -> None:
    (grayscale / CASE / "no.tif").write_bytes(b"no image")
    (grayscale / CASE / "expected.json").write_text(json.dumps(expected))
    (result,) = run_cases(open_algorithm(grayscale)).results
    assert result.differences[0].startswith(says)


def test_an_example_without_expectations_only_has_to_succeed(grayscale: Path) -> None:
    (grayscale / CASE / "expected.json").unlink()
    assert run_cases(open_algorithm(grayscale)).passed


def test_in_process_an_image_is_compared_as_a_caller_would_get_it(grayscale: Path) -> None:
    description = grayscale / "describe.yml"
    description.write_text(description.read_text().replace("image/tiff", "image/png"))
    from swath_converters.image import decode_image, encode_image
    from swath_converters.policy import Policy

    gray = decode_image((grayscale / CASE / "gray.tif").read_bytes(), Policy())
    (grayscale / CASE / "gray.png").write_bytes(encode_image(gray, "image/png"))
    (grayscale / CASE / "expected.json").write_text('{"image": {"href": "gray.png"}}')
    report = run_cases(open_algorithm(grayscale))  # a PNG has no CRS and no band names
    assert report.passed, report.summary()


def test_no_example_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    report = run_cases(open_algorithm(FAKES / "always_fails"))
    assert not report.passed
    assert run(["test", str(FAKES / "always_fails")]) == 1
    assert "there are no examples to run" in capsys.readouterr().out


def test_examples_with_mistakes_are_not_run(grayscale: Path) -> None:
    (grayscale / CASE / "tolerances.json").write_text('{"image": {"differing": 0.1}}')
    algorithm = open_algorithm(grayscale)
    with pytest.raises(FolderInvalid, match=r"tolerances.json:1:12: /image/differing: is not a known property"):
        run_cases(algorithm)


def test_the_report_is_json_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(GRAYSCALE), "--on", "direct", "--on", "direct", "--json"]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["algorithm"], one["where"], one["passed"]) for one in reports] == [("grayscale", "direct", True)] * 2


def test_nobody_at_the_url_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    with reserved_port() as port:
        assert run(["test", str(GRAYSCALE), "--on", f"http://127.0.0.1:{port}"]) == 3
    assert "Connection refused" in capsys.readouterr().err


def test_a_url_that_is_none_ends_with_3_and_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(GRAYSCALE), "--on", "http://127.0.0.1:port"]) == 3
    assert "port" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["fastpai", "image:", "ftp://127.0.0.1", ""])
def test_an_unknown_place_ends_with_2_and_names_the_known(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(GRAYSCALE), "--on", place]) == 2
    error = capsys.readouterr().err
    assert "there is no such place" in error
    assert "known: direct, " in error


def test_a_runtime_that_is_not_installed_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(targets, "installed_runtimes", dict)
    assert run(["test", str(GRAYSCALE), "--on", "flask"]) == 3
    assert "the runtime 'flask' is not installed" in capsys.readouterr().err


def test_an_unknown_place_stops_before_anything_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(GRAYSCALE), "--on", "direct", "--on", "nowhere"]) == 2
    assert not capsys.readouterr().out


def test_a_server_that_can_not_start_ends_with_3_and_its_log(
    grayscale: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(grayscale, "import numpy as np", "import numpy as np\nraise RuntimeError('no licence')")
    assert run(["test", str(grayscale), "--on", sorted(installed_runtimes())[0]]) == 3
    assert "no licence" in capsys.readouterr().err


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Base URL of a server that gives everybody the same answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the base class's name

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b"<html>", "is no JSON object: is it a Swath service?"),
        (200, b"[]", "is no JSON object: is it a Swath service?"),
        (200, b'{"image": "AAAA"}', "the answer holds an image that can't be read"),
        (503, b"<html>", "503 Service Unavailable"),
        (400, b'{"message": "no"}', "400 no"),
    ],
)
def test_an_answer_that_is_none_of_ours_is_a_failure(status: int, body: bytes, says: str) -> None:
    with answering(status, body) as url:
        report = run_cases(open_algorithm(GRAYSCALE), url)
    assert says in report.results[0].differences[0]


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    with reserved_port() as nobody, answering(400, b'{"message": "reached"}') as url:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{nobody}")
        assert "reached" in run_cases(open_algorithm(GRAYSCALE), url).results[0].differences[0]


def _somewhere(argument: str) -> Any:
    @contextmanager
    def place() -> Iterator[str]:
        yield f"http://{argument}"

    return place()


def test_a_distribution_can_add_places(monkeypatch: pytest.MonkeyPatch) -> None:
    added = EntryPoints([EntryPoint("moon", f"{__name__}:_somewhere", "swath.targets")])
    monkeypatch.setattr(EntryPoint, "load", lambda self: _somewhere)

    def found(**wanted: str) -> EntryPoints:
        return added.select(**wanted)

    monkeypatch.setattr(targets, "entry_points", found)
    with open_target("moon:base", open_algorithm(GRAYSCALE)) as url:
        assert url == "http://base"


def test_a_url_may_be_that_of_the_description() -> None:
    opened: Callable[[str], Any] = lambda url: open_target(url, open_algorithm(GRAYSCALE))  # noqa: E731
    with opened("https://swath.example/x/api/v1/describe") as url:
        assert url == "https://swath.example/x"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a server bind beside who holds its port")
def test_a_port_is_given_to_nobody_else_before_its_server_listens() -> None:
    with ExitStack() as stack:
        reserved = {stack.enter_context(reserved_port()) for _ in range(200)}
        for _ in range(2000):
            with socket.create_server(("127.0.0.1", 0)) as other:
                assert other.getsockname()[1] not in reserved
        for port in reserved:
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
