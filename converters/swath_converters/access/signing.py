"""AWS Signature Version 4 for one request to S3, or to Google Cloud Storage with an HMAC key.

Source: AWS, "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk"
(Amazon S3 API Reference); Google, "Migrate from Amazon S3: simple migration" (the same algorithm is accepted).
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from ..parts import Buffer
from ..policy import Credentials
from .location import Location

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = frozenset({"user-agent", "accept", "accept-encoding", "connection"})  # proxies may change these


def signed(
    method: str,
    location: Location,
    headers: Mapping[str, str],
    body: Buffer,
    credentials: Credentials,
    region: str,
    *,
    now: datetime | None = None,
) -> dict[str, str]:
    """The headers with those that sign the request.

    Args:
        method: GET, HEAD or PUT.
        location: its target is the percent-encoded path; a query is not supported here, so must be absent.
        headers: those that will be sent, Host among them.
        body: signed by its SHA-256.
        credentials: a key pair, temporary or not.
        region: that the signature is for.
        now: the time of the request, UTC; None is now.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    complete = {**headers, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    if credentials.session_token:
        complete["x-amz-security-token"] = credentials.session_token
    lowered = {name.lower(): " ".join(value.split()) for name, value in complete.items()}
    covered = {name: lowered[name] for name in sorted(lowered.keys() - _UNSIGNED)}
    names = ";".join(covered)
    lines = "".join(f"{name}:{value}\n" for name, value in covered.items())
    request = "\n".join((method, location.target, "", lines, names, digest))
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    text = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (stamp[:8], region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{credentials.access_key}/{scope}"
    complete["Authorization"] = f"{_ALGORITHM} Credential={credential},SignedHeaders={names},Signature={signature}"
    return complete
