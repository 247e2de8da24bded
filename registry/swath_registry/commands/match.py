"""`swath registry match`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from swath_registry.crosswalks import Crosswalk
    from swath_registry.matching import Cost, Match, Step

_EXIT_CODES = {"accept": 0, "reject": 1, "unknown": 4}


@click.command(
    epilog="""\b
Examples:
  swath registry match scene.json capabilities.json
  swath registry match scene.tif algorithms/cloud-detection/describe.yml --input image
  swath registry match S2A_item.json capabilities.yml --asset red --json

\b
IMAGE is a document of the type image, a STAC item, or a raster file, of which only the header is read (needs
swath-converters). CAPABILITIES is a document of the type imageCapabilities, inputCapabilities or describe.

\b
Exit code: 0 it is accepted, 1 it is rejected (whether conversions would help or not), 4 too little is said of it to
know, 2 usage, 3 the environment lacks something.
"""
)
@click.argument("image", type=click.Path(path_type=Path))
@click.argument("capabilities", type=click.Path(path_type=Path))
@click.option("--asset", help="Which asset of a STAC item, where several are images.")
@click.option("--input", "input_name", help="Which input of a service, where several have capabilities.")
@click.option("--all", "is_complete", is_flag=True, help="Also show the filters that hold, and what a STAC item lost.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines to read.")
@click.pass_context
def match(
    context: click.Context,
    image: Path,
    capabilities: Path,
    asset: str | None,
    input_name: str | None,
    is_complete: bool,
    as_json: bool,
) -> None:
    """Say whether a service takes IMAGE, why, and what would make it fit."""
    from swath_registry.matching import match as judge
    from swath_registry.matching.reading import capabilities_from, image_from

    document, crosswalk = image_from(image, asset)
    found = judge(document, capabilities_from(capabilities, input_name))
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(found, is_complete=is_complete)))
        if crosswalk and crosswalk.left_out:
            _tell_left_out(crosswalk, is_complete=is_complete)
    context.exit(_EXIT_CODES[found.verdict])


def _lines(found: "Match", *, is_complete: bool) -> list[str]:
    shown = {"reject": "fails  ", "unknown": "unknown", "accept": "holds  "}
    lines = [found.verdict]
    for reason in found.reasons:
        if is_complete or reason.verdict != "accept":
            lines.append(f"  {shown[reason.verdict]}  {reason.capability}  {reason.message}")
    if found.bands is not None:
        lines.append(f"bands to read, counted from 0: {', '.join(map(str, found.bands))}")
    if found.steps:
        lines.append(f"these steps make it fit ({found.after} after them):")
        lines += [line for number, step in enumerate(found.steps, 1) for line in _step_lines(number, step)]
        lines.append(f"  in all: {_cost(found.cost)}")
    if found.obstacles:
        lines.append("no conversion makes it fit:")
        lines += [f"  {name}: {why}" for name, why in found.obstacles.items()]
    if found.missing:
        lines.append(f"what would decide it: {', '.join(found.missing)}")
    return lines


def _step_lines(number: int, step: "Step") -> list[str]:
    because = f" (for {', '.join(step.filters)})" if step.filters else ""
    lines = [f"  {number}. {step}{because}; {_cost(step.cost)}"]
    return [*lines, f"     refused where {step.caveat}"] if step.caveat else lines


def _cost(cost: "Cost") -> str:
    size = "bytes not known beforehand" if cost.bytes is None else f"{cost.bytes / 1e6:,.1f} MB read and written"
    return f"{size}, {'without loss' if cost.is_lossless else 'samples change'}"


def _tell_left_out(crosswalk: "Crosswalk", *, is_complete: bool) -> None:
    count = len(crosswalk.left_out)
    click.echo(
        f"{count} member(s) of the STAC item have no place in an image{'' if is_complete else '; see --all'}", err=True
    )
    for one in crosswalk.left_out if is_complete else ():
        click.echo(f"  {one.pointer}: {one.reason}", err=True)
