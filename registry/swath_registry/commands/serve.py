"""`swath registry serve`."""

from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  swath registry serve
  swath registry serve --port 9000 --root my-schemas
  swath registry serve --writable /var/lib/swath-registry

\b
Exit code: 0 ended by SIGTERM or Ctrl-C, 1 a published schema was altered, 3 the port is taken, nothing is published
or the server isn't installed.
"""
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of schemas; without it, that of swath_schemas.",
)
@click.option(
    "--writable",
    type=click.Path(file_okay=False, path_type=Path),
    help="Let clients of the Confluent API register schemas, and keep them in this folder.",
)
@click.option(
    "--body-limit",
    default=16,
    show_default=True,
    type=click.IntRange(1, 1024),
    help="Largest body of a request, in MiB.",
)
def serve(host: str, port: int, root: Path | None, writable: Path | None, body_limit: int) -> None:
    """Serve the published versions over HTTP: files, validation, matching, and the Confluent API."""
    from swath_registry.servers import installed_server
    from swath_schemas import PUBLISHED

    def started(address: str) -> None:
        kind = f"writable, kept in {writable}" if writable else "read-only"
        click.echo(f"Serving {root or 'the installed registry'} at {address} ({kind})", err=True)

    installed_server()(root or PUBLISHED.root, writable, host, port, body_limit * 1024 * 1024, started)
