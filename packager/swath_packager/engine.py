"""The container engine, through the docker SDK: it loads, inspects and runs. The SDK is imported where an engine is."""

import contextlib
import os
import re
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

from swath_packager.build_client import BuildClient, find_build_client
from swath_packager.errors import EngineFailed, EngineMissing
from swath_packager.reference import parse_reference
from swath_packager.run_options import as_arguments

ANSWER_S = 5
WORK_S = 600  # loading a gpu image takes minutes on a slow disk
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")


class Engine:
    """An engine that answers. `version` and `architecture` ("amd64") are its own."""

    def __init__(self, client: Any, version: str, architecture: str) -> None:
        self._client, self.version, self.architecture = client, version, architecture

    def build_client(self) -> BuildClient:
        """The command to build with; raises EngineMissing where there is none."""
        return find_build_client()

    def inspect(self, reference: str) -> dict[str, Any] | None:
        """What the engine knows about an image, or None where it does not hold it; raises EngineFailed."""
        from docker.errors import ImageNotFound, NotFound

        with _told(f"inspecting {reference}"):
            try:
                return self._client.api.inspect_image(reference)
            except (ImageNotFound, NotFound):
                return None

    def pull(self, reference: str) -> None:
        """Fetch an image, with the credentials that the docker command would use; raises EngineFailed."""
        with _told(f"docker pull {reference}"):
            wanted = parse_reference(reference)
            self._client.images.pull(f"{wanted.registry}/{wanted.repository}", tag=wanted.version)

    def load(self, archive: Path) -> None:
        """Load an archive; raises EngineFailed."""
        with _told(f"docker load of {archive.name}"), archive.open("rb") as stream:
            self._client.images.load(stream)

    def save(self, reference: str, output: Path) -> None:
        """Write an image as an archive; raises EngineFailed."""
        with _told(f"docker save {reference}"), output.open("wb") as stream:
            for chunk in self._client.images.get(reference).save(named=True):
                stream.write(chunk)

    def tag(self, image: str, name: str) -> None:
        """Give an image a name, which another may have had until then; raises EngineFailed."""
        repository, colon, tag = name.rpartition(":")
        repository, tag = (repository, tag) if colon and "/" not in tag else (name, "latest")
        with _told(f"docker tag {name}"):
            self._client.api.tag(image, repository, tag, force=True)

    def python_of(self, reference: str) -> str:
        """Minor version of the python3 that an image starts, found by starting it; raises EngineFailed."""
        doing = f"asking {reference} for its Python"
        with _told(doing):
            said = self._client.containers.run(
                reference, ["--version"], entrypoint="python3", network_mode="none", remove=True
            ).decode()
        found = re.search(r"Python (\d+\.\d+)", said)
        if found is None:
            raise EngineFailed(doing, said)
        return found[1]

    def read(self, reference: str, path: str) -> Iterable[bytes] | None:
        """A file or folder of an image as a tar, in pieces, or None where it has none; nothing is started."""
        from docker.errors import NotFound

        with _told(f"reading {path} of {reference}"):
            container = self._client.api.create_container(reference, ["/"])["Id"]
            try:
                return [*self._client.api.get_archive(container, path)[0]]
            except NotFound:
                return None
            finally:
                self._client.api.remove_container(container, force=True, v=True)

    def run(self, reference: str, options: Sequence[str]) -> str:
        """Start a container in the background, with options of `docker run`; gives back its id. Raises EngineFailed."""
        with _told(f"docker run {reference}"):
            return str(self._client.containers.run(reference, detach=True, **as_arguments(options)).id)

    def execute(self, container: str, command: Sequence[str]) -> int:
        """Exit code of a command run in a container; raises EngineFailed."""
        with _told(f"docker exec {' '.join(command)}"):
            return int(self._client.containers.get(container).exec_run(list(command)).exit_code)

    def published(self, container: str, port: int) -> str:
        """Address ("127.0.0.1:49153") at which a container's port is published; raises EngineFailed."""
        with _told("docker port"):
            ports: dict[str, Any] = self._client.api.inspect_container(container)["NetworkSettings"]["Ports"] or {}
            found: list[dict[str, str]] = ports.get(f"{port}/tcp") or []
        if not found:
            raise EngineFailed("docker port", f"the container publishes no port {port}")
        return f"{found[0]['HostIp']}:{found[0]['HostPort']}"

    def state(self, container: str) -> dict[str, Any]:
        """The container's state: Running, ExitCode, OOMKilled, Health …; raises EngineFailed."""
        with _told("docker inspect"):
            return self._client.api.inspect_container(container)["State"]

    def stop(self, container: str, *, grace_s: int = 30) -> int:
        """Send SIGTERM, wait, and give back the exit code; raises EngineFailed."""
        with _told("docker stop"):
            self._client.api.stop(container, timeout=grace_s)
        return int(self.state(container)["ExitCode"])

    def logs(self, container: str, lines: int = 30) -> str:
        """The last lines that a container wrote; raises EngineFailed."""
        with _told("docker logs"):
            return self._client.api.logs(container, tail=lines).decode("utf-8", "replace")

    def remove(self, container: str) -> None:
        """Stop and remove a container, whatever state it is in; one that is gone is no error."""
        with contextlib.suppress(EngineFailed), _told("docker rm"):
            self._client.api.remove_container(container, force=True, v=True)

    def remove_image(self, reference: str) -> None:
        """Take a name away from an image, and the image where it was its last; one that is gone is no error."""
        with contextlib.suppress(EngineFailed), _told("docker rmi"):
            self._client.api.remove_image(reference)


def find_engine() -> Engine | None:
    """The engine that answers, or None."""
    found, _ = _search()
    return found


def require_engine(wanted: str) -> Engine:
    """The engine that answers; raises EngineMissing, saying what was tried."""
    found, tried = _search()
    if found is None:
        raise EngineMissing(wanted, [tried])
    return found


def _search() -> tuple[Engine | None, str]:
    """The engine that DOCKER_HOST, the docker command's context or the usual socket leads to; else what was tried."""
    if not (_named_elsewhere() or any(Path(one).exists() for one in _SOCKETS)):
        return None, f"no DOCKER_HOST, no docker context, no {_SOCKETS[0]}"
    import docker
    import requests
    from docker.errors import DockerException

    where = os.environ.get("DOCKER_HOST", "")
    client: Any = None
    try:
        context: Any = None if where else docker.ContextAPI.get_current_context()
        where = where or str(context.Host)
        if where.startswith("unix://") and not Path(where.removeprefix("unix://")).exists():
            return None, f"{where}: there is no such socket"
        if context is None:
            client = docker.from_env(timeout=ANSWER_S)
        else:
            client = docker.DockerClient(base_url=where, tls=context.TLSConfig or False, timeout=ANSWER_S)
        told: dict[str, Any] = client.version()
    except (DockerException, requests.RequestException, OSError, ValueError) as error:
        if client is not None:
            client.close()
        return None, f"{where or 'the docker context'}: {_reason(error)}"
    client.api.timeout = WORK_S
    return Engine(client, str(told["Version"]), str(told["Arch"])), ""


def _named_elsewhere() -> bool:
    """Whether the environment or the docker command's own settings name an engine, without importing the SDK."""
    if os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT"):
        return True
    settings = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    return settings.is_file() and '"currentContext"' in settings.read_text("utf-8", "replace")


@contextlib.contextmanager
def _told(doing: str) -> Generator[None]:
    """What the SDK raises, as ours."""
    import requests
    from docker.errors import DockerException

    try:
        yield
    except (DockerException, requests.RequestException, OSError) as error:
        raise EngineFailed(doing, _reason(error)) from error


def _reason(error: Exception) -> str:
    """The engine's own words, without the SDK's wrapping."""
    said = getattr(error, "explanation", None) or getattr(error, "stderr", None)
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said or error)
