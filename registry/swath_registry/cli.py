"""`swath registry`: look at types, check documents and schemas, publish versions, generate code."""

from importlib import import_module

import click

_COMMANDS = {
    "list": "look:list_types",
    "show": "look:show",
    "validate": "documents:validate",
    "convert": "convert:convert",
    "match": "match:match",
    "lint": "lint:lint",
    "diff": "diff:diff",
    "draft": "publish:draft",
    "check": "check:check",
    "attest": "check:attest",
    "publish": "publish:publish",
    "explain": "explain:explain",
    "generate": "generate:generate",
    "compat": "compat:compat",
    "serve": "serve:serve",
    "site": "site:site",
}


class Subcommands(click.Group):
    """A group whose members are imported only when they are asked for or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the subcommands, in the order in which a version goes through them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand, or None where there is none of that name."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"swath_registry.commands.{module}"), name)
        return found


@click.group(
    cls=Subcommands,
    epilog="""\b
Examples:
  swath registry list
  swath registry show image@1
  swath registry validate image@1 scene.json
""",
)
def registry() -> None:
    """The types of the field: schemas, examples, models."""
