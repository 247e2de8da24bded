"""The pages that lead to versions: of all types, and of one."""

from swath_registry.catalogue import Catalogue, Published
from swath_registry.site.layout import page, page_of, page_of_type, section, table
from swath_registry.site.markup import Html, Node, link, prose, tag
from swath_registry.site.version_page import summary


def overview_page(catalogue: Catalogue) -> bytes:
    """The first page: every type with its newest version."""
    types = catalogue.store.types()
    return page(
        "Swath registry",
        "The types of geoprocessing services: schemas, examples and what changed between versions.",
        0,
        [],
        tag("h1", "Types of geoprocessing services"),
        tag(
            "p",
            "Each version is published once and never changes. What a version refers to is pinned; ",
            "documents name the version that they follow.",
            class_="lead",
        ),
        section(
            "types",
            f"{len(types)} types, {len(catalogue.entries)} versions",
            table("Types", ("Type", "Newest", "Versions", "What it is"), [_type(catalogue, name) for name in types]),
        ),
        section("files", "For machines", _files()),
    )


def type_page(catalogue: Catalogue, name: str) -> bytes:
    """The page of one type: every version of it, newest first."""
    versions = catalogue.versions(name)
    newest = catalogue.store.load(versions[-1].schema)
    rows = [_row(catalogue, entry) for entry in reversed(versions)]
    return page(
        name,
        summary(newest),
        2,
        [],
        tag("h1", newest.get("title", name)),
        tag("p", prose(newest.get("description", "")), class_="lead"),
        section("versions", "Versions", table("Versions", ("Version", "Published", "Since the one before"), rows)),
    )


def _type(catalogue: Catalogue, name: str) -> Html:
    versions = catalogue.versions(name)
    newest = versions[-1].schema
    return tag(
        "tr",
        tag("th", link(page_of_type(name), name), scope="row"),
        tag("td", link(page_of(newest), newest.version)),
        tag("td", str(len(versions))),
        tag("td", prose(summary(catalogue.store.load(newest)))),
    )


def _row(catalogue: Catalogue, entry: Published) -> Html:
    before = catalogue.before(entry)
    changes: Node = "the first"
    if before:
        changes = link(f"../../{page_of(entry.schema)}#changes", f"what changed since {before.schema.version}")
    return tag(
        "tr",
        tag("th", link(f"../../{page_of(entry.schema)}", entry.schema.version), scope="row"),
        tag("td", f"as number {entry.number}"),
        tag("td", changes),
    )


def _files() -> Html:
    told = (
        ("index.json", "every type and version, with digests and addresses"),
        ("registry.lock", "the digest of each version, in the order of publication"),
        ("SHA256SUMS", "the digest of every file of this site"),
    )
    return tag("ul", *(tag("li", link(name, name), f": {what}") for name, what in told))
