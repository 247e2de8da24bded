"""The folder that `swath new` writes: one that passes its checks and its examples from the first moment."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from swath_algorithm.errors import AlgorithmError, FolderExists
from swath_algorithm.layout import DESCRIBE
from swath_registry.validation import Validator
from swath_schemas import load

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

TEMPLATES = Path(__file__).with_name("templates")
# Each a whole algorithm, with examples that runtimes/core/make_templates.py writes.
KINDS = ("minimal", "onnx", "detection", "change", "batched")


class NameUnusable(AlgorithmError):
    """A name that describe@1 would refuse."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name[:80]}' can't name an algorithm")
        self.name = name
        self.hint = "use lower-case letters, digits and single hyphens, at most 63 characters: cloud-detection"


class FactUnusable(AlgorithmError):
    """An organization or e-mail address that describe@1 would refuse."""

    exit_code = 2

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"--{field}: {reason}")
        self.field = field
        self.hint = "it is written into describe.yml, which must be valid; it can be changed there later"


def write_template(name: str, into: Path, organization: str, email: str, kind: str = "minimal") -> Path:
    """Folder of a new algorithm named `name` below `into`, after one of KINDS.

    Raises NameUnusable, FactUnusable or FolderExists, with nothing written.
    """
    require_name(name)
    for field, value in (("organization", organization), ("email", email)):
        require_fact(field, value)
    folder = into / name
    if folder.exists():
        raise FolderExists(folder)
    shutil.copytree(TEMPLATES / kind, folder, ignore=shutil.ignore_patterns("__pycache__"))
    facts = {
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "organization": _quoted(organization),
        "email": _quoted(email),
    }
    describe = folder / DESCRIBE
    describe.write_text(_filled(describe.read_text("utf-8"), facts), "utf-8")
    return folder


def require_name(name: str) -> None:
    """Raises NameUnusable unless describe@1 would take the name."""
    if not NAME.fullmatch(name) or len(name) > 63:
        raise NameUnusable(name)


def require_fact(field: str, value: str) -> None:
    """Raises FactUnusable unless describe@1 would take the value of a field."""
    for one in Validator(load("describe@1")["properties"][field]).violations(value):
        raise FactUnusable(field, one.message)


def _filled(describe: str, facts: Mapping[str, str]) -> str:
    """A template's description with the facts in the place of its own, each a line that begins with its field."""
    lines = describe.splitlines(keepends=True)
    for index, line in enumerate(lines):
        field, colon, _ = line.partition(":")
        if colon and field in facts:
            lines[index] = f"{field}: {facts[field]}\n"
    return "".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
