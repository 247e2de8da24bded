"""The algorithm's own configuration: shown, changed, kept, and handed to every call."""

import json
import logging
import shutil
from pathlib import Path

import pytest
from conftest import algorithm_folder
from openapi_spec_validator import validate

from swath_algorithm.folder import open_algorithm
from swath_runtime.context import Context, together
from swath_runtime.http import Head, Request
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings

API = "/api/v1"
INITIAL = {"threshold": 0.25, "names": ["a"]}
CHANGED = {"threshold": 0.5, "names": ["b", "c"]}


class Caller:
    def __init__(self, state, name="tuned", **settings):
        algorithm = open_algorithm(name if isinstance(name, Path) else algorithm_folder(name))
        given = {"config_writable": True, **settings}
        self.router = Router(Service(algorithm, Settings(algorithm=algorithm.folder, state_folder=state, **given)))

    def started(self):
        self.router.start()
        return self

    def ask(self, method, path="/config", document=None, **headers):
        body = document if isinstance(document, bytes) else json.dumps(document).encode() if document else b""
        sent = {"content-type": "application/json"} if body else {}
        head = Head(method, API + path, "", sent | {name.replace("_", "-"): one for name, one in headers.items()})
        return self.router.handle(Request(head, body))

    def get(self):
        return json.loads(self.ask("GET").body)

    def put(self, document, **headers):
        return self.ask("PUT", document=document, **headers)


@pytest.fixture
def caller(tmp_path):
    return Caller(tmp_path / "state")


@pytest.fixture(params=["thread", "process"])
def calling(request, tmp_path):
    """A service whose calls run there."""
    folder = tmp_path / "tuned"
    shutil.copytree(algorithm_folder("tuned"), folder, ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "describe.yml").open("a") as stream:
        stream.write(f"execution: {{isolation: {request.param}}}\n")
    caller = Caller(tmp_path / "state", folder).started()
    yield caller
    caller.router.stop()


def handed(caller):
    reply = caller.ask("POST", "/process", {})
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def test_an_algorithm_without_configuration_has_an_empty_one(tmp_path):
    assert Caller(tmp_path, "echo").get() == {}


def test_the_configuration_is_that_of_the_description_with_the_schemas_defaults(caller):
    assert caller.get() == INITIAL


def test_calls_and_the_start_are_handed_the_configuration(calling):
    assert handed(calling) == {"call": INITIAL, "start": INITIAL}


def test_what_a_call_does_to_its_configuration_reaches_no_other(calling):
    handed(calling)
    assert handed(calling)["call"] == INITIAL
    assert calling.get() == INITIAL


def test_a_changed_configuration_is_shown_and_handed_to_the_next_call(calling):
    reply = calling.put(CHANGED)
    assert (reply.status, json.loads(reply.body)) == (200, CHANGED)
    assert handed(calling) == {"call": CHANGED, "start": INITIAL}


def test_defaults_are_filled_into_what_is_sent(caller):
    assert json.loads(caller.put({"threshold": 1}).body) == {"threshold": 1, "names": ["a"]}


def test_a_change_outlives_the_process_and_reaches_other_workers(caller, tmp_path):
    other = Caller(tmp_path / "state")
    caller.put(CHANGED)
    assert other.get() == CHANGED
    later = Caller(tmp_path / "state").started()
    assert handed(later) == {"call": CHANGED, "start": CHANGED}
    later.router.stop()


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"threshold": 2}, "/threshold"),
        ({"threshold": 0.5, "names": [1]}, "/names/0"),
        ({"threshold": 0, "more": 1}, "/more"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused_with_the_place(caller, document, pointer):
    reply = caller.put(document)
    assert reply.status == 400
    assert [one["pointer"] for one in json.loads(reply.body)["errors"]] == [pointer]
    assert caller.get() == INITIAL


def test_a_required_member_must_be_sent(caller):
    assert caller.put({"names": []}).status == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"'])
def test_what_is_no_json_object_is_refused(caller, body):
    assert caller.put(body).status == 400


def test_another_media_type_is_refused(caller):
    assert caller.put(CHANGED, content_type="text/yaml").status == 415


def test_a_large_configuration_is_refused(caller):
    import gzip

    body = gzip.compress(b'{"threshold": 0.5}' + b" " * (2 << 20))
    assert caller.put(body, content_encoding="gzip").status == 413


def test_a_change_names_the_configuration_that_it_replaces(caller):
    tag = caller.ask("GET").header("etag")
    assert caller.put(CHANGED, if_match=tag).status == 200
    reply = caller.put(INITIAL, if_match=tag)
    assert reply.status == 412
    assert reply.header("etag") == caller.ask("GET").header("etag") != tag
    assert caller.get() == CHANGED


@pytest.mark.parametrize("condition", ["*", '"other", {}'])
def test_any_of_several_tags_will_do(caller, condition):
    assert caller.put(CHANGED, if_match=condition.format(caller.ask("GET").header("etag"))).status == 200


def test_the_operator_decides_whether_it_can_be_changed(tmp_path):
    reply = Caller(tmp_path, config_writable=False).put(CHANGED)
    assert reply.status == 403
    assert "SWATH_CONFIG_WRITABLE" in json.loads(reply.body)["hint"]


@pytest.mark.parametrize(("scopes", "status"), [("read", 403), ("read config", 200)])
def test_where_tokens_are_asked_for_the_scope_decides(tmp_path, scopes, status):
    token = "somebody-0123456789abcdef"
    (tmp_path / "tokens").write_text(f"{token} ann {scopes}\n")
    caller = Caller(tmp_path / "state", config_writable=False, auth_tokens_file=str(tmp_path / "tokens"))
    assert caller.put(CHANGED, authorization=f"Bearer {token}").status == status


def test_without_a_schema_it_can_not_be_changed(tmp_path):
    reply = Caller(tmp_path, "echo").put({"threshold": 1})
    assert (reply.status, reply.header("allow")) == (405, "GET")


def test_without_a_schema_nothing_is_kept(tmp_path):
    Caller(tmp_path / "state", "echo").get()
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("kept", [b"{", b"[]", b'{"threshold": 7}'])
def test_a_kept_configuration_that_can_not_be_used_gives_way_and_is_logged(caller, tmp_path, kept, caplog):
    (tmp_path / "state" / "config.json").write_bytes(kept)
    with caplog.at_level(logging.ERROR):
        assert [caller.get() for _ in range(3)] == [INITIAL] * 3
    assert len(caplog.records) == 1


def test_a_kept_configuration_that_is_taken_away_counts_no_more(caller, tmp_path):
    caller.put(CHANGED)
    (tmp_path / "state" / "config.json").unlink()
    assert caller.get() == INITIAL


def test_nothing_half_written_stays_where_a_change_could_not_be_kept(caller, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    reply = caller.put(CHANGED)
    assert reply.status == 503
    assert caller.get() == INITIAL
    assert [one.name for one in (tmp_path / "state").iterdir() if one.name.startswith("config.json")] == []


def test_the_description_says_what_it_may_be_and_where_it_is(caller):
    document = json.loads(caller.ask("GET", "/describe").body)
    assert document["configSchema"]["required"] == ["threshold"]
    assert document["_links"]["config"]["href"].endswith("/api/v1/config")


def test_the_openapi_document_has_its_schema(caller):
    document = json.loads(caller.ask("GET", "/openapi").body)
    validate(document)
    body = document["paths"]["/config"]["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["threshold"]["maximum"] == 1


def test_every_worker_of_every_runtime_sees_a_change(start, tmp_path):
    server = start("tuned", workers=2, config_writable=True, state_folder=tmp_path / "kept").ready()
    status, _, body = server.ask("PUT", "/config", CHANGED)
    assert (status, json.loads(body)) == (200, CHANGED)
    answers = [server.ask("POST", "/process", {}) for _ in range(12)]
    assert [json.loads(body)["call"] for _, _, body in answers] == [CHANGED] * 12


def test_calls_that_run_together_are_handed_the_configuration_too():
    contexts = [Context("cpu", logging.getLogger("test"), config=CHANGED) for _ in range(2)]
    assert together(contexts).config == CHANGED
