"""`swath registry validate`."""

import json
from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  swath registry validate image@1 scene.json
  swath registry validate describe@1 algorithms/*/describe.yml
  swath registry validate error@1 --json answer.json

\b
Exit code: 0 all are valid, 1 something is wrong, 2 usage.
"""
)
@click.argument("reference")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array of violations instead of lines.")
@click.pass_context
def validate(context: click.Context, reference: str, files: tuple[Path, ...], root: Path | None, as_json: bool) -> None:
    """Check JSON or YAML FILES against REFERENCE (like image@1); tells file, line and column."""
    from swath_registry.checking import check_files
    from swath_registry.opening import open_store

    found = check_files(reference, files, open_store(root))
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            click.echo(str(each))
        wrong = len({each.path for each in found})
        click.echo(f"{len(files) - wrong} of {len(files)} valid ({reference})", err=True)
    context.exit(1 if found else 0)
