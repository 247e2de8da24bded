"""Endpoints and credentials of object stores from the variables that their own tools read."""

import os
from collections.abc import Mapping

from ..policy import Credentials, ObjectStore


def s3_from_environ(environ: Mapping[str, str] = os.environ) -> ObjectStore:
    """S3 by AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, AWS_REGION or AWS_DEFAULT_REGION, and the key pair.

    The key pair is AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, read at each request; without it
    requests are anonymous. Profiles, roles and metadata services are not asked: `ObjectStore.credentials` can.
    """

    def credentials() -> Credentials | None:
        access, secret = environ.get("AWS_ACCESS_KEY_ID", ""), environ.get("AWS_SECRET_ACCESS_KEY", "")
        return Credentials(access, secret, environ.get("AWS_SESSION_TOKEN", "")) if access and secret else None

    return ObjectStore(
        endpoint=environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL", ""),
        region=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        credentials=credentials,
    )


def gs_from_environ(environ: Mapping[str, str] = os.environ) -> ObjectStore:
    """Google Cloud Storage by STORAGE_EMULATOR_HOST (if a whole URL), and an HMAC key or a token.

    The HMAC key is GS_ACCESS_KEY_ID and GS_SECRET_ACCESS_KEY, the token GOOGLE_OAUTH_ACCESS_TOKEN, read at each
    request; without them requests are anonymous. Service accounts and metadata services are not asked.
    """

    def credentials() -> Credentials | None:
        access, secret = environ.get("GS_ACCESS_KEY_ID", ""), environ.get("GS_SECRET_ACCESS_KEY", "")
        token = environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", "")
        if access and secret:
            return Credentials(access, secret)
        return Credentials(bearer_token=token) if token else None

    return ObjectStore(endpoint=environ.get("STORAGE_EMULATOR_HOST", ""), region="auto", credentials=credentials)
