"""uv, which resolves, builds and installs: by its own command, the one interface that it promises to keep."""

import os
import subprocess
import threading
from collections.abc import Sequence

import uv

from swath_packager.secrets import without_credentials

_AS_PIP = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "SSL_CERT_FILE": "PIP_CERT"}  # machines are often set up for pip alone
_ONE_AT_A_TIME = threading.Lock()  # sysconfig, which finds it, gives half an answer to a second thread at first
_QUIET = {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}


def run_uv(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """A finished uv command, with what it said; a virtual environment that is active here is left aside."""
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "UV_PROJECT")}
    done = subprocess.run(
        [uv_binary(), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**_as_for_pip(), **environment, **_QUIET},
    )
    done.stderr = without_credentials(done.stderr)  # an index's URL may hold some, and errors are shown and logged
    return done


def uv_binary() -> str:
    """Path of the uv command."""
    with _ONE_AT_A_TIME:
        return uv.find_uv_bin()


def _as_for_pip() -> dict[str, str]:
    return {name: os.environ[pip] for name, pip in _AS_PIP.items() if os.environ.get(pip)}
