"""Dynamic references that can only ever lead to one place, said as plain references."""

from typing import Any

from swath_registry.compatibility.landscape import as_dict
from swath_registry.compatibility.subschemas import children, rewritten, walk

_DYNAMIC = ("$dynamicAnchor", "$recursiveAnchor")


def made_static(schema: Any) -> Any:
    """A schema that accepts the same, without `$dynamicRef` and `$recursiveRef` where that is possible; else itself.

    It is where nothing within has an `$id` of its own and each name is given once: then whichever way a reference is
    come to, the outermost place of that name is the only one.
    """
    every = list(walk(schema))
    if not any(name in each for each in every for name in ("$dynamicRef", "$recursiveRef", *_DYNAMIC)):
        return schema
    named = [each["$dynamicAnchor"] for each in every if "$dynamicAnchor" in each]
    plain = [each["$anchor"] for each in every if "$anchor" in each]
    if any("$id" in each for each in every[1:]) or len({*named, *plain}) < len(named) + len(plain):
        return schema
    if any("$ref" in each and ("$dynamicRef" in each or "$recursiveRef" in each) for each in every):
        return schema
    return rewritten(schema, _static(_places(schema)))


def _static(places: dict[str, str]) -> Any:
    def change(each: dict[str, Any]) -> dict[str, Any]:
        found = {key: value for key, value in each.items() if key not in _DYNAMIC}
        for keyword in ("$dynamicRef", "$recursiveRef"):
            reference = found.get(keyword)
            if isinstance(reference, str) and (reference == "#" or reference in places):
                found["$ref"] = places.get(reference, reference)
                del found[keyword]
        return found

    return change


def _places(schema: Any, pointer: str = "#") -> dict[str, str]:
    """The pointer of each dynamic anchor, by how it is referred to."""
    name = as_dict(schema).get("$dynamicAnchor")
    found = {f"#{name}": pointer} if isinstance(name, str) else {}
    for keyword, key, child in children(schema):
        step = "" if key is None else f"/{str(key).replace('~', '~0').replace('/', '~1')}"
        found |= _places(child, f"{pointer}/{keyword}{step}")
    return found
