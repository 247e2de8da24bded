"""What keeps a file from being fetched. No message holds a user name, a password, a query or a header."""

from urllib.parse import urlsplit


class ResourceError(Exception):
    """Base of these errors; `uri` is shown without what may be secret in it."""

    hint: str = ""
    exit_code: int = 1

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"{shown(uri)}: {reason}")
        self.uri, self.reason = shown(uri), reason


class UriUnusable(ResourceError):
    """A URI that is not written as http, https, s3 or gs want it, or that holds credentials."""

    def __init__(self, uri: str, reason: str, hint: str) -> None:
        super().__init__(uri, reason)
        self.hint = hint


class ResourceUnavailable(ResourceError):
    """Nobody gives the file: not there, not allowed, no connection, or cut too often."""

    exit_code = 3

    def __init__(self, uri: str, reason: str, hint: str = "") -> None:
        super().__init__(uri, reason)
        self.hint = hint or "once fetched it is kept; or put the file beside describe.yml under the same name"


class ResourceCorrupt(ResourceError):
    """What the server gives has another digest than the one declared."""

    def __init__(self, uri: str, expected: str, got: str, size_bytes: int) -> None:
        super().__init__(uri, f"its SHA-256 is not the one declared\n  expected {expected}\n  got      {got}")
        self.expected, self.got, self.size_bytes = expected, got, size_bytes
        self.hint = f"{size_bytes:,} bytes came; correct the sha256 in describe.yml if the file was meant to change"


def shown(uri: str) -> str:
    """Scheme, host and path of a URI: what may be shown of it."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
