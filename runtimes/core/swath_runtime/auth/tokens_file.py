"""Static tokens, from a file of lines `TOKEN NAME SCOPE…` or `sha256:HEX NAME SCOPE…`."""

import hmac
import re
from hashlib import sha256

from swath_runtime.auth.principal import SCOPES, Principal
from swath_runtime.auth.refusing import BadToken
from swath_runtime.watched import Watched

LEAST_TOKEN = 16  # characters; a shorter one could be guessed
TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750, section 2.1
HASHED = re.compile(r"sha256:([0-9a-fA-F]{64})")


Entries = tuple[tuple[bytes, Principal], ...]
"""(SHA-256 of a token, whose it is)"""


class TokensFile:
    """The principals of a file, by token, as the file is now: tokens can be replaced while the service runs."""

    def __init__(self, entries: Watched[Entries]) -> None:
        self._entries = entries

    def principal(self, token: str) -> Principal:
        """Whose token it is; raises BadToken. The time it takes does not depend on the token."""
        given, found = sha256(token.encode()).digest(), None
        for digest, principal in self._entries.value:
            if hmac.compare_digest(digest, given):
                found = principal
        if found is None:
            raise BadToken("it is not known here")
        return found


def read_entries(content: bytes) -> Entries:
    """An entry for each line; raises ValueError that names the line, never the token."""
    entries: dict[bytes, Principal] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        digest, principal = _entry(words, f"line {number}")
        if digest in entries:
            raise ValueError(f"line {number}: the token stands there twice")
        entries[digest] = principal
    return tuple(entries.items())


def _entry(words: list[str], where: str) -> tuple[bytes, Principal]:
    token, *rest = words
    if not rest:
        raise ValueError(f"{where}: a token needs a name: TOKEN NAME SCOPE…")
    name, *scopes = rest
    if unknown := sorted(set(scopes) - SCOPES.keys()):
        raise ValueError(f"{where}: there is no scope '{unknown[0]}'; scopes are {', '.join(SCOPES)}")
    if hashed := HASHED.fullmatch(token):
        return bytes.fromhex(hashed[1]), Principal(name, frozenset(scopes))
    if len(token) < LEAST_TOKEN or not TOKEN.fullmatch(token):
        raise ValueError(f"{where}: a token is at least {LEAST_TOKEN} letters, digits and any of -._~+/, or sha256:HEX")
    return sha256(token.encode()).digest(), Principal(name, frozenset(scopes))
