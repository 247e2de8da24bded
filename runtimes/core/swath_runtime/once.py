"""`python -m swath_runtime.once`: one call of the algorithm that the SWATH_* variables name, files in, files out.

What a workflow engine starts in a container instead of the server.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 done; 1 the call failed, 2 an input can't be one, 3 the environment lacks something."""
    given = _parser().parse_args(arguments)
    try:
        _call(given.input, given.out, catalog=given.catalog)
    except Exception as error:
        code: int | None = getattr(error, "exit_code", None)
        if code is None:
            raise
        print(f"error: {error}\n{getattr(error, 'hint', '')}".rstrip(), file=sys.stderr)  # noqa: T201
        return code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m swath_runtime.once", description=__doc__)
    told = "an input: its value, a file, or for an image a folder with a STAC catalog of one scene"
    parser.add_argument("--input", action="append", default=[], metavar="NAME=VALUE|FILE|FOLDER", help=told)
    parser.add_argument("--out", type=Path, default=Path("result"), metavar="FOLDER", help="where the results go")
    parser.add_argument("--catalog", action="store_true", help="write a STAC catalog beside the results")
    return parser


def _call(inputs: Sequence[str], out: Path, *, catalog: bool) -> None:
    from swath_algorithm.folder import open_algorithm
    from swath_runtime.local import call_once, payload_of, write_outcome
    from swath_runtime.log_lines import configure
    from swath_runtime.settings import Settings
    from swath_runtime.staging import Scene, staged_scene, write_catalog

    settings = Settings.from_environ()
    configure(settings)
    algorithm = open_algorithm(settings.algorithm)
    scenes: list[Scene] = []

    def unstaged(text: str) -> str:
        name, _, value = text.partition("=")
        if not value or not Path(value).is_dir():
            return text
        scenes.append(staged_scene(Path(value)))
        return f"{name}={scenes[-1].path}"

    payload = payload_of([unstaged(one) for one in inputs], algorithm)
    outcome = call_once(algorithm, payload, settings)
    files = write_outcome(outcome, algorithm, out)
    if catalog:
        title = algorithm.describe["title"]
        write_catalog(out, algorithm.name, title, files, list(outcome.images.values()), next(iter(scenes), None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
