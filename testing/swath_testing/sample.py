"""`swath sample`: a scene to try things on, and the truth about its clouds."""

from pathlib import Path

import click

_EXAMPLES = """\b
Examples:
  swath sample                                     scene.tif, 512 × 512 px, bands B03, B04 and B11
  swath sample --seed 7 --truth truth.tif          another scene, and where its clouds are
  swath sample --width 4000 --height 3000 --bands B02,B03,B04,B08,B11 --out big.tif
"""

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command(epilog=_EXAMPLES)
@click.option("--width", type=click.IntRange(1), default=512, show_default=True, help="Columns, px.")
@click.option("--height", type=click.IntRange(1), default=512, show_default=True, help="Rows, px.")
@click.option("--bands", default="B03,B04,B11", show_default=True, help="Bands, in this order.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which scene.")
@click.option(
    "--cloud-cover",
    type=click.FloatRange(0, 1),
    default=0.3,
    show_default=True,
    help="About which share of it is cloud.",
)
@click.option("--out", type=_FILE, default="scene.tif", show_default=True, help="Where the scene goes.")
@click.option("--truth", type=_FILE, help="Where its cloud mask goes (1 cloud, 0 clear, 255 nodata).")
def sample(width: int, height: int, bands: str, seed: int, cloud_cover: float, out: Path, truth: Path | None) -> None:
    """Make a Sentinel-2-like scene with clouds, as a GeoTIFF.

    Digital numbers (uint16) with scale and offset, named bands, UTM, a corner without data. The scene is
    drawn, not measured. The same options give the same pixels.
    """
    from swath_converters.image import encode_image

    from .scene import make_scene

    scene = make_scene(width, height, [name.strip() for name in bands.split(",")], seed=seed, cloud_cover=cloud_cover)
    _write(out, encode_image(scene.image))
    if truth is not None:
        _write(truth, encode_image(scene.truth_image))
    click.echo(
        f"{out}: {width} × {height} px, {' '.join(map(str, scene.image.band_names))}, "
        f"{scene.cloud_fraction:.0%} cloud" + (f" ({truth} says where)" if truth else "")
    )


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error
