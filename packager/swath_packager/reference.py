"""Names of images: registry, repository, tag or digest."""

from dataclasses import dataclass

_DOCKER_HUB = "docker.io"


@dataclass(frozen=True)
class Reference:
    """An image in a registry. `version` is a tag, or a digest with its algorithm ("sha256:…")."""

    registry: str
    repository: str
    version: str

    @property
    def url(self) -> str:
        """Root of the registry's API; plain http for a registry of this machine only."""
        host = "registry-1.docker.io" if self.registry == _DOCKER_HUB else self.registry
        return f"{'http' if self._is_here else 'https'}://{host}/v2"

    @property
    def _is_here(self) -> bool:
        return self.registry.partition(":")[0] in ("localhost", "127.0.0.1")

    def __str__(self) -> str:
        mark = "@" if ":" in self.version else ":"
        return f"{self.registry}/{self.repository}{mark}{self.version}"


def parse_reference(text: str) -> Reference:
    """The reference that a name means: python:3.12 -> docker.io/library/python:3.12."""
    name, _, digest = text.partition("@")
    first, slash, rest = name.partition("/")
    if not (slash and ("." in first or ":" in first or first == "localhost")):
        first, rest = _DOCKER_HUB, name if slash else f"library/{name}"
    repository, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = rest, "latest"
    return Reference(first, repository, digest or tag)
