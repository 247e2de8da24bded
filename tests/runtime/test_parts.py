"""The core's small parts, each by itself."""

import os
import threading
from math import inf, nan
from pathlib import Path

import pytest
from runtime.conftest import until

from swath_algorithm.defaults import fill_defaults
from swath_runtime.context import Cancelled, Context
from swath_runtime.conversion import Items, Leaf, Members, compile_schema, leaves_of
from swath_runtime.errors import LoadFailed, ProfileUnusable, SettingInvalid
from swath_runtime.execution import Execution
from swath_runtime.http import Head, Request, headers_of
from swath_runtime.intake import DISCARD_BYTES, LARGE_BYTES, Intake
from swath_runtime.links import base_url
from swath_runtime.negotiation import choose
from swath_runtime.payload import read_payload, read_text
from swath_runtime.performing import Exited
from swath_runtime.problems import Problem
from swath_runtime.settings import Settings, environment, table
from swath_schemas import resolve

AVAILABLE = ("application/json", "image/tiff", "image/png")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        (" , ", "application/json"),
        ("*/*", "application/json"),
        ("image/*", "image/tiff"),
        ("IMAGE/PNG", "image/png"),
        ("image/png;q=0.5, image/tiff;q=0.4", "image/png"),
        ("*/*;q=0.1, image/png", "image/png"),
        ("image/*, image/tiff;q=0", "image/png"),
        ("image/*;q=0.2, image/png;q=0.1, application/json;q=0.1", "image/tiff"),
        ("image/tiff;q=nan, image/png;q=0.001", "image/png"),
        ("image/tiff;q=1e3, */*;q=0.1", "application/json"),
        ("image/tiff;level=1;q=0.3, image/png;q=0.4", "image/png"),
        ("image/tiff ; Q=0.9, image/png;q= 0.8", "image/tiff"),
    ],
)
def test_the_type_that_the_caller_ranks_highest_is_chosen(accept, chosen):
    assert choose(accept, AVAILABLE) == chosen


@pytest.mark.parametrize("accept", ["text/html", "*/*;q=0", "image/tiff;q=0", "nonsense", "image/webp, text/*"])
def test_what_nobody_accepts_is_a_406_that_names_what_there_is(accept):
    with pytest.raises(Problem) as caught:
        choose(accept, AVAILABLE)
    assert caught.value.kind.status == 406
    assert "image/tiff" in caught.value.hint


def test_headers_sent_twice_are_joined_but_the_media_type():
    pairs = [("Accept", "a/b "), ("accept", "c/d"), ("Content-Type", "x/y"), ("content-type", "z/w")]
    assert headers_of(pairs) == {"accept": "a/b,c/d", "content-type": "z/w"}


def other_than(default: object, name: str) -> object:
    """A value of a setting's kind that is not its default."""
    named = {"log_format": "json", "log_level": "DEBUG"}
    if isinstance(default, bool):
        return not default
    if isinstance(default, tuple):
        return (Path("/a"), Path("/b")) if name == "file_roots" else ("a", "b")
    return named.get(name) or {int: 9, float: 1.5, str: "other"}.get(type(default), Path("/some/folder"))


def test_every_setting_survives_the_way_through_the_environment():
    defaults = {name: getattr(Settings, name) for name in Settings.__dataclass_fields__}
    given = Settings(**{name: other_than(default, name) for name, default in defaults.items()})
    assert Settings.from_environ(environment(given)) == given
    assert environment(Settings()) == {}


def test_every_setting_is_in_the_table():
    assert all(f"`SWATH_{name.upper()}`" in table() for name in Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"), ("PORT", "0"), ("PORT", "65536"), ("PORT", ""), ("WORKERS", "0"), ("WORKERS", "1.5"),
        ("DRAIN_SECONDS", str(nan)), ("DRAIN_SECONDS", str(inf)), ("DRAIN_SECONDS", "-1"), ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "LOUD"), ("GPU_FALLBACK", "maybe"), ("MAX_BODY_BYTES", "1e9"), ("PROT", "80"),
    ],
)  # fmt: skip
def test_an_unusable_variable_is_named(variable, value):
    with pytest.raises(SettingInvalid, match=f"SWATH_{variable}"):
        Settings.from_environ({f"SWATH_{variable}": value})


def test_what_kubernetes_sets_for_a_service_named_swath_is_not_ours():
    linked = {"SWATH_PORT": "tcp://10.0.0.1:80", "SWATH_SERVICE_HOST": "10.0.0.1", "SWATH_X_PORT": "tcp://10.0.0.2:80"}
    assert Settings.from_environ(linked | {"SWATH_PORT_80_TCP_ADDR": "10.0.0.1"}) == Settings()


def test_a_choice_is_read_in_any_case():
    assert Settings.from_environ({"SWATH_LOG_LEVEL": "debug"}).log_level == "DEBUG"


def test_a_body_of_declared_length_is_taken_as_it_comes():
    intake = Intake(Head("POST", "/", headers={"content-length": "5"}), 10)
    assert intake.feed(b"ab")
    assert intake.feed(b"cde")
    assert intake.hand_over() == b"abcde"


def test_a_body_of_unknown_length_is_taken_up_to_the_limit():
    intake = Intake(Head("POST", "/"), 4)
    assert intake.feed(b"abcd")
    assert intake.hand_over() == b"abcd"
    assert intake.feed(b"e")
    with pytest.raises(Problem) as caught:
        intake.hand_over()
    assert caught.value.kind.status == 413


def test_a_body_shorter_than_declared_is_malformed():
    intake = Intake(Head("POST", "/", headers={"content-length": "5"}), 10)
    intake.feed(b"ab")
    with pytest.raises(Problem) as caught:
        intake.hand_over()
    assert caught.value.kind.status == 400


@pytest.mark.parametrize("size", [LARGE_BYTES - 1, LARGE_BYTES, LARGE_BYTES + 1])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_large_body_is_taken_as_a_small_one_is(size, kind):
    sent = os.urandom(size)
    intake = Intake(Head("POST", "/", headers={"content-length": str(size)}), 2 * LARGE_BYTES)
    for start in range(0, size, 99_991):
        assert intake.feed(kind(sent[start : start + 99_991]))
    body = intake.hand_over()
    assert type(body) is bytes
    assert body == sent


def test_a_raw_body_is_given_away_with_its_request():
    given = Request(Head("POST", "/", "", {"content-type": "application/x-npy"}), b"abc")
    (part,) = read_payload(given, {}, ["image"], 100).parts.values()
    assert part.take()
    form = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nabc\r\n--x--\r\n'
    shared = Request(Head("POST", "/", "", {"content-type": "multipart/form-data; boundary=x"}), form)
    (part,) = read_payload(shared, {}, ["image"], 100).parts.values()
    assert not part.take()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_large_npy_is_taken_into_memory_that_can_be_written_to(kind):
    sent = os.urandom(LARGE_BYTES + 7)
    headers = {"content-length": str(len(sent)), "content-type": "Application/X-NPY"}
    intake = Intake(Head("POST", "/", headers=headers), 2 * LARGE_BYTES)
    intake.feed(kind(sent[:99_991]))
    room = intake.room(LARGE_BYTES)
    assert room is not None
    room[:1000] = sent[99_991:100_991]
    intake.took(1000)
    intake.feed(kind(sent[100_991:]))
    body = intake.hand_over()
    assert isinstance(body, memoryview)
    assert not body.readonly
    assert body == sent


@pytest.mark.parametrize("size", [5, LARGE_BYTES])
def test_a_body_longer_than_declared_is_malformed_and_written_nowhere(size):
    intake = Intake(Head("POST", "/", headers={"content-length": str(size)}), 3 * LARGE_BYTES)
    intake.feed(bytes(size - 1))
    intake.feed(bytes(LARGE_BYTES))
    with pytest.raises(Problem) as caught:
        intake.hand_over()
    assert caught.value.kind.status == 400


def test_of_a_refused_body_only_so_much_is_read_as_lets_the_client_hear():
    intake = Intake(Head("POST", "/", headers={"content-length": str(1 << 40)}), 1 << 30)
    chunk = bytes(DISCARD_BYTES // 4)
    assert [intake.feed(chunk) for _ in range(4)] == [True, True, True, False]


def one_at_a_time(timeout_s: float = 5) -> Execution:
    """Whose calls are their own work."""
    return Execution(lambda work, context: work(), lambda works, context: [one() for one in works], 1, 0, timeout_s)


def test_a_place_is_free_again_after_each_request():
    execution = one_at_a_time()
    for _ in range(3):
        with execution.admitted():
            assert execution.call(lambda: 7, Context("cpu", None)) == 7
    assert execution.stop(1)


def test_a_call_that_does_not_heed_its_timeout_keeps_its_place():
    execution, go = one_at_a_time(0.01), threading.Event()
    with pytest.raises(Problem) as timed_out, execution.admitted():
        call = execution.submit(go.wait, Context("cpu", None))
        until(lambda: execution.running, "it runs")
        execution.result(call)
    assert timed_out.value.kind.status == 504
    with pytest.raises(Problem) as busy, execution.admitted():
        pass
    assert busy.value.kind.name == "busy"
    assert not execution.stop(0.01)
    go.set()
    assert execution.stop(5)


def test_an_algorithm_that_gives_itself_up_has_failed():
    execution = one_at_a_time()

    def give_up():
        raise Cancelled

    with pytest.raises(Cancelled):
        execution.call(give_up, Context("cpu", None))
    with pytest.raises(Exited, match="SystemExit"):
        execution.call(lambda: os.sys.exit(3), Context("cpu", None))
    execution.stop(1)


def test_nobody_is_let_in_once_it_stops():
    execution = one_at_a_time()
    execution.stop(0)
    with pytest.raises(Problem) as caught:
        execution.call(lambda: 1, Context("cpu", None))
    assert caught.value.kind.status == 503


@pytest.mark.parametrize(
    ("headers", "public", "base"),
    [
        ({"host": "a.b"}, "", "http://a.b"),
        ({"host": "a.b"}, "https://x.y/z/", "https://x.y/z"),
        ({"host": "a,b"}, "", ""),
        ({}, "", ""),
        ({"host": "[::1]:80"}, "", "http://[::1]:80"),
        ({"host": "a", "forwarded": 'host="c.d";proto=HTTPS'}, "", "http://c.d"),
        ({"host": "a", "x-forwarded-prefix": "/../x y"}, "", "http://a"),
    ],
)
def test_links_start_where_the_caller_sees_the_service(headers, public, base):
    assert base_url(Head("GET", "/", headers=headers), public) == base


def test_defaults_reach_nested_objects_and_are_copies():
    schema = {"properties": {"a": {"default": [1]}, "b": {"properties": {"c": {"default": 2}}}, "d": {}}}
    filled = fill_defaults({"b": {}}, schema)
    assert filled == {"a": [1], "b": {"c": 2}}
    filled["a"].append(2)
    assert fill_defaults({}, schema) == {"a": [1]}


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("1", {"type": "integer"}, 1), ("1", {"type": "string"}, "1"), ("x", {"type": "number"}, "x"),
        ("true", {"type": "boolean"}, True), ("[1]", {"type": "array"}, [1]), ("NaN", {"type": "number"}, "NaN"),
        ("1", None, "1"), ('{"a": 1}', {"$ref": "x"}, {"a": 1}), ("{", {"$ref": "x"}, "{"),
    ],
)  # fmt: skip
def test_text_is_read_as_its_schema_says(text, schema, value):
    assert read_text(text, schema) == value


def test_query_values_are_decoded_and_blank_ones_kept():
    head = Head("POST", "/", "a=%C3%A9+b&c=&d=%FF", {"content-type": "application/json"})
    assert read_payload(Request(head, b"{}"), {}, [], 100).document == {"a": "é b", "c": "", "d": "\ufffd"}


def test_a_schema_is_compiled_to_the_places_of_its_images():
    image = {"$ref": resolve("image@1").uri, "contentMediaType": "image/png"}
    node = compile_schema({"properties": {"one": image, "many": {"items": image}, "n": {"type": "number"}}})
    assert isinstance(node, Members)
    assert isinstance(node.nodes["one"], Leaf)
    assert isinstance(node.nodes["many"], Items)
    assert leaves_of(node, "image") == ["one"]
    assert compile_schema({"properties": {"n": {"type": "number"}}}) is None


@pytest.fixture(scope="module")
def model() -> Path:
    return Path(__file__).parents[2] / "algorithms/cloud-detection/model.onnx"


@pytest.mark.parametrize(("profile", "providers"), [("gpu", ()), ("npu", ()), ("cpu", ("NoSuchProvider",))])
def test_a_profile_that_can_not_be_had_is_refused_with_code_3(model, profile, providers):
    from swath_runtime.onnx import open_model

    ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed in this environment")
    if profile == "gpu" and "CUDAExecutionProvider" in ort.get_available_providers():
        pytest.skip("this machine may have a GPU")
    with pytest.raises(ProfileUnusable) as caught:
        open_model(model, Settings(profile=profile, onnx_providers=providers))
    assert caught.value.exit_code == 3
    assert caught.value.hint


def test_with_fallback_a_gpu_profile_runs_on_the_cpu_and_says_so(model, caplog):
    from swath_runtime.onnx import open_model

    ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed in this environment")
    if "CUDAExecutionProvider" in ort.get_available_providers():
        pytest.skip("this machine may have a GPU")
    opened = open_model(model, Settings(profile="gpu", gpu_fallback=True))
    assert opened.providers == ("CPUExecutionProvider",)
    assert "runs on the CPU" in caplog.text


def test_a_file_that_is_no_model_is_named(tmp_path):
    from swath_runtime.onnx import open_model

    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed in this environment")
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(LoadFailed, match=r"broken\.onnx"):
        open_model(path, Settings())
