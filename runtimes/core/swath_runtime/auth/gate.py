"""Whom a service lets in: the caller's token against the scope that a path needs, and how much one may ask at once."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from swath_runtime.auth.principal import ANYONE, OPEN, Principal
from swath_runtime.auth.refusing import BadToken, KeysNeeded, forbidden, keys_missing, too_many, unauthorized
from swath_runtime.auth.tokens_file import TOKEN, TokensFile, read_entries
from swath_runtime.errors import ExtraMissing
from swath_runtime.http import Head
from swath_runtime.settings import Settings
from swath_runtime.watched import watched_setting

if TYPE_CHECKING:
    from swath_runtime.auth.jwts import Jwts

BEARER = re.compile(r"bearer +(.*)", re.IGNORECASE)
MOST_TOKEN = 16_384  # characters


class Gate:
    """Looks at tokens. Raises SettingInvalid or ExtraMissing where the settings can't be used."""

    def __init__(self, settings: Settings) -> None:
        self.is_open = not settings.is_guarded
        entries = watched_setting("SWATH_AUTH_TOKENS_FILE", settings.auth_tokens_file, read_entries)
        self._tokens = TokensFile(entries) if entries else None
        self._jwts = _jwts(settings)
        self._limit = settings.auth_max_concurrent
        self._in_work: Counter[str] = Counter()
        self._counting = threading.Lock()

    def start(self) -> None:
        """Get ready what tokens are checked with; may wait for the network."""
        if self._jwts:
            self._jwts.start()

    def admit(self, head: Head, scope: str, *, may_fetch: bool) -> Principal:
        """Who sends a request to a path that needs a scope; raises Problem: 401, 403, or 503 where keys are missing.

        Raises KeysNeeded where the answer has to wait for the network and `may_fetch` is false.
        """
        if self.is_open or scope == OPEN:
            return ANYONE
        given = BEARER.fullmatch(head.header("authorization").strip())
        if given is None:
            raise unauthorized(scope)
        try:
            principal = self._principal(given[1], may_fetch=may_fetch)
        except BadToken as error:
            raise unauthorized(scope, str(error)) from None
        except KeysNeeded:
            if not may_fetch:
                raise
            raise keys_missing() from None
        if scope not in principal.scopes:
            raise forbidden(principal, scope)
        return principal

    def enter(self, principal: Principal) -> Callable[[], None]:
        """Count a request of a caller as in work, until what is given back is called; raises Problem 429."""
        if not self._limit or principal is ANYONE:
            return _nothing
        name = principal.name
        with self._counting:
            if self._in_work[name] >= self._limit:
                raise too_many(self._limit)
            self._in_work[name] += 1
        return lambda: self._leave(name)

    def _leave(self, name: str) -> None:
        with self._counting:
            self._in_work[name] -= 1
            if not self._in_work[name]:
                del self._in_work[name]

    def _principal(self, token: str, *, may_fetch: bool) -> Principal:
        if len(token) > MOST_TOKEN or not TOKEN.fullmatch(token):
            raise BadToken("it is no token")
        if self._jwts and token.count(".") == 2:
            try:
                return self._jwts.principal(token, may_fetch=may_fetch)
            except BadToken:
                if not self._tokens or token.startswith("eyJ"):  # a JSON object, in base64url
                    raise
        if not self._tokens:
            raise BadToken("it is no JSON Web Token")
        return self._tokens.principal(token)


def _nothing() -> None:
    """What is to be done when an uncounted request ends."""


def _jwts(settings: Settings) -> "Jwts | None":
    """What checks JWTs, None where they are not asked for: the library is needed then alone."""
    if not settings.auth_jwks and not settings.auth_secret_file:
        return None
    try:
        for needed in ("jwt", "cryptography"):  # PyJWT works without the other, but not with public keys
            import_module(needed)
    except ImportError:
        named = "SWATH_AUTH_JWKS" if settings.auth_jwks else "SWATH_AUTH_SECRET_FILE"
        raise ExtraMissing(named, "pyjwt[crypto]", "jwt") from None
    from swath_runtime.auth.jwts import Jwts

    return Jwts(settings)
