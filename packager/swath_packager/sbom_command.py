"""`swath sbom`."""

import click


@click.command(
    epilog="\b\nExamples:\n  swath sbom image:swath/cloud-detection:1.0.0-fastapi-cpu > clouds.cdx.json\n"
    "  swath sbom cloud-detection.tar | jq '.components[].purl'"
)
@click.argument("what", metavar="image:TAG|ARCHIVE")
def sbom(what: str) -> None:
    """Print the bill of materials (CycloneDX 1.6) that lies in an image or an archive; nothing is started."""
    from swath_packager.sbom.reading import sbom_of_image
    from swath_packager.store import user_store

    click.echo(sbom_of_image(what, user_store()), nl=False)
