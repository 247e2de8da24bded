"""A small object store that checks signatures by itself, as S3 does, and shows only what arrived whole."""

import hashlib
import hmac
from urllib.parse import unquote

from converters.remote.web import Handler, file_of

from swath_converters.policy import Credentials

KEYS = Credentials("AKIDEXAMPLE", "a-secret-key/that+nobody=sees")
TOKEN = Credentials(bearer_token="ya29.a-token-that-nobody-sees")
SESSION = "a-session-token-that-nobody-sees"


class ObjectStore:
    """Buckets in path style; `objects` is what they hold, by `bucket/key`.

    Args:
        credentials: who may ask; None lets anybody.
        region: that signatures must be for.
        answer_to_put: a status instead of taking what is put.
    """

    def __init__(
        self, credentials: Credentials | None = KEYS, region: str = "us-east-1", answer_to_put: int = 200
    ) -> None:
        self.objects: dict[str, bytes] = {}
        self.media_types: dict[str, str] = {}
        self.credentials, self.region, self.answer_to_put = credentials, region, answer_to_put

    def __call__(self, handler: Handler) -> None:
        length = int(handler.headers.get("Content-Length", "0"))
        body = handler.rfile.read(length)
        if not self._is_asked_by_a_friend(handler, body):
            return _refuse(handler, 403, "SignatureDoesNotMatch")
        name = unquote(handler.path.removeprefix("/"))
        if handler.command == "PUT":
            if len(body) != length:
                return None
            if self.answer_to_put != 200:
                return _refuse(handler, self.answer_to_put, "AccessDenied")
            self.objects[name], self.media_types[name] = body, handler.headers["Content-Type"]
            return handler.reply(200)
        if name not in self.objects:
            return _refuse(handler, 404, "NoSuchKey")
        return file_of(self.objects[name])(handler)

    def _is_asked_by_a_friend(self, handler: Handler, body: bytes) -> bool:
        if self.credentials is None:
            return "Authorization" not in handler.headers
        told = handler.headers.get("Authorization", "")
        if self.credentials.bearer_token:
            return told == f"Bearer {self.credentials.bearer_token}"
        digest = hashlib.sha256(body).hexdigest()
        if handler.headers.get("x-amz-content-sha256") != digest or not told.startswith("AWS4-HMAC-SHA256 "):
            return False
        if handler.headers.get("x-amz-security-token", "") != self.credentials.session_token:
            return False
        fields = dict(one.split("=", 1) for one in told.removeprefix("AWS4-HMAC-SHA256 ").split(","))
        return hmac.compare_digest(fields["Signature"], self._signature(handler, fields, digest))

    def _signature(self, handler: Handler, fields: dict[str, str], digest: str) -> str:
        stamp = handler.headers["x-amz-date"]
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        assert self.credentials is not None
        if fields["Credential"] != f"{self.credentials.access_key}/{scope}":
            return ""
        names = fields["SignedHeaders"].split(";")
        assert "host" in names
        assert names == sorted(names)
        path, _, query = handler.path.partition("?")
        canonical = [handler.command, path, query]
        canonical += [f"{name}:{handler.headers[name].strip()}" for name in names]
        canonical += ["", ";".join(names), digest]
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n" + hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        key = ("AWS4" + self.credentials.secret_key).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _refuse(handler: Handler, status: int, code: str) -> None:
    """An error as S3 writes it, which tells the caller's key name back."""
    content = f"<Error><Code>{code}</Code><AWSAccessKeyId>{KEYS.access_key}</AWSAccessKeyId></Error>".encode()
    handler.reply(status, content, [("Content-Type", "application/xml")])
