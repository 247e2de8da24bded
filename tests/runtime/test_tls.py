"""A service with a certificate speaks https and nothing else, and its health check follows."""

import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

import pytest
import trustme
from runtime.conftest import API, DEADLINE_S, FAKES, until

from swath_runtime.__main__ import is_alive
from swath_runtime.errors import SettingInvalid
from swath_runtime.server import open_router
from swath_runtime.settings import Settings

AUTHORITY = trustme.CA()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """Files of a certificate for this machine and of its key."""
    issued = AUTHORITY.issue_cert("localhost", "127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(chain)
    issued.private_key_pem.write_to_path(key)
    return str(chain), str(key)


def ask(port: int, path: str) -> tuple[int, bytes]:
    """Status and body, from a client that trusts that authority alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(context)
    connection = HTTPSConnection("localhost", port, timeout=DEADLINE_S, context=context)
    try:
        connection.request("GET", API + path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_certificate_makes_it_https(start, certificate: tuple[str, str], workers: int):
    chain, key = certificate
    server = start("echo", tls_cert=chain, tls_key=key, workers=workers)
    until(lambda: is_alive(server.settings) or server.process.poll() is not None, "health over TLS")
    assert server.process.poll() is None, server.text()
    until(lambda: ask(server.settings.port, "/ready")[0] == 200, "ready")
    links = json.loads(ask(server.settings.port, "/describe")[1])["_links"]
    assert links["execution"]["href"] == f"https://localhost:{server.settings.port}{API}/process"
    connection = HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)
    with pytest.raises((OSError, HTTPException)):
        connection.request("GET", f"{API}/health")
        assert connection.getresponse().status != 200
        raise HTTPException
    connection.close()
    assert server.end() == 0


def test_the_health_check_of_a_dead_service_says_so(certificate: tuple[str, str]):
    assert not is_alive(Settings(tls_cert=certificate[0], tls_key=certificate[1], port=1))


def test_certificate_and_key_may_stand_in_one_file(start, certificate: tuple[str, str], tmp_path: Path):
    both = tmp_path / "both.pem"
    both.write_text("".join(Path(one).read_text() for one in certificate))
    server = start("echo", tls_cert=str(both))
    until(lambda: is_alive(server.settings) or server.process.poll() is not None, "health over TLS")
    assert server.process.poll() is None, server.text()


@pytest.mark.parametrize("harm", ["absent", "no certificate", "another's key", "key alone"])
def test_what_is_no_certificate_is_refused_before_anything_starts(
    harm: str, certificate: tuple[str, str], tmp_path: Path
):
    chain, key = certificate
    other = tmp_path / "other.pem"
    other.write_text("not a certificate\n")
    if harm == "another's key":
        AUTHORITY.issue_cert("other.test").private_key_pem.write_to_path(other)
    cert, private = {
        "absent": (str(tmp_path / "nowhere.pem"), key),
        "no certificate": (str(other), key),
        "another's key": (chain, str(other)),
        "key alone": ("", key),
    }[harm]
    with pytest.raises(SettingInvalid) as caught:
        open_router(Settings(algorithm=FAKES / "echo", tls_cert=cert, tls_key=private))
    assert "SWATH_TLS_" in str(caught.value)
    assert caught.value.exit_code == 2
