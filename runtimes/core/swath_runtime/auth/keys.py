"""The public keys of a token issuer (RFC 7517), kept for a while and asked for anew when a token names another."""

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, cast
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request

import jwt

from swath_runtime.auth.refusing import KeysNeeded

FLOOR_S = 30.0  # between two fetches, however many tokens name unknown keys
RETRY_S = 5.0  # while there are no keys at all
KEEP_S = 3600.0  # after this long a key that the issuer has withdrawn is forgotten
TIMEOUT_S = 5.0
MOST_BYTES = 1 << 20
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA",),
}
"""Signatures by kind of key (`kty`, or `crv` where it has one). A symmetric key is no public one, so none is here."""

logger = logging.getLogger(__name__)


class Key:
    """A public key and what may be signed with it."""

    def __init__(self, jwk: Mapping[str, Any]) -> None:
        family = FAMILIES[jwk.get("crv") or jwk["kty"]]
        named = jwk.get("alg")
        self.algorithms = tuple(one for one in family if named in (None, one))
        self.value = jwt.PyJWK(dict(jwk), algorithm=(self.algorithms or family)[0]).key


Keys = Mapping[str, Key]


def read_keys(content: bytes) -> Keys:
    """The usable keys of a JWK Set by `kid` (empty where a key has none); raises ValueError where it is none."""
    try:
        document: Any = json.loads(content)
        listed = cast("list[Mapping[str, Any]]", document["keys"])
        wanted = [one for one in listed if one.get("use", "sig") == "sig" and _family(one) in FAMILIES]
        return {str(one.get("kid", "")): Key(one) for one in wanted}
    except (KeyError, TypeError, AttributeError, ValueError, jwt.PyJWTError) as error:
        raise ValueError(f"it is no JWK Set ({type(error).__name__})") from None


def _family(jwk: Mapping[str, Any]) -> Any:
    return jwk.get("crv") or jwk.get("kty")


class RemoteKeys:
    """Keys of an https URL. `find` raises KeysNeeded until it may fetch; only one thread fetches at a time."""

    def __init__(self, url: str, ca_file: str, fetch: Callable[[str, str], bytes] | None = None) -> None:
        self._url, self._ca_file = url, ca_file
        self._fetch = fetch or fetch_keys
        self._keys: Keys | None = None
        self._tried_at = self._fetched_at = -KEEP_S
        self._fetching = threading.Lock()

    def current(self, kid: str | None, *, may_fetch: bool) -> Keys:
        """The keys, asked for anew where they are old, or lack `kid` and the last fetch is a while ago.

        Raises KeysNeeded where a fetch would be needed and is not allowed, or has never succeeded.
        """
        now = time.monotonic()
        is_wanted = self._keys is None or now - self._fetched_at > KEEP_S or (bool(kid) and kid not in self._keys)
        floor_s = RETRY_S if self._keys is None else FLOOR_S
        if is_wanted and now - self._tried_at > floor_s:
            if not may_fetch:
                raise KeysNeeded
            self.renew()
        if self._keys is None:
            raise KeysNeeded
        return self._keys

    def renew(self) -> None:
        """Fetch the keys, unless another thread does; a failure is logged, and the keys stay what they were."""
        if not self._fetching.acquire(blocking=False):  # waiting would let callers of made-up keys take all threads
            return
        try:
            self._keys = read_keys(self._fetch(self._url, self._ca_file))
            self._fetched_at = time.monotonic()
        except (HTTPException, OSError, ValueError) as error:
            logger.warning("can't get the keys of %s: %s", self._url, error)
        finally:
            self._tried_at = time.monotonic()
            self._fetching.release()


def fetch_keys(url: str, ca_file: str) -> bytes:
    """The document at an https URL; redirects are not followed, for the operator named the place."""
    opener = OpenerDirector()
    opener.add_handler(ProxyHandler())
    opener.add_handler(HTTPSHandler(context=ssl.create_default_context(cafile=ca_file or None)))
    asked = Request(url, headers={"accept": "application/json"})  # noqa: S310 - https alone has a handler
    with opener.open(asked, timeout=TIMEOUT_S) as reply:
        if reply.status != 200:
            raise ValueError(f"it answered {reply.status}")
        content = reply.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    return content
