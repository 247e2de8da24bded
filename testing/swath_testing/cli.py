"""`swath test`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from swath_algorithm.folder import Algorithm
    from swath_testing.report import Report

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(
    epilog="\b\nExamples:\n  swath test cloud-detection\n  swath test cloud-detection --on fastapi --on flask\n"
    "  swath test cloud-detection --on image:cloud-detection:1.0.0-fastapi-cpu --report result/\n"
    "  swath test cloud-detection --on http://127.0.0.1:8080\n"
    "  swath test cloud-detection --property 50 --seed 7\n"
    "  swath test cloud-detection --update\n\n\b\n"
    "Exit codes: 0 passed, 1 an example or a generated input failed, or there are no examples, 2 usage,\n"
    "3 the environment lacks something (a runtime, an engine, an image, an answer at the URL)."
)
@click.argument("algorithm")
@click.option(
    "--on",
    "places",
    multiple=True,
    default=("direct",),
    show_default=True,
    metavar="PLACE",
    help="Where to run them: direct (this process), fastapi, flask, image:TAG, or a URL; give one for each.",
)
@click.option("--profile", default="cpu", show_default=True, help="Profile of what is started here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a place, a line each.")
@click.option("--report", type=FOLDER, metavar="DIR", help="Write junit.xml and report.html (with pictures) there.")
@click.option("--junit", type=FILE, metavar="FILE", help="Write JUnit XML there.")
@click.option("--html", type=FILE, metavar="FILE", help="Write the report with pictures there, one HTML file.")
@click.option("--update", is_flag=True, help="Rewrite what is expected where it differs; one place only.")
@click.option(
    "--property",
    "count",
    type=click.IntRange(1),
    metavar="N",
    help="Also send N generated inputs, valid and invalid: no 5xx, outputs valid, the same again.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which generated inputs.")
@click.option(
    "--failures",
    type=FOLDER,
    default=Path("property-failures"),
    show_default=True,
    metavar="DIR",
    help="Where a generated input that fails is written, to be replayed as an example.",
)
def test(
    algorithm: str,
    places: tuple[str, ...],
    profile: str,
    as_json: bool,
    report: Path | None,
    junit: Path | None,
    html: Path | None,
    update: bool,
    count: int | None,
    seed: int,
    failures: Path,
) -> int:
    """Run an algorithm's examples and compare what comes back with what they expect.

    ALGORITHM is a name under algorithms/ or a folder.
    """
    import json

    from swath_algorithm.check import require_no_mistakes
    from swath_algorithm.folder import open_algorithm
    from swath_testing.properties import run_properties
    from swath_testing.run import run_cases
    from swath_testing.targets import open_target

    if update and (len(places) > 1 or count):
        raise click.UsageError("--update learns from one place, and from examples alone: one --on, no --property")
    opened = open_algorithm(algorithm)
    require_no_mistakes(opened.folder)
    targets = [(place, open_target(place, opened, profile)) for place in places]
    reports: list[Report] = []
    for place, target in targets:
        with target as base_url:
            keep_evidence = bool(report or junit or html or update)
            made = run_cases(opened, base_url, place, profile, keep_evidence=keep_evidence)
            if count:
                made = run_properties(opened, made, base_url, profile, count=count, seed=seed, failures=failures)
        reports.append(made)
        click.echo(json.dumps(made.as_json()) if as_json else made.summary())
    _write_reports(reports, junit or (report and report / "junit.xml"), html or (report and report / "report.html"))
    if update:
        return _update(opened, reports[0], quiet=as_json)
    return 0 if all(one.passed for one in reports) else 1


def _write_reports(reports: "list[Report]", junit: Path | None, html: Path | None) -> None:
    from swath_testing.junit import junit_xml
    from swath_testing.page import html_page

    for path, content in ((junit, lambda: junit_xml(reports)), (html, lambda: html_page(reports).encode())):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content())
            click.echo(f"wrote {path}", err=True)


def _update(algorithm: "Algorithm", report: "Report", *, quiet: bool) -> int:
    from swath_testing.update import update

    written = update(algorithm, report)
    for one in written:
        click.echo(f"updated {one.path}", err=quiet)
    if not written:
        click.echo("nothing to update", err=quiet)
    return 0 if report.results else 1
