"""`swath new` and `swath check`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

TEMPLATES = {
    "minimal": "numbers in, numbers out",
    "onnx": "an ONNX model and a description, no code",
    "detection": "objects in an image, as GeoJSON in pixels",
    "change": "what differs between two images",
    "batched": "a measure of several images at once, for requests that come together",
}
ORGANIZATION, EMAIL = "Example organization", "contact@example.org"


@click.command(
    epilog="\b\nExamples:\n  swath new cloud-shadow\n"
    "  swath new ship-finder --template detection\n"
    "  swath new cloud-shadow --into algorithms --email team@example.org"
)
@click.argument("name")
@click.option(
    "--template",
    type=click.Choice(list(TEMPLATES)),
    help=f"What to begin with. {'; '.join(f'{name}: {what}' for name, what in TEMPLATES.items())}.  [default: minimal]",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write it in.  [default: the algorithms/ at hand, else the working directory]",
)
@click.option("--organization", help=f"Who publishes it.  [default: {ORGANIZATION}]")
@click.option("--email", help=f"Whom to ask about it.  [default: {EMAIL}]")
def new(name: str, template: str | None, into: Path | None, organization: str | None, email: str | None) -> None:
    """Write a folder for a new algorithm that already passes its checks and its examples.

    On a terminal, what no option says is asked; elsewhere the default is taken.
    """
    from swath_algorithm.folder import shelf
    from swath_algorithm.template import require_name, write_template

    require_name(name)
    kind = template or _asked("Template", "minimal", list(TEMPLATES))
    organization = _asked("Organization", ORGANIZATION) if organization is None else organization
    email = _asked("E-mail", EMAIL) if email is None else email
    place = into or (shelf() if shelf().is_dir() else Path.cwd())
    folder = write_template(name, place, organization, email, kind)
    parts = "describe.yml and model.onnx" if kind == "onnx" else "describe.yml and process.py"
    click.echo(f"wrote {folder}")
    click.echo(f"next: edit {parts}, then\n  swath check {folder}\n  swath test {folder}")


def _asked(what: str, default: str, known: Sequence[str] = ()) -> str:
    """What somebody at a terminal answers; the default where nobody sits."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return default
    answer: str = click.prompt(what, default=default, type=click.Choice(known) if known else str)
    return answer


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
