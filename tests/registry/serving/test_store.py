"""What is registered over HTTP stays: across restarts, under concurrent registrations, or not at all."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clients.plain import ask

from swath_registry_server.confluent.records import Schema
from swath_registry_server.confluent.store import FILE, FIRST_ID, RegisteredSubjects
from swath_registry_server.errors import Refusal, StoreUnusable


def body(**document: object) -> dict[str, str]:
    return {"schema": json.dumps(document), "schemaType": "JSON"}


def test_what_was_registered_is_there_after_a_restart(serve, tmp_path):
    before = serve(tmp_path)
    first = ask(f"{before}/subjects/a/versions", "POST", body(type="string")).json()
    ask(f"{before}/config/a", "PUT", {"compatibility": "FULL"})
    after = serve(tmp_path)
    assert ask(f"{after}/subjects/a/versions/1").json() == first
    assert ask(f"{after}/config/a").json() == {"compatibilityLevel": "FULL"}
    assert ask(f"{after}/subjects/b/versions", "POST", body(type="number")).json()["id"] == first["id"] + 1


def test_ids_never_meet_those_of_the_lock(tmp_path):
    version = RegisteredSubjects(tmp_path).register("a", Schema("{}"), lambda _: None)
    assert version.id == FIRST_ID == 1_000_001


def test_an_id_is_never_given_twice(tmp_path):
    store = RegisteredSubjects(tmp_path)
    first = store.register("a", Schema('{"type": "string"}'), lambda _: None)
    store.delete("a", [1], for_good=True)
    assert store.register("a", Schema('{"type": "number"}'), lambda _: None).id > first.id


def test_concurrent_registrations_take_turns(serve, tmp_path):
    urls = [serve(tmp_path), serve(tmp_path)]  # two servers, one folder
    ask(f"{urls[0]}/config", "PUT", {"compatibility": "NONE"})

    def register(number: int) -> dict:
        return ask(f"{urls[number % 2]}/subjects/a/versions", "POST", body(maxLength=number)).json()

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(register, range(24)))
    assert sorted(each["version"] for each in replies) == list(range(1, 25))
    assert len({each["id"] for each in replies}) == 24


def test_the_same_schema_sent_at_once_is_one_version(serve, tmp_path):
    url = serve(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: ask(f"{url}/subjects/a/versions", "POST", body(type="string")), range(8)))
    assert {(each.status, each.json()["id"], each.json()["version"]) for each in replies} == {(200, FIRST_ID, 1)}


def test_a_refused_registration_leaves_nothing(tmp_path):
    store = RegisteredSubjects(tmp_path)

    def refuse(_: object) -> None:
        raise Refusal(409, "no")

    with pytest.raises(Refusal):
        store.register("a", Schema("{}"), refuse)
    assert store.all() == ()
    assert store.register("a", Schema("{}"), lambda _: None).number == 1


def test_a_folder_that_can_not_be_written_is_told_at_the_start(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match="file"):
        RegisteredSubjects(tmp_path / "file")


def test_a_damaged_store_is_told_at_the_start(tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(StoreUnusable, match=FILE):
        RegisteredSubjects(tmp_path)


def test_a_store_of_a_newer_swath_is_left_alone(tmp_path):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnusable, match="newer"):
        RegisteredSubjects(tmp_path)
