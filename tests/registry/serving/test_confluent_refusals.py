"""The Confluent API, sent what no client sends: every answer names what is wrong, none is a failure of the server."""

import json
from typing import Any

import pytest
from clients.plain import ask
from clients.registry_server import running

STRING = '{"type": "string"}'


def body(**more: Any) -> dict[str, Any]:
    return {"schema": STRING, "schemaType": "JSON", **more}


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory, catalogue: Any):
    from swath_registry_server.confluent.store import RegisteredSubjects
    from swath_registry_server.service import Service

    registered = RegisteredSubjects(tmp_path_factory.mktemp("registered"))
    with running(Service(catalogue, registered)) as url:
        yield url


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"{", 400),
        ([], 400),
        ({}, 42201),
        ({"schema": STRING}, 42201),  # without schemaType it would be Avro
        (body(schema={"type": "string"}), 42201),
        (body(schema="[]"), 42201),
        (body(schema=json.dumps({"$schema": "https://nowhere.example/dialect"})), 42201),
        (body(schema=json.dumps({"$schema": 7})), 42201),
        (body(schema=json.dumps({"pattern": "("})), 42201),
        (body(schema=json.dumps({"$ref": "image/1"})), 42201),
        (body(schema="[" * 3000 + "]" * 3000), 42201),
        (body(references={"name": "a"}), 42201),
        (body(references=[{"name": "a"}]), 42201),
        (body(references=[{"name": "a", "subject": "nothing", "version": 1}]), 42201),
        (body(references=7), 42201),
        (body(metadata=[]), 42201),
        (body(metadata={"properties": {"owner": 7}}), 42201),
        (body(metadata={"colour": "red"}), 42201),
        (body(ruleSet={"domainRules": [{}]}), 42201),
        (body(id=7), 42205),
        (body(version=7), 42205),
    ],
)
def test_what_can_not_be_registered_is_refused_by_its_code(writable: str, sent: Any, code: int):
    reply = ask(f"{writable}/subjects/a/versions", "POST", sent)
    assert (reply.json()["error_code"], reply.status) == (code, int(str(code)[:3]))
    assert reply.headers["Content-Type"] == "application/vnd.schemaregistry.v1+json"


@pytest.mark.parametrize("subject", [":.context:a", "a%0Ab", "a" * 256])
def test_a_name_that_is_no_subject_is_refused(writable: str, subject: str):
    assert ask(f"{writable}/subjects/{subject}/versions", "POST", body()).json()["error_code"] == 42208


@pytest.mark.parametrize("version", ["0", "-2", "first", "1.0.0", "99999999999999999999"])
def test_what_is_no_version_is_refused(address: str, version: str):
    assert ask(f"{address}/subjects/image/versions/{version}").json()["error_code"] == 42202


@pytest.mark.parametrize("level", ["SIDEWAYS", "", 7, None])
def test_what_is_no_level_is_refused(writable: str, level: Any):
    assert ask(f"{writable}/config", "PUT", {"compatibility": level}).json()["error_code"] == 42203


def test_a_setting_that_is_not_kept_is_refused(writable: str):
    reply = ask(f"{writable}/config", "PUT", {"compatibility": "FULL", "normalize": True})
    assert "normalize" in reply.json()["message"]


@pytest.mark.parametrize("id_", ["0", "-1", "x", "9" * 40])
def test_what_is_no_id_is_not_found(address: str, id_: str):
    assert ask(f"{address}/schemas/ids/{id_}").json()["error_code"] == 40403


def test_lists_come_in_pages(address: str):
    subjects = ask(f"{address}/subjects").json()
    assert ask(f"{address}/subjects?offset=2&limit=3").json() == subjects[2:5]
    assert ask(f"{address}/subjects?offset=2&limit=-1").json() == subjects[2:]
    assert ask(f"{address}/subjects?limit=x").status == 400
    assert ask(f"{address}/subjects?subjectPrefix=image").json() == ["image", "imageCapabilities"]


def test_the_raw_schema_can_be_had(address: str):
    assert ask(f"{address}/subjects/roi/versions/latest/schema").json()["$id"].endswith("/roi/1.0.0")
    number = ask(f"{address}/subjects/roi/versions/latest").json()["id"]
    assert ask(f"{address}/schemas/ids/{number}/schema").json()["$id"].endswith("/roi/1.0.0")


def test_draft_7_can_be_registered_and_judged(writable: str):
    draft = "http://json-schema.org/draft-07/schema#"
    for schema, status in (({"type": "string"}, 200), ({"type": "number"}, 409)):
        text = json.dumps({"$schema": draft, **schema})
        assert ask(f"{writable}/subjects/seven/versions", "POST", body(schema=text)).status == status


def test_a_verbose_check_tells_the_witness(writable: str):
    ask(f"{writable}/subjects/told/versions", "POST", body())
    url = f"{writable}/compatibility/subjects/told/versions/latest"
    narrow = body(schema='{"type": "string", "maxLength": 3}')
    assert ask(url, "POST", narrow).json() == {"is_compatible": False}
    (message,) = ask(f"{url}?verbose=True", "POST", narrow).json()["messages"]
    assert message.startswith("version 1, backward: ")
    assert "is valid before, not now (maxLength at /)" in message
