"""`swath registry`: look at types, check documents and schemas, generate code."""

import json
from pathlib import Path

import click


@click.group(
    epilog="""\b
Examples:
  swath registry list
  swath registry show image@1
  swath registry validate image@1 scene.json
"""
)
def registry() -> None:
    """The types of the field: schemas, examples, models."""


@registry.command(
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


@registry.command(
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


@registry.command(
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
@click.option("--json", "as_json", is_flag=True, help="One JSON array of violations instead of lines.")
@click.pass_context
def validate(context: click.Context, reference: str, files: tuple[Path, ...], as_json: bool) -> None:
    """Check JSON or YAML FILES against REFERENCE (like image@1); tells file, line and column."""
    from swath_registry.checking import check_files

    found = check_files(reference, files)
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            click.echo(str(each))
        wrong = len({each.path for each in found})
        click.echo(f"{len(files) - wrong} of {len(files)} valid ({reference})", err=True)
    context.exit(1 if found else 0)


@registry.command(
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


@registry.command(
    epilog="""\b
Examples:
  swath registry generate
  swath registry generate --check

\b
Exit code: 0 done, 1 drifted (with --check), 3 datamodel-code-generator is missing.
"""
)
@click.option("--check", is_flag=True, help="Write nothing; say which generated files aren't what the schemas give.")
def generate(check: bool) -> None:
    """Write the pydantic models and converter bindings that follow from the schemas."""
    from swath_registry import generation
    from swath_schemas import PUBLISHED

    targets = generation.installed_targets()
    if check:
        files = generation.generated_files(PUBLISHED, targets)
        drifted = generation.differences(files, targets)
        if drifted:
            raise generation.Drifted(drifted)
        click.echo(f"{len(files)} generated file(s) are up to date", err=True)
        return
    for path in generation.generate(targets):
        click.echo(str(path))
