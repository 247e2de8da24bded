"""A message to a URL that a caller named, sent as carefully as one is read: allowed hosts, checked addresses."""

from collections.abc import Mapping

from ..parts import Buffer
from ..policy import Policy
from .location import check_allowed, parse_url
from .session import Remote, Session


def check_postable(url: str, policy: Policy) -> None:
    """Raise AccessDenied or MalformedValue unless an http(s) URL may be posted to; no name is looked up."""
    check_allowed(parse_url(url), policy)


def post(url: str, content: Buffer, headers: Mapping[str, str], policy: Policy) -> int:
    """The status of the answer to a POST; no redirect is followed, and the answer's body is not read.

    Args:
        url: where to; its host must be among `policy.hosts`, and every address of it allowed.
        content: the body.
        headers: with its Content-Type.
        policy: what may be connected to, and `fetch_timeout_s` for all of it.

    Raises:
        AccessDenied, MalformedValue: it may not be posted to.
        FetchFailed, FetchTimedOut: nobody answered, or not in time.
    """
    location = parse_url(url)
    check_allowed(location, policy)
    session = Session(Remote(location), policy)
    try:
        with session.post(content, headers) as answer:
            return answer.status
    finally:
        session.close()
