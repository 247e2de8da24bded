"""`swath import-pesto`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from swath_algorithm.pesto.notes import Kind
    from swath_algorithm.pesto.take_over import TakenOver


@click.command(
    "import-pesto",
    epilog="\b\nExamples:\n  swath import-pesto ~/projects/cloud-service\n"
    "  swath import-pesto ~/projects/cloud-service --into algorithms --json\n"
    "  swath import-pesto ~/projects/cloud-service --profile gpu",
)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write it in. [default: the algorithms/ at hand, else the working directory]",
)
@click.option(
    "--profile", "profiles", multiple=True, help="A profile of the project to merge in, as pesto build did; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def import_pesto(directory: Path, into: Path | None, profiles: tuple[str, ...], as_json: bool) -> int:
    """Make an algorithm folder of a PESTO project, and say what became of each part of it.

    DIR holds algorithm/process.py and pesto/api; it is left as it is. The report lies in the folder too, as
    import-report.md. Exit code 1 if the folder has mistakes to mend by hand, or the project can't be taken over.
    """
    from swath_algorithm.folder import shelf
    from swath_algorithm.pesto.take_over import REPORT, take_over

    place = into or (shelf() if shelf().is_dir() else Path.cwd())
    taken = take_over(directory, place, profiles)
    if as_json:
        click.echo(_json_of(taken))
        return 1 if taken.mistakes else 0
    click.echo(f"wrote {taken.folder}: {len(taken.notes.of('mapped'))} parts mapped")
    shown = {"decided: look at these": taken.notes.of("decided"), "could not be kept": taken.notes.of("lost")}
    for title, found in shown.items():
        click.echo(f"\n{title} ({len(found)})")
        for one in found:
            click.echo(f"  {one}")
    for one in taken.mistakes:
        click.echo(f"to mend: {taken.folder}/{one}")
    click.echo(f"\nall of it: {taken.folder / REPORT}")
    click.echo(f"next:\n  swath check {taken.folder}\n  swath test {taken.folder}")
    return 1 if taken.mistakes else 0


def _json_of(taken: "TakenOver") -> str:
    import json
    from dataclasses import asdict

    kinds: tuple[Kind, ...] = ("mapped", "decided", "lost")
    notes = {kind: [asdict(one) for one in taken.notes.of(kind)] for kind in kinds}
    mistakes = [asdict(one) for one in taken.mistakes]
    return json.dumps({"folder": str(taken.folder), "name": taken.name, **notes, "mistakes": mistakes}, default=str)
