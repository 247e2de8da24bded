"""The code generator's text made ours: free of what it repeats, and of traces of what else was made in the same run.

datamodel-code-generator writes up to 300 lines of helper classes into each module that has a rule for whole
objects. They are cut out, the classes that were based on them are based on `swath_types.rules`, and imports that
nothing needs any more go. A rule that `swath_types.rules` doesn't check is an error, never silently lost.

Classes that have no name of their own it numbers across all modules of a run, so that a published version's classes
would be renamed by publishing another. They are numbered anew, within their module.
"""

import re
from itertools import count
from typing import Any

from swath_registry.errors import GenerationFailed
from swath_registry.generator_input import dependents, members_of_union
from swath_registry.schema_walk import Place, walk

_OWN_HEADER = re.compile(r"\A(#[^\n]*\n)+")
_NUMBERED = re.compile(r"^(?:class )?([A-Za-z_]\w*\d)(?=\(| = )", re.MULTILINE)
_HELPERS = re.compile(r"^class _JsonSchemaRuntimeValidation\w*\(.*\n(?:[ ].*\n|\n)*", re.MULTILINE)
_MODEL = re.compile(r"\(_JsonSchemaRuntimeValidation\w*, Model\)")
_OTHER = re.compile(r"\b_JsonSchemaRuntimeValidation\w*\b")
_KIND = re.compile(r"__json_schema_\w+?__")
_IMPORT = re.compile(r"^from (\S+) import (?:\(([^)]*)\)|(.*))$|^import (\w+)$", re.MULTILINE)
_WIDTH = 88  # the generator's own


def finished(text: str, schema: dict[str, Any]) -> str:
    """A module as it is committed, but for its heading.

    Args:
        text: as the generator writes it.
        schema: what it was made from.

    Raises:
        GenerationFailed: the module lacks a class, or has a rule that `swath_types.rules` doesn't check.
    """
    title: str = schema["title"]
    body = _renumbered(_OWN_HEADER.sub("", text), _titles(schema))
    for name, asked in dependents(schema).items():
        body = _with_dependents(body, name, asked)
    if f"class {title}(" not in body:
        body = _with_union(body, title, members_of_union(schema))
    return _with_shared_rules(body, title)


def _renumbered(text: str, titles: set[str]) -> str:
    """The module with its numbered classes numbered from 1 in their order, but for those that are titles."""
    numbered = [found[1] for found in _NUMBERED.finditer(text) if found[1] not in titles]
    taken, names = set(titles), dict[str, str]()
    for name in numbered:
        stem = name.rstrip("0123456789")
        names[name] = next(free for number in count(1) if (free := f"{stem}{number}") not in taken)
        taken.add(names[name])
    return re.sub(r"\b\w+\d\b", lambda found: names.get(found[0], found[0]), text) if names else text


def _titles(schema: dict[str, Any]) -> set[str]:
    return {str(place.schema["title"]) for place in walk(Place(schema, ())) if "title" in place.schema}


def _with_shared_rules(text: str, title: str) -> str:
    """The module without the helpers that the generator writes into each."""
    from swath_types.rules import KINDS

    body = _HELPERS.sub("", text)
    unknown = sorted(set(_KIND.findall(body)) - KINDS)
    if unknown:
        raise GenerationFailed(title, f"swath_types.rules doesn't check {', '.join(unknown)}")
    rebased = _OTHER.sub("Rules", _MODEL.sub("(Model)", body))
    return _without_idle_imports(_with_rules_imported(rebased) if "(Rules, " in rebased else rebased)


def _with_rules_imported(text: str) -> str:
    before = [each for each in _IMPORT.finditer(text) if each[1] in {"pydantic", "swath_types.base"}][-1]
    return f"{text[: before.end()]}\nfrom swath_types.rules import Rules{text[before.end() :]}"


def _without_idle_imports(text: str) -> str:
    """The module without the imported names that it doesn't use; what is left is sorted and wrapped as before."""
    code = _IMPORT.sub("", text)

    def kept(found: re.Match[str]) -> str:
        module, several, one, plain = found.groups()
        if plain:
            return found[0] if re.search(rf"\b{plain}\.", code) else _GONE
        if module == "__future__":
            return found[0]
        names = [name.strip() for name in (several or one).split(",") if name.strip()]
        used = [name for name in names if re.search(rf"\b{name.split(' as ')[-1]}\b", code)]
        return _import(module, used) if used else _GONE

    return _IMPORT.sub(kept, text).replace(f"{_GONE}\n", "")


_GONE = "\0"


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _with_dependents(text: str, title: str, asked: dict[str, list[str]]) -> str:
    attribute = f"    __dependent_required__ = { ({name: tuple(others) for name, others in asked.items()})!r}\n\n"
    found = re.search(rf'^class {title}\(.*?\):\n(    """.*?"""\n\n)?', text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise GenerationFailed(title, "the generated module has no such class")
    return text[: found.end()] + attribute + text[found.end() :]


def _with_union(text: str, title: str, members: list[str]) -> str:
    """The module with the model of a type that is one of several others, which the generator only inlines."""
    if not members:
        raise GenerationFailed(title, "the generated module has no such class")
    return f'{text}\n\nclass {title}(RootModel[{" | ".join(members)}]):\n    """One of the above."""\n'
