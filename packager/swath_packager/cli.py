"""`swath package` and `swath describe`."""

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from swath_packager.build import Built
    from swath_packager.trial import Trial

_PACKAGE_EXAMPLES = """\b
Examples:
  swath package cloud-detection
  swath package cloud-detection --runtime flask --profile gpu --plan
  swath package ./my-algorithm --builder oci --output my-algorithm.tar
  swath package cloud-detection --base python:3.12-slim --tag team/clouds:1.0.0

Without an engine an archive is written that docker, podman and skopeo load.
"""

_DESCRIBE_EXAMPLES = """\b
Examples:
  swath describe cloud-detection
  swath describe image:swath/cloud-detection:1.0.0-fastapi-cpu
  swath describe cloud-detection.tar
  swath describe http://localhost:8080
"""


@click.command(epilog=_PACKAGE_EXAMPLES)
@click.argument("algorithm")
@click.option("--runtime", default="fastapi", show_default=True, help="Runtime to serve with, as installed here.")
@click.option("--profile", default="cpu", show_default=True, help="Hardware that the ONNX model runs on.")
@click.option(
    "--builder",
    type=click.Choice(["docker", "oci"]),
    help="docker: through an engine; oci: an archive, without one.",
)
@click.option("--base", help="Base image: a name, or an archive or layout on disk. Default: the profile's.")
@click.option("--tag", help="Name of the image. Default: swath/ALGORITHM:VERSION-RUNTIME-PROFILE.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False),
    help="File for the archive. Default: ALGORITHM-VERSION-RUNTIME-PROFILE.tar.",
)
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be made, and make nothing.")
@click.option("--json", "as_json", is_flag=True, help="For machines: one JSON object on standard output.")
@click.option("--no-try", "untried", is_flag=True, help="Don't run the algorithm's examples against what was built.")
@click.pass_context
def package(
    ctx: click.Context,
    algorithm: str,
    runtime: str,
    profile: str,
    builder: str | None,
    base: str | None,
    tag: str | None,
    output: str | None,
    only_plan: bool,
    as_json: bool,
    untried: bool,
) -> None:
    """Make a container image of ALGORITHM (a name under algorithms/, or a folder), and run its examples against it."""
    from swath_packager.order import order
    from swath_packager.packaging import build, try_it

    if builder == "docker" and output:
        raise click.UsageError("--output is for --builder oci; an engine keeps its images itself")
    wanted = order(algorithm, runtime, profile, base=base, tag=tag)
    if only_plan:
        click.echo(_dumped(wanted.plan.as_json()) if as_json else wanted.plan.as_text())
        return

    def report(step: str) -> None:
        click.echo(click.style(f"· {step}", dim=True), err=True)

    built, engine = build(wanted, builder, output, report, quiet=as_json or not sys.stderr.isatty())
    trial = None if untried else try_it(wanted, built, engine, report)
    click.echo(_dumped(_facts(built, trial)) if as_json else _summary(built, trial))
    if trial and not trial.passed:
        ctx.exit(1)


@click.command(epilog=_DESCRIBE_EXAMPLES)
@click.argument("what", metavar="ALGORITHM|image:TAG|ARCHIVE|URL")
def describe(what: str) -> None:
    """Print the describe document of an algorithm, an image, an archive or a running service; nothing is started."""
    from swath_packager.described import describe_of

    click.echo(_dumped(describe_of(what)))


def _summary(built: "Built", trial: "Trial | None") -> str:
    plan = built.order.plan
    made = f"{built.file}, an archive of {plan.tag}" if built.file else plan.tag
    where = built.file or f"image:{plan.tag}"
    lines = [
        "",
        click.style(f"made      {made}", bold=True),
        f"          {built.size_bytes / 1e6:.0f} MB, {built.digest}",
        f"layers    {' < '.join(built.layers)}, on {built.base.reference} ({built.base.origin})",
        *_trial_lines(trial),
        f"run       {_run_line(built)}",
        f"describe  http://localhost:{plan.port}/api/v1/describe, or: swath describe {where}",
    ]
    return "\n".join(lines)


def _trial_lines(trial: "Trial | None") -> list[str]:
    if trial is None:
        return ["examples  not run (--no-try)"]
    if trial.outcome is None:
        return [f"examples  not run: {trial.where}"]
    if not trial.outcome.results:
        return ["examples  none: the folder has no examples/, so nothing was compared"]
    passed = sum(1 for one in trial.outcome.results if one.passed)
    line = f"examples  {passed} of {len(trial.outcome.results)} passed, {trial.where}"
    return [line] if trial.passed else [click.style(line, fg="red"), trial.outcome.summary()]


def _run_line(built: "Built") -> str:
    plan = built.order.plan
    gpus = "".join(f"{one} " for one in built.order.profile.trial_options)
    start = f"docker run --rm --read-only --tmpfs /tmp --cap-drop ALL {gpus}-p {plan.port}:{plan.port} {plan.tag}"
    return f"docker load -i {built.file} && {start}" if built.file else start


def _facts(built: "Built", trial: "Trial | None") -> dict[str, Any]:
    results = trial.outcome.results if trial and trial.outcome else ()
    return {
        "tag": built.order.plan.tag,
        "file": str(built.file) if built.file else None,
        "builder": built.builder,
        "digest": built.digest,
        "sizeBytes": built.size_bytes,
        "layers": list(built.layers),
        "base": {"reference": built.base.reference, "origin": built.base.origin, "python": built.base.python},
        "dependencies": list(built.parts.lock.pins),
        "examples": None
        if trial is None
        else {
            "where": trial.where,
            "passed": trial.passed,
            "results": [
                {"case": one.case, "passed": one.passed, "differences": list(one.differences)} for one in results
            ],
        },
    }


def _dumped(value: Any) -> str:
    import json

    return json.dumps(value, indent=2, ensure_ascii=False)
