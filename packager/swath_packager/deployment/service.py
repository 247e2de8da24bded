"""What deployment files are filled from: a service's describe document, its image, and the hardware it needs."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_packager.described import describe_of
from swath_packager.errors import PackagerError, ProfileNotAllowed, TagInvalid
from swath_packager.image import labels_of
from swath_packager.inside import PORT, USER
from swath_packager.labels import PROFILE_LABEL
from swath_packager.profile import Device, known_profiles, read_profile

PREFIX = "image:"
MIB = 1 << 20
LEAVE_S = 10  # between the end of the drain and the kill: the algorithm's on_stop, the server's own end
DEFAULT_TEMP_BYTES = 1 << 30  # of /tmp where describe.yml says nothing of storageTemp
DEFAULT_SHARED_BYTES = 64 << 20  # of /dev/shm, as engines give it
_PART = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?"
    r"(?:@sha256:[0-9a-f]{64})?"
)


class ImageUntold(PackagerError):
    """A running service was given, which does not know what image it runs in."""

    exit_code = 2

    def __init__(self, url: str) -> None:
        super().__init__(f"{url} does not tell what image it runs in")
        self.hint = "give the algorithm, image:TAG or the archive"


@dataclass(frozen=True)
class Service:
    """A service to be deployed: its describe document, the name of its image, its profile and that profile's device,
    and the architecture that it needs or its image is for ("" where neither is known)."""

    describe: Mapping[str, Any]
    image: str
    profile: str
    device: Device | None
    architecture: str = ""
    port: int = PORT
    user: str = USER

    @property
    def name(self) -> str:
        """What it is called in a cluster: a DNS label."""
        return self.describe["name"]

    @property
    def resources(self) -> Mapping[str, Any]:
        """`resources` of the describe document."""
        return self.describe["resources"]

    @property
    def devices(self) -> int:
        """How many devices (GPUs) it needs: none without a device, else at least one."""
        return max(1, int(self.resources.get("gpu", 0))) if self.device else 0

    @property
    def temp_bytes(self) -> int:
        """Size of /tmp: what it needs for temporary files and results."""
        declared = int(self.resources.get("storageTemp", 0)) + int(self.resources.get("storageOutput", 0))
        return declared or DEFAULT_TEMP_BYTES

    @property
    def shared_bytes(self) -> int:
        """Size of /dev/shm."""
        return int(self.resources.get("sharedMemory", 0)) or DEFAULT_SHARED_BYTES

    @property
    def memory_bytes(self) -> int:
        """Most memory of its container, in which shared memory counts."""
        return int(self.resources["ram"]) + self.shared_bytes

    @property
    def drain_s(self) -> int:
        """How long requests in work may go on after SIGTERM: as long as describe.yml lets one take."""
        return math.ceil(self.describe.get("execution", {}).get("timeoutSeconds", 300))

    @property
    def environment(self) -> dict[str, str]:
        """Settings that go with the rest of the file."""
        return {"SWATH_DRAIN_SECONDS": str(self.drain_s), "SWATH_LOG_FORMAT": "json"}


def service_of(what: str, runtime: str, profile: str | None, image: str | None) -> Service:
    """The service of an algorithm, of `image:TAG`, or of an archive or layout; nothing is started.

    Args:
        what: which of them.
        runtime, profile: of an algorithm; None takes cpu, or the first profile that it declares.
        image: name to pull the image by, instead of its own.

    Raises:
        ImageUntold, TagInvalid, ProfileNotAllowed, ProfileUnknown; and what reading any of them raises.
    """
    if what.startswith(("http://", "https://")):
        raise ImageUntold(what)
    describe = describe_of(what)
    if what.startswith(PREFIX):
        tag, found, architecture = _of_image(what.removeprefix(PREFIX))
    elif _is_archive(Path(what)):
        tag, found, architecture = _of_archive(Path(what))
    else:
        found, architecture = _chosen(describe, profile), ""
        version = describe["version"].replace("+", "_")
        tag = f"swath/{describe['name']}:{version}-{runtime}-{found}"
    name = image or tag
    if not _REFERENCE.fullmatch(name):
        raise TagInvalid(name)
    device = read_profile(found).device if found in known_profiles() else None
    return Service(describe, name, found, device, describe["resources"].get("cpuArch", architecture))


def _chosen(describe: Mapping[str, Any], profile: str | None) -> str:
    declared: list[str] = describe["profiles"]
    chosen = profile or ("cpu" if "cpu" in declared else declared[0])
    read_profile(chosen)
    if chosen not in declared:
        raise ProfileNotAllowed(describe["name"], chosen, declared)
    return chosen


def _of_image(reference: str) -> tuple[str, str, str]:
    """Name, profile and architecture of an image of the engine."""
    from swath_packager.engine import require_engine

    inspected = require_engine(f"reading {PREFIX}{reference}").inspect(reference) or {}
    labels = labels_of({"config": inspected.get("Config")})
    return reference, labels.get(PROFILE_LABEL, ""), inspected.get("Architecture", "")


def _of_archive(path: Path) -> tuple[str, str, str]:
    """Name, profile and architecture of an archive's image."""
    from swath_packager.archive_reading import opened, read_config
    from swath_packager.platforms import host_architecture

    config = read_config(path, architecture=host_architecture())
    with opened(path) as contents, contents.open("manifest.json") as stream:
        tags: list[str] = json.load(stream)[0].get("RepoTags") or [""]
    return tags[0], labels_of(config).get(PROFILE_LABEL, ""), config.get("architecture", "")


def _is_archive(path: Path) -> bool:
    return path.is_file() or (path / "oci-layout").is_file()
