"""From a URI to where its file is on the web, if the policy allows it."""

from ..errors import SchemeDenied
from ..policy import Policy
from .location import check_allowed, parse_url
from .objects import locate_object
from .session import Remote


def locate(uri: str, policy: Policy) -> Remote:
    """Where the file of an http, https, s3 or gs URI is.

    Raises:
        SchemeDenied, AccessDenied: the policy does not allow the scheme, host, port or bucket.
        MalformedValue: the URI is not written strictly.
    """
    scheme = uri.partition(":")[0].lower()
    if scheme not in policy.schemes or scheme == "file":
        raise SchemeDenied(scheme, ("data", "cid", *sorted(policy.schemes)))
    if scheme in ("s3", "gs"):
        return locate_object(uri, policy.buckets, policy)
    location = parse_url(uri)
    check_allowed(location, policy)
    return Remote(location)
