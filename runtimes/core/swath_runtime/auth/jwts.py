"""JSON Web Tokens as access tokens (RFC 9068): whose one is, once its signature and its claims hold."""

from collections.abc import Mapping
from typing import Any

import jwt

from swath_runtime.auth.keys import Key, Keys, RemoteKeys, read_keys
from swath_runtime.auth.principal import SCOPES, Principal
from swath_runtime.auth.refusing import BadToken
from swath_runtime.errors import SettingInvalid
from swath_runtime.settings import Settings
from swath_runtime.watched import Watched, watched_setting

LEEWAY_S = 30
LEAST_SECRET_BYTES = 32  # RFC 7518, section 3.2
SHARED = "HS256"
REASONS: tuple[tuple[type[jwt.InvalidTokenError], str], ...] = (
    (jwt.ExpiredSignatureError, "it has expired"),
    (jwt.ImmatureSignatureError, "it is not valid yet"),
    (jwt.InvalidAudienceError, "it is for another service"),
    (jwt.InvalidIssuerError, "it is of another issuer"),
    (jwt.MissingRequiredClaimError, "it lacks a claim; exp, sub, and iss and aud where they are asked for, are needed"),
    (jwt.InvalidAlgorithmError, "it is signed in a way that its key is not for"),
    (jwt.InvalidSignatureError, "its signature is wrong"),
)


class Jwts:
    """The principals of JWTs. Raises SettingInvalid where the settings can't be used."""

    def __init__(self, settings: Settings) -> None:
        self._issuer, self._audience = settings.auth_issuer or None, settings.auth_audience or None
        self._secret = watched_setting("SWATH_AUTH_SECRET_FILE", settings.auth_secret_file, read_secret)
        self._remote: RemoteKeys | None = None
        self._file: Watched[Keys] | None = None
        place = settings.auth_jwks
        if place and not (self._issuer and self._audience):
            raise SettingInvalid("SWATH_AUTH_JWKS", "needs SWATH_AUTH_ISSUER and SWATH_AUTH_AUDIENCE")
        if place.startswith("https://"):
            self._remote = RemoteKeys(place, settings.fetch_ca_file)
        elif "://" in place:
            raise SettingInvalid("SWATH_AUTH_JWKS", "must be an https URL or a file")
        else:
            self._file = watched_setting("SWATH_AUTH_JWKS", place, read_keys)

    def principal(self, token: str, *, may_fetch: bool) -> Principal:
        """Whose token it is; raises BadToken, or KeysNeeded where its key has to be fetched."""
        try:
            head = jwt.get_unverified_header(token)
            key, algorithms = self._key(head, may_fetch=may_fetch)
            claims = jwt.decode(
                token,
                key,
                algorithms=algorithms,
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_S,
                options={"require": self._required, "verify_aud": self._audience is not None},
            )
        except jwt.PyJWTError as error:
            raise BadToken(
                next((why for kind, why in REASONS if isinstance(error, kind)), "it can't be read")
            ) from None
        return Principal(claims["sub"], scopes_of(claims))

    def start(self) -> None:
        """Get the keys of an issuer's URL before the first token comes; where that fails it is logged."""
        if self._remote:
            self._remote.renew()

    @property
    def _required(self) -> list[str]:
        asked = {"iss": self._issuer, "aud": self._audience}
        return ["exp", "sub", *(name for name, value in asked.items() if value)]

    def _key(self, head: Mapping[str, Any], *, may_fetch: bool) -> tuple[Any, tuple[str, ...]]:
        """The key of a token's head, and the signatures that this kind of key is for."""
        if head.get("alg") == SHARED:
            if self._secret is None:
                raise BadToken("it is signed in a way that is not accepted here")
            return self._secret.value, (SHARED,)
        kid: Any = head.get("kid")
        key = _chosen(self._keys(kid, may_fetch=may_fetch), kid)
        return key.value, key.algorithms

    def _keys(self, kid: str | None, *, may_fetch: bool) -> Keys:
        if self._remote:
            return self._remote.current(kid, may_fetch=may_fetch)
        if self._file:
            return self._file.value
        raise BadToken("it is signed in a way that is not accepted here")


def scopes_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """The scopes of a token that mean something here: of `scope` (RFC 9068) or `scp`, a text or a list."""
    said: Any = claims.get("scope", claims.get("scp", ""))
    words = said.split() if isinstance(said, str) else said
    return frozenset(SCOPES) & frozenset(str(one) for one in words) if isinstance(words, list) else frozenset()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def read_secret(content: bytes) -> bytes:
    """A secret without the line break at its end; raises ValueError where it is too short."""
    secret = content.rstrip(b"\r\n")
    if len(secret) < LEAST_SECRET_BYTES:
        raise ValueError(f"the secret has fewer than {LEAST_SECRET_BYTES} bytes")
    return secret


def _chosen(keys: Keys, kid: str | None) -> Key:
    if kid is None and len(keys) == 1:
        return next(iter(keys.values()))
    if kid is None or kid not in keys:
        raise BadToken("its key is not known here")
    return keys[kid]
