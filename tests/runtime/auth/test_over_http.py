"""Tokens on every runtime, over the wire; and keys fetched from an issuer over https."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from clients.core import CoreClient
from clients.http import HttpClient
from clients.twin import TwinClient
from converters.remote.certificates import make_certificate
from runtime.auth.callers import AUDIENCE, ECHO, ISSUER, Caller, jwks, signed

from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings
from swath_testing.targets import running_server

TOKEN = "reader-0123456789abcdef"


@pytest.fixture(scope="module", params=["fastapi", "flask"])
def client(request, tmp_path_factory):
    if request.param not in installed_runtimes():
        pytest.skip(f"the {request.param} runtime is not installed in this environment")
    path = tmp_path_factory.mktemp("auth") / "tokens"
    path.write_text(f"{TOKEN} rita read\n")
    settings = Settings(algorithm=ECHO.folder, runtime=request.param, auth_tokens_file=str(path))
    with running_server(settings) as url, CoreClient(ECHO, settings) as core:
        yield TwinClient(HttpClient(url), core)


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/health", None, 200),
        ("/ready", None, 200),
        ("/describe", None, 401),
        ("/describe", "unknown-0123456789abcdef", 401),
        ("/describe", TOKEN, 200),
        ("/openapi", TOKEN, 200),
    ],
)
def test_every_runtime_asks_for_the_token_alike(client, path, token, status):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client.send("GET", f"/api/v1{path}", headers=headers).expect(status)


def test_a_refused_body_is_read_no_further_than_the_answer_needs(client):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    client.send("POST", "/api/v1/process", b" " * (4 << 20), headers).expect(403)


@pytest.fixture
def issuer(tmp_path, keys):
    """(URL of a JWK Set over https, file of the authority to trust)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != "/keys":
                self.send_response(302)
                self.send_header("Location", "/keys")
                self.end_headers()
                return
            body = jwks(keys)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    certificate, context = make_certificate(tmp_path, "localhost")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}", str(certificate)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "trusts", "status"), [("/keys", True, 200), ("/keys", False, 503), ("/moved", True, 503)]
)
def test_keys_come_from_an_issuer_that_is_trusted_and_never_by_a_redirect(issuer, keys, path, trusts, status):
    url, authority = issuer
    caller = Caller(
        auth_jwks=url + path,
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        fetch_ca_file=authority if trusts else "",
    )
    assert caller.status(token=signed(keys["rsa"], "RS256", "rsa")) == status
