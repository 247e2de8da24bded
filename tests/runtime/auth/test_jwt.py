"""JSON Web Tokens: which are accepted, and which attacks are not."""

import base64
import hmac
import json
import time
from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from runtime.auth.callers import ALGORITHMS, AUDIENCE, ISSUER, SECRET, Caller, claims, jwks, signed

from swath_runtime.auth import keys as keys_module
from swath_runtime.auth.keys import FLOOR_S, RemoteKeys
from swath_runtime.auth.refusing import KeysNeeded
from swath_runtime.errors import ExtraMissing, SettingInvalid


@pytest.fixture
def by_keys(tmp_path, keys):
    path = tmp_path / "jwks.json"
    path.write_bytes(jwks(keys))
    return Caller(auth_jwks=str(path), auth_issuer=ISSUER, auth_audience=AUDIENCE)


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(SECRET + b"\n")
    return str(path)


@pytest.fixture
def by_secret(secret_file):
    return Caller(auth_secret_file=secret_file)


def reason(reply):
    return reply.header("www-authenticate").partition("error_description=")[2]


@pytest.mark.parametrize("kid", ALGORITHMS)
def test_a_token_signed_with_a_key_of_the_issuer_lets_in(by_keys, keys, kid):
    assert by_keys.status(token=signed(keys[kid], ALGORITHMS[kid], kid)) == 200


def test_a_token_signed_with_the_secret_lets_in(by_secret):
    assert by_secret.status(token=signed(SECRET, "HS256")) == 200


NEXT_CENTURY = 4_102_444_800  # not so many seconds from now: a whole run lies between finding a test and running it


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"exp": None}, "lacks a claim"),
        ({"nbf": NEXT_CENTURY}, "not valid yet"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": None}, "lacks a claim"),
        ({"aud": "another"}, "another service"),
        ({"aud": None}, "lacks a claim"),
        ({"sub": None}, "lacks a claim"),
    ],
)
def test_a_token_whose_claims_do_not_hold_is_refused_with_the_reason(by_keys, keys, changed, why):
    reply = by_keys.ask(token=signed(keys["rsa"], "RS256", "rsa", **changed))
    assert reply.status == 401
    assert why in reason(reply)


def test_clocks_may_differ_by_less_than_half_a_minute(by_keys, keys):
    assert by_keys.status(token=signed(keys["rsa"], "RS256", "rsa", exp=int(time.time()) - 10)) == 200


@pytest.mark.parametrize("given", [{"scope": "read other"}, {"scope": None, "scp": ["read"]}, {"scope": ["read"]}])
def test_scopes_may_be_a_text_or_a_list(by_secret, given):
    assert by_secret.status(token=signed(SECRET, "HS256", **given)) == 200


@pytest.mark.parametrize("given", [{"scope": None}, {"scope": 7}, {"scope": "reader"}, {"scope": {"read": True}}])
def test_a_token_without_the_scope_is_forbidden(by_secret, given):
    assert by_secret.status(token=signed(SECRET, "HS256", **given)) == 403


def test_an_unsigned_token_is_refused(by_keys, by_secret):
    token = jwt.encode(claims(), None, "none")
    assert by_keys.status(token=token) == by_secret.status(token=token) == 401


def test_a_public_key_is_no_shared_secret(by_keys, keys):
    document = json.loads(jwks(keys, "rsa"))["keys"][0]
    pem = jwt.PyJWK(document).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = (
        base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=")
        for one in ({"alg": "HS256", "kid": "rsa"}, claims())
    )
    mac = base64.urlsafe_b64encode(hmac.digest(pem, head + b"." + body, "sha256")).rstrip(b"=")
    assert by_keys.status(token=b".".join((head, body, mac)).decode()) == 401


def test_a_key_is_used_for_its_own_kind_of_signature_alone(by_keys, keys):
    assert by_keys.status(token=signed(keys["ec"], "ES256", "rsa")) == 401


def test_a_token_of_another_key_is_refused(by_secret):
    assert "signature is wrong" in reason(by_secret.ask(token=signed(b"another secret of thirty-two bytes!!", "HS256")))


def test_a_changed_payload_is_refused(by_secret):
    head, _, mac = signed(SECRET, "HS256").split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(scope="read admin")).encode()).rstrip(b"=").decode()
    assert by_secret.status(token=f"{head}.{body}.{mac}") == 401


def test_a_symmetric_key_among_public_ones_is_ignored(tmp_path):
    path = tmp_path / "jwks.json"
    oct_key = {"kty": "oct", "kid": "s", "k": base64.urlsafe_b64encode(SECRET).decode()}
    path.write_text(json.dumps({"keys": [oct_key]}))
    caller = Caller(auth_jwks=str(path), auth_issuer=ISSUER, auth_audience=AUDIENCE)
    assert caller.status(token=signed(SECRET, "HS256", "s")) == 401


def test_static_tokens_and_jwts_go_together(tmp_path, secret_file):
    path = tmp_path / "tokens"
    path.write_text("static.token.0123456789 sam read\n")
    caller = Caller(auth_secret_file=secret_file, auth_tokens_file=str(path))
    assert caller.status(token="static.token.0123456789") == caller.status(token=signed(SECRET, "HS256")) == 200


def test_the_subject_is_the_caller(by_secret):
    from swath_runtime.http import Head

    head = Head("GET", "/api/v1/describe", "", {"authorization": f"Bearer {signed(SECRET, 'HS256', sub='ben')}"})
    principal = by_secret.router.admit(head)
    assert (principal.name, principal.scopes) == ("ben", {"read", "process"})


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"auth_jwks": "http://issuer.example/keys", "auth_issuer": ISSUER, "auth_audience": AUDIENCE}, "https"),
        ({"auth_jwks": "https://issuer.example/keys"}, "SWATH_AUTH_ISSUER"),
        ({"auth_jwks": "/absent", "auth_issuer": ISSUER, "auth_audience": AUDIENCE}, "can't be read"),
    ],
)
def test_settings_that_can_not_be_used_stop_the_start(settings, reason):
    with pytest.raises(SettingInvalid, match=reason):
        Caller(**settings)


def test_a_short_secret_stops_the_start(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"short")
    with pytest.raises(SettingInvalid, match="32 bytes"):
        Caller(auth_secret_file=str(path))


@pytest.mark.parametrize("library", ["jwt", "cryptography"])
def test_without_the_library_the_start_ends_with_what_to_install(monkeypatch, secret_file, library):
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(ExtraMissing) as caught:
        Caller(auth_secret_file=secret_file)
    assert caught.value.exit_code == 3
    assert "swath-runtime[jwt]" in caught.value.hint


class Issuer:
    """An issuer whose keys can be changed, in this process; counts how often it is asked."""

    def __init__(self, content):
        self.content, self.asked = content, 0

    def fetch(self, url, ca_file):
        self.asked += 1
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(keys_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_keys_are_fetched_once_and_never_where_that_is_not_allowed(keys, clock):
    issuer = Issuer(jwks(keys))
    remote = RemoteKeys("https://issuer.example", "", issuer.fetch)
    with pytest.raises(KeysNeeded):
        remote.current("rsa", may_fetch=False)
    assert "rsa" in remote.current("rsa", may_fetch=True)
    assert "rsa" in remote.current("rsa", may_fetch=False)
    assert issuer.asked == 1


def test_an_unknown_key_is_looked_for_at_the_issuer_but_not_too_often(keys, clock):
    issuer = Issuer(jwks(keys, "rsa"))
    remote = RemoteKeys("https://issuer.example", "", issuer.fetch)
    remote.renew()
    for made_up in range(100):
        assert str(made_up) not in remote.current(str(made_up), may_fetch=True)
    assert issuer.asked == 1
    issuer.content = jwks(keys, "ec")
    clock[0] += FLOOR_S + 1
    assert "ec" in remote.current("ec", may_fetch=True)
    assert issuer.asked == 2


def test_an_issuer_that_fails_leaves_the_keys_as_they_were(keys, clock):
    issuer = Issuer(jwks(keys, "rsa"))
    remote = RemoteKeys("https://issuer.example", "", issuer.fetch)
    remote.renew()
    issuer.content = OSError("down")
    clock[0] += 7200
    assert "rsa" in remote.current("rsa", may_fetch=True)


def test_without_any_keys_the_caller_is_told_to_come_again(keys):
    caller = Caller(auth_jwks="https://127.0.0.1:9/keys", auth_issuer=ISSUER, auth_audience=AUDIENCE)
    reply = caller.ask(token=signed(keys["rsa"], "RS256", "rsa"))
    assert (reply.status, reply.header("retry-after")) == (503, "1")
