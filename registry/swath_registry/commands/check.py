"""`swath registry check` and `attest`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from swath_registry.compatibility.verdicts import Direction
    from swath_registry.reviewing import Review

ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)


@click.command(
    epilog="""\b
Examples:
  swath registry check
  swath registry check image
  swath registry check image@1.2.0 --json
  swath registry check --published

\b
Exit code: 0 each candidate may be published as it is numbered, 1 one may not, 2 usage.
What a rule means: swath registry explain RULE
"""
)
@click.argument("names", metavar="[TYPE|TYPE@VERSION]...", nargs=-1)
@ROOT
@click.option("--published", is_flag=True, help="Check published versions again, each against the one before.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of reviews instead of lines.")
@click.pass_context
def check(context: click.Context, names: tuple[str, ...], root: Path | None, published: bool, as_json: bool) -> None:
    """Compare candidates with every published version of their major, and their number with the bump that they need.

    A candidate is a version that registry.lock doesn't hold. Where a document breaks, it is shown.
    """
    from swath_registry.candidates import candidates
    from swath_registry.opening import open_store
    from swath_registry.reviewing import review_all, review_published

    store = open_store(root)
    reviews = review_published(names, store) if published else review_all(candidates(names, store), store)
    found: list[Review] = []
    for review in reviews:
        found.append(review)
        if not as_json:
            click.echo(str(review))
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    blocked = sum(each.is_blocked for each in found)
    click.echo(f"{len(found)} version(s) checked, {blocked} can't be published like this", err=True)
    context.exit(1 if blocked else 0)


@click.command(
    epilog="""\b
Example:
  swath registry attest image@1.2.0 --against image@1.1.0 --direction backward \\
      --by "A. Maintainer" --reason "the pattern was only written otherwise"

\b
Exit code: 0 recorded, 1 there is nothing to vouch for, 2 usage.
"""
)
@click.argument("candidate")
@click.option("--against", required=True, help="The published version, as type@version.")
@click.option("--direction", type=click.Choice(["backward", "forward"]), default="backward", show_default=True)
@click.option("--by", required=True, help="Who vouches for it.")
@click.option("--reason", required=True, help="Why it is so.")
@ROOT
def attest(candidate: str, against: str, direction: "Direction", by: str, reason: str, root: Path | None) -> None:
    """Vouch for what `check` calls undecided: that CANDIDATE keeps its promise to a published version.

    It is recorded beside the schema with the digests of both, covers no other change, and is frozen with the version.
    """
    from datetime import UTC, datetime

    from swath_registry.opening import open_store
    from swath_registry.vouching import vouch

    store = open_store(root)
    on = datetime.now(UTC).date()
    path = vouch(candidate, against, direction, by=by, reason=reason, on=on, store=store)
    click.echo(f"recorded in {path}")
