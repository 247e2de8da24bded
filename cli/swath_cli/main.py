"""The one command. Each distribution declares its subcommands as `swath.commands` entry points."""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

import click

from swath_cli.errors import LACKING, USAGE, WRONG, Explained

INTERRUPTED = 130  # 128 + SIGINT, as shells count


class InstalledCommands(click.Group):
    """A group whose members are found by entry point, and imported only when they are asked for or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the subcommands that the installed distributions declare, sorted."""
        return sorted(_declared())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand, or None where no installed distribution declares it."""
        found = _declared().get(cmd_name)
        return found.load() if found else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand that the arguments begin with; a usage error suggests the closest where there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from error


def _declared() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group="swath.commands")}


@click.command(
    cls=InstalledCommands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Every command has --help with examples. Exit codes: 0 done, 1 the thing asked about is wrong, "
    "2 usage, 3 the environment lacks something.",
)
@click.version_option(package_name="swath", message="%(prog)s %(version)s")
def swath() -> None:
    """Turn a geoprocessing algorithm into a service that runs anywhere."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Exit code of one command; errors are shown on standard error, with what to do next."""
    try:
        code = swath.main(args=arguments, prog_name="swath", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:  # the reader (`| head`) has seen enough; Python's own flush at exit must not fail too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WRONG
    except Exception as error:  # noqa: BLE001 - shown if it was foreseen, else raised again
        return _explained(error)
    return code if isinstance(code, int) else 0


def _explained(error: Exception) -> int:
    """Exit code of an error once it is shown; one that nobody foresaw is raised again, with its trace."""
    if isinstance(error, Explained):
        click.secho(f"error: {error}", fg="red", err=True)
        if error.hint:
            click.echo(error.hint, err=True)
        return error.exit_code
    if isinstance(error, OSError) and error.filename is not None:
        click.secho(f"error: {os.fsdecode(error.filename)}: {error.strerror}", fg="red", err=True)
        return LACKING
    raise error
