"""An image from a registry without an engine: the OCI distribution API, with docker's credentials if any."""

import base64
import hashlib
import http.client
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from email.message import Message
from typing import IO, Any

from swath_packager.archive import INDEX, MANIFEST
from swath_packager.archive_reading import choose, oci_type
from swath_packager.credentials import credentials_of
from swath_packager.errors import RegistryUnavailable
from swath_packager.image import Image
from swath_packager.layers import StoredLayer
from swath_packager.reference import Reference
from swath_packager.store import Blob, Store, chunks_of

CONNECT_S = 4.0  # a registry that has not answered by then is taken for absent
ATTEMPTS = 3
PAUSE_S = 0.2  # before the second attempt; twice that before the third
_DOCKER = "application/vnd.docker.distribution.manifest"
_ACCEPT = ", ".join((INDEX, MANIFEST, f"{_DOCKER}.list.v2+json", f"{_DOCKER}.v2+json"))
_LARGEST_MANIFEST = 4 << 20


class RegistryClient:
    """Reads one image of one registry. Raises RegistryUnavailable."""

    def __init__(self, reference: Reference, *, timeout_s: float = CONNECT_S) -> None:
        self._reference, self._timeout_s = reference, timeout_s
        self._authorization: str | None = None

    def pull(self, store: Store, architecture: str, report: Callable[[str], None]) -> tuple[Image, str]:
        """The image for Linux on an architecture, and its manifest's digest; layers in the store are not fetched."""
        content = self._manifest(self._reference.version)
        while "manifests" in (manifest := json.loads(content)):
            chosen = choose(manifest["manifests"], architecture)
            if chosen is None:
                raise RegistryUnavailable(str(self._reference), f"it has no image for linux/{architecture}")
            content = self._manifest(chosen["digest"])
        config = json.loads(self._blob(manifest["config"], store).path.read_bytes())
        layers: list[StoredLayer] = []
        for described, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
            report(f"fetching {described['size'] / 1e6:.1f} MB of {self._reference}")
            layers.append(StoredLayer(self._blob(described, store), diff_id, oci_type(described["mediaType"])))
        return Image(config, tuple(layers)), f"sha256:{hashlib.sha256(content).hexdigest()}"

    def answers(self) -> bool:
        """Whether the registry says anything at all within the time, even that it wants a token.

        Looking its name up has no time limit of its own, so this waits in another thread.
        """
        said: list[bool] = []
        asking = threading.Thread(target=lambda: said.append(self._answers()), daemon=True)
        asking.start()
        asking.join(self._timeout_s + 1)
        return any(said)

    def _answers(self) -> bool:
        try:
            self._request(f"{self._reference.url}/").close()
        except urllib.error.HTTPError as error:
            with error:
                return error.code < 500
        except (OSError, http.client.HTTPException):
            return False
        return True

    def _manifest(self, version: str) -> bytes:
        """The manifest or index of a tag or digest, whole; of a digest, with that digest."""
        with self._get(f"manifests/{version}") as stream:
            content = stream.read(_LARGEST_MANIFEST)
        if version.startswith("sha256:") and version != f"sha256:{hashlib.sha256(content).hexdigest()}":
            raise RegistryUnavailable(str(self._reference), f"the manifest {version} arrived as another")
        return content

    def _blob(self, described: dict[str, Any], store: Store) -> Blob:
        """A blob by its digest; one that breaks off or arrives damaged is fetched again."""
        digest, reason = described["digest"], ""
        if known := store.blob(digest):
            return known
        for attempt in range(ATTEMPTS):
            try:
                with self._get(f"blobs/{digest}") as stream:
                    blob = store.add_blob(chunks_of(stream))
                if blob.digest == digest:
                    return blob
                reason = f"{digest} arrived as {blob.digest}"
            except (OSError, http.client.HTTPException) as error:
                reason = f"{digest} broke off ({error})"
            time.sleep(PAUSE_S * 2**attempt)
        raise RegistryUnavailable(str(self._reference), f"{reason}, {ATTEMPTS} times")

    def _get(self, path: str) -> IO[bytes]:
        url = f"{self._reference.url}/{self._reference.repository}/{path}"
        for attempt in range(ATTEMPTS):
            try:
                return self._request(url)
            except urllib.error.HTTPError as error:
                if error.code == 401 and self._authorization is None:
                    self._authorization = self._authorized(error.headers)
                elif error.code < 500 or attempt == ATTEMPTS - 1:
                    raise RegistryUnavailable(str(self._reference), f"HTTP {error.code} for {path}") from error
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", error)
                if attempt == ATTEMPTS - 1 or not isinstance(reason, ConnectionError | http.client.HTTPException):
                    raise RegistryUnavailable(str(self._reference), f"no answer ({reason})") from error
                time.sleep(PAUSE_S * 2**attempt)
        raise RegistryUnavailable(str(self._reference), f"no answer for {path}")

    def _request(self, url: str) -> Any:
        request = urllib.request.Request(url, headers={"Accept": _ACCEPT})  # noqa: S310
        if self._authorization:
            request.add_unredirected_header("Authorization", self._authorization)
        return urllib.request.urlopen(request, timeout=self._timeout_s)  # noqa: S310  the token does not follow a redirect

    def _authorized(self, headers: Message) -> str:
        """The header that the registry wants, by its challenge: a token (anonymous where no credentials are kept)."""
        scheme, _, rest = (headers.get("WWW-Authenticate") or "").partition(" ")
        said = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        known = credentials_of(self._reference.registry)
        basic = f"Basic {base64.b64encode(':'.join(known).encode()).decode()}" if known else None
        if scheme.lower() == "basic" and basic:
            return basic
        if scheme.lower() != "bearer" or "realm" not in said:
            raise RegistryUnavailable(
                str(self._reference), "it wants credentials, and none are kept; docker login first"
            )
        return f"Bearer {self._token(said, basic)}"

    def _token(self, said: dict[str, str], basic: str | None) -> str:
        scope = said.get("scope") or f"repository:{self._reference.repository}:pull"
        wanted = {**{key: value for key, value in said.items() if key == "service"}, "scope": scope}
        url = f"{said['realm']}?{urllib.parse.urlencode(wanted)}"
        if not url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise RegistryUnavailable(str(self._reference), "it asks for a token over a connection that is not safe")
        request = urllib.request.Request(url)  # noqa: S310  https, or this machine: see above
        if basic:
            request.add_unredirected_header("Authorization", basic)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:  # noqa: S310
                told = json.load(answer)
        except OSError as error:
            raise RegistryUnavailable(str(self._reference), f"no token ({error})") from error
        return str(told.get("token") or told["access_token"])
