"""https by a mounted certificate: on every runtime, asked by the health check too."""

import json
import ssl
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest
from converters.remote.certificates import make_certificate
from runtime.conftest import Server, until

from swath_runtime.__main__ import is_alive
from swath_runtime.errors import SettingInvalid
from swath_runtime.settings import Settings
from swath_runtime.tls import check_certificate


@pytest.fixture
def pair(tmp_path: Path) -> dict[str, str]:
    """Settings of a certificate for localhost, and its key."""
    certificate, _ = make_certificate(tmp_path, "localhost")
    return {"tls_certificate": str(certificate), "tls_key": str(tmp_path / "key.pem")}


def get(server: Server, pair: dict[str, str], path: str) -> tuple[int, bytes]:
    context = ssl.create_default_context(cafile=pair["tls_certificate"])
    connection = HTTPSConnection("localhost", server.settings.port, timeout=10, context=context)
    try:
        connection.request("GET", f"/api/v1{path}")
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_certificate_makes_it_https_and_the_links_too(start: Any, pair: dict[str, str], workers: int) -> None:
    server = start(workers=workers, **pair).open("start")
    until(lambda: is_alive(server.settings) or server.process.poll() is not None, "health over https")
    links = json.loads(get(server, pair, "/describe")[1])["_links"]
    assert links["self"]["href"] == f"https://localhost:{server.settings.port}/api/v1/describe"
    until(lambda: get(server, pair, "/ready")[0] == 200, "every worker is ready")  # one just forked may miss a signal
    assert server.end() == 0


def test_the_health_check_asks_as_the_service_speaks(start: Any, pair: dict[str, str]) -> None:
    server = start(**pair).open("start")
    until(lambda: is_alive(server.settings), "health over https")
    assert not is_alive(Settings(port=server.settings.port))


def test_a_certificate_that_is_not_there_ends_the_server_and_is_named(start: Any, pair: dict[str, str]) -> None:
    server = start(**{**pair, "tls_key": "/nowhere/key.pem"})
    assert server.wait() == 2
    assert "/nowhere/key.pem can't be read" in server.text()


def test_a_key_of_another_certificate_is_refused(tmp_path: Path, pair: dict[str, str]) -> None:
    (tmp_path / "other").mkdir()
    make_certificate(tmp_path / "other", "localhost")
    with pytest.raises(SettingInvalid, match="no certificate and its key"):
        check_certificate(Settings(**{**pair, "tls_key": str(tmp_path / "other" / "key.pem")}))


def test_a_certificate_without_a_key_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="the one needs the other"):
        Settings.from_environ({"SWATH_TLS_CERTIFICATE": "/tls/tls.crt"})
