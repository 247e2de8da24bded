"""The frame of every page: what is at the top, what it loads, how it finds its way to the others.

Every address is relative, so that the pages work from a folder, at the root of a host or below a path. Nothing is
loaded from elsewhere.
"""

from swath_registry.site.markup import Html, Node, link, tag
from swath_schemas import SchemaId

_SKIP = "Skip to content"


def page(title: str, description: str, depth: int, trail: list[tuple[str, str]], *content: Node) -> bytes:
    """A whole page, UTF-8.

    Args:
        title: of the page.
        description: in a line, for search engines and previews.
        depth: how many folders below the site's root it lies.
        trail: the pages above it, as text and address from the root.
        content: what is on it.
    """
    root = "../" * depth
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="description", content=description),
        tag("title", f"{title} – Swath registry" if trail else title),
        tag("link", rel="stylesheet", href=f"{root}assets/style.css"),
        tag("script", src=f"{root}assets/site.js", defer=True),
    )
    body = tag(
        "body",
        link("#content", _SKIP, class_="skip"),
        _header(root, trail),
        tag("main", *content, id="content"),
        data_root=root,
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n".encode()


def section(name: str, title: Node, *content: Node) -> Html:
    """A part of a page that can be linked to."""
    return tag("section", tag("h2", link(f"#{name}", title), id=name), *content)


def table(label: str, headings: tuple[str, ...], rows: list[Html]) -> Html:
    """A table that scrolls sideways where the screen is narrow; `label` names it for those who can't see it."""
    head = tag("thead", tag("tr", *(tag("th", heading, scope="col") for heading in headings)))
    inner = tag("table", head, tag("tbody", *rows))
    return tag("div", inner, class_="scroll", role="region", aria_label=label, tabindex="0")


def page_of(schema: SchemaId) -> str:
    """Address of a version's page, from the site's root."""
    return f"schemas/{schema.type}/{schema.version}/index.html"


def page_of_type(type_: str) -> str:
    """Address of a type's page, from the site's root."""
    return f"schemas/{type_}/index.html"


def _header(root: str, trail: list[tuple[str, str]]) -> Html:
    home = link(f"{root}index.html", "Swath registry", class_="home")
    crumbs = [link(f"{root}{href}", name) for name, href in trail]
    search = tag(
        "form",
        tag("label", "Search", for_="search", class_="unseen"),
        tag(
            "input",
            type="search",
            id="search",
            placeholder="Search types and properties",
            autocomplete="off",
            aria_controls="found",
        ),
        tag("div", id="found", hidden=True, role="status"),
        role="search",
        class_="search",
        hidden=True,  # until the script that makes it work shows it
    )
    return tag("header", tag("nav", home, crumbs, aria_label="Where you are"), search)
