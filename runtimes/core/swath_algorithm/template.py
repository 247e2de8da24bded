"""The folder that `swath new` writes: the smallest that passes its checks and its example."""

import json
import re
from pathlib import Path

from swath_algorithm.errors import AlgorithmError, FolderExists
from swath_registry.validation import Validator
from swath_schemas import load

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

DESCRIBE = """\
# What this algorithm is, takes and gives. Checked against the type describe@1: swath check {name}
name: {name}
title: {title}
version: 0.1.0
family: processing
description: Each value times a factor. Replace this with what your algorithm does.
organization: {organization}
email: {email}

input:
  type: object
  properties:
    values:
      type: array
      items: {{type: number}}
      description: Numbers to multiply. (An image would be $ref image/1.)
    factor:
      type: number
      default: 2
      description: What each value is multiplied by.
  required: [values]

output:
  type: object
  description: The multiplied values.
  properties:
    products:
      type: array
      items: {{type: number}}
      description: One product for each value, in the same order.
  required: [products]

resources:
  cpu: 1          # cores
  ram: 268435456  # bytes
"""

PROCESS = '''\
def process(values: list, factor: float) -> dict:
    """Products of the values and the factor."""
    return {"products": [value * factor for value in values]}
'''


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


def write_template(name: str, into: Path, organization: str, email: str) -> Path:
    """Folder of a new algorithm named `name` below `into`.

    Raises NameUnusable, FactUnusable or FolderExists, with nothing written.
    """
    if not NAME.fullmatch(name) or len(name) > 63:
        raise NameUnusable(name)
    for field, value in (("organization", organization), ("email", email)):
        for one in Validator(load("describe@1")["properties"][field]).violations(value):
            raise FactUnusable(field, one.message)
    folder = into / name
    if folder.exists():
        raise FolderExists(folder)
    example = folder / "examples" / "doubles"
    example.mkdir(parents=True)
    title = name.replace("-", " ").capitalize()
    described = DESCRIBE.format(name=name, title=title, organization=_quoted(organization), email=_quoted(email))
    (folder / "describe.yml").write_text(described, encoding="utf-8")
    (folder / "process.py").write_text(PROCESS, encoding="utf-8")
    (example / "input.json").write_text('{"values": [1, 2.5, -3]}\n', encoding="utf-8")
    (example / "expected.json").write_text('{"products": [2, 5, -6]}\n', encoding="utf-8")
    return folder


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
