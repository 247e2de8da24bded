"""Takes what the page at `docs` needs out of Swagger UI's own package on npm.

Run it with `python runtimes/core/make_assets.py` (needs npm and its registry). The same version gives the same bytes.
"""

import base64
import gzip
import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path

ASSETS = Path(__file__).parent / "swath_runtime" / "assets" / "swagger-ui"
PACKAGE, VERSION = "swagger-ui-dist", "5.35.0"
INTEGRITY = "U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ=="
"""SHA-512 of the package, as `npm view swagger-ui-dist@VERSION dist.integrity` says it."""
SERVED = ("swagger-ui-bundle.js", "swagger-ui.css")  # no source maps, no second copies, no presets that go unused
KEPT = ("LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt")


def main() -> None:
    """Writes all of them anew."""
    ASSETS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        package = Path(folder) / f"{PACKAGE}-{VERSION}.tgz"
        found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            raise SystemExit(f"{package.name} is another package: its SHA-512 is {found}")
        with tarfile.open(package) as archive:
            for name in SERVED:
                (ASSETS / f"{name}.gz").write_bytes(gzip.compress(read(archive, name), 9, mtime=0))
            for name in KEPT:
                (ASSETS / name).write_bytes(read(archive, name))
    (ASSETS / "ORIGIN").write_text(f"{PACKAGE} {VERSION}, sha512-{INTEGRITY}; taken by runtimes/core/make_assets.py\n")


def read(archive: tarfile.TarFile, name: str) -> bytes:
    """A file of the package."""
    stream = archive.extractfile(f"package/{name}")
    if stream is None:
        raise SystemExit(f"{PACKAGE} holds no {name}")
    return stream.read()


if __name__ == "__main__":
    main()
