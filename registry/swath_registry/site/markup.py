"""HTML that can't be broken by what stands in it: text is escaped unless it is `Html`."""

from collections.abc import Iterable
from html import escape

VOID = frozenset({"meta", "link", "input", "br"})
# Said again, because browsers forget that a table is one where a style stacks its cells.
_ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}
_HEADINGS = {"col": "columnheader", "row": "rowheader"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Node = Html | str | None | Iterable["Node"]


def tag(name: str, /, *content: Node, **attributes: str | bool | None) -> Html:
    """An element.

    Args:
        name: of the element.
        content: what stands in it; None is nothing.
        attributes: `class_` is `class`, `data_root` is `data-root`; True has no value, None and False are left out.
    """
    role = _HEADINGS.get(str(attributes.get("scope"))) if name == "th" else _ROLES.get(name)
    if role:
        attributes["role"] = role
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{told}>" if name in VOID else f"<{name}{told}>{text(content)}</{name}>")


def text(content: Node) -> Html:
    """Nodes one after the other, escaped where they aren't HTML."""
    if content is None:
        return Html("")
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return Html(escape(content, quote=False))
    return Html("".join(text(each) for each in content))


def prose(words: str) -> Html:
    """A description, in which `code` stands between backticks."""
    parts = words.split("`")
    if len(parts) % 2 == 0:
        return text(words)
    return text([tag("code", part) if index % 2 else part for index, part in enumerate(parts)])


def link(href: str, /, *content: Node, **attributes: str | bool | None) -> Html:
    """A link."""
    return tag("a", *content, href=href, **attributes)
