"""What can go wrong between a folder and an image, and what to do about it."""

from collections.abc import Sequence


class PackagerError(Exception):
    """Base of this package's errors. Exit codes: 1 what was asked is wrong, 2 usage, 3 something is lacking here."""

    hint: str = ""
    exit_code: int = 1


class ProfileUnknown(PackagerError):
    """No profile file has that name."""

    exit_code = 2

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"no profile '{asked}'")
        self.asked, self.known = asked, tuple(known)
        self.hint = f"known profiles: {', '.join(known)}"


class ProfileInvalid(PackagerError):
    """A profile file says something that cannot be used."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.hint = "compare it with a profile that comes with swath-packager"


class RuntimeUnknown(PackagerError):
    """No installed distribution declares that runtime."""

    exit_code = 2

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"no runtime '{asked}'")
        self.asked, self.known = asked, tuple(known)
        self.hint = (
            f"runtimes installed here: {', '.join(known)}"
            if known
            else "no runtime is installed here; install swath-fastapi or swath-flask"
        )


class ExtraUnknown(PackagerError):
    """The runtime's core has no extra of that name."""

    exit_code = 2

    def __init__(self, asked: Sequence[str], known: Sequence[str]) -> None:
        named = "', '".join(asked)
        super().__init__(f"no extra '{named}' of swath-runtime")
        self.asked, self.known = tuple(asked), tuple(known)
        self.hint = f"known: {', '.join(known)}" if known else "the swath-runtime that is installed here has none"


class PlatformUnknown(PackagerError):
    """No image can be made for that platform."""

    exit_code = 2

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"no platform '{asked}'")
        self.asked, self.known = asked, tuple(known)
        self.hint = f"known platforms: {', '.join(known)}"


class PlatformForeign(PackagerError):
    """The engine of this machine was asked for an image of another platform."""

    exit_code = 2

    def __init__(self, asked: str, here: str) -> None:
        super().__init__(f"--builder docker makes images for {here}, not for {asked}")
        self.hint = "leave --builder out, or say --builder oci: an archive can be made for any platform"


class FolderInUse(PackagerError):
    """A folder to write into holds something already."""

    exit_code = 2

    def __init__(self, folder: object) -> None:
        super().__init__(f"{folder} is there already, and not an empty folder")
        self.hint = "name another folder, or empty it first"


class ProfileNotAllowed(PackagerError):
    """The algorithm's describe.yml does not list the profile."""

    def __init__(self, algorithm: str, profile: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{algorithm} does not run under the profile '{profile}'")
        self.algorithm, self.profile, self.allowed = algorithm, profile, tuple(allowed)
        self.hint = (
            f"its describe.yml lists profiles: [{', '.join(allowed)}]; add '{profile}' there, or package one of these"
        )


class TagInvalid(PackagerError):
    """An image name that no engine would take."""

    exit_code = 2

    def __init__(self, tag: str) -> None:
        super().__init__(f"'{tag}' is not a name for an image")
        self.hint = "lower case letters, digits and . _ - / then a colon and a tag: team/cloud-detection:1.0.0"


class ModelMissing(PackagerError):
    """The model that describe.yml names is not a file beside it."""

    def __init__(self, algorithm: str, href: str) -> None:
        super().__init__(f"{algorithm}: the model '{href}' is not a file in the folder")
        self.hint = "put the ONNX file there, or correct model.href in describe.yml"


class EngineMissing(PackagerError):
    """Something was asked that only a container engine can do, and none answers."""

    exit_code = 3

    def __init__(self, wanted: str, tried: Sequence[str]) -> None:
        super().__init__(f"{wanted} needs a container engine, and none answers")
        self.tried = tuple(tried)
        found = "; ".join(tried) if tried else "no docker command on PATH"
        self.hint = f"tried: {found}\nstart docker; an archive needs none: swath package … --builder oci"


class EngineFailed(PackagerError):
    """The engine refused or failed; its own last lines are shown."""

    def __init__(self, doing: str, output: str) -> None:
        super().__init__(f"{doing} failed")
        self.hint = output.strip()


class BaseUnavailable(PackagerError):
    """No base image can be had; says every way that was tried."""

    exit_code = 3

    def __init__(self, wanted: str, tried: Sequence[str]) -> None:
        lines = "\n".join(f"  {line}" for line in tried)
        super().__init__(f"no base image '{wanted}'. Tried:\n{lines}")
        self.wanted, self.tried = wanted, tuple(tried)
        self.hint = (
            "give one: --base python:3.12-slim where a registry or an engine has it, or --base base.tar "
            "(an archive that `docker save` or `skopeo copy` wrote); or install apt and dpkg and let one be assembled"
        )


class BaseUnfit(PackagerError):
    """A base image without a Python that the wheels exist for."""

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(f"the base image {reference} does not fit: {reason}")
        self.hint = "a base needs python3 (3.11 to 3.13), libstdc++6 and libgomp1 on linux/amd64 or linux/arm64"


class ArchiveUnreadable(PackagerError):
    """A file that is neither an OCI archive or layout nor what `docker save` writes."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path} is not an image archive: {reason}")
        self.hint = (
            "an archive is what `swath package --builder oci`, `docker save` or `skopeo copy … oci-archive:` writes"
        )


class RegistryUnavailable(PackagerError):
    """The registry does not answer, or answers with something else than the image."""

    exit_code = 3

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(f"{reference}: {reason}")
        self.reason = reason


class RequirementsConflict(PackagerError):
    """The algorithm's requirements cannot be installed together with the service's."""

    def __init__(self, lines: Sequence[str], explanation: str) -> None:
        named = "\n".join(f"  {line}" for line in lines)
        super().__init__(f"these requirements can't be met together with the runtime and the profile:\n{named}")
        self.lines = tuple(lines)
        self.hint = explanation.strip()


class RequirementRefused(PackagerError):
    """A line of the algorithm's requirements that cannot be locked."""

    def __init__(self, origin: str, line: str, reason: str) -> None:
        super().__init__(f"{origin}: {line}: {reason}")
        self.origin, self.line, self.reason = origin, line, reason
        self.hint = (
            "write names with versions (shapely>=2), -r FILE, or wheels in the folder (./wheels/x-1.0-py3-none-any.whl)"
        )


class ProjectInvalid(PackagerError):
    """pyproject.toml beside the algorithm says something that cannot be used."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.reason = reason
        self.hint = "see docs/containers.md, 'What an image needs more'"


class LockStale(PackagerError):
    """The lock beside the algorithm was made of other requirements than there are now."""

    def __init__(self, path: object, reason: str, changed: Sequence[str]) -> None:
        lines = "\n".join(f"  {line}" for line in changed)
        super().__init__(f"{path} is out of date: {reason}\n{lines}")
        self.changed = tuple(changed)
        self.hint = "look at what changed, then resolve anew: swath package … --relock"


class LockUnreadable(PackagerError):
    """The lock beside the algorithm is damaged, or was merged by hand."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path} is not a lock: {reason}")
        self.hint = "resolve anew: swath package … --relock, after deleting it"


class PackagesUnavailable(PackagerError):
    """Debian packages that an image needs can't be had."""

    exit_code = 3

    def __init__(self, names: Sequence[str], tried: Sequence[str]) -> None:
        super().__init__(f"no Debian packages {', '.join(names)}: {'; '.join(tried)}")
        self.names = tuple(names)
        self.hint = "apt-get and dpkg-deb of the base's own release are needed; check the names under [tool.swath] apt"


class DependenciesUnavailable(PackagerError):
    """The wheels could not be resolved, built or fetched."""

    exit_code = 3

    def __init__(self, doing: str, output: str) -> None:
        super().__init__(f"{doing} failed")
        self.hint = output.strip()


class TrialFailed(PackagerError):
    """What was built does not start; its last log lines are shown."""

    def __init__(self, what: str, reason: str, log: str) -> None:
        super().__init__(f"{what} was built, but {reason}")
        self.hint = log.strip()


class ImageMissing(PackagerError):
    """The engine holds no image of that name."""

    exit_code = 3

    def __init__(self, reference: str) -> None:
        super().__init__(f"the engine holds no image '{reference}'")
        self.reference = reference
        self.hint = "make it with swath package, or fetch it with docker pull; docker image ls shows what is there"


class DescribeUnreachable(PackagerError):
    """The service that was asked for its describe document gives no answer."""

    exit_code = 3

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} does not answer: {reason}")
        self.address, self.reason = address, reason
        self.hint = "check the address and that the service runs: swath serve ALGORITHM, or docker run … -p 8080:8080"


class DescribeMissing(PackagerError):
    """An image or a service that carries no describe document."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} has no describe document: {reason}")
        self.hint = "give an algorithm, image:TAG, an archive that swath package wrote, or the URL of a running service"
