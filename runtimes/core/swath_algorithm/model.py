"""Where an algorithm's model lies: a file of the folder, or one elsewhere that is fetched by its digest."""

import hashlib
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

SCHEMES = ("http", "https", "s3", "gs")
BESIDE = "put it beside describe.yml"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SECRET = re.compile(r"signature|sig|.*token|(aws)?access_?key.*|.*credential.*|password|.*secret.*|auth.*|(api_?)?key")


def is_elsewhere(href: str) -> bool:
    """Whether a model's href is a URI, and not a path in the folder."""
    return _URI.match(href) is not None


def model_place(folder: Path, href: str) -> Path:
    """Where the model's file lies in a folder or, of one elsewhere, where a copy of it would: under its own name."""
    return folder / (urlsplit(href).path.rpartition("/")[2] if is_elsewhere(href) else href)


def uri_mistake(href: str) -> tuple[str, str] | None:
    """(what is wrong, what to do) with the URI of a model; None where it can be asked for.

    describe.yml is read by everybody: in the image's labels, and from the service. So no secret may stand in it.
    """
    parts = urlsplit(href)
    if parts.scheme not in SCHEMES:
        return f"a model can't be fetched by '{parts.scheme}:'", f"known: {', '.join(SCHEMES)}; or {BESIDE}"
    if not parts.hostname or not parts.path.strip("/"):
        return "the URI names no file", "write scheme, host and path: https://example.org/models/clouds.onnx"
    if "@" in parts.netloc:
        return "the URI holds a user name or password", "take it out; keep it in ~/.netrc of the machine that packages"
    names = [name.lower().removeprefix("x-amz-").removeprefix("x-goog-") for name, _ in parse_qsl(parts.query, True)]
    if any(_SECRET.fullmatch(name) for name in names):
        return "the URI is a signed one: its query is a secret", "write it without; credentials come from the machine"
    return None


def path_mistake(folder: Path, href: str, sha256: str | None) -> tuple[str, str, str] | None:
    """(member of `model`, what is wrong, what to do) with a model that is a file of the folder, or None."""
    path = folder / href
    if not path.resolve().is_relative_to(folder.resolve()):
        return "href", "the model lies outside the folder", BESIDE
    if not path.is_file():
        return "href", f"there is no file {href}", BESIDE
    if sha256 is not None and (actual := _sha256(path)) != sha256:
        return "sha256", f"{href} has another digest", f"write {actual}"
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
