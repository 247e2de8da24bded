"""What `swath package` does with its options: one image, or every combination; a plan, a folder or an image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swath_packager.errors import PackagerError
from swath_packager.order import Order, order
from swath_packager.profile import known_profiles
from swath_packager.runtimes import known_runtimes
from swath_packager.steps import reporter
from swath_packager.telling import dumped, emitted, facts, summary

if TYPE_CHECKING:
    from swath_packager.packaging import Made

WRONG = 1


@dataclass(frozen=True)
class _Failure:
    """One combination that could not be made."""

    runtime: str
    profile: str
    error: Exception


def run_package(
    *,
    algorithm: str,
    runtime: str,
    profile: str,
    every: bool,
    builder: str | None,
    output: str | None,
    emit: str | None,
    only_plan: bool,
    as_json: bool,
    untried: bool,
    quiet: bool,
    labels: Sequence[str] = (),
    **options: Any,
) -> int:
    """Exit code of `swath package`; the options are its own. Raises PackagerError and click.UsageError."""
    _refuse_contradictions(builder, output, emit, every, only_plan, options)

    def ordered(one: str, other: str) -> Order:
        return order(algorithm, one, other, labels=_labels(labels), **options)

    if every:
        pairs = _combinations(algorithm)
        return _make_every(pairs, ordered, builder, output, only_plan, as_json, untried, quiet)
    wanted = ordered(runtime, profile)
    if only_plan:
        click.echo(dumped(wanted.plan.as_json()) if as_json else wanted.plan.as_text())
        return 0
    report = reporter(as_json=as_json)
    if emit:
        from swath_packager import packaging

        built = packaging.emit(wanted, Path(emit), report)
        click.echo(dumped(facts(packaging.Made(built, None)), line=True) if as_json else emitted(built))
        return 0
    made = _make(wanted, builder, output, report, quiet=quiet, untried=untried)
    click.echo(dumped(facts(made), line=True) if as_json else summary(made))
    return 0 if made.kept else WRONG


def _make(
    wanted: Order, builder: str | None, output: str | None, report: Callable[[str], None], *, quiet: bool, untried: bool
) -> "Made":
    from swath_packager import packaging

    return packaging.package(wanted, builder, output, report, quiet=quiet, untried=untried)


def _make_every(
    pairs: Sequence[tuple[str, str]],
    ordered: Callable[[str, str], Order],
    builder: str | None,
    output: str | None,
    only_plan: bool,
    as_json: bool,
    untried: bool,
    quiet: bool,
) -> int:
    """One after the other, so that what they share is made once; one that fails does not keep the others back."""
    outcomes: list[Made | _Failure] = []
    for runtime, profile in pairs:
        report = reporter(as_json=as_json, name=f"{runtime}-{profile}")
        try:
            wanted = ordered(runtime, profile)
            if only_plan:
                click.echo(dumped(wanted.plan.as_json(), line=True) if as_json else f"{wanted.plan.as_text()}\n")
                continue
            report(f"{wanted.plan.tag}")
            place = str(Path(output) / wanted.file_name) if output else None
            outcomes.append(_make(wanted, builder, place, report, quiet=quiet, untried=untried))
        except PackagerError as error:
            outcomes.append(_Failure(runtime, profile, error))
        if as_json and outcomes:
            click.echo(dumped(_told(outcomes[-1]), line=True))
    if not as_json and outcomes:
        click.echo("\n".join(["", *(_line(one) for one in outcomes)]))
    return max((_code(one) for one in outcomes), default=0)


def _combinations(algorithm: str) -> list[tuple[str, str]]:
    from swath_algorithm.folder import open_algorithm

    listed = open_algorithm(algorithm).profiles
    return [(runtime, profile) for profile in known_profiles() if profile in listed for runtime in known_runtimes()]


def _told(outcome: "Made | _Failure") -> dict[str, Any]:
    if not isinstance(outcome, _Failure):
        return facts(outcome)
    hint = getattr(outcome.error, "hint", "")
    told = {"runtime": outcome.runtime, "profile": outcome.profile, "made": False}
    return {**told, "error": str(outcome.error), "hint": hint, "exitCode": _code(outcome)}


def _line(outcome: "Made | _Failure") -> str:
    if isinstance(outcome, _Failure):
        said = f"{outcome.error}\n{getattr(outcome.error, 'hint', '')}".strip().replace("\n", "\n            ")
        return click.style(f"failed    {outcome.runtime} {outcome.profile}: {said}", fg="red")
    built = outcome.built
    what = built.file or built.order.plan.tag
    size = f"{built.size_bytes / 1e6:.0f} MB, {built.digest[:19]}"
    if outcome.kept:
        tried = "" if outcome.trial is None else f", examples: {outcome.trial.where}"
        return f"made      {what}, {size}{tried}"
    return click.style(f"not made  {what}: its examples failed", fg="red")


def _code(outcome: "Made | _Failure") -> int:
    if isinstance(outcome, _Failure):
        return int(getattr(outcome.error, "exit_code", WRONG))
    return 0 if outcome.kept else WRONG


def _labels(asked: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in asked]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise click.UsageError(f"--label wants NAME=VALUE, not '{name}'")
    return {name: value for name, _, value in pairs}


def _refuse_contradictions(
    builder: str | None, output: str | None, emit: str | None, every: bool, only_plan: bool, options: dict[str, Any]
) -> None:
    if builder == "docker" and output:
        raise click.UsageError("--output is for --builder oci; an engine keeps its images itself")
    if builder == "docker" and options.get("compression"):
        raise click.UsageError("--compression is for archives; an engine keeps its layers as it likes")
    if emit and (builder or output or every or only_plan):
        raise click.UsageError(
            "--emit writes a folder and builds nothing: no --builder, --output, --all or --plan with it"
        )
    if every and options.get("tag"):
        raise click.UsageError("--tag names one image, and --all makes several")
    if output and not every and Path(output).is_dir():
        raise click.UsageError(f"--output {output} is a folder; name a file in it")
