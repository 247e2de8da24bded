"""How a caller is refused: RFC 6750's challenges, as problems."""

from swath_runtime.auth.principal import Principal
from swath_runtime.problems import FORBIDDEN, KEYS_MISSING, TOO_MANY, UNAUTHORIZED, Problem

ASK = "Send Authorization: Bearer TOKEN; whoever runs the service gives out tokens."


class BadToken(Exception):
    """A token that lets nobody in; the text says why, and nothing of the token."""


class KeysNeeded(Exception):
    """The token may be good, but the key to check it with has to be fetched first."""


def unauthorized(scope: str, reason: str = "") -> Problem:
    """The problem of a caller who gave no token, or one that counts for nothing (`reason`)."""
    told = f', error="invalid_token", error_description="{reason}"' if reason else ""
    challenge = f'Bearer realm="swath", scope="{scope}"{told}'
    message = f"The token is not accepted: {reason}." if reason else "This needs a token."
    return Problem(UNAUTHORIZED, message, ASK, headers=[("www-authenticate", challenge)])


def forbidden(principal: Principal, scope: str) -> Problem:
    """The problem of a caller whose token lacks the scope."""
    challenge = f'Bearer realm="swath", error="insufficient_scope", scope="{scope}"'
    held = ", ".join(sorted(principal.scopes)) or "none"
    message = f"This needs the scope '{scope}'; the token has: {held}."
    hint = "Ask whoever gives out the tokens for one with that scope."
    return Problem(FORBIDDEN, message, hint, headers=[("www-authenticate", challenge)])


def too_many(limit: int) -> Problem:
    """The problem of a caller who has as many requests in work as it may."""
    message = f"{limit} of your requests are in work, as many as one caller may have."
    return Problem(TOO_MANY, message, "Wait for one of them to end.", headers=[("retry-after", "1")])


def keys_missing() -> Problem:
    """The problem of a token that can't be checked now."""
    message = "The keys that tokens are checked with can't be had at the moment."
    return Problem(KEYS_MISSING, message, "Try again soon.", headers=[("retry-after", "1")])
