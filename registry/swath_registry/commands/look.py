"""`swath registry list` and `show`."""

import json
from pathlib import Path
from typing import Any

import click

ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)


@click.command(
    "list",
    epilog="""\b
Examples:
  swath registry list
  swath registry list --json
  swath registry list --root my-schemas
""",
)
@ROOT
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_types(root: Path | None, as_json: bool) -> None:
    """Say which types there are, in which versions; candidates are those that aren't published yet."""
    from swath_registry.opening import open_store
    from swath_registry.show import summaries

    found = summaries(open_store(root))
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    rows = [(each["type"], _versions(each), each["summary"]) for each in found]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    for name, versions, summary in rows:
        click.echo(f"{name:<{widths[0]}}  {versions:<{widths[1]}}  {summary}".rstrip())


def _versions(summary: dict[str, Any]) -> str:
    return ", ".join([*summary["versions"], *(f"{version} (candidate)" for version in summary["candidates"])])


@click.command(
    epilog="""\b
Examples:
  swath registry show image@1
  swath registry show describe --json > describe.schema.json
"""
)
@click.argument("reference")
@ROOT
@click.option("--json", "as_json", is_flag=True, help="The schema itself instead of a table.")
def show(reference: str, root: Path | None, as_json: bool) -> None:
    """Show what REFERENCE (like image, image@1 or image@1.0.0) holds."""
    from swath_registry.opening import open_store
    from swath_registry.show import schema_table

    store = open_store(root)
    schema = json.dumps(store.load(reference), indent=2, ensure_ascii=False) if as_json else ""
    click.echo(schema or schema_table(reference, store))
