"""`swath new` and `swath check`."""

from pathlib import Path

import click


@click.command(
    epilog="\b\nExamples:\n  swath new cloud-shadow\n"
    "  swath new cloud-shadow --into algorithms --email team@example.org"
)
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write it in. [default: the algorithms/ at hand, else the working directory]",
)
@click.option("--organization", default="Example organization", show_default=True, help="Who publishes it.")
@click.option("--email", default="contact@example.org", show_default=True, help="Whom to ask about it.")
def new(name: str, into: Path | None, organization: str, email: str) -> None:
    """Write a folder for a new algorithm that already passes its checks and its example."""
    from swath_algorithm.folder import shelf
    from swath_algorithm.template import write_template

    place = into or (shelf() if shelf().is_dir() else Path.cwd())
    folder = write_template(name, place, organization, email)
    click.echo(f"wrote {folder}")
    click.echo(f"next: edit describe.yml and process.py, then\n  swath check {folder}\n  swath test {folder}")


@click.command(
    epilog="\b\nExamples:\n  swath check                    every folder under algorithms/\n"
    "  swath check cloud-detection\n  swath check ./my-algorithm --json"
)
@click.argument("algorithm", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding, a line each.")
def check(algorithm: tuple[str, ...], as_json: bool) -> int:
    """Find every mistake in algorithm folders, without running them.

    ALGORITHM is a name under algorithms/ or a folder; all of algorithms/ if none is given.
    """
    from swath_algorithm.check import check as find_mistakes
    from swath_algorithm.folder import find_folder, known_names, shelf

    folders = [find_folder(one) for one in algorithm or known_names(shelf())]
    if not folders:
        raise click.UsageError(f"there is no algorithm in {shelf()}: name one, or give a folder")
    found = {folder: find_mistakes(folder) for folder in folders}
    for folder, findings in found.items():
        for one in findings:
            click.echo(_json_line(one) if as_json else f"{one}")
        if not findings and not as_json:
            click.echo(f"{folder}: no mistakes")
    return 1 if any(found.values()) else 0


def _json_line(finding: object) -> str:
    import json
    from dataclasses import asdict

    return json.dumps(asdict(finding), default=str)  # pyright: ignore[reportArgumentType]
