"""`swath package` and `swath describe`, as they are typed."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from packager.images import small_image

from swath_algorithm.folder import Algorithm
from swath_cli.main import run
from swath_packager.archive import write_archive
from swath_packager.image import compose
from swath_packager.plan import Plan
from swath_packager.runtimes import known_runtimes
from swath_packager.store import Store

RUNTIME = next(iter(known_runtimes()))


def test_a_plan_is_told_and_nothing_is_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SWATH_CACHE", str(tmp_path / "cache"))
    assert run(["package", "cloud-detection", "--runtime", RUNTIME, "--plan"]) == 0
    assert "layers, bottom-up" in capsys.readouterr().out
    assert not (tmp_path / "cache").exists()


def test_a_plan_is_told_to_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["package", "cloud-detection", "--runtime", RUNTIME, "--profile", "gpu", "--plan", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["layers"][0]["name"] == "cuda"
    assert told["profile"] == "gpu"


@pytest.mark.parametrize(("options", "known"), [(["--profile", "tpu"], "cpu, gpu"), (["--runtime", "django"], RUNTIME)])
def test_an_unknown_name_is_a_usage_error_with_the_known_ones(
    capsys: pytest.CaptureFixture[str], options: list[str], known: str
) -> None:
    assert run(["package", "cloud-detection", "--runtime", RUNTIME, *options, "--plan"]) == 2
    assert known in capsys.readouterr().err


def test_a_description_that_is_wrong_stops_with_file_line_and_column(
    capsys: pytest.CaptureFixture[str], folder: Callable[..., Path]
) -> None:
    made = folder(more="flavour: vanilla\n")
    assert run(["package", str(made), "--runtime", RUNTIME]) == 1
    lines = (made / "describe.yml").read_text().splitlines()
    assert f"describe.yml:{lines.index('flavour: vanilla') + 1}:1" in capsys.readouterr().err


def test_a_file_is_not_for_the_engine_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["package", "cloud-detection", "--runtime", RUNTIME, "--builder", "docker", "--output", "x.tar"]) == 2


def test_where_a_base_cannot_be_had_the_environment_lacks_something(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SWATH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    clouds = Path(__file__).parents[2] / "algorithms" / "cloud-detection"
    options = ["--runtime", RUNTIME, "--builder", "oci", "--base", "127.0.0.1:1/nothing:1"]
    assert run(["package", str(clouds), *options]) == 3
    said = capsys.readouterr().err
    assert "Tried:" in said
    assert "--base" in said
    assert not list(tmp_path.glob("*.tar"))


def test_the_description_of_a_folder_is_its_own(capsys: pytest.CaptureFixture[str], clouds: Algorithm) -> None:
    assert run(["describe", str(clouds.folder)]) == 0
    assert json.loads(capsys.readouterr().out) == clouds.describe


def test_the_description_of_an_archive_is_read_from_its_labels(
    capsys: pytest.CaptureFixture[str], store: Store, plan: Plan, tmp_path: Path, clouds: Algorithm
) -> None:
    write_archive(compose(small_image(store), {}, plan), plan.tag, tmp_path / "a.tar")
    assert run(["describe", str(tmp_path / "a.tar")]) == 0
    assert json.loads(capsys.readouterr().out) == clouds.describe


def test_an_archive_of_something_else_has_no_description(
    capsys: pytest.CaptureFixture[str], store: Store, tmp_path: Path
) -> None:
    write_archive(small_image(store), "base:1", tmp_path / "a.tar")
    assert run(["describe", str(tmp_path / "a.tar")]) == 1
    assert "io.swath.describe" in capsys.readouterr().err


@pytest.fixture
def service() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/behind/a/proxy/api/v1/describe"
            body = b'{"name": "served"}'
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("end", ["", "/", "/api/v1/describe"])
def test_the_description_of_a_service_is_asked_for(capsys: pytest.CaptureFixture[str], service: str, end: str) -> None:
    assert run(["describe", f"{service}/behind/a/proxy{end}"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "served"}


def test_a_service_without_one_is_named_with_its_answer(capsys: pytest.CaptureFixture[str], service: str) -> None:
    assert run(["describe", service]) == 1
    assert "404" in capsys.readouterr().err


def test_a_service_that_does_not_answer_is_something_that_lacks_here(capsys: pytest.CaptureFixture[str]) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    assert run(["describe", f"http://127.0.0.1:{port}"]) == 3
    assert f"http://127.0.0.1:{port}/api/v1/describe does not answer" in capsys.readouterr().err


def test_a_file_that_is_no_archive_is_told_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "scene.tif").write_bytes(b"II*\0" + bytes(2000))
    assert run(["describe", str(tmp_path / "scene.tif")]) == 1
    assert capsys.readouterr().err.splitlines()[0].endswith("scene.tif is not an image archive: it is no tar file")


@pytest.mark.parametrize("command", ["package", "describe"])
def test_help_shows_examples(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run([command, "--help"]) == 0
    assert "Examples:" in capsys.readouterr().out
