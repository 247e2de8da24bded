"""A registry on this machine: the OCI distribution API for one image, with anonymous tokens, redirects and faults."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from swath_packager.archive import INDEX, MANIFEST, manifest_of
from swath_packager.image import Image

REPOSITORY = "library/base"
TOKEN = "an-anonymous-token"


class FakeRegistry:
    """What it holds, what was asked of it, and how it misbehaves."""

    def __init__(self, image: Image) -> None:
        manifest, config = manifest_of(image)
        described = json.loads(manifest)
        self.blobs = {described["config"]["digest"]: config}
        self.blobs.update({one.blob.digest: one.blob.path.read_bytes() for one in image.layers})
        self.manifests: dict[str, tuple[str, bytes]] = {"one": (MANIFEST, manifest)}
        self.asked: list[tuple[str, str | None]] = []
        self.failures = 0  # answers 503 to that many requests for blobs
        self.breaks_off = 0  # sends half of that many blobs
        self.wants_token = True
        self.redirects_blobs = False
        self.port = 0

    def add_index(self, tag: str, platforms: list[dict[str, Any]]) -> None:
        """A tag that names one manifest for several platforms."""
        _, manifest = self.manifests["one"]
        digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
        self.manifests[digest] = (MANIFEST, manifest)
        entries = [
            {"mediaType": MANIFEST, "digest": digest, "size": len(manifest), "platform": one} for one in platforms
        ]
        self.manifests[tag] = (INDEX, json.dumps({"schemaVersion": 2, "manifests": entries}).encode())

    @property
    def reference(self) -> str:
        return f"127.0.0.1:{self.port}/{REPOSITORY}"


@contextmanager
def serving(registry: FakeRegistry) -> Iterator[FakeRegistry]:
    """The registry, answering on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = _answer(registry, self.path, self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if registry.breaks_off and "/blobs/" in self.path and status == 200:
                registry.breaks_off -= 1
                body = body[: len(body) // 2]
                self.close_connection = True
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(registry: FakeRegistry, path: str, authorization: str | None) -> tuple[int, dict[str, str], bytes]:
    registry.asked.append((path, authorization))
    root = f"/v2/{REPOSITORY}/"
    if path.startswith("/token?"):
        return 200, {}, json.dumps({"token": TOKEN}).encode()
    if path.startswith("/elsewhere/"):
        return 200, {}, registry.blobs[path.removeprefix("/elsewhere/")]
    if registry.wants_token and authorization != f"Bearer {TOKEN}":
        realm = (
            f'Bearer realm="http://127.0.0.1:{registry.port}/token",service="fake",scope="repository:{REPOSITORY}:pull"'
        )
        return 401, {"WWW-Authenticate": realm}, b"{}"
    if path == "/v2/":
        return 200, {}, b"{}"
    if path.startswith(f"{root}manifests/"):
        return _manifest(registry, path.removeprefix(f"{root}manifests/"))
    return _blob(registry, path.removeprefix(f"{root}blobs/"))


def _manifest(registry: FakeRegistry, version: str) -> tuple[int, dict[str, str], bytes]:
    if version not in registry.manifests:
        return 404, {}, b"{}"
    media_type, content = registry.manifests[version]
    return 200, {"Content-Type": media_type}, content


def _blob(registry: FakeRegistry, digest: str) -> tuple[int, dict[str, str], bytes]:
    if registry.failures:
        registry.failures -= 1
        return 503, {}, b""
    if digest not in registry.blobs:
        return 404, {}, b""
    if registry.redirects_blobs:
        return 307, {"Location": f"http://localhost:{registry.port}/elsewhere/{digest}"}, b""
    return 200, {}, registry.blobs[digest]
