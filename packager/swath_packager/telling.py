"""What `swath package` says at its end, to people and to machines."""

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from swath_packager.build import Built
    from swath_packager.packaging import Made
    from swath_packager.trial import Trial

_NEWER = "zstd: docker 23 and newer, podman and skopeo load it; for older engines --compression gzip"


def summary(made: "Made") -> str:
    """A built image for a reader: what, how large, of which layers, how its examples went, how to run it."""
    built = made.built
    plan = built.order.plan
    what = f"{built.file}, an archive of {plan.tag}" if built.file else plan.tag
    head = f"made      {what}" if made.kept else f"not made  {what}: its examples failed, so it did not get its name"
    lines = [
        "",
        click.style(head, bold=True, fg=None if made.kept else "red"),
        f"          {built.size_bytes / 1e6:.0f} MB, {built.digest}",
        f"layers    {' < '.join(_layers(built))}, on {built.base.reference} ({built.base.origin})",
        *([f"with      {', '.join(plan.extras)}"] if plan.extras else []),
        *(f"note      {one}" for one in _notes(built)),
        *_trial_lines(made.trial),
    ]
    if made.kept:
        where = built.file or f"image:{plan.tag}"
        lines += [
            f"run       {_run_line(built)}",
            f"describe  http://localhost:{plan.port}/api/v1/describe, or: swath describe {where}",
        ]
    return "\n".join(lines)


def emitted(built: "Built") -> str:
    """A folder for another builder, for a reader."""
    tag = built.order.plan.tag
    lines = [
        "",
        click.style(f"made      {built.file}: a Dockerfile and what it copies", bold=True),
        f"layers    {' < '.join(built.layers)}, on {built.base.reference} ({built.base.origin})",
        *(f"note      {one}" for one in _notes(built)),
        f"build     docker build -t {tag} {built.file}, or: buildah bud -t {tag} {built.file}",
    ]
    return "\n".join(lines)


def facts(made: "Made") -> dict[str, Any]:
    """The same for a machine."""
    built, trial = made.built, made.trial
    plan = built.order.plan
    results = trial.outcome.results if trial and trial.outcome else ()
    examples = None
    if trial is not None:
        told = [{"case": one.case, "passed": one.passed, "differences": list(one.differences)} for one in results]
        examples = {"where": trial.where, "passed": trial.passed, "results": told}
    return {
        "tag": plan.tag,
        "made": made.kept,
        "file": str(built.file) if built.file else None,
        "builder": built.builder,
        "runtime": plan.runtime,
        "profile": plan.profile,
        "extras": list(plan.extras),
        "platform": plan.platform,
        "digest": built.digest,
        "sizeBytes": built.size_bytes,
        "layers": list(built.layers),
        "layerBytes": list(built.sizes),
        "base": {"reference": built.base.reference, "origin": built.base.origin, "python": built.base.python},
        "dependencies": list(built.parts.lock.pins),
        "notes": _notes(built),
        "examples": examples,
    }


def dumped(value: Any, *, line: bool = False) -> str:
    """JSON: on one line for those who read lines, else indented."""
    return json.dumps(value, indent=None if line else 2, ensure_ascii=False)


def _layers(built: "Built") -> list[str]:
    if not built.sizes:
        return list(built.layers)
    return [f"{name} {size / 1e6:.1f} MB" for name, size in zip(built.layers, built.sizes, strict=True)]


def _notes(built: "Built") -> list[str]:
    zstd = built.builder == "oci" and built.order.plan.compression == "zstd"
    return [*built.parts.notes, *([_NEWER] if zstd else [])]


def _trial_lines(trial: "Trial | None") -> list[str]:
    if trial is None:
        return ["examples  not run"]
    if trial.outcome is None:
        return [f"examples  not run: {trial.where}"]
    if not trial.outcome.results:
        return ["examples  none: the folder has no examples/, so nothing was compared"]
    passed = sum(1 for one in trial.outcome.results if one.passed)
    line = f"examples  {passed} of {len(trial.outcome.results)} passed, {trial.where}"
    return [line] if trial.passed else [click.style(line, fg="red"), trial.outcome.summary()]


def _run_line(built: "Built") -> str:
    plan = built.order.plan
    options = "".join(f"{one} " for one in built.order.profile.trial_options)
    start = f"docker run --rm --read-only --tmpfs /tmp --cap-drop ALL {options}-p {plan.port}:{plan.port} {plan.tag}"
    return f"docker load -i {built.file} && {start}" if built.file else start
