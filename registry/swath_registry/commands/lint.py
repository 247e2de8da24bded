"""`swath registry lint`."""

from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  swath registry lint
  swath registry lint image roi
  swath registry lint --root my-schemas
  swath registry lint --freeze

\b
Exit code: 0 nothing is wrong, 1 something is, 2 usage.
"""
)
@click.argument("types", nargs=-1)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
@click.option("--freeze", is_flag=True, help="Publish: where nothing is wrong, lock the digests of new versions.")
@click.pass_context
def lint(context: click.Context, types: tuple[str, ...], root: Path | None, freeze: bool) -> None:
    """Find what is wrong with the schemas of TYPES, or of all: rules, examples, published versions."""
    from swath_registry import lock
    from swath_registry.lint import lint as lint_schemas
    from swath_schemas import PUBLISHED, SchemaStore

    if freeze and types:
        raise click.UsageError("--freeze looks at the whole registry; leave TYPES out.")
    store = SchemaStore(root) if root else PUBLISHED
    found = lint_schemas(types, store)
    for finding in found:
        click.echo(str(finding))
    if found:
        click.echo(f"{len(found)} finding(s)", err=True)
        context.exit(1)
    checked = sum(1 for schema in store.schemas() if not types or schema.type in types)
    click.echo(f"{checked} version(s): nothing wrong", err=True)
    for name in lock.freeze(store) if freeze else []:
        click.echo(f"published {name}")
