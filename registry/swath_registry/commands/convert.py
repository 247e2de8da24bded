"""`swath registry convert`."""

import json
from pathlib import Path
from typing import Any

import click


@click.command(
    epilog="""\b
Examples:
  swath registry convert image@1.0.0 image@1.1.0 scene.json
  swath registry convert image@1 image@1.0 scene.json --out old.json
  swath registry convert image@1.1.0 image@1.0.0 scene.json --drop

\b
Exit code: 0 done, 1 it isn't valid, or the older version can't hold it (and --drop isn't given), 2 usage.
"""
)
@click.argument("source")
@click.argument("target")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--drop", is_flag=True, help="Leave out what an older version can't hold; says on standard error what.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the document there.")
@click.option(
    "--json", "as_json", is_flag=True, help='{"document": …, "lost": [{"pointer": …, "message": …}]} instead.'
)
@click.pass_context
def convert(
    context: click.Context, source: str, target: str, file: Path, drop: bool, out: Path | None, as_json: bool
) -> None:
    """Make the JSON or YAML document in FILE, of the type and version SOURCE, one of the version TARGET."""
    from swath_registry.documents import read_document
    from swath_registry.upgrades import WouldLose, reduce
    from swath_schemas import PUBLISHED

    reduced = reduce(read_document(file).value, source, target)
    if reduced.lost and not drop and not as_json:
        raise WouldLose(PUBLISHED.resolve(source), PUBLISHED.resolve(target), reduced.lost)
    refused = bool(reduced.lost) and not drop
    if as_json:
        lost = [{"pointer": each.pointer, "message": each.message} for each in reduced.lost]
        _write({"document": None if refused else reduced.document, "lost": lost}, out)
    else:
        for each in reduced.lost:
            click.echo(f"dropped {each}", err=True)
        _write(reduced.document, out)
    context.exit(1 if refused else 0)


def _write(value: Any, out: Path | None) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if out is None:
        click.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
