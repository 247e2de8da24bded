"""`swath registry diff`."""

import json
from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  swath registry diff image@1.0.0 image@1.1.0
  swath registry diff old.schema.json new.schema.json
  swath registry diff --json link@1.0.0 link@1.1.0

\b
Marks: + more is accepted there, - less, ~ something else, ! it means something else,
       > it stands elsewhere, . it is only described otherwise.
Exit code: 0 nothing that decides what is accepted or meant differs (marks > and . alone), 1 something does, 2 usage.
Whether the two are compatible: swath registry compat OLD NEW
"""
)
@click.argument("old")
@click.argument("new")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def diff(context: click.Context, old: str, new: str, root: Path | None, as_json: bool) -> None:
    """Say what changed from OLD to NEW, place by place: types (image@1.0.0) or schema files."""
    from swath_registry.diff import changes
    from swath_registry.opening import open_store
    from swath_registry.sources import schema_named

    store = open_store(root)
    (before, one), (after, other) = schema_named(old, store), schema_named(new, store)
    found = changes(one, other)
    differs = any(each.matters for each in found)
    if as_json:
        told = {"old": before, "new": after, "differs": differs, "changes": [each.as_json() for each in found]}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for each in found:
            click.echo(f"{each.mark} {each.pointer or '/'}  {each.message}")
        click.echo(f"{len(found)} change(s) from {before} to {after}", err=True)
    context.exit(1 if differs else 0)
