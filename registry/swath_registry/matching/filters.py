"""What each filter of `imageCapabilities` asks of an image.

A filter gives a `Finding`. It fails or holds only where the document leaves no doubt; what the document doesn't say is
unknown. Names of sensors, levels and products are compared without regard to case, since catalogues differ in it;
names of bands are not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from swath_registry.matching.bands import judge_bands
from swath_registry.matching.facts import Facts, essence
from swath_registry.matching.geometry import Shape, intersects, lies_within, reaches_as_far, shape_of, shape_of_bbox
from swath_registry.matching.ranges import Interval, judge_range, moment
from swath_registry.matching.truth import Finding, Truth, all_of, held, one_of

Judge = Callable[[Any, Facts], Finding]
UNKNOWN = Truth.UNKNOWN


def _media_types(wanted: Sequence[str], facts: Facts) -> Finding:
    accepted = {essence(one) for one in wanted}
    said = facts.media_type
    truth = UNKNOWN if said is None else held(said in accepted)
    return Finding(truth, wanted, facts.document.get("mediaType"), "", "/mediaType")


def _one_of(*path: str, ignore_case: bool = False) -> Judge:
    """That a text of the image is one of those that are accepted."""
    pointer = "".join(f"/{name}" for name in path)

    def judge(wanted: Sequence[str], facts: Facts) -> Finding:
        said = _at(facts.document, path)
        if said is None:
            return Finding(UNKNOWN, wanted, None, "", pointer)
        is_in = said.casefold() in {one.casefold() for one in wanted} if ignore_case else said in wanted
        return Finding(held(is_in), wanted, said, "", pointer)

    return judge


def _at(document: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = document
    for name in path:
        value = value.get(name)
        if value is None:
            return None
    return value


def _data_types(wanted: Sequence[str], facts: Facts) -> Finding:
    found = facts.data_types
    truth = all_of(UNKNOWN if one is None else held(one in wanted) for one in found)
    said = sorted({one for one in found if one is not None})
    return Finding(truth, wanted, (said[0] if len(said) == 1 else said) or None, "", "/dataType")


def _passing(wanted: Sequence[str], facts: Facts) -> Finding:
    actual = "byValue" if facts.is_by_value else "byReference"
    return Finding(held(actual in wanted), wanted, actual, "", "/data" if "data" in facts.document else "/href")


def _sensors(wanted: Sequence[Mapping[str, str]], facts: Facts) -> Finding:
    sensor = facts.document.get("sensor", {})
    truth = one_of(_judge_sensor(one, sensor) for one in wanted)
    return Finding(truth, wanted, dict(sensor) or None, "", "/sensor")


def _judge_sensor(wanted: Mapping[str, str], sensor: Mapping[str, Any]) -> Truth:
    return all_of(_judge_sensor_part(name, wanted[name], sensor) for name in wanted if name in SENSOR_FILTERS)


SENSOR_FILTERS = ("constellation", "platform", "instrument", "sensorType", "mode")
"""Members of a sensor filter that are looked at."""


def _judge_sensor_part(name: str, wanted: str, sensor: Mapping[str, Any]) -> Truth:
    said: Any = sensor.get("instruments") if name == "instrument" else sensor.get(name)
    if said is None:
        return UNKNOWN
    names: list[str] = said if isinstance(said, list) else [said]  # pyright: ignore[reportUnknownVariableType]
    return held(wanted.casefold() in {one.casefold() for one in names})


def _orthorectified(wanted: bool, facts: Facts) -> Finding:
    said = _at(facts.document, ("processing", "orthorectified"))
    return Finding(UNKNOWN if said is None else held(said is wanted), wanted, said, "", "/processing/orthorectified")


def _georeferenced(wanted: bool, facts: Facts) -> Finding:
    truth = Truth.HOLDS if facts.has_transform or not wanted else UNKNOWN
    return Finding(
        truth, wanted, facts.has_transform or None, "", "/crs" if "crs" not in facts.document else "/transform"
    )


def _georeferencing(wanted: Sequence[str], facts: Facts) -> Finding:
    ways = ["transform"] if facts.has_transform else []
    ways += [way for way in ("groundControlPoints", "rpc") if way in facts.document]
    truth = Truth.HOLDS if set(ways) & set(wanted) else UNKNOWN
    return Finding(truth, wanted, ways or None, "", f"/{wanted[0]}")


def _ground_control_points(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    points = _at(facts.document, ("groundControlPoints", "points"))
    return _ranged(wanted, None if points is None else len(points), "/groundControlPoints/points")


def _crs_codes(wanted: Sequence[str], facts: Facts) -> Finding:
    said = facts.document.get("crs")
    if said is None:
        return Finding(UNKNOWN, wanted, None, "", "/crs")
    if "[" in said:  # WKT2: which code it is can't be told without a projection library
        return Finding(UNKNOWN, wanted, said.partition("[")[0] + "[…]", "", "/crs")
    return Finding(held(said.upper() in {one.upper() for one in wanted}), wanted, said, "", "/crs")


def _ranged(wanted: Mapping[str, Any], value: Any, pointer: str) -> Finding:
    if value is None:
        return Finding(UNKNOWN, wanted, None, "", pointer)
    truth, bound = judge_range(wanted, (value, value))
    return Finding(truth, wanted, value, bound, pointer)


def _number(*path: str) -> Judge:
    """That a number of the image lies in a range."""
    pointer = "".join(f"/{name}" for name in path)
    return lambda wanted, facts: _ranged(wanted, _at(facts.document, path), pointer)


def _band_count(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    return _ranged(wanted, len(facts.bands) or None, "/bands")


def _pixels(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    return _ranged(wanted, facts.size and facts.size[0] * facts.size[1], "/size")


def _size_bytes(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    return _ranged(wanted, facts.size_bytes, "/sizeBytes")


def _within_limits(wanted: Mapping[str, Any], interval: Interval | None, pointer: str, said: Any) -> Finding:
    """That a value of which perhaps only the limits are known lies in a range."""
    if interval is None:
        return Finding(UNKNOWN, wanted, said, "", pointer)
    truth, bound = judge_range(wanted, interval)
    return Finding(truth, wanted, said, bound, pointer)


def _bits(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    found = facts.bits
    said = facts.document.get("bitsPerSample")
    if not found:
        return Finding(UNKNOWN, wanted, said, "", "/bitsPerSample")
    truth, bound = min((judge_range(wanted, interval) for interval in found), key=lambda one: one[0])
    return Finding(truth, wanted, said, bound, "/bitsPerSample")


def _gsd(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    interval = facts.gsd
    return _within_limits(wanted, interval, "/gsd", interval and interval[1])


def _overviews(wanted: bool, facts: Facts) -> Finding:
    said = facts.document.get("overviews")
    truth = Truth.HOLDS if not wanted else UNKNOWN if said is None else held(bool(said))
    return Finding(truth, wanted, said, "", "/overviews")


def _datetime(wanted: Mapping[str, str], facts: Facts) -> Finding:
    limits = {name: moment(wanted[name]) for name in ("min", "max") if name in wanted}
    said = facts.document.get("datetime") or facts.document.get("startDatetime")
    pointer = "/datetime" if "datetime" in facts.document or said is None else "/startDatetime"
    if None in limits.values():  # a time that exists in RFC 3339 alone
        return Finding(UNKNOWN, wanted, said, "", pointer)
    found = _within_limits(limits, facts.time, pointer, said)
    return found._replace(expected=wanted)


def _coverage(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    footprint, bbox = facts.document.get("geometry"), facts.document.get("bbox")
    pointer = "/geometry" if footprint or not bbox else "/bbox"
    if not footprint and not bbox:
        return Finding(UNKNOWN, wanted, None, "", pointer)
    shape = shape_of(footprint) if footprint else shape_of_bbox(facts.document["bbox"])
    worst, decider = Truth.HOLDS, ""
    for relation, judge in (("intersects", _judge_contact), ("within", _judge_within)):
        if relation in wanted:
            truth = judge(shape, shape_of(wanted[relation]), is_exact=bool(footprint))
            if truth < worst:
                worst, decider = truth, f"/{relation}"
    return Finding(worst, wanted, footprint or bbox, decider, pointer)


def _judge_contact(shape: Shape, area: Shape, *, is_exact: bool) -> Truth:
    """A box holds more than the image: what touches it alone may miss the image."""
    if not intersects(shape, area):
        return Truth.FAILS
    return Truth.HOLDS if is_exact or lies_within(shape, area) else UNKNOWN


def _judge_within(shape: Shape, area: Shape, *, is_exact: bool) -> Truth:
    """An image touches each side of its box: it can't lie in an area that doesn't reach as far."""
    if lies_within(shape, area):
        return Truth.HOLDS
    is_out = is_exact or not reaches_as_far(area, shape) or not intersects(shape, area)
    return Truth.FAILS if is_out else UNKNOWN


def _ephemeris(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    said = facts.document.get("ephemeris")
    if said is None:
        return Finding(UNKNOWN, wanted, None, "", "/ephemeris")
    points, frames = len(said["points"]), wanted.get("referenceFrames")
    if points < wanted.get("minPoints", 1):
        return Finding(Truth.FAILS, wanted, points, "/minPoints", "/ephemeris/points")
    frame = said["referenceFrame"]
    return Finding(held(not frames or frame in frames), wanted, frame, "/referenceFrames", "/ephemeris/referenceFrame")


def _tile(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    """That the image is no larger than a tile, so that it need not be cut."""
    if facts.size is None:
        return Finding(UNKNOWN, wanted, None, "", "/size")
    width, height = facts.size
    decider = "/width" if width > wanted["width"] else "/height" if height > wanted["height"] else ""
    return Finding(held(not decider), wanted, facts.document["size"], decider, "/size")


FILTERS: dict[str, Judge] = {
    "mediaTypes": _media_types,
    "compressions": _one_of("compression"),
    "dataTypes": _data_types,
    "passing": _passing,
    "sensors": _sensors,
    "processingLevels": _one_of("processing", "level", ignore_case=True),
    "productTypes": _one_of("processing", "productType", ignore_case=True),
    "orthorectified": _orthorectified,
    "georeferenced": _georeferenced,
    "georeferencing": _georeferencing,
    "groundControlPoints": _ground_control_points,
    "crsCodes": _crs_codes,
    "bands": judge_bands,
    "bandCount": _band_count,
    "width": _number("size", "width"),
    "height": _number("size", "height"),
    "pixels": _pixels,
    "sizeBytes": _size_bytes,
    "bitsPerSample": _bits,
    "overviews": _overviews,
    "gsd": _gsd,
    "cloudCover": _number("acquisition", "cloudCover"),
    "snowCover": _number("acquisition", "snowCover"),
    "offNadir": _number("acquisition", "offNadir"),
    "incidenceAngle": _number("acquisition", "incidenceAngle"),
    "sunElevation": _number("acquisition", "sunElevation"),
    "orbitStates": _one_of("acquisition", "orbitState"),
    "datetime": _datetime,
    "coverage": _coverage,
    "ephemeris": _ephemeris,
    "tile": _tile,
}
"""Every filter, by its name in `imageCapabilities`, in the order in which reasons are given."""

NO_FILTERS = frozenset({"description", "onMissing", "onMissingOf"})
"""What capabilities say beside their filters."""
