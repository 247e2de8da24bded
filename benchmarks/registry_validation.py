"""Validating documents of several sizes, JSON text in and verdict out, against the validators that people know.

Every one of them must accept the document and refuse a broken copy of it before it is timed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from benchmarks.frame.alternating import compare, time_ms
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Figure, Growth, LeftOut, Row
from benchmarks.validators import ENGINE, MODELS, Accepts, validators
from swath_registry.client import Registry
from swath_schemas import PUBLISHED

POLYGONS = (1, 10, 100, 1000)
MOST_MS: Mapping[str, float] = {"image, 2 kB": 0.05, "1000 polygons": 3.0}
"""What orchestrators were promised, parsing included."""
VISIT_MS, MOST_MS_OF_ALL = 20.0, 5000.0
BAR = 1.0
"""As quick as the quickest of them, but for the bare engine that Swath stands on, which it can't beat."""
ENGINE_BAR = 1.5


def run(plan: Plan) -> Iterator[Row]:
    """A ratio for each document and validator, what was promised, and the growth with the document."""
    registry = Registry.open()
    known = {type_name: validators(type_name) for type_name in MODELS}
    sizes: list[float] = []
    costs_ms: list[float] = []
    for document in _documents():
        ours = partial(_accepts, registry, document.type)
        yield from _ratios(document, ours, known[document.type], plan)
        cost_ms = min(time_ms(partial(ours, document.text)) for _ in range(plan.rounds(200)))
        yield Figure(f"{document.name}, the quickest of {plan.rounds(200)}", cost_ms, "ms", MOST_MS.get(document.name))
        if document.type == "featureCollection@1":
            sizes.append(len(document.text))
            costs_ms.append(cost_ms)
    yield Growth("validating feature collections", sizes, costs_ms, "ms", 1.1, of="bytes")


@dataclass(frozen=True)
class Document:
    """A valid document and a broken copy of it, as JSON text."""

    name: str
    type: str
    text: bytes
    broken: bytes


def _accepts(registry: Registry, type_name: str, text: bytes) -> bool:
    return not registry.validate_json(type_name, text)


def _ratios(document: Document, ours: Accepts, rivals: Mapping[str, Accepts], plan: Plan) -> Iterator[Row]:
    if not _judges(ours, document):
        raise ValueError(f"{document.name} is to be valid, and its broken copy not")
    calls = max(1, int(VISIT_MS / time_ms(partial(ours, document.text))))
    for name, theirs in rivals.items():
        title = f"{document.name}, {len(document.text)} bytes × {calls} / {name}"
        if not _judges(theirs, document):
            yield LeftOut(title, "it judges the document otherwise")
            continue
        once_ms = time_ms(partial(theirs, document.text))
        rounds = max(3, min(plan.rounds(15), int(MOST_MS_OF_ALL / (calls * once_ms))))
        work = [partial(_repeat, accepts, document.text, calls) for accepts in (ours, theirs)]
        yield compare(title, *work, ENGINE_BAR if name == ENGINE else BAR, rounds=rounds, warmups=1)


def _judges(accepts: Accepts, document: Document) -> bool:
    """Whether it accepts the document and refuses the broken one."""
    return accepts(document.text) and not accepts(document.broken)


def _repeat(work: Accepts, text: bytes, calls: int) -> None:
    for _ in range(calls):
        work(text)


def _documents() -> Iterator[Document]:
    """The small first."""
    path = PUBLISHED.root / "image/1.0.0/examples/valid/full.json"
    image = json.loads(path.read_text(encoding="utf-8"))
    yield _document("image, 2 kB", "image@1", image, {**image, "size": "large"})
    for count in POLYGONS:
        features = _features(count)
        last = {**features[-1], "geometry": {**features[-1]["geometry"], "type": "Polygone"}}
        good, bad = ({"type": "FeatureCollection", "features": found} for found in (features, [*features[:-1], last]))
        yield _document(f"{count} polygons", "featureCollection@1", good, bad)


def _document(name: str, type_name: str, good: Any, bad: Any) -> Document:
    return Document(name, type_name, orjson.dumps(good), orjson.dumps(bad))


def _features(count: int) -> list[dict[str, Any]]:
    """Octagons with properties, as detections are."""
    return [
        {
            "type": "Feature",
            "id": index,
            "geometry": {"type": "Polygon", "coordinates": [_ring(index % 360 - 180.0, index % 80)]},
            "properties": {"category": "cloud", "confidence": 0.93},
        }
        for index in range(count)
    ]


def _ring(longitude: float, latitude: float) -> list[list[float]]:
    corners = [(0, 1), (1, 0), (2, 0), (3, 1), (3, 2), (2, 3), (1, 3), (0, 2), (0, 1)]
    return [[longitude + 0.001 * x, latitude + 0.001 * y] for x, y in corners]
