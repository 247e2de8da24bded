"""Which branch of a failed `oneOf` or `anyOf` was meant: its errors say more than that none fits."""

import jsonschema_rs

Branch = list[jsonschema_rs.ValidationError]


def is_unmatched(error: jsonschema_rs.ValidationError) -> bool:
    """Whether it says that no branch fits (not that several do)."""
    kinds = jsonschema_rs.ValidationErrorKind
    return isinstance(error.kind, kinds.AnyOf | kinds.OneOfNotValid)  # pyright: ignore


def closest_branch(error: jsonschema_rs.ValidationError) -> Branch:
    """The errors of the one branch that the document comes nearest to.

    Where several are as near, what is wrong in all of them; [] where that is nothing.
    """
    branches, here = _branches(error), error.instance_path
    ranked = sorted((_distance(branch, here), index) for index, branch in enumerate(branches) if branch)
    if not ranked or ranked[0][0][0] == _WRONG_SHAPE:
        return []
    near = [branches[index] for distance, index in ranked if distance[0] == ranked[0][0][0]]
    if len(near) > 1 and ranked[0][0][0] == _WRONG_KIND:
        return []
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        return [error for error in near[0] if all(_same(error, branch) for branch in near)]
    return branches[ranked[0][1]]


_FITS, _WRONG_KIND, _WRONG_SHAPE = range(3)


def _distance(branch: Branch, here: list[str | int]) -> tuple[int, int]:
    """How far a document is from a branch: its JSON type is wrong, or a `const` (its kind), or other things."""
    if _has_wrong_type(branch, here):
        return _WRONG_SHAPE, len(branch)
    if any(error.kind.name in {"const", "enum"} and _is_near(error, here) for error in branch):
        return _WRONG_KIND, len(branch)
    return _FITS, len(branch)


def _has_wrong_type(branch: Branch, here: list[str | int]) -> bool:
    return any(
        error.kind.name == "type"
        or (is_unmatched(error) and all(_has_wrong_type(each, here) for each in _branches(error)))
        for error in branch
        if error.instance_path == here
    )


def _branches(error: jsonschema_rs.ValidationError) -> list[Branch]:
    return getattr(error.kind, "context", [])


def _is_near(error: jsonschema_rs.ValidationError, here: list[str | int]) -> bool:
    return len(error.instance_path) <= len(here) + 1


def _same(error: jsonschema_rs.ValidationError, branch: Branch) -> bool:
    return any(
        other.instance_path == error.instance_path and other.kind.as_dict() == error.kind.as_dict() for other in branch
    )
