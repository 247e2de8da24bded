"""Schemas of older drafts said in the words of 2020-12, so that a proof can hold schemas of two drafts together."""

from dataclasses import replace
from typing import Any

from swath_registry.compatibility.operands import LATEST, Operand
from swath_registry.compatibility.pruning import is_prunable
from swath_registry.compatibility.subschemas import rewritten, walk

# Formats that the validator asserts alike in every draft from the one named on.
_FORMATS_06 = frozenset({"date-time", "email", "ipv4", "ipv6", "json-pointer", "uri", "uri-reference"})
_FORMATS_07 = _FORMATS_06 | {"date", "time", "regex"}
_FORMATS = {"draft-06": _FORMATS_06, "draft-07": _FORMATS_07, "2019-09": _FORMATS_07}
# What a draft doesn't know, or (content keywords of draft 6 and 7, `unevaluatedItems` of 2019-09) means otherwise.
_SINCE_2020 = frozenset({"prefixItems", "$dynamicRef", "$dynamicAnchor", "unevaluatedItems", "$recursiveRef"})
_SINCE_2019 = _SINCE_2020 | {
    "$anchor", "$vocabulary", "contentEncoding", "contentMediaType", "dependentRequired", "dependentSchemas",
    "maxContains", "minContains", "unevaluatedProperties",
}  # fmt: skip
_OTHERWISE = {"draft-06": _SINCE_2019 | {"if", "then", "else"}, "draft-07": _SINCE_2019, "2019-09": _SINCE_2020}
_DEFINITIONS = ("definitions", "$defs")


def modernised(side: Operand) -> Operand | None:
    """The same in 2020-12, to be proven with; None where it may mean something else there (draft 4 always may)."""
    if side.draft == LATEST or isinstance(side.schema, bool):
        return replace(side, draft=LATEST)
    if side.draft not in _FORMATS or not is_prunable(side.schema):
        return None
    for each in walk(side.schema):
        if each.keys() & _OTHERWISE[side.draft] or each.get("format", "date-time") not in _FORMATS[side.draft]:
            return None
    schema = rewritten(side.schema, _before_2019 if side.draft != "2019-09" else _items)
    return replace(side, schema={key: value for key, value in schema.items() if key != "$schema"}, draft=LATEST)


def _before_2019(schema: dict[str, Any]) -> dict[str, Any]:
    """Up to draft 7, nothing counts beside `$ref`, except as a place that references lead to."""
    if "$ref" not in schema:
        return _items(schema)
    return {key: value for key, value in schema.items() if key in ("$ref", *_DEFINITIONS)}


def _items(schema: dict[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in schema.items() if key not in {"items", "additionalItems"}}
    if isinstance(schema.get("items"), list):
        found["prefixItems"] = schema["items"]
        return found | ({"items": schema["additionalItems"]} if "additionalItems" in schema else {})
    return found | ({"items": schema["items"]} if "items" in schema else {})
