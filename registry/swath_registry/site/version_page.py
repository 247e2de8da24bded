"""The page of one version: what it is, its properties, its examples, what changed since the one before."""

from collections.abc import Iterator, Sequence
from typing import Any

from swath_registry.catalogue import Catalogue, Published
from swath_registry.diff import Change
from swath_registry.examples import Example, examples
from swath_registry.site.layout import page, page_of, page_of_type, section, table
from swath_registry.site.markup import Html, Node, link, prose, tag
from swath_registry.site.rows import Piece, Reader, Row, parts
from swath_registry.site.rules import rules
from swath_schemas import SchemaId

_ROOT = "../../../"
_HEADINGS = ("Property", "Type", "Unit", "Bounds", "Description")
_LONGEST = 6000  # characters of an example that is shown on the page; a longer one is only linked


def version_page(catalogue: Catalogue, entry: Published, changes: Sequence[Change]) -> bytes:
    """The page, HTML.

    Args:
        catalogue: all that is published.
        entry: the version.
        changes: what changed since the version before; nothing for the first.
    """
    schema = catalogue.store.load(entry.schema)
    reader = Reader(catalogue.store, schema)
    valid, invalid = examples(catalogue.store, entry.schema)
    before = catalogue.before(entry)
    return page(
        str(entry),
        summary(schema),
        3,
        [(entry.schema.type, page_of_type(entry.schema.type))],
        tag("h1", schema.get("title", entry.schema.type), " ", tag("small", entry.schema.version)),
        tag("p", prose(str(schema.get("description", ""))), class_="lead"),
        _newer(catalogue, entry),
        _facts(catalogue, entry),
        section("properties", "Properties", _properties(reader, schema)),
        section("examples", "Examples", _valid(valid), _invalid(invalid)),
        section("changes", f"Changes since {before.schema.version}", _changes(changes, before)) if before else None,
        section("versions", "Versions", _versions(catalogue, entry)),
    )


def summary(schema: dict[str, Any]) -> str:
    """The first sentence of a schema's description."""
    return str(schema.get("description", "")).partition(". ")[0].rstrip(".")


def _versions(catalogue: Catalogue, current: Published) -> Html:
    versions = reversed(catalogue.versions(current.schema.type))
    return tag("ul", *(_version(entry, entry == current) for entry in versions), class_="versions")


def _version(entry: Published, is_current: bool) -> Html:
    href = f"{_ROOT}{page_of(entry.schema)}"
    return tag("li", link(href, entry.schema.version, aria_current="page" if is_current else None))


def _newer(catalogue: Catalogue, entry: Published) -> Node:
    newest = catalogue.versions(entry.schema.type)[-1]
    if newest == entry:
        return None
    return tag("p", "There is a newer version: ", _schema_link(newest.schema), ".", class_="note")


def _facts(catalogue: Catalogue, entry: Published) -> Html:
    needs, users = catalogue.references[entry.schema], catalogue.users[entry.schema]
    files = [link("schema.json", "schema"), " · ", link("bundle.json", "bundle, all references inside")]
    files += [" · ", link("examples.json", "examples")]
    facts: list[tuple[str, Node]] = [
        ("Identifier", tag("code", entry.schema.uri)),
        ("Digest", tag("code", entry.digest)),
        ("Files", files),
        ("Refers to", _schema_links(needs)),
        ("Used by", _schema_links(users)),
    ]
    return tag("dl", *((tag("dt", name), tag("dd", value)) for name, value in facts if value))


def _schema_links(schemas: Sequence[SchemaId]) -> list[Node]:
    return [[", " if index else "", _schema_link(schema)] for index, schema in enumerate(schemas)]


def _schema_link(schema: SchemaId, definition: str = "") -> Html:
    anchor = f"#{_anchor(definition)}" if definition else ""
    return link(f"{_ROOT}{page_of(schema)}{anchor}", str(schema))


def _properties(reader: Reader, schema: dict[str, Any]) -> Iterator[Node]:
    for name, part in parts(schema):
        rows = list(reader.rows(part))
        if name:
            yield tag("h3", link(f"#{_anchor(name)}", name), id=_anchor(name))
            yield tag("p", prose(str(part.get("description", ""))))
        if rows:
            yield table(f"Properties of {name or 'the type'}", _HEADINGS, [_row(row) for row in rows])
        else:
            yield table(f"What {name or 'the type'} is", _HEADINGS, [_row(reader.row(name or "value", part))])
        demands = list(rules(part))
        yield tag("ul", *(tag("li", prose(demand)) for demand in demands), class_="rules") if demands else None


def _row(row: Row) -> Html:
    marks = [tag("span", "required", class_="required")] if row.is_required else []
    marks += [tag("span", "deprecated", class_="deprecated")] if row.is_deprecated else []
    return tag(
        "tr",
        tag("th", tag("code", row.name), " " if marks else "", marks, scope="row"),
        tag("td", *(_piece(piece) for piece in row.type)),
        tag("td", row.unit),
        tag("td", row.bounds, *([" " if row.bounds else "", tag("code", pattern)] for pattern in row.patterns)),
        tag("td", prose(row.description)),
    )


def _piece(piece: Piece) -> Node:
    if piece.schema:
        return _schema_link(piece.schema, piece.definition)
    return link(f"#{_anchor(piece.definition)}", piece.text) if piece.definition else piece.text


def _anchor(definition: str) -> str:
    return f"definition-{definition}"


def _valid(found: Sequence[Example]) -> Iterator[Node]:
    yield tag("h3", "Valid")
    for index, example in enumerate(found):
        words = example.path.read_text(encoding="utf-8")
        name = example.path.name
        file = tag("p", link(f"examples/valid/{name}", name))
        shown = tag("pre", tag("code", words), tabindex="0") if len(words) <= _LONGEST else None
        yield tag("details", tag("summary", example.path.stem), file, shown, open=index == 0)


def _invalid(found: Sequence[Example]) -> Iterator[Node]:
    if not found:
        return
    rows = [
        tag(
            "tr",
            tag("th", link(f"examples/invalid/{each.path.name}", each.path.name), scope="row"),
            tag("td", tag("code", each.keyword or "")),
            tag("td", tag("code", each.pointer or "/")),
        )
        for each in found
    ]
    inner = table("Invalid examples", ("File", "Keyword that fails", "Where"), rows)
    yield tag("details", tag("summary", f"{len(found)} invalid documents, and what each must fail on"), inner)


def _changes(changes: Sequence[Change], before: Published) -> Iterator[Node]:
    href = f"diff/{before.schema.version}.json"
    yield tag("p", "Since ", _schema_link(before.schema), "; ", link(href, "as JSON"), ".")
    if not changes:
        yield tag("p", "Nothing that a document could show.")
        return
    rows = [
        tag("tr", tag("th", tag("code", change.pointer or "/"), scope="row"), tag("td", prose(change.message)))
        for change in changes
    ]
    yield table("Changes", ("Where", "What"), rows)
