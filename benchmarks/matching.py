"""Matching: an orchestrator that filters thousands of services, against validating the image once.

Against: `Validator("image@1").is_valid` of the same image document, repeated as often as there are services, which is
the least that an orchestrator does for each payload anyway.
"""

import json
import random
import statistics
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.frame.alternating import compare
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from swath_registry.matching import match
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED

SERVICES = 5_000
BAR = 25
_NAMES = ["blue", "green", "red", "nir", "swir16"]


def run(plan: Plan) -> list[Ratio]:
    """How 5,000 services are filtered for one image, and how long each of several kinds takes."""
    image, services = _image(), _services()
    validator = Validator("image@1")

    def matched() -> None:
        for service in services:
            match(image, service)

    def validated() -> None:
        for _ in services:
            validator.is_valid(image)

    _tell_kinds(image, services)
    return [compare("5,000 services for one image", matched, validated, BAR, rounds=plan.rounds(5), warmups=1)]


def _image() -> dict[str, Any]:
    path = PUBLISHED.path(PUBLISHED.resolve("image@1.0.0")).parent / "examples" / "valid" / "full.json"
    return json.loads(path.read_text())


def _services() -> list[dict[str, Any]]:
    """What services usually ask: file, samples, bands, sensor, grid, clouds."""
    source = random.Random(7)  # noqa: S311
    return [_service(source) for _ in range(SERVICES)]


def _service(source: random.Random) -> dict[str, Any]:
    every: dict[str, Any] = {
        "mediaTypes": ["image/tiff", "image/jp2"],
        "dataTypes": source.sample(["uint8", "uint16", "float32"], 2),
        "sensors": [{"constellation": source.choice(["Sentinel-2", "Pleiades"])}],
        "bands": {"allOf": [{"commonName": name} for name in source.sample(_NAMES, 2)]},
        "gsd": {"max": source.choice([5, 10, 20])},
        "cloudCover": {"max": source.choice([5, 20, 50])},
        "crsCodes": source.sample(["EPSG:32631", "EPSG:4326", "EPSG:32632"], 2),
        "width": {"max": source.choice([4096, 20_000])},
        "datetime": {"min": "2020-01-01T00:00:00Z"},
    }
    return {name: every[name] for name in source.sample(list(every), 6)}


def _tell_kinds(image: dict[str, Any], services: list[dict[str, Any]]) -> None:
    """Medians by what comes out: accepted, refused for good, or with steps."""
    times: dict[str, list[float]] = {}
    for service in services:
        began = time.perf_counter()
        found = match(image, service)
        taken = (time.perf_counter() - began) * 1e6
        kind = "steps planned" if found.steps else "nothing helps" if found.obstacles else found.verdict
        times.setdefault(kind, []).append(taken)
    counts = Counter({kind: len(each) for kind, each in times.items()})
    told = "; ".join(
        f"{kind}: {count} × {statistics.median(times[kind]):.0f} µs" for kind, count in counts.most_common()
    )
    print(f"match, medians: {told}", file=sys.stderr)
