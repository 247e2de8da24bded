"""An orchestrator's validation of a 2 KB image document: the client against the bare validator behind it.

A thousand calls each, so that a time in ms reads as µs for one.
"""

import json
from collections.abc import Callable, Iterator

import jsonschema_rs
import orjson

from benchmarks.frame.alternating import compare
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Figure, Row
from swath_registry.bundling import bundle
from swath_registry.catalogue import Catalogue
from swath_registry.client import Registry
from swath_schemas import PUBLISHED

BAR = 1.5
MOST_US = 50.0  # for one validation, parsing included: what orchestrators were promised
CALLS = 1000


def run(plan: Plan) -> Iterator[Row]:
    """Ratios, documents parsed and as text, and the time of one."""
    text = document().encode()
    parsed = json.loads(text)
    catalogue = Catalogue(PUBLISHED.root)
    schema = bundle(catalogue, catalogue.resolve("image@1").schema)
    bare = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
    ours = Registry.open()
    if ours.validate("image@1", parsed) or not bare.is_valid(parsed):
        raise ValueError("the document is to be valid")
    yield compare(
        f"validate {len(text)} bytes, parsed, × {CALLS}",
        many(lambda: ours.validate("image@1", parsed)),
        many(lambda: bare.is_valid(parsed)),
        BAR,
        rounds=plan.rounds(15),
    )
    found = compare(
        f"validate {len(text)} bytes of JSON × {CALLS}",
        many(lambda: ours.validate_json("image@1", text)),
        many(lambda: bare.is_valid(orjson.loads(text))),
        BAR,
        rounds=plan.rounds(15),
    )
    yield found
    yield Figure("one validation, parsing included", found.ours / CALLS * 1000, "µs", MOST_US)


def document() -> str:
    """The fullest example of image@1.0.0 on one line: 2.0 kB."""
    path = PUBLISHED.root / "image/1.0.0/examples/valid/full.json"
    return json.dumps(json.loads(path.read_text(encoding="utf-8")), separators=(",", ":"))


def many(work: Callable[[], object]) -> Callable[[], None]:
    """The work, a thousand times."""

    def repeated() -> None:
        for _ in range(CALLS):
            work()

    return repeated
