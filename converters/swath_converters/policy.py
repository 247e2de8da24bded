"""What a caller may make this process read and write, and how much of it. The default allows nothing."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

READABLE_SCHEMES = frozenset({"file", "http", "https", "s3", "gs"})
"""Schemes that can be allowed; `data:` and `cid:` open nothing and are always readable."""

WRITABLE_SCHEMES = frozenset({"file", "s3", "gs"})
"""Schemes of `Policy.output_prefixes`."""

_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9._-]*[a-z0-9])?(:[0-9]{1,5})?|\[[0-9a-f:.]+\](:[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:file://(?=/)|(?:s3|gs)://(?=[a-z0-9]))[^?#\\]*/")


@dataclass(frozen=True)
class Credentials:
    """What proves who asks an object store: a key pair that signs (AWS, MinIO, Google's HMAC keys), or a token.

    Attributes:
        access_key, secret_key: the key pair; both or neither.
        session_token: goes with a temporary key pair.
        bearer_token: an OAuth 2 access token, instead of a key pair; only ever sent over https.
    """

    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    bearer_token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if bool(self.access_key) != bool(self.secret_key) or bool(self.access_key) == bool(self.bearer_token):
            raise ValueError("Credentials: either access_key with secret_key, or bearer_token.")


@dataclass(frozen=True)
class ObjectStore:
    """Where the buckets of `s3:` or `gs:` are.

    Attributes:
        endpoint: `https://host[:port]` whose paths begin with the bucket's name; "" is the public cloud's.
        region: the region that signatures are made for.
        credentials: asked for before each request, so that they can be renewed; None asks anonymously. They go to
            the endpoint alone.
    """

    endpoint: str = ""
    region: str = "us-east-1"
    credentials: Callable[[], Credentials | None] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Policy:
    """Limits and permissions for reading images, and where results may be put.

    Attributes:
        max_pixels: most pixels of one band (width × height).
        max_bands: most bands of one image.
        max_decoded_bytes: most bytes of an image in memory (width × height × bands × bytes per sample).
        max_encoded_bytes: most bytes that are read of a file named by URI, all ranges of it together.
        decode_timeout_s: longest time for decoding one image; looked at between blocks or groups of rows.
        schemes: URI schemes that may be opened, of `READABLE_SCHEMES`.
        roots: folders below which `file:` URIs may be opened, after symbolic links are resolved.
        hosts: hosts of `http:` and `https:` URIs: `data.example.org`, with the scheme's own port; with another
            one `data.example.org:8443`; `*.example.org`, every name below example.org, at any depth, but not it.
        networks: networks that are not public and may be connected to all the same, such as `10.20.0.0/16`. Addresses
            of cloud metadata services must be named alone, with /32 or /128.
        buckets: what of `s3:` and `gs:` may be read: `s3://name/`, `gs://name/folder/`.
        output_prefixes: below what results may be written: `file:///data/out/`, `s3://name/`, `gs://name/folder/`.
        s3, gs: where the buckets are, and the credentials for them.
        connect_timeout_s: longest wait for a connection to one address, TLS included.
        read_timeout_s: longest silence of a server.
        fetch_timeout_s: longest wait for one file in all: names, connections, redirects, every range of it.
        max_redirects: most redirects to one file.
        ca_file: certificates of the authorities to trust for https, PEM; None trusts those of the system.
    """

    max_pixels: int = 400_000_000
    max_bands: int = 512
    max_decoded_bytes: int = 1 << 30
    max_encoded_bytes: int = 1 << 30
    decode_timeout_s: float = 60.0
    schemes: frozenset[str] = frozenset()
    roots: tuple[Path, ...] = ()
    hosts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    output_prefixes: tuple[str, ...] = ()
    s3: ObjectStore = ObjectStore()
    gs: ObjectStore = ObjectStore(region="auto")
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 15.0
    fetch_timeout_s: float = 60.0
    max_redirects: int = 5
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        unknown = sorted(self.schemes - READABLE_SCHEMES)
        if unknown:
            known = ", ".join(sorted(READABLE_SCHEMES))
            raise ValueError(f"Policy.schemes: {', '.join(unknown)} cannot be read; known: {known}.")
        if ("file" in self.schemes) != bool(self.roots):
            raise ValueError("Policy: the scheme 'file' and roots go together; use Policy.below(folder, …).")
        if bool(self.schemes & {"http", "https"}) != bool(self.hosts):
            raise ValueError("Policy: the schemes 'http' and 'https' go together with hosts.")
        bucket_schemes = frozenset(bucket.partition(":")[0] for bucket in self.buckets)
        if self.schemes & frozenset({"s3", "gs"}) != bucket_schemes:
            raise ValueError("Policy: each of the schemes 's3' and 'gs' goes together with buckets of its own.")
        _check("hosts", self.hosts, _HOST, "data.example.org, data.example.org:8443 or *.example.org")
        _check("buckets", self.buckets, _PREFIX, "s3://name/ or gs://name/folder/")
        _check("output_prefixes", self.output_prefixes, _PREFIX, "file:///folder/, s3://name/ or gs://name/folder/")
        for network in self.networks:
            ipaddress.ip_network(network)
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ValueError("Policy.ca_file: there is no such file.")

    @classmethod
    def below(cls, *roots: Path) -> "Policy":
        """A policy that opens `file:` URIs below these folders, with the default limits."""
        return cls(schemes=frozenset({"file"}), roots=roots)


def _check(name: str, values: Iterable[str], form: re.Pattern[str], example: str) -> None:
    for value in values:
        if form.fullmatch(value) is None:
            raise ValueError(f"Policy.{name}: {value!r} must be written as {example}.")
