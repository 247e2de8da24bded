"""An algorithm in a container of its own, as an integrator would run it: hardened, without network access out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swath_packager.order import order
from swath_packager.packaging import build
from swath_packager.trial import serving_image


@contextmanager
def running_container(folder: Path, runtime: str) -> Iterator[str]:
    """Base URL of a container of the algorithm's image, built for the test and removed with it."""
    wanted = order(str(folder), runtime, "cpu", tag=f"swath-test/{folder.name.replace('_', '-')}:{runtime}")
    build(wanted, "docker", None, lambda step: None, quiet=True)
    with serving_image(wanted.plan.tag) as url:
        yield url
