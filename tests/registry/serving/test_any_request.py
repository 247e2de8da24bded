"""No request makes the service fail, whatever it asks for."""

from random import Random

import pytest

from swath_registry.catalogue import Catalogue
from swath_registry_server.confluent.store import RegisteredSubjects
from swath_registry_server.http import Request
from swath_registry_server.service import Service

NAMES = [
    *("schemas", "subjects", "image", "1.0.0", "1", "latest", "-1", "versions", "config", "mode", "ids", "guids"),
    *("..", "%2e%2e", "%00", "%ff", "*", "@", "a", "image@1", "validate", "match", "schema.json", "index.html"),
    *("examples", "compatibility", "metadata", "contexts", "associations", "resources", "deleted"),
]
    "schemas",
    "subjects",
    "image",
    "1.0.0",
    "1",
    "latest",
    "versions",
    "config",
    "mode",
    "ids",
    "guids",
    "..",
    "%2e%2e",
    "%00",
    "a",
    "validate",
    "match",
    "schema.json",
    "examples",
    "compatibility",
    "metadata",
    "contexts",
    "%ff",
    "index.html",
    "*",
    "@",
    "image@1",
    "-1",
    "deleted",
    "associations",
    "resources",
]
QUERIES = [
    *("deleted=True", "deleted_only=true", "permanent=true", "verbose=True", "offset=-5&limit=0", "limit=%ff"),
    *("key=&value=", "key=a", "schema=image@1", "schema=", "subject=image", "subjectPrefix=:*:im", "%ff=%ff&="),
]
    "deleted=True",
    "offset=-5&limit=0",
    "key=&value=",
    "key=a",
    "schema=image@1",
    "schema=",
    "permanent=true",
    "subject=image",
    "subjectPrefix=:*:im",
    "verbose=True",
    "%ff=%ff&=",
    "deleted_only=true",
]
BODIES = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"\xff",
    b'{"schema": "true", "schemaType": "JSON"}',
    b'{"schema": "{\\"$ref\\": \\"#\\"}", "schemaType": "JSON"}',
    b'{"schema": "image@1", "document": [1]}',
    b'{"schema": {}, "document": 1}',
    b'{"schema": "a@b@c", "document": 1}',
    b'{"image": 1, "capabilities": []}',
    b'{"image": "x", "capabilities": {}}',
]


@pytest.mark.parametrize("seed", range(3))
def test_every_answer_is_one_that_a_caller_can_act_on(seed: int, catalogue: Catalogue, tmp_path):
    service, random = Service(catalogue, RegisteredSubjects(tmp_path)), Random(seed)  # noqa: S311 - the same requests each time
    for _ in range(600):
        request = Request(
            random.choice(["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]),
            "/" + "/".join(random.choice(["", *NAMES]) for _ in range(random.randrange(7))),
            random.choice(["", *QUERIES]),
            {"content-type": random.choice(["application/json", "text/plain"]), "if-none-match": random.choice("* x")},
            random.choice(BODIES),
        )
        assert service.answer(request).status < 500, request
