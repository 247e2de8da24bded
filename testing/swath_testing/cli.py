"""`swath test`."""

import click


@click.command(
    epilog="\b\nExamples:\n  swath test cloud-detection\n  swath test cloud-detection --on fastapi --on flask\n"
    "  swath test cloud-detection --on image:cloud-detection:1.0.0-fastapi-cpu\n"
    "  swath test cloud-detection --on http://127.0.0.1:8080"
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
def test(algorithm: str, places: tuple[str, ...], profile: str, as_json: bool) -> int:
    """Run an algorithm's examples and compare what comes back with what they expect.

    ALGORITHM is a name under algorithms/ or a folder. Exit code 1 if any example fails, or if there is none.
    """
    import json
    from dataclasses import asdict

    from swath_algorithm.check import require_no_mistakes
    from swath_algorithm.folder import open_algorithm
    from swath_testing.run import run_cases
    from swath_testing.targets import open_target

    opened = open_algorithm(algorithm)
    require_no_mistakes(opened.folder)
    targets = [(place, open_target(place, opened, profile)) for place in places]
    passed = True
    for place, target in targets:
        with target as base_url:
            report = run_cases(opened, base_url, place, profile)
        passed &= report.passed
        click.echo(json.dumps({**asdict(report), "passed": report.passed}) if as_json else report.summary())
    return 0 if passed else 1
