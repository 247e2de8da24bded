"""`swath registry publish` and `draft`."""

import json
from pathlib import Path
from typing import Literal

import click


@click.command(
    epilog="""\b
Examples:
  swath registry publish image
  swath registry publish image@1.2.0 imageCapabilities@1.2.0
  swath registry publish image --dry-run
  swath registry publish thing --root my-schemas

\b
Exit code: 0 published, 1 refused (nothing was changed), 2 usage, 3 the code generator is missing.
"""
)
@click.argument("names", metavar="TYPE|TYPE@VERSION...", nargs=-1, required=True)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
@click.option("--dry-run", is_flag=True, help="Do everything but write.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def publish(names: tuple[str, ...], root: Path | None, dry_run: bool, as_json: bool) -> None:
    """Publish candidates (versions that registry.lock doesn't hold): once, and for good.

    Lint, examples and the versions published before must not speak against it, and the number must ask for the bump
    that the changes need. Then models are generated, the version's files frozen, and a line is added to the lock.
    """
    from swath_registry import publishing
    from swath_registry.opening import open_store

    store = open_store(root)
    examination = publishing.examine(names, store)
    if not as_json:
        click.echo(str(examination))
    elif examination.reasons:
        click.echo(json.dumps(examination.as_json(), indent=2, ensure_ascii=False))
    done = publishing.publish(examination, store, publishing.targets_of(store), dry_run=dry_run)
    if as_json:
        told = {**examination.as_json(), "numbers": {each.name: each.number for each in done.entries}}
        told["generated"] = [str(path) for path in done.generated]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for path in done.generated:
        click.echo(f"{'would generate' if dry_run else 'generated'} {path}")
    for entry in done.entries:
        click.echo(f"published {entry.name} as number {entry.number}")
    if dry_run:
        click.echo("nothing stands against publishing; nothing was written (--dry-run)")


@click.command(
    epilog="""\b
Examples:
  swath registry draft image --bump minor
  swath registry draft image@1 --bump patch

\b
Exit code: 0 done, 1 that version has been begun already, 2 usage.
"""
)
@click.argument("reference", metavar="TYPE|TYPE@MAJOR")
@click.option("--bump", type=click.Choice(["patch", "minor", "major"]), default="minor", show_default=True)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
def draft(reference: str, bump: Literal["patch", "minor", "major"], root: Path | None) -> None:
    """Begin a candidate: a copy of the newest published version under the number that follows, to be edited."""
    from swath_registry.drafting import draft as begin
    from swath_registry.opening import open_store

    store = open_store(root)
    schema = begin(reference, bump, store)
    click.echo(f"{schema}: edit {store.path(schema)}")
