"""`swath registry generate`."""

import click


@click.command(
    epilog="""\b
Examples:
  swath registry generate
  swath registry generate --check
  swath registry generate --check --afresh

\b
Exit code: 0 done, 1 drifted (with --check), 3 datamodel-code-generator is missing.
"""
)
@click.option("--check", is_flag=True, help="Write nothing; say which generated files aren't what the schemas give.")
@click.option("--afresh", is_flag=True, help="Make every model anew, even where digests say that nothing changed.")
def generate(check: bool, afresh: bool) -> None:
    """Write the pydantic models, converter bindings and upgrade steps that follow from the schemas."""
    from swath_registry import generation
    from swath_schemas import PUBLISHED

    targets = generation.installed_targets()
    if check:
        files = generation.generated_files(PUBLISHED, targets, afresh=afresh)
        drifted = generation.differences(files, targets)
        if drifted:
            raise generation.Drifted(drifted)
        click.echo(f"{len(files)} generated file(s) are up to date", err=True)
        return
    for path in generation.generate(targets, afresh=afresh):
        click.echo(str(path))
