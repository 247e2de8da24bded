"""describe.yml as text that YAML 1.2 reads back as it was."""

import re
from typing import Any

import yaml

# Plain texts that a reader of YAML 1.1 or 1.2 may take for a number, a truth or nothing.
_MISLEADING = re.compile(r"[-+.]?[0-9].*|[-+.].*|~|null|true|false|yes|no|on|off|y|n", re.IGNORECASE)


class _Dumper(yaml.SafeDumper):
    """Without anchors, and with quotes wherever a text looks like something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """True: a value that stands twice is written twice."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if _MISLEADING.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)  # pyright: ignore[reportUnknownMemberType]


_Dumper.add_representer(str, _text)  # pyright: ignore[reportUnknownMemberType]


def as_yaml(describe: dict[str, Any], head: str) -> str:
    """The document below a line of comment."""
    body: str = yaml.dump(describe, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)  # pyright: ignore[reportUnknownMemberType]
    return f"# {head}\n{body}"
