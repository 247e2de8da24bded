"""Control points and rational polynomials as `image` documents (1.1.0 and later) say them, and back."""

from collections.abc import Mapping
from typing import Any

from .control import POLYNOMIALS, GroundControlPoint, Rpcs
from .crs import crs_from_text, crs_to_text
from .errors import MalformedValue

RPC_MEMBERS: Mapping[str, str] = {
    "lineOffset": "line_off",
    "sampleOffset": "samp_off",
    "latitudeOffset": "lat_off",
    "longitudeOffset": "long_off",
    "heightOffset": "height_off",
    "lineScale": "line_scale",
    "sampleScale": "samp_scale",
    "latitudeScale": "lat_scale",
    "longitudeScale": "long_scale",
    "heightScale": "height_scale",
    "lineNumerator": "line_num_coeff",
    "lineDenominator": "line_den_coeff",
    "sampleNumerator": "samp_num_coeff",
    "sampleDenominator": "samp_den_coeff",
    "errorBias": "err_bias",
    "errorRandom": "err_rand",
}
"""Members of a document's `rpc`, and the attributes of `Rpcs` that they are."""


def points_of(document: Mapping[str, Any]) -> tuple[tuple[GroundControlPoint, ...], str]:
    """The control points that a document's `groundControlPoints` says, and their reference system.

    Raises:
        MalformedValue: the reference system is unknown; `pointer` says where.
    """
    try:
        crs = crs_to_text(crs_from_text(document["crs"])) or ""
    except MalformedValue as error:
        raise error.within("/crs") from None
    return tuple(_point(each) for each in document["points"]), crs


def points_document(points: tuple[GroundControlPoint, ...], crs: str) -> dict[str, Any]:
    """`groundControlPoints` of an image document."""
    return {"crs": crs, "points": [_point_document(each) for each in points]}


def rpcs_of(document: Mapping[str, Any]) -> Rpcs:
    """The polynomials that a document's `rpc` says."""
    return Rpcs(**{name: _read(name, document[member]) for member, name in RPC_MEMBERS.items() if member in document})


def rpcs_document(rpcs: Rpcs) -> dict[str, Any]:
    """`rpc` of an image document; what isn't known is left out."""
    said = {member: _written(getattr(rpcs, name)) for member, name in RPC_MEMBERS.items()}
    return {member: value for member, value in said.items() if value is not None}


def _read(name: str, value: Any) -> Any:
    return tuple(float(each) for each in value) if name in POLYNOMIALS else float(value)


def _written(value: float | tuple[float, ...] | None) -> float | list[float] | None:
    return list(value) if isinstance(value, tuple) else value


def _point(document: Mapping[str, Any]) -> GroundControlPoint:
    place = (float(document.get(name, 0.0)) for name in ("row", "column", "x", "y", "z"))
    return GroundControlPoint(*place, id=document.get("id", ""))


def _point_document(point: GroundControlPoint) -> dict[str, Any]:
    said: dict[str, Any] = {"row": point.row, "column": point.column, "x": point.x, "y": point.y}
    return said | ({"z": point.z} if point.z else {}) | ({"id": point.id} if point.id else {})
