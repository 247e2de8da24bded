"""`s3://bucket/key` and `gs://bucket/key` as requests to the https endpoint of the store."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ..errors import AccessDenied, FetchFailed, MalformedValue
from ..parts import Buffer
from ..policy import ObjectStore, Policy
from .location import Location, parse_url
from .session import Remote, Sign
from .signing import signed

_OBJECT = re.compile(r"(s3|gs)://([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])/([^\x00-\x1f\x7f\\?#]{1,1024})", re.IGNORECASE)


@dataclass(frozen=True)
class ObjectName:
    """One object; its key stands in the URI as it is: a percent sign is one, as in the stores' own tools."""

    scheme: str
    bucket: str
    key: str

    def is_below(self, prefixes: Sequence[str]) -> bool:
        """Whether one of the prefixes (`s3://bucket/folder/`, ending with a slash) holds it."""
        return f"{self.scheme}://{self.bucket}/{self.key}".startswith(tuple(prefixes))


def parse_object(uri: str) -> ObjectName:
    """The parts of an s3: or gs: URI; raises MalformedValue, also for keys that proxies would shorten (`a/../b`)."""
    found = _OBJECT.fullmatch(uri)
    if found is None or found[2] != found[2].lower() or {"", ".", ".."} & set(found[3].split("/")):
        raise MalformedValue(
            "The URI names no object.", hint="Write s3://bucket/folder/name.tif: no empty, '.' or '..' parts, no query."
        )
    return ObjectName(found[1].lower(), found[2], found[3])


def locate_object(uri: str, prefixes: Sequence[str], policy: Policy) -> Remote:
    """Where an object is, if it is below one of the prefixes.

    Raises:
        MalformedValue: the URI names no object.
        AccessDenied: it is below none of the prefixes.
    """
    name = parse_object(uri)
    if not name.is_below(prefixes):
        raise AccessDenied(
            f"This place of {name.scheme}: is not open to this service.",
            hint="Use a bucket and folder that the operator allows, or send the image itself.",
        )
    store = policy.s3 if name.scheme == "s3" else policy.gs
    return Remote(_location(name, store), _signature(store), is_listed=False)


def _location(name: ObjectName, store: ObjectStore) -> Location:
    """Path style where an endpoint is given and at Google; AWS by host name, unless a dot breaks its certificate."""
    key = quote(name.key, safe="/-_.~")
    endpoint = store.endpoint or _public_endpoint(name.scheme, store)
    if not store.endpoint and name.scheme == "s3" and "." not in name.bucket:
        return parse_url(f"{endpoint.replace('https://', f'https://{name.bucket}.')}/{key}")
    return parse_url(f"{endpoint.rstrip('/')}/{name.bucket}/{key}")


def _public_endpoint(scheme: str, store: ObjectStore) -> str:
    if scheme == "gs":
        return "https://storage.googleapis.com"
    china = ".cn" if store.region.startswith("cn-") else ""
    return f"https://s3.{store.region}.amazonaws.com{china}"


def _signature(store: ObjectStore) -> Sign:
    def sign(method: str, location: Location, headers: Mapping[str, str], body: Buffer) -> dict[str, str]:
        credentials = store.credentials() if store.credentials else None
        if credentials is None:
            return dict(headers)
        if credentials.bearer_token:
            if location.scheme != "https":
                raise FetchFailed(location.origin, "a token is only sent over https")
            return {**headers, "Authorization": f"Bearer {credentials.bearer_token}"}
        return signed(method, location, headers, body, credentials, store.region)

    return sign
