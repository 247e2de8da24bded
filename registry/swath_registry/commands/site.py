"""`swath registry site`."""

import json
import sys
from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  swath registry site --out public
  swath registry site --out public --root my-schemas
  swath registry site --out public --json

\b
Exit code: 0 done, 1 a published schema was altered, 2 the folder holds something else, 3 nothing is published.
"""
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
@click.option("--json", "as_json", is_flag=True, help="Say what was written as JSON.")
def site(out: Path, root: Path | None, as_json: bool) -> None:
    """Write the published versions as a static site: schemas, bundles, differences, pages, search.

    Any web server can serve the folder, and index.html can be opened from it without one. The same versions give
    the same bytes.
    """
    from swath_registry.catalogue import Catalogue
    from swath_registry.site.files import Site
    from swath_registry.site.writing import write_site
    from swath_schemas import PUBLISHED

    published = Catalogue(root or PUBLISHED.root)
    published.verify()
    made = Site(published)
    with click.progressbar(
        write_site(made, out), length=len(made.paths), label="Writing", hidden=as_json, file=sys.stderr
    ) as paths:
        count = sum(1 for _ in paths)
    if as_json:
        click.echo(json.dumps({"folder": str(out), "versions": len(published.entries), "files": count}))
    else:
        click.echo(f"{len(published.entries)} version(s), {count} file(s): {out / 'index.html'}", err=True)
