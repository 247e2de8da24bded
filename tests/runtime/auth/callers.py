"""Services that ask for tokens, and tokens of every kind."""

import json
import time

import jwt
from conftest import algorithm_folder

from swath_algorithm.folder import open_algorithm
from swath_runtime.http import Head, Request
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings

API = "/api/v1"
ISSUER, AUDIENCE = "https://issuer.example", "swath"
SECRET = b"a secret of thirty-two bytes, at least"
ECHO = open_algorithm(algorithm_folder("echo"))


class Caller:
    """Calls a service within this process."""

    def __init__(self, **settings):
        self.router = Router(Service(ECHO, Settings(algorithm=ECHO.folder, **settings)))

    def ask(self, path="/describe", token=None, method="GET", body=b"", **headers):
        sent = {"authorization": f"Bearer {token}"} if token is not None else {}
        head = Head(method, API + path, "", {"content-length": str(len(body)), **sent, **headers})
        return self.router.handle(Request(head, body))

    def status(self, *arguments, **named):
        return self.ask(*arguments, **named).status


ALGORITHMS = {"rsa": "RS256", "ec": "ES256", "ed": "EdDSA"}
_KINDS = {"rsa": jwt.algorithms.RSAAlgorithm, "ec": jwt.algorithms.ECAlgorithm, "ed": jwt.algorithms.OKPAlgorithm}


def jwks(keys, *names):
    """The JWK Set of the public halves."""
    documents = [json.loads(_KINDS[one].to_jwk(keys[one].public_key())) | {"kid": one} for one in names or keys]
    return json.dumps({"keys": documents}).encode()


def claims(**changed):
    """Claims that are accepted, with some changed; None leaves one out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": now + 600, "iat": now, "scope": "read process"}
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(key, algorithm, kid=None, **changed):
    return jwt.encode(claims(**changed), key, algorithm, headers={"kid": kid} if kid else None)
