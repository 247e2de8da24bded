"""The names of what breaks, in the style of other registries: what a keyword of the refusing schema did."""

from typing import Any

from swath_registry.compatibility.landscape import Landscape, Path, as_dict, as_list

# What a keyword did where the other schema has none of it, and where both have it.
_ADDED_NARROWED: dict[str, tuple[str, str]] = {
    "type": ("type-added", "type-narrowed"),
    "enum": ("enum-added", "enum-value-removed"),
    "const": ("const-added", "const-changed"),
    "pattern": ("pattern-added", "pattern-changed"),
    "format": ("format-added", "format-changed"),
    "minLength": ("min-length-added", "min-length-increased"),
    "maxLength": ("max-length-added", "max-length-decreased"),
    "minimum": ("minimum-added", "minimum-increased"),
    "maximum": ("maximum-added", "maximum-decreased"),
    "exclusiveMinimum": ("exclusive-minimum-added", "exclusive-minimum-increased"),
    "exclusiveMaximum": ("exclusive-maximum-added", "exclusive-maximum-decreased"),
    "multipleOf": ("multiple-of-added", "multiple-of-changed"),
    "minItems": ("min-items-added", "min-items-increased"),
    "maxItems": ("max-items-added", "max-items-decreased"),
    "uniqueItems": ("unique-items-added", "unique-items-added"),
    "contains": ("contains-added", "contains-changed"),
    "minContains": ("min-contains-added", "min-contains-increased"),
    "maxContains": ("max-contains-added", "max-contains-decreased"),
    "minProperties": ("min-properties-added", "min-properties-increased"),
    "maxProperties": ("max-properties-added", "max-properties-decreased"),
    "propertyNames": ("property-names-added", "property-names-narrowed"),
    "dependentRequired": ("dependent-required-added", "dependent-required-extended"),
    "dependentSchemas": ("dependent-schema-added", "dependent-schema-narrowed"),
    "dependencies": ("dependency-added", "dependency-narrowed"),
    "required": ("property-required-added", "property-required-added"),
    "not": ("not-added", "not-extended"),
    "if": ("condition-added", "condition-changed"),
    "anyOf": ("any-of-added", "any-of-branch-removed"),
    "items": ("items-added", "items-narrowed"),
    "additionalItems": ("additional-items-removed", "additional-items-narrowed"),
    "unevaluatedItems": ("unevaluated-items-removed", "unevaluated-items-narrowed"),
    "contentEncoding": ("content-encoding-added", "content-encoding-changed"),
    "contentMediaType": ("content-media-type-added", "content-media-type-changed"),
}  # fmt: skip
_CLOSING = frozenset({"additionalProperties", "unevaluatedProperties"})


def rule(keyword: str, path: Path, kind: str, other: Landscape) -> str:
    """The rule's name.

    Args:
        keyword: what refuses.
        path: where in the document.
        kind: the validator's word for the error: `oneOf` refuses none and several for different reasons.
        other: the schema that accepts.
    """
    keywords = [part.keywords for part in other.at(path)]
    if keyword in _CLOSING:
        return _closed(keyword, path, other)
    if keyword == "oneOf":
        several = kind.endswith("OneOfMultipleValid")
        return "one-of-overlap" if several else f"one-of-{'branch-removed' if _has(keywords, 'oneOf') else 'added'}"
    if keyword == "false":
        return "forbidden"
    added, narrowed = _ADDED_NARROWED.get(keyword, (f"{keyword}-added", f"{keyword}-changed"))
    return narrowed if _has(keywords, keyword) else added


def _closed(keyword: str, path: Path, other: Landscape) -> str:
    """Whether a property was taken away, or the object closed."""
    parent = [part.keywords for part in other.at(path[:-1])]
    name = path[-1] if path else ""
    if any(name in as_dict(each.get("properties")) or name in as_list(each.get("required")) for each in parent):
        return "property-removed-from-closed"
    stem = "additional-properties" if keyword == "additionalProperties" else "unevaluated-properties"
    return f"{stem}-{'narrowed' if _has(parent, keyword) else 'removed'}"


def _has(parts: list[dict[str, Any]], keyword: str) -> bool:
    return any(keyword in part for part in parts)
