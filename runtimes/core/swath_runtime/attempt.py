"""`python -m swath_runtime.attempt`: load what the SWATH_* variables name, and stop it; say why it can't be."""

import logging
import sys

from swath_algorithm.errors import AlgorithmError
from swath_runtime.errors import RuntimeFailure
from swath_runtime.server import open_router
from swath_runtime.settings import Settings


def main() -> int:
    """0 where the algorithm loads; else its error's exit code, with the reason on standard error."""
    try:
        service = open_router(Settings.from_environ()).service
        logging.disable(logging.INFO)
        service.start()
        service.stop()
    except (RuntimeFailure, AlgorithmError) as error:
        sys.stderr.write(f"error: {error}\n" + (f"{error.hint}\n" if error.hint else ""))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
