"""What every image holds at the same place: folders, user, port, command and environment."""

from collections.abc import Mapping

USER = "10001:10001"
PORT = 8080
ROOT = "/opt/swath"
DEPENDENCIES, RUNTIME, ALGORITHM = f"{ROOT}/dependencies", f"{ROOT}/runtime", f"{ROOT}/algorithm"
COMMAND = ("python3", "-m", "swath_runtime")
ENVIRONMENT: Mapping[str, str] = {
    "HOME": "/tmp",  # noqa: S108  the only place that a read-only container can write to; gunicorn looks there
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "67108864",  # image-sized buffers are kept and reused instead of faulted in again
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime asks its vendor's telemetry host otherwise
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONPATH": f"{RUNTIME}:{DEPENDENCIES}",
    "PYTHONSAFEPATH": "1",
    "PYTHONUNBUFFERED": "1",
    "SWATH_ALGORITHM": ALGORITHM,
    "SWATH_HOST": "0.0.0.0",  # noqa: S104  inside the container; what is published is the operator's choice
    "SWATH_PORT": str(PORT),
}
