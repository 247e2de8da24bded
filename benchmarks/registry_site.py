"""The site of 1,000 versions against that of 250: the work must grow with the versions, not faster."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.frame.alternating import compare
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from benchmarks.many_versions import registry_of
from swath_registry.catalogue import Catalogue
from swath_registry.site.files import Site
from swath_registry.site.writing import write_site

FEW, MANY = 250, 1000
BAR = 1.3 * MANY / FEW  # linear, and as much for a machine whose caches no longer hold it all


def run(plan: Plan) -> Iterator[Ratio]:
    """How much longer the larger site takes; 4 is linear."""
    with tempfile.TemporaryDirectory() as place:
        few, many = (_registry(Path(place) / str(count), count) for count in (FEW, MANY))
        yield compare(
            f"site of {MANY} versions, against {FEW}",
            lambda: site_of(many, Path(place) / "out-many"),
            lambda: site_of(few, Path(place) / "out-few"),
            BAR,
            rounds=3,
            warmups=0,
        )


def _registry(root: Path, versions: int) -> Path:
    root.mkdir()
    return registry_of(root, versions).root


def site_of(root: Path, out: Path) -> int:
    """How many files a registry's site has, written into a folder."""
    return sum(1 for _ in write_site(Site(Catalogue(root)), out))
