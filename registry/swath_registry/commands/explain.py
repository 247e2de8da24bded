"""`swath registry explain`."""

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  swath registry explain overlap
  swath registry explain maximum-decreased
  swath registry explain image@1.0.0 image@1.1.0
  swath registry explain old.schema.json new.schema.json

\b
Exit code: 0 explained, 2 usage or no such rule. For a verdict as exit code: swath registry compat OLD NEW
"""
)
@click.argument("subject", metavar="RULE|OLD")
@click.argument("new", required=False)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")
def explain(subject: str, new: str | None, root: Path | None, as_json: bool) -> None:
    """Say what a RULE asks, why and how to mend it; or what NEW breaks of OLD, with a document that shows it.

    OLD and NEW are types (image@1.0.0) or schema files.
    """
    from swath_registry import explaining

    if new is None:
        text = explaining.rule_text(subject)
        click.echo(json.dumps(asdict(text), indent=2, ensure_ascii=False) if as_json else f"{subject}: {text}")
        return
    from swath_registry.compatibility import compare
    from swath_registry.opening import open_store
    from swath_registry.sources import schema_named

    store = open_store(root)
    (before, one), (after, other) = schema_named(subject, store), schema_named(new, store)
    comparison = compare(one, other, store=store)
    said = explaining.sentences(before, after, comparison)
    if as_json:
        told = {"old": before, "new": after, "sentences": said.splitlines(), **comparison.as_json()}
        said = json.dumps(told, indent=2, ensure_ascii=False)
    click.echo(said)
