"""A Dockerfile that only puts things in place: no RUN, no frontend line, so any builder takes it, without network."""

import json
from collections.abc import Mapping, Sequence

from swath_packager.plan import Healthcheck, Plan


def dockerfile(plan: Plan, base: str, copies: Sequence[tuple[str, str]]) -> str:
    """The Dockerfile of a plan.

    Args:
        plan: the image.
        base: name of the base image; "scratch" where the first of the copies holds it.
        copies: (folder of the context, folder of the image, without a slash at its end), bottom-up; each is a layer.
    """
    return "\n".join([
        f"FROM {base}",
        *(f"COPY {source}/ {destination}/" for source, destination in copies),
        *_assignments("ENV", plan.env),
        *_assignments("LABEL", plan.labels),
        f"USER {plan.user}",
        f"EXPOSE {plan.port}",
        _healthcheck(plan.healthcheck),
        f"CMD {json.dumps(plan.command)}",
        "",
    ])  # fmt: skip


def _assignments(instruction: str, values: Mapping[str, str]) -> list[str]:
    return [f"{instruction} {name}={_quoted(value)}" for name, value in values.items()]


def _quoted(value: str) -> str:
    """A value in double quotes, in which a Dockerfile gives backslash, quote and dollar a meaning."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{" ".join(escaped.splitlines())}"'


def _healthcheck(health: Healthcheck) -> str:
    options = (
        f"--interval={health.interval_s}s --timeout={health.timeout_s}s "
        f"--start-period={health.start_period_s}s --retries={health.retries}"
    )
    return f"HEALTHCHECK {options} CMD {json.dumps(health.command)}"
