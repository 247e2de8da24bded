"""An image from a registry without an engine: the OCI distribution API, anonymously."""

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
from swath_packager.archive_reading import choose
from swath_packager.errors import RegistryUnavailable
from swath_packager.image import Image
from swath_packager.layers import TAR, TAR_GZIP, StoredLayer
from swath_packager.reference import Reference
from swath_packager.store import Blob, Store, chunks_of

CONNECT_S = 4.0  # a registry that has not answered by then is taken for absent
ATTEMPTS = 3
_DOCKER = "application/vnd.docker.distribution.manifest"
_ACCEPT = ", ".join((INDEX, MANIFEST, f"{_DOCKER}.list.v2+json", f"{_DOCKER}.v2+json"))
_LARGEST_MANIFEST = 4 << 20


class RegistryClient:
    """Reads one image of one registry. Raises RegistryUnavailable."""

    def __init__(self, reference: Reference, *, timeout_s: float = CONNECT_S) -> None:
        self._reference, self._timeout_s = reference, timeout_s
        self._token: str | None = None

    def pull(self, store: Store, architecture: str, report: Callable[[str], None]) -> Image:
        """The image for Linux on an architecture; layers that the store holds already are not fetched."""
        manifest = self._json(f"manifests/{self._reference.version}")
        while "manifests" in manifest:
            chosen = choose(manifest["manifests"], architecture)
            if chosen is None:
                raise RegistryUnavailable(str(self._reference), f"it has no image for linux/{architecture}")
            manifest = self._json(f"manifests/{chosen['digest']}")
        config = json.loads(self._blob(manifest["config"], store).path.read_bytes())
        layers: list[StoredLayer] = []
        for described, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
            report(f"fetching {described['size'] / 1e6:.1f} MB of {self._reference}")
            layers.append(StoredLayer(self._blob(described, store), diff_id, _oci_type(described["mediaType"])))
        return Image(config, tuple(layers))

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

    def _json(self, path: str) -> dict[str, Any]:
        with self._get(path) as stream:
            return json.loads(stream.read(_LARGEST_MANIFEST))

    def _blob(self, described: dict[str, Any], store: Store) -> Blob:
        digest = described["digest"]
        if known := store.blob(digest):
            return known
        with self._get(f"blobs/{digest}") as stream:
            blob = store.add_blob(chunks_of(stream))
        if blob.digest != digest:
            raise RegistryUnavailable(str(self._reference), f"{digest} arrived as {blob.digest}")
        return blob

    def _get(self, path: str) -> IO[bytes]:
        url = f"{self._reference.url}/{self._reference.repository}/{path}"
        for attempt in range(ATTEMPTS):
            try:
                return self._request(url)
            except urllib.error.HTTPError as error:
                if error.code == 401 and self._token is None:
                    self._token = self._new_token(error.headers)
                elif error.code < 500 or attempt == ATTEMPTS - 1:
                    raise RegistryUnavailable(str(self._reference), f"HTTP {error.code} for {path}") from error
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", error)
                if attempt == ATTEMPTS - 1 or not isinstance(reason, ConnectionError | http.client.HTTPException):
                    raise RegistryUnavailable(str(self._reference), f"no answer ({reason})") from error
                time.sleep(0.2 * 2**attempt)
        raise RegistryUnavailable(str(self._reference), f"no answer for {path}")

    def _request(self, url: str) -> Any:
        request = urllib.request.Request(url, headers={"Accept": _ACCEPT})  # noqa: S310
        if self._token:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return urllib.request.urlopen(request, timeout=self._timeout_s)  # noqa: S310  the token does not follow a redirect

    def _new_token(self, headers: Message) -> str:
        scheme, _, rest = (headers.get("WWW-Authenticate") or "").partition(" ")
        said = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme.lower() != "bearer" or "realm" not in said:
            raise RegistryUnavailable(str(self._reference), "it wants credentials; pull the image with an engine")
        scope = said.get("scope") or f"repository:{self._reference.repository}:pull"
        query = urllib.parse.urlencode(
            {key: value for key, value in {**said, "scope": scope}.items() if key in ("service", "scope")}
        )
        url = f"{said['realm']}?{query}"
        if not url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise RegistryUnavailable(str(self._reference), "it asks for a token over a connection that is not safe")
        try:
            with urllib.request.urlopen(url, timeout=self._timeout_s) as answer:  # noqa: S310
                told = json.load(answer)
        except OSError as error:
            raise RegistryUnavailable(str(self._reference), f"no anonymous token ({error})") from error
        return told.get("token") or told["access_token"]


def _oci_type(media_type: str) -> str:
    if media_type.endswith(("tar.gzip", "tar+gzip")):
        return TAR_GZIP
    return TAR if media_type.endswith(("diff.tar", "layer.v1.tar")) else media_type
