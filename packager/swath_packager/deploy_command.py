"""`swath deploy`."""

from pathlib import Path
from typing import Literal

import click


@click.command(
    epilog="\b\nExamples:\n  swath deploy cloud-detection --to compose\n"
    "  swath deploy image:team/clouds:1.0.0 --to kubernetes --image registry.example/clouds:1.0.0 --out k8s/\n"
    "  swath deploy clouds.tar --to kubernetes --to cwl --replicas 3 --max-replicas 20"
)
@click.argument("what", metavar="ALGORITHM|image:TAG|ARCHIVE")
@click.option(
    "--to",
    "kinds",
    type=click.Choice(["compose", "kubernetes", "cwl"]),
    multiple=True,
    required=True,
    help="What to write for; may be given several times.",
)
@click.option("--image", help="Name of the image where it will be pulled from. Default: its own tag.")
@click.option("--runtime", default="fastapi", show_default=True, help="Of an ALGORITHM: its default tag names it.")
@click.option("--profile", help="Of an ALGORITHM: hardware. Default: cpu, or the first that it declares.")
@click.option("--replicas", type=click.IntRange(1), default=2, show_default=True, help="Kubernetes: pods at least.")
@click.option("--max-replicas", type=click.IntRange(1), default=10, show_default=True, help="Kubernetes: pods at most.")
@click.option(
    "--scale-on",
    type=click.Choice(["cpu", "queue"]),
    default="cpu",
    show_default=True,
    help="Kubernetes: what brings another pod. queue needs an adapter that serves Prometheus' metrics of pods.",
)
@click.option("--tls-secret", metavar="NAME", help="Kubernetes: Secret (kubernetes.io/tls) to serve https with.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("deploy"), show_default=True)
def deploy(
    what: str,
    kinds: tuple[str, ...],
    image: str | None,
    runtime: str,
    profile: str | None,
    replicas: int,
    max_replicas: int,
    scale_on: Literal["cpu", "queue"],
    tls_secret: str | None,
    out: Path,
) -> None:
    """Write deployment files, filled from the describe document of an algorithm, an image or an archive.

    Nothing is built, started or sent; files of the same names are replaced.
    """
    if max_replicas < replicas:
        raise click.UsageError(f"--max-replicas {max_replicas} is less than --replicas {replicas}")
    from swath_packager.deployment import Cluster, service_of, write_files

    service = service_of(what, runtime, profile, image)
    cluster = Cluster(replicas, max_replicas, tls_secret, scale_on)
    for path in write_files(service, kinds, out, cluster):
        click.echo(f"wrote {path}")
