"""The describe document of an algorithm, an image, an archive or a running service, without starting anything."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swath_packager.errors import DescribeMissing, DescribeUnreachable, ImageMissing
from swath_packager.image import labels_of
from swath_packager.labels import DESCRIBE_LABEL

PREFIX = "image:"
ANSWER_S = 10.0
_PATH = "/api/v1/describe"


def describe_of(asked: str) -> dict[str, Any]:
    """The describe document that is asked for.

    Args:
        asked: the URL of a service, `image:TAG` for an image of the engine, an archive or layout, or an algorithm.

    Raises:
        DescribeMissing, DescribeUnreachable, ImageMissing, ArchiveUnreadable, EngineMissing; and what
        opening an algorithm raises.
    """
    if asked.startswith(("http://", "https://")):
        return _served(asked)
    if asked.startswith(PREFIX):
        return _of_image(asked.removeprefix(PREFIX))
    path = Path(asked)
    if path.is_file() or (path / "oci-layout").is_file():
        return _of_archive(path)
    from swath_algorithm.folder import open_algorithm

    return open_algorithm(asked).describe


def _served(url: str) -> dict[str, Any]:
    address = url if url.endswith("/describe") else f"{url.rstrip('/')}{_PATH}"
    request = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310  http(s) only: see above
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise DescribeMissing(address, f"it answers {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise DescribeUnreachable(address, str(getattr(error, "reason", error))) from error
    except ValueError as error:
        raise DescribeMissing(address, "what it answers is not JSON") from error


def _of_image(reference: str) -> dict[str, Any]:
    from swath_packager.engine import require_engine

    inspected = require_engine(f"reading {PREFIX}{reference}").inspect(reference)
    if inspected is None:
        raise ImageMissing(reference)
    return _labelled(labels_of({"config": inspected.get("Config")}), f"{PREFIX}{reference}")


def _of_archive(path: Path) -> dict[str, Any]:
    from swath_packager.archive_reading import read_config
    from swath_packager.platforms import host_architecture

    config = read_config(path, architecture=host_architecture())
    return _labelled(labels_of(config), str(path))


def _labelled(labels: Mapping[str, str], where: str) -> dict[str, Any]:
    if DESCRIBE_LABEL not in labels:
        raise DescribeMissing(where, f"it has no label {DESCRIBE_LABEL}")
    return json.loads(labels[DESCRIBE_LABEL])
