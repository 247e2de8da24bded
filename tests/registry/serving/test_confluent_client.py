"""The Confluent API, as its real Python client uses it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
    record_subject_name_strategy,
    topic_subject_name_strategy,
)
from confluent_kafka.schema_registry.common.schema_registry_client import (
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
)
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

from swath_registry.catalogue import Catalogue
from swath_schemas import PUBLISHED

IMAGE = json.loads((PUBLISHED.root / "image/1.0.0/examples/valid/full.json").read_text())
VALUE = SerializationContext("scenes", MessageField.VALUE)


def client(url: str) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": url, "max.retries": 0})


def schema(**properties: Any) -> Schema:
    document = {"type": "object", "title": "Order", "properties": properties, "additionalProperties": False}
    return Schema(json.dumps(document), "JSON")


SMALL = schema(scene={"type": "string"})
WIDER = schema(scene={"type": "string"}, priority={"type": "integer"})
NARROWER = schema(scene={"type": "string", "maxLength": 8})


@pytest.fixture
def writable(serve: Any, tmp_path: Path) -> Iterator[SchemaRegistryClient]:
    with client(serve(tmp_path)) as found:
        yield found


@pytest.fixture
def readable(address: str) -> Iterator[SchemaRegistryClient]:
    with client(address) as found:
        yield found


def refusal(call: Any, *arguments: Any, **named: Any) -> SchemaRegistryError:
    with pytest.raises(SchemaRegistryError) as found:
        call(*arguments, **named)
    return found.value


def test_published_types_are_subjects(readable, catalogue: Catalogue):
    assert readable.get_subjects() == list(catalogue.store.types())


def test_a_published_version_tells_its_number_semver_and_references(readable, catalogue: Catalogue):
    found = readable.get_version("image", 1)
    entry = catalogue.resolve("image@1.0.0")
    assert (found.schema_id, found.version, found.subject) == (entry.number, 1, "image")
    assert found.schema.metadata.properties.properties["semver"] == "1.0.0"
    assert {each.name for each in found.schema.references} == {
        schema.uri for schema in catalogue.references[entry.schema]
    }
    assert json.loads(found.schema.schema_str) == PUBLISHED.load("image@1.0.0")


def test_the_latest_version_is_the_last_that_was_published(readable, catalogue: Catalogue):
    newest = max(catalogue.versions("image"), key=lambda entry: entry.number)
    assert readable.get_latest_version("image").schema_id == newest.number
    assert readable.get_versions("image") == [entry.ordinal for entry in catalogue.versions("image")]


def test_a_version_is_found_by_its_semver(readable):
    assert readable.get_latest_with_metadata("image", {"semver": "1.0.0"}).version == 1


def test_a_schema_is_found_by_id_and_by_guid(readable, catalogue: Catalogue):
    number = catalogue.resolve("roi@1.0.0").number
    by_id = readable.get_schema(number)
    assert json.loads(by_id.schema_str) == PUBLISHED.load("roi@1.0.0")
    guid = readable.get_version("roi", 1).guid
    assert readable.get_schema_by_guid(guid).schema_str == by_id.schema_str
    assert readable.get_subjects_by_schema_id(number) == ["roi"]
    assert [(each.subject, each.version) for each in readable.get_schema_versions(number)] == [("roi", 1)]


def test_what_refers_to_a_type_is_told_by_id(readable, catalogue: Catalogue):
    users = {catalogue.of(each).number for each in catalogue.users[catalogue.resolve("geometry@1.0.0").schema]}
    assert set(readable.get_referenced_by("geometry", 1)) == users


def test_small_questions_are_answered(readable):
    assert readable.get_schema_types() == ["JSON"]
    assert readable.get_contexts() == ["."]
    assert readable.get_global_mode() == "READONLY"
    assert readable.get_mode("image") == "READONLY"
    assert readable.get_compatibility() == "BACKWARD"


def test_a_read_only_registry_refuses_to_register(readable):
    error = refusal(readable.register_schema, "scenes-value", SMALL)
    assert (error.http_status_code, error.error_code) == (422, 42205)


@pytest.mark.parametrize(
    ("call", "arguments", "status", "code"),
    [
        ("get_versions", ("nothing",), 404, 40401),
        ("get_latest_version", ("nothing",), 404, 40401),
        ("get_version", ("image", 99), 404, 40402),
        ("get_schema", (999,), 404, 40403),
        ("get_schema_by_guid", ("0f",), 404, 40403),
        ("get_compatibility", ("image",), 404, 40408),
        ("lookup_schema", ("image", SMALL), 404, 40403),
    ],
)
def test_what_is_unknown_has_its_own_code(readable, call, arguments, status, code):
    error = refusal(getattr(readable, call), *arguments)
    assert (error.http_status_code, error.error_code) == (status, code)


def test_a_published_document_makes_the_round_trip_with_references_resolved(readable):
    serialize = JSONSerializer(
        None,
        readable,
        conf={
            "auto.register.schemas": False,
            "use.latest.with.metadata": {"semver": "1.0.0"},
            "subject.name.strategy": lambda context, name: "image",
        },
    )
    message = serialize(IMAGE, VALUE)
    assert int.from_bytes(message[1:5], "big") == readable.get_version("image", 1).schema_id
    assert JSONDeserializer(None, schema_registry_client=readable)(message, VALUE) == IMAGE


def test_the_serializer_refuses_what_a_referred_type_refuses(readable):
    serialize = JSONSerializer(
        None,
        readable,
        conf={
            "auto.register.schemas": False,
            "use.latest.with.metadata": {"semver": "1.0.0"},
            "subject.name.strategy": lambda context, name: "image",
        },
    )
    broken = IMAGE | {"geometry": {"type": "Point", "coordinates": ["east", "north"]}}
    with pytest.raises(SerializationError):
        serialize(broken, VALUE)


def test_a_serializer_registers_its_schema_under_the_topic(writable):
    serialize = JSONSerializer(SMALL.schema_str, writable)  # its default strategy asks for associations first
    message = serialize({"scene": "T31UDQ"}, VALUE)
    assert "scenes-value" in writable.get_subjects()
    assert JSONDeserializer(None, schema_registry_client=writable)(message, VALUE) == {"scene": "T31UDQ"}


def test_a_registered_schema_may_refer_to_a_published_type(writable, catalogue: Catalogue):
    uri = catalogue.resolve("image@1.0.0").schema.uri
    document = {"type": "object", "title": "Order", "properties": {"scene": {"$ref": uri}}, "required": ["scene"]}
    order = Schema(json.dumps(document), "JSON", [SchemaReference(uri, "image", 1)])
    serialize = JSONSerializer(order, writable, conf={"subject.name.strategy": topic_subject_name_strategy})
    message = serialize({"scene": IMAGE}, VALUE)
    assert JSONDeserializer(None, schema_registry_client=writable)(message, VALUE) == {"scene": IMAGE}
    with pytest.raises(SerializationError):
        serialize({"scene": {"href": ""}}, VALUE)


def test_registering_twice_gives_the_same_id(writable, tmp_path):
    first = writable.register_schema("scenes-value", SMALL)
    reordered = Schema(json.dumps(dict(reversed(json.loads(SMALL.schema_str).items()))), "JSON")
    assert writable.register_schema("scenes-value", reordered) == first
    assert writable.register_schema("others-value", SMALL) == first
    assert writable.get_versions("scenes-value") == [1]
    assert writable.get_subjects_by_schema_id(first) == ["others-value", "scenes-value"]


def test_a_registered_schema_is_found_again(writable):
    id_ = writable.register_schema("scenes-value", SMALL)
    found = writable.lookup_schema("scenes-value", SMALL)
    assert (found.schema_id, found.version) == (id_, 1)
    assert writable.get_latest_version("scenes-value").guid == found.guid


def test_a_compatible_schema_becomes_the_next_version(writable):
    writable.register_schema("scenes-value", SMALL)
    assert writable.test_compatibility("scenes-value", WIDER)
    writable.register_schema("scenes-value", WIDER)
    assert writable.get_versions("scenes-value") == [1, 2]


def test_an_incompatible_schema_is_refused_with_a_witness(writable):
    writable.register_schema("scenes-value", SMALL)
    assert not writable.test_compatibility("scenes-value", NARROWER)
    error = refusal(writable.register_schema, "scenes-value", NARROWER)
    assert (error.http_status_code, error.error_code) == (409, 409)
    assert "maxLength at /scene" in error.error_message
    assert writable.get_versions("scenes-value") == [1]


@pytest.mark.parametrize(
    ("level", "first", "second", "is_compatible"),
    [
        ("NONE", SMALL, NARROWER, True),
        ("BACKWARD", SMALL, NARROWER, False),
        ("BACKWARD", NARROWER, SMALL, True),
        ("FORWARD", SMALL, NARROWER, True),
        ("FORWARD", NARROWER, SMALL, False),
        ("FULL", SMALL, WIDER, False),
        ("FULL", SMALL, schema(scene={"type": "string", "description": "Which."}), True),
    ],
)
def test_each_level_is_heeded(writable, level, first, second, is_compatible):
    writable.register_schema("scenes-value", first)
    writable.set_compatibility("scenes-value", level)
    assert writable.get_compatibility("scenes-value") == level
    assert writable.test_compatibility_all_versions("scenes-value", second) is is_compatible


@pytest.mark.parametrize(("level", "is_compatible"), [("FORWARD", True), ("FORWARD_TRANSITIVE", False)])
def test_a_transitive_level_looks_at_every_version(writable, level, is_compatible):
    writable.set_compatibility(level="NONE")
    for each in (NARROWER, SMALL):
        writable.register_schema("scenes-value", each)
    writable.set_compatibility("scenes-value", level)
    longer = schema(scene={"type": "string", "maxLength": 9})
    assert writable.test_compatibility_all_versions("scenes-value", longer) is is_compatible


def test_a_level_can_be_set_for_all_and_taken_back(writable):
    config = ServerConfig(compatibility=ConfigCompatibilityLevel.FULL)
    assert writable.set_config(config=config) == {"compatibility": "FULL"}
    assert writable.get_config().compatibility_level == "FULL"
    assert writable.delete_config().compatibility_level == "FULL"
    assert writable.get_compatibility() == "BACKWARD"


def test_deleting_is_soft_first_and_for_good_then(writable):
    id_ = writable.register_schema("scenes-value", SMALL)
    assert refusal(writable.delete_subject, "scenes-value", permanent=True).error_code == 40405
    assert writable.delete_subject("scenes-value") == [1]
    assert "scenes-value" not in writable.get_subjects()
    assert "scenes-value" in writable.get_subjects(deleted=True)
    writable.clear_caches()
    assert writable.get_schema(id_).schema_str == SMALL.schema_str
    assert writable.delete_subject("scenes-value", permanent=True) == [1]
    assert "scenes-value" not in writable.get_subjects(deleted=True)


def test_one_version_can_be_deleted(writable):
    for each in (SMALL, WIDER):
        writable.register_schema("scenes-value", each)
    assert writable.delete_version("scenes-value", 1) == 1
    assert writable.get_versions("scenes-value") == [2]
    assert writable.get_versions("scenes-value", deleted=True) == [1, 2]


def test_what_others_refer_to_is_not_deleted(writable):
    writable.register_schema("part", Schema('{"type": "string"}', "JSON"))
    whole = {"type": "object", "properties": {"part": {"$ref": "part.json"}}}
    writable.register_schema("whole", Schema(json.dumps(whole), "JSON", [SchemaReference("part.json", "part", 1)]))
    assert refusal(writable.delete_subject, "part").error_code == 42206
    assert writable.get_referenced_by("part", 1) == [writable.get_latest_version("whole").schema_id]


def test_a_subject_with_a_slash_is_one_name(writable):
    writable.register_schema("geo/scenes?value", SMALL)
    assert writable.get_versions("geo/scenes?value") == [1]


def test_published_types_cannot_be_written_to(writable):
    assert refusal(writable.register_schema, "image", SMALL).error_code == 42205
    assert refusal(writable.delete_subject, "image").error_code == 42205
    assert refusal(writable.set_compatibility, "image", "NONE").error_code == 42205
    assert writable.get_mode("image") == "READONLY"
    assert writable.get_mode("scenes-value") == "READWRITE"


def test_the_mode_cannot_be_changed_over_http(writable):
    assert refusal(writable.update_global_mode, "READONLY").error_code == 42205


def test_metadata_is_kept_and_searched(writable):
    owned = Schema(SMALL.schema_str, "JSON", [], Metadata(None, MetadataProperties({"owner": "scenes team"}), None))
    writable.register_schema("scenes-value", owned)
    found = writable.get_latest_with_metadata("scenes-value", {"owner": "scenes team"})
    assert found.schema.metadata.properties.properties == {"owner": "scenes team"}
    assert refusal(writable.get_latest_with_metadata, "scenes-value", {"owner": "x"}).error_code == 40402


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ('{"type": "text"}', "/type"),
        ('{"$ref": "#/$defs/none"}', "none"),
        ("7", "an object or a boolean"),
    ],
)
def test_what_is_no_schema_is_refused(writable, text, told):
    error = refusal(writable.register_schema, "scenes-value", Schema(text, "JSON"))
    assert (error.http_status_code, error.error_code) == (422, 42201)
    assert told in error.error_message


def test_only_json_schema_is_kept(writable):
    error = refusal(writable.register_schema, "scenes-value", Schema('"string"', "AVRO"))
    assert error.error_code == 42201


def test_the_record_strategy_works(writable):
    serialize = JSONSerializer(SMALL.schema_str, writable, conf={"subject.name.strategy": record_subject_name_strategy})
    serialize({"scene": "T31UDQ"}, VALUE)
    assert "Order" in writable.get_subjects()
