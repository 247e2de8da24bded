"""`swath registry lint`."""

import json
from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  swath registry lint
  swath registry lint image roi
  swath registry lint --root my-schemas
  swath registry lint --json > findings.json

\b
Exit code: 0 nothing is wrong, 1 something is, 2 usage.
What a rule asks and why: swath registry explain RULE
"""
)
@click.argument("types", nargs=-1)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
@click.option("--published", is_flag=True, help="Apply the rules to published versions too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of findings instead of lines.")
@click.pass_context
def lint(context: click.Context, types: tuple[str, ...], root: Path | None, published: bool, as_json: bool) -> None:
    """Find what is wrong with the schemas of TYPES, or of all.

    Candidates (versions that registry.lock doesn't hold) are held to the rules, their examples are tried; published
    versions must be what they were, byte for byte.
    """
    from swath_registry.lint import lint as lint_schemas
    from swath_registry.opening import open_store

    store = open_store(root)
    found = lint_schemas(types, store, published=published)
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            click.echo(str(each))
    chosen = [schema for schema in store.schemas() if not types or schema.type in types]
    candidates = sum(not store.is_published(schema) for schema in chosen)
    faults = sum(each.blocks for each in found)
    wrong = f"{faults} finding(s)" if faults else "nothing wrong"
    click.echo(f"{len(chosen) - candidates} published version(s), {candidates} candidate(s): {wrong}", err=True)
    context.exit(1 if faults else 0)
