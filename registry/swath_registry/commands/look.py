"""`swath registry list` and `show`."""

import json

import click


@click.command(
    "list",
    epilog="""\b
Examples:
  swath registry list
  swath registry list --json
""",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_types(as_json: bool) -> None:
    """Say which types there are, in which versions."""
    from swath_registry.show import summaries

    found = summaries()
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    width = max(len(each["type"]) for each in found)
    for each in found:
        click.echo(f"{each['type']:<{width}}  {', '.join(each['versions']):<8}  {each['summary']}")


@click.command(
    epilog="""\b
Examples:
  swath registry show image@1
  swath registry show describe --json > describe.schema.json
"""
)
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="The schema itself instead of a table.")
def show(reference: str, as_json: bool) -> None:
    """Show what REFERENCE (like image, image@1 or image@1.0.0) holds."""
    from swath_registry.show import schema_table
    from swath_schemas import load

    text = json.dumps(load(reference), indent=2, ensure_ascii=False) if as_json else schema_table(reference)
    click.echo(text)
