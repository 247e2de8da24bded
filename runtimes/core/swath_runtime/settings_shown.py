"""All settings as a service would take them: with value, default and where the value is from; secrets are not shown."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import Field, fields
from typing import Any

from swath_runtime.settings import PREFIX, Settings, is_given, text_of

HIDDEN = "***"
USER = re.compile(r"(?<=://)([^/?#\s@:,]*):[^/?#\s,]*@")  # of a URL, whose password may hold an @ itself
IN_QUERY = re.compile(
    r"(?<=[?&])([^=&#\s,]*(?:password|passwd|pwd|secret|token|key|signature|sig)[^=&#\s,]*)=[^&#\s,]*", re.IGNORECASE
)


def rows(settings: Settings, environ: Mapping[str, str], options: Collection[str] = ()) -> list[dict[str, Any]]:
    """A row for each setting: `variable`, `value`, `default`, `source` and `help`.

    Args:
        settings: as they were made of `environ` and the options.
        environ: the variables that they were read from.
        options: names of those fields that options of a command line set.
    """
    return [_row(one, getattr(settings, one.name), environ, options) for one in fields(settings)]


def as_text(found: list[dict[str, Any]]) -> str:
    """The rows as a table for people."""
    cells = [(one["variable"], text_of(one["value"]) or "–", _told(one)) for one in found]
    first, second = (max(len(row[at]) for row in cells) for at in (0, 1))
    return "\n".join(f"{name:{first}}  {value:{min(second, 48)}}  {source}" for name, value, source in cells)


def as_json(found: list[dict[str, Any]]) -> str:
    """The rows as a JSON array."""
    return json.dumps(found, indent=2, ensure_ascii=False)


def without_secrets(text: str) -> str:
    """A text in which the passwords of URLs, and what their queries name like one, are hidden."""
    return IN_QUERY.sub(rf"\1={HIDDEN}", USER.sub(rf"\1:{HIDDEN}@", text))


def _row(one: "Field[Any]", value: Any, environ: Mapping[str, str], options: Collection[str]) -> dict[str, Any]:
    variable = PREFIX + one.name.upper()
    source = "option" if one.name in options else "environment" if is_given(variable, environ) else "default"
    return {
        "variable": variable,
        "value": _shown(value, is_secret=not one.repr),
        "default": _shown(one.default, is_secret=False),
        "source": source,
        "help": one.metadata["help"],
    }


def _shown(value: Any, *, is_secret: bool) -> Any:
    """Numbers and booleans as they are, all else as the text that a variable has."""
    if isinstance(value, bool | int | float):
        return value
    text = without_secrets(text_of(value))
    return HIDDEN if is_secret and text and "://" not in text else text


def _told(row: Mapping[str, Any]) -> str:
    if row["source"] == "default":
        return "default"
    return f"{row['source']} (default: {text_of(row['default']) or '–'})"
