"""What `swath package` tells while it works: lines on a terminal, nothing in CI, JSON lines for machines."""

import json
import sys
import time
from collections.abc import Callable

import click


def reporter(*, as_json: bool, name: str | None = None) -> Callable[[str], None]:
    """A function that tells one step, on standard error.

    For machines a JSON object a line: what, the image that it belongs to where there are several, and the seconds
    since the first.
    """
    began = time.monotonic()

    def tell(step: str) -> None:
        if as_json:
            told = {"step": step, **({"image": name} if name else {}), "seconds": round(time.monotonic() - began, 3)}
            click.echo(json.dumps(told, ensure_ascii=False), err=True)
        elif sys.stderr.isatty():
            click.echo(click.style(f"· {step}", dim=True), err=True)

    return tell
