"""`swath run` and `swath serve`."""

import sys
from pathlib import Path

import click


@click.command(
    epilog="\b\nExamples:\n  swath run cloud-detection --input image=scene.tif --out result/\n"
    "  swath run cloud-detection --input image=scene.tif --input threshold=0.1 --out result/\n"
    "  swath run ./mosaic --input tiles=a.tif --input tiles=b.tif   a list of images, one by one"
)
@click.argument("algorithm")
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE|FILE", help="An input; give one for each.")
@click.option("--json", "as_json", is_flag=True, help="Print the files written as one JSON object.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("result"), show_default=True)
@click.option("--profile", default="cpu", show_default=True, help="Profile to run under.")
def run(algorithm: str, inputs: tuple[str, ...], out: Path, profile: str, as_json: bool) -> None:
    """Call an algorithm once, in this process, and write its results into a folder.

    ALGORITHM is a name under algorithms/ or a folder. An image result is written as its file, with a quick-look PNG
    beside it; result.json holds the rest.
    """
    import json

    from swath_algorithm.folder import open_algorithm
    from swath_runtime.local import call_once, payload_of, write_outcome
    from swath_runtime.settings import Settings

    opened = open_algorithm(algorithm)
    payload = payload_of(inputs, opened)
    with click.progressbar(length=100, label=opened.name, file=sys.stderr) as bar:

        def show(fraction: float, message: str) -> None:
            bar.label = f"{opened.name} {message}".rstrip()
            bar.update(int(fraction * 100) - bar.pos)

        outcome = call_once(opened, payload, Settings(algorithm=opened.folder, profile=profile), show)
        bar.update(100 - bar.pos)
    written = write_outcome(outcome, opened, out)
    if as_json:
        click.echo(json.dumps({"algorithm": opened.name, "written": [str(path) for path in written]}))
        return
    for path in written:
        click.echo(f"wrote {path}")


@click.command(
    epilog="\b\nExamples:\n  swath serve cloud-detection\n  swath serve ./my-algorithm --runtime flask --port 9000\n"
    "  swath serve ./my-algorithm --reload\n  swath serve cloud-detection --port 9000 --print-settings"
)
@click.argument("algorithm")
@click.option(
    "--print-settings", "is_printing", is_flag=True, help="Print all settings and where they are from; serve nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.option("--runtime", help="fastapi or flask. [default: the one installed, else fastapi]")
@click.option("--profile", help="Profile to run under. [default: cpu]")
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. [default: 8080]")
@click.option("--workers", type=click.IntRange(1), help="Server processes. [default: 1]")
@click.option("--reload", "is_reloading", is_flag=True, help="Start anew when a file of the folder changes.")
def serve(algorithm: str, is_reloading: bool, is_printing: bool, as_json: bool, **given: str | int | None) -> int:
    """Serve an algorithm over HTTP until it is interrupted.

    ALGORITHM is a name under algorithms/ or a folder. SWATH_* variables count too (docs/settings.md);
    options win. With --reload a change that does not load is told, and the server goes on as it was.
    """
    import os
    from dataclasses import replace
    from functools import partial

    from swath_algorithm.folder import open_algorithm
    from swath_runtime import settings_shown
    from swath_runtime.launch import become_server
    from swath_runtime.reload import serve_and_reload
    from swath_runtime.server import choose_runtime
    from swath_runtime.service import require_profile
    from swath_runtime.settings import Settings

    if as_json and not is_printing:
        raise click.UsageError("--json goes with --print-settings.")
    opened = open_algorithm(algorithm)
    options = {name: value for name, value in given.items() if value is not None}
    settings = replace(Settings.from_environ(), algorithm=opened.folder, **options)  # pyright: ignore[reportArgumentType]
    if is_printing:
        found = settings_shown.rows(settings, os.environ, {"algorithm", *options})
        click.echo(settings_shown.as_json(found) if as_json else settings_shown.as_text(found))
        return 0
    settings = replace(settings, runtime=choose_runtime(settings.runtime))
    require_profile(opened, settings)
    place = f"{settings.scheme}://{settings.host}:{settings.port}/api/v1/describe"
    click.echo(f"{opened.name} {opened.version} with {settings.runtime} at {place} (Ctrl-C stops it)", err=True)
    if is_reloading:
        return serve_and_reload(settings, partial(click.echo, err=True))
    become_server(settings)
