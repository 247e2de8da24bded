"""A whole file from the web, within the limits."""

import re

from ..errors import FetchFailed, TooLarge
from ..policy import Policy
from .remote import locate
from .session import Answer, Session

_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")
_REASONS = {
    401: "it wants credentials",
    403: "it does not let this service read it, or it is not there",
    404: "it is not there",
    410: "it is not there any more",
    412: "it changed meanwhile",
    416: "it is empty",
    429: "it is asked too often",
}


def fetch(uri: str, policy: Policy) -> bytes:
    """The content of an http, https, s3 or gs URI.

    What the server says of its media type is not passed on: the content itself says what it is.

    Args:
        uri: what to fetch.
        policy: what may be opened, how large it may be (`max_encoded_bytes`) and how long it may take.

    Raises:
        AccessDenied: the policy does not allow the scheme, host, port, address or bucket, or a redirect leads there.
        MalformedValue: the URI is not written strictly, or has a user name or fragment.
        TooLarge: longer than allowed, by its declared length or by its bytes.
        FetchFailed, FetchTimedOut: the server does not give the file, whole and in time.
    """
    session = Session(locate(uri, policy), policy)
    try:
        with session.ask({}, policy.max_encoded_bytes) as answer:
            answered(answer, 200)
            return answer.body(policy.max_encoded_bytes)
    finally:
        session.close()


def answered(answer: Answer, status: int) -> None:
    """Raises FetchFailed, with what the server's status means, unless it is this one."""
    if answer.status == status:
        return
    hint = ""
    if region := answer.headers.get("x-amz-bucket-region"):
        hint = f"The bucket is in {region[:32]!r}: tell the operator, if requests go to another region."
    reason = _REASONS.get(answer.status, "it failed" if answer.status >= 500 else "it answered something else")
    raise answer.failed(f"{reason} (HTTP {answer.status}{code_of(answer)})", hint=hint)


def code_of(answer: Answer) -> str:
    """What an object store calls the error, as ` CodeName`, or nothing; the rest of its text may hold key names."""
    if not answer.headers.get("Content-Type", "").startswith(("application/xml", "text/xml")):
        return ""
    try:
        found = _CODE.search(answer.body(1 << 16))
    except (FetchFailed, TooLarge):
        return ""
    return f" {found[1].decode()}" if found else ""
