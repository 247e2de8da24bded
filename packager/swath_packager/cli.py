"""`swath package` and `swath describe`."""

import sys
from typing import Any

import click

_PACKAGE_EXAMPLES = """\b
Examples:
  swath package cloud-detection
  swath package cloud-detection --runtime flask --profile gpu --plan
  swath package ./my-algorithm --builder oci --output my-algorithm.tar
  swath package cloud-detection --base python:3.12-slim --tag team/clouds:1.0.0
  swath package cloud-detection --base debian:bookworm-shell
  swath package cloud-detection --platform linux/arm64 --slim
  swath package cloud-detection --with jwt --with postgresql
  swath package cloud-detection --all
  swath package cloud-detection --emit context && buildah bud context

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
@click.option("--all", "every", is_flag=True, help="Every installed runtime with every profile that ALGORITHM lists.")
@click.option(
    "--builder",
    type=click.Choice(["docker", "oci"]),
    help="docker: through an engine; oci: an archive, without one.",
)
@click.option(
    "--base",
    help="Base image: a name, an archive or layout on disk, or debian:RELEASE[-shell], assembled here. "
    "Default: the profile's.",
)
@click.option("--platform", help="linux/amd64 or linux/arm64. Default: the profile's, else this machine's.")
@click.option("--tag", help="Name of the image. Default: swath/ALGORITHM:VERSION-RUNTIME-PROFILE.")
@click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="One more label; may be repeated.")
@click.option(
    "--output",
    help="File for the archive; with --all a folder for them. Default: ALGORITHM-VERSION-RUNTIME-PROFILE.tar.",
)
@click.option(
    "--with",
    "extras",
    multiple=True,
    metavar="NAME",
    help="Carry an extra of swath-runtime, such as jwt, besides those of pyproject.toml; may be repeated.",
)
@click.option("--slim", is_flag=True, help="Leave out symbols of libraries and tools that few call; layers are zstd.")
@click.option(
    "--compression",
    type=click.Choice(["gzip", "zstd"]),
    help="Of an archive's layers. Default: gzip; with --slim zstd, which docker loads from version 23 on.",
)
@click.option("--emit", metavar="DIR", help="Write a folder with a Dockerfile for another builder, and build nothing.")
@click.option("--relock", is_flag=True, help="Choose versions anew and write requirements.lock beside ALGORITHM.")
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be made, and make nothing.")
@click.option("--json", "as_json", is_flag=True, help="For machines: steps as JSON lines on standard error, then one "
              "object on standard output; with --all one a line.")  # fmt: skip
@click.option("--no-try", "untried", is_flag=True, help="Don't run the algorithm's examples against what was built.")
@click.pass_context
def package(ctx: click.Context, /, **asked: Any) -> None:
    """Make a container image of ALGORITHM (a name under algorithms/, or a folder), and run its examples against it."""
    from swath_packager.command import run_package

    ctx.exit(run_package(**asked, quiet=asked["as_json"] or not sys.stderr.isatty()))


@click.command(epilog=_DESCRIBE_EXAMPLES)
@click.argument("what", metavar="ALGORITHM|image:TAG|ARCHIVE|URL")
def describe(what: str) -> None:
    """Print the describe document of an algorithm, an image, an archive or a running service; nothing is started."""
    from swath_packager.described import describe_of
    from swath_packager.telling import dumped

    click.echo(dumped(describe_of(what)))
