"""Metrics as Prometheus reads them (text format 0.0.4, OpenMetrics 1.0.0), and as JSON."""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from swath_runtime.metrics.families import FAMILIES, Family
from swath_runtime.metrics.layout import Labels
from swath_runtime.metrics.meter import Distribution, Value

Readings = Mapping[Family, Mapping[Labels, Value]]


def exposition(readings: Readings, *, as_openmetrics: bool) -> bytes:
    """The text: a family's name is without `_total` in OpenMetrics, which also has an end."""
    lines: list[str] = []
    for family in FAMILIES:
        name = family.name + ("_total" if family.kind == "counter" and not as_openmetrics else "")
        lines += [f"# HELP {name} {family.help}", f"# TYPE {name} {family.kind}"]
        for labels, value in readings.get(family, {}).items():
            lines += _samples(family, labels, value)
    return "\n".join([*lines, *(["# EOF"] if as_openmetrics else []), ""]).encode()


def document(readings: Readings) -> dict[str, Any]:
    """The same as JSON: families by the names that they have in the text."""
    return {
        f"{family.name}{'_total' if family.kind == 'counter' else ''}": {
            "type": family.kind,
            "help": family.help,
            "samples": [
                {"labels": dict(zip(family.labels, labels, strict=True)), **_members(family, value)}
                for labels, value in readings.get(family, {}).items()
            ],
        }
        for family in FAMILIES
    }


def _samples(family: Family, labels: Labels, value: Value) -> Iterator[str]:
    named = [f'{name}="{_escaped(label)}"' for name, label in zip(family.labels, labels, strict=True)]
    if not isinstance(value, Distribution):
        yield f"{family.name}{'_total' if family.kind == 'counter' else ''}{_braced(named)} {_number(value)}"
        return
    for bound, count in _buckets(family, value):
        within = _braced([*named, f'le="{bound}"'])
        yield f"{family.name}_bucket{within} {count}"
    yield f"{family.name}_sum{_braced(named)} {_number(value.sum)}"
    yield f"{family.name}_count{_braced(named)} {sum(value.counts)}"


def _members(family: Family, value: Value) -> dict[str, Any]:
    if not isinstance(value, Distribution):
        return {"value": value}
    return {"buckets": dict(_buckets(family, value)), "sum": value.sum, "count": sum(value.counts)}


def _buckets(family: Family, value: Distribution) -> Iterator[tuple[str, int]]:
    yield from zip([*map(str, family.bounds), "+Inf"], accumulate(value.counts), strict=True)


def _braced(pairs: list[str]) -> str:
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
