"""Images, built and run by an engine: SWATH_REQUIRE_ENGINE=1 turns the skips of this file into failures.

The base is assembled from Debian packages where no registry answers, so these need package indexes, not a registry.
"""

import http.client
import json
import shutil
import tarfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from packager.folders import folder_with

from swath_algorithm.folder import known_names
from swath_cli.main import run
from swath_packager import packaging
from swath_packager.archive_reading import read_archive
from swath_packager.build import build_archive
from swath_packager.described import describe_of
from swath_packager.distributions import Closure
from swath_packager.engine import Engine
from swath_packager.inside import PORT
from swath_packager.layers import open_layer
from swath_packager.order import Order, order
from swath_packager.runtimes import known_runtimes
from swath_packager.store import user_store
from swath_packager.trial import HARDENING, serving_image, try_in_engine, try_without_engine
from swath_testing.run import run_cases

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]
RUNTIMES = ("fastapi", "flask")
ROOT = Path(__file__).parents[2]
FRAMEWORKS = {"fastapi": {"fastapi", "starlette", "uvicorn"}, "flask": {"flask", "werkzeug", "gunicorn"}}
SLOW = '''\
"""Takes its time."""

import time


def process(number: float) -> dict:
    """The number and itself, added, after two seconds."""
    time.sleep(2)
    return {"number": number + number}
'''
Built = Callable[[str], Order]


def _quietly(step: str) -> None:
    pass


def _files(engine: Engine, tag: str, tmp_path: Path) -> dict[str, list[str]]:
    """Paths of the files of each layer of an image, by the layer's digest."""
    engine.save(tag, tmp_path / "image.tar")
    layers = read_archive(tmp_path / "image.tar", user_store()).layers
    found: dict[str, list[str]] = {}
    for layer in layers:
        with tarfile.open(layer.blob.path) as tar:
            found[layer.diff_id] = [one.name.removeprefix("./") for one in tar if not one.isdir()]
    return found


@contextmanager
def _running(engine: Engine, tag: str) -> Iterator[tuple[str, str]]:
    """(container, address) of an image, hardened; not yet ready."""
    container = engine.run(tag, [*HARDENING, "--publish", f"127.0.0.1::{PORT}"])
    try:
        yield container, engine.published(container, PORT)
    finally:
        engine.remove(container)


def _until(condition: Callable[[], bool], limit_s: float = 60) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


def _answers(address: str, path: str = "/api/v1/ready") -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_examples_pass_in_a_hardened_container(built: Built, engine: Engine, runtime: str) -> None:
    trial = try_in_engine(built(runtime), engine, _quietly)
    assert trial.outcome is not None
    assert trial.passed, trial.outcome.summary()


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("name", known_names(ROOT / "algorithms"))
def test_every_shipped_algorithm_passes_its_examples_in_a_hardened_image(
    built: Built, engine: Engine, name: str, runtime: str
) -> None:
    built(runtime)  # the layers that all of them share are in the engine's cache
    tag = f"swath-test/shipped-{name}:{runtime}"
    wanted = order(str(ROOT / "algorithms" / name), runtime, "cpu", tag=tag)
    try:
        made = packaging.package(wanted, "docker", None, _quietly, quiet=True)
        assert made.trial is not None
        assert made.trial.outcome is not None
        assert made.trial.outcome.results
        assert made.kept, made.trial.outcome.summary()
        assert engine.inspect(tag) is not None
    finally:
        engine.remove_image(tag)


def test_a_folder_for_other_builders_is_built_by_docker_itself(
    built: Built, engine: Engine, folder: Callable[..., Path], tmp_path: Path
) -> None:
    runtime = next(iter(known_runtimes()))
    built(runtime)
    wanted = order(str(folder()), runtime, "cpu", base="debian:bookworm", tag="swath-test/emitted:1")
    packaging.emit(wanted, tmp_path / "context", _quietly)
    try:
        engine.build_client().build(tmp_path / "context", wanted.plan.tag, quiet=True)
        trial = try_in_engine(wanted, engine, _quietly)
        assert trial.passed
    finally:
        engine.remove_image(wanted.plan.tag)


def test_an_image_for_another_processor_holds_that_processors_libraries(built: Built, tmp_path: Path) -> None:
    runtime = next(iter(known_runtimes()))
    wanted = order(str(ROOT / "algorithms" / "cloud-detection"), runtime, "cpu", platform="linux/arm64")
    made = packaging.package(wanted, None, str(tmp_path / "arm64.tar"), _quietly, quiet=True)
    assert made.trial is None
    image = read_archive(tmp_path / "arm64.tar", user_store(), architecture="arm64")
    assert image.architecture == "arm64"
    machines: set[int] = set()
    for layer in image.layers:
        with open_layer(layer) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isreg() else None
                head = stream.read(20) if stream else b""
                if head[:4] == b"\x7fELF":
                    machines.add(int.from_bytes(head[18:20], "little"))
    assert machines == {183}  # EM_AARCH64


def test_an_algorithm_without_examples_is_made_and_that_is_told(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = folder_with(tmp_path / "algorithm")
    shutil.rmtree(made / "examples")
    runtime = next(iter(known_runtimes()))
    try:
        assert run(["package", str(made), "--runtime", runtime, "--tag", "swath-test/bare:1"]) == 0
        assert "examples  none" in capsys.readouterr().out
    finally:
        engine.remove_image("swath-test/bare:1")


def test_an_example_that_fails_makes_the_command_fail(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = folder_with(tmp_path / "algorithm", files={"examples/answer/expected.json": '{"number": 43}'})
    runtime = next(iter(known_runtimes()))
    try:
        assert run(["package", str(made), "--runtime", runtime, "--tag", "swath-test/wrong:1"]) == 1
        said = capsys.readouterr().out
        assert "0 of 1 passed" in said
        assert "not made" in said
        assert engine.inspect("swath-test/wrong:1") is None
    finally:
        engine.remove_image("swath-test/wrong:1")


def test_a_service_that_does_not_start_is_told_with_its_log(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = "def process(number: float) -> dict:\n    return {'number': 0}\n\n\nraise RuntimeError('no such sensor')\n"
    made = folder_with(tmp_path / "algorithm", process=start)
    runtime = next(iter(known_runtimes()))
    try:
        assert run(["package", str(made), "--runtime", runtime, "--tag", "swath-test/broken:1"]) == 1
        said = capsys.readouterr().err
        assert "ended before it was ready" in said or "left at once" in said
        assert "no such sensor" in said
        assert engine.inspect("swath-test/broken:1") is None
    finally:
        engine.remove_image("swath-test/broken:1")


def test_requirements_that_do_not_fit_are_named_by_line_and_nothing_is_made(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = folder_with(
        tmp_path / "algorithm",
        files={"requirements.txt": "# for the outlines\nnumpy<1.20\n"},
    )
    runtime = next(iter(known_runtimes()))
    assert run(["package", str(made), "--runtime", runtime, "--tag", "swath-test/conflict:1"]) == 1
    assert "requirements.txt:2: numpy<1.20" in capsys.readouterr().err
    assert engine.inspect("swath-test/conflict:1") is None


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_image_holds_its_own_framework_only(built: Built, engine: Engine, runtime: str, tmp_path: Path) -> None:
    paths = [one for files in _files(engine, built(runtime).plan.tag, tmp_path).values() for one in files]
    packages = {one.split("/")[3].lower() for one in paths if one.startswith("opt/swath/dependencies/")}
    (other,) = set(FRAMEWORKS) - {runtime}
    assert FRAMEWORKS[runtime] <= packages
    assert not FRAMEWORKS[other] & packages


def test_an_image_holds_nothing_that_only_its_making_needs(built: Built, engine: Engine, tmp_path: Path) -> None:
    paths = [
        one
        for files in _files(engine, built(next(iter(known_runtimes()))).plan.tag, tmp_path).values()
        for one in files
        if one.startswith("opt/swath/")
    ]
    packages = {one.split("/")[3] for one in paths if one.count("/") >= 3}
    unwanted = {"pip", "uv", "setuptools", "docker", "datamodel_code_generator", "swath_cli", "swath_testing", "bin"}
    assert not packages & (unwanted | {"swath_packager", ".lock"})
    assert not [one for one in paths if "/examples/" in one and one.startswith("opt/swath/algorithm")]
    assert not [one for one in paths if one.endswith(("direct_url.json", "uv_cache.json")) or "/.git" in one]


def test_no_layer_and_no_history_names_this_machine(built: Built, engine: Engine, tmp_path: Path) -> None:
    tag = built(next(iter(known_runtimes()))).plan.tag
    engine.save(tag, tmp_path / "image.tar")
    image = read_archive(tmp_path / "image.tar", user_store())
    here = [str(Path(__file__).parents[2]), str(user_store().folder), str(Path.home() / ".cache")]
    said = json.dumps(image.config)
    assert not [one for one in here if one in said]
    for layer in image.layers[1:]:
        with tarfile.open(layer.blob.path) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isreg() and member.size < 1 << 20 else None
                content = stream.read() if stream else b""
                assert not [one for one in here if one.encode() in content], member.name


def test_the_description_is_read_from_the_label_alone(built: Built) -> None:
    wanted = built(next(iter(known_runtimes())))
    assert describe_of(f"image:{wanted.plan.tag}") == wanted.algorithm.describe


def test_labels_with_quotes_dollars_and_backslashes_arrive_whole(
    engine: Engine, folder: Callable[..., Path], built: Built
) -> None:
    odd = "A \"quoted\" $HOME \\n back\\\\slash 'single' é"
    made = folder(more=f"keywords: [{json.dumps(odd)}]\n")
    runtime = next(iter(known_runtimes()))
    built(runtime)  # its layers are in the engine's cache
    wanted = order(str(made), runtime, "cpu", tag="swath-test/odd:labels")
    packaging.build(wanted, "docker", None, _quietly, quiet=True)
    try:
        assert describe_of("image:swath-test/odd:labels")["keywords"] == [odd]
    finally:
        engine.remove_image("swath-test/odd:labels")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_container_is_healthy_by_its_own_check(built: Built, engine: Engine, runtime: str) -> None:
    with _running(engine, built(runtime).plan.tag) as (container, address):
        _until(lambda: _answers(address))
        assert engine.execute(container, ["python3", "-m", "swath_runtime", "--health"]) == 0


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_sigterm_lets_a_request_in_work_finish(engine: Engine, folder: Callable[..., Path], runtime: str) -> None:
    if runtime not in known_runtimes():
        pytest.skip(f"the {runtime} runtime is not installed in this environment")
    wanted = order(str(folder(process=SLOW)), runtime, "cpu", tag=f"swath-test/slow:{runtime}")
    packaging.build(wanted, "docker", None, _quietly, quiet=True)
    answers: list[object] = []
    try:
        with _running(engine, wanted.plan.tag) as (container, address):
            _until(lambda: _answers(address))
            started = threading.Event()
            asking = threading.Thread(target=_ask, args=(address, answers, started))
            asking.start()
            assert started.wait(10)
            assert engine.stop(container, grace_s=20) == 0
            asking.join(20)
        assert answers == [{"number": 42}]
    finally:
        engine.remove_image(wanted.plan.tag)


def _ask(address: str, answers: list[object], started: threading.Event) -> None:
    connection = http.client.HTTPConnection(address, timeout=20)
    body = json.dumps({"number": 21})
    connection.request("POST", "/api/v1/process", body, {"Content-Type": "application/json"})
    threading.Timer(0.5, started.set).start()  # the request has been sent; the service works on it for two seconds
    with connection.getresponse() as answer:
        answers.append(json.loads(answer.read()))
    connection.close()


def test_an_image_serves_without_network(built: Built, engine: Engine) -> None:
    tag = built(next(iter(known_runtimes()))).plan.tag
    container = engine.run(tag, [*HARDENING, "--network", "none"])
    try:
        _until(lambda: engine.execute(container, ["python3", "-m", "swath_runtime", "--health"]) == 0)
    finally:
        engine.remove(container)


def test_an_edit_of_process_py_changes_the_last_layer_only(
    engine: Engine, folder: Callable[..., Path], tmp_path: Path
) -> None:
    runtime = next(iter(known_runtimes()))
    made = folder()
    layers: list[list[str]] = []
    closure: Closure | None = None
    try:
        for edit in ("", "# edited\n"):
            (made / "process.py").write_text((made / "process.py").read_text() + edit)
            wanted = order(str(made), runtime, "cpu", tag="swath-test/edit:1")
            closure = closure or wanted.closure  # what stands under it stays, whoever edits the runtime meanwhile
            packaging.build(replace(wanted, closure=closure), "docker", None, _quietly, quiet=True)
            layers.append((engine.inspect(wanted.plan.tag) or {})["RootFS"]["Layers"])
    finally:
        engine.remove_image("swath-test/edit:1")
    before, after = layers
    assert before[:-1] == after[:-1]
    assert before[-1] != after[-1]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_archive_made_without_the_engine_loads_and_passes_its_examples(
    built: Built, engine: Engine, runtime: str, tmp_path: Path
) -> None:
    wanted = built(runtime)
    tag = f"swath-test/archive:{runtime}"
    same = replace(wanted, plan=replace(wanted.plan, tag=tag))
    made = build_archive(same, lambda: None, tmp_path / "a.tar", user_store(), _quietly)
    again = build_archive(same, lambda: None, tmp_path / "b.tar", user_store(), _quietly)
    assert made.digest == again.digest
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    engine.load(tmp_path / "a.tar")
    try:
        with serving_image(tag) as url:
            assert run_cases(wanted.algorithm, url).passed
    finally:
        engine.remove_image(tag)


def test_an_archives_wheels_pass_the_examples_without_a_container(built: Built, tmp_path: Path) -> None:
    wanted = built(next(iter(known_runtimes())))
    made = build_archive(wanted, lambda: None, tmp_path / "a.tar", user_store(), _quietly)
    trial = try_without_engine(wanted, made, user_store(), _quietly)
    assert trial.passed
    assert trial.where.startswith("without a container")


def test_an_edit_that_keeps_the_size_reaches_the_image(
    engine: Engine, folder: Callable[..., Path], tmp_path: Path
) -> None:
    place = folder()
    tag = "swath-test/same-size:1"
    seen: list[str] = []
    try:
        for word in ("first", "other"):
            code = (place / "process.py").read_text()
            (place / "process.py").write_text(code.replace("# first\n", "") + f"# {word}\n")
            wanted = order(str(place), next(iter(known_runtimes())), "cpu", tag=tag)
            seen.append(packaging.build(wanted, "docker", None, _quietly, quiet=True)[0].digest)
    finally:
        engine.remove_image(tag)
    assert seen[0] != seen[1]
