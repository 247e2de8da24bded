"""Secrets in an algorithm's folder: files that hold them stay behind and are told, texts with them are refused.

Credentials of package indexes, proxies and object stores belong to the machine that packages: uv and the downloads
read them from its environment and netrc, and no part of an image is made from those.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from swath_packager.errors import PackagerError

_HOLDERS = re.compile(
    r"\.env(\..*)?|.*\.env|[._]?netrc|\.pypirc|\.npmrc|\.git-credentials|\.htpasswd|pip\.conf|"
    r"id_(rsa|dsa|ecdsa|ed25519)(\..*)?|.*\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|tfstate)|"
    r"credentials(\.(json|csv|ya?ml|toml|ini))?|(service|client)[-_](account|secret).*\.json|"
    r"secrets?\.(json|ya?ml|toml|ini|env)|\.?(aws|ssh|gnupg|docker|kube|azure)",
    re.IGNORECASE,
)
_PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
_IN_URL = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@'\"<>{}$]+:[^/\s@'\"<>{}$]+@[A-Za-z0-9\[]")
_TOKENS = re.compile(
    rb"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[0-9A-Za-z]{36}|github_pat_\w{60,}|glpat-[\w-]{20}|pypi-AgEI[\w-]{50,}|"
    rb"hf_[0-9A-Za-z]{34}|xox[baprs]-[0-9A-Za-z-]{20,})"
)
_MARKS = (
    (_PRIVATE_KEY, "a private key"),
    (_IN_URL, "a URL with a user name and password"),
    (_TOKENS, "an access key or token"),
)
_LARGEST = 4 << 20  # bytes of a file that is looked through; what is larger is data
_PROSE = {".md", ".rst"}  # where a URL with a password is an example of one


class SecretsInFolder(PackagerError):
    """Files that would go into an image hold secrets; `places` says where, never what."""

    def __init__(self, folder: Path, places: Sequence[str]) -> None:
        lines = "\n".join(f"  {one}" for one in places)
        super().__init__(f"{folder} holds secrets that everybody with the image could read:\n{lines}")
        self.places = tuple(places)
        self.hint = (
            "take them out of the folder, and make them void where it was shared. An index's credentials stay on this "
            "machine: UV_INDEX_URL, PIP_INDEX_URL or ~/.netrc; a service reads its own from its environment"
        )


def is_holder(name: str) -> bool:
    """Whether a file or folder is of those that hold secrets, by its name."""
    return _HOLDERS.fullmatch(name) is not None


def left_behind(folder: Path) -> list[str]:
    """Paths in a folder, relative and sorted, that hold secrets by their names; what lies below one is not listed."""
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if is_holder(parts[-1]) and not any(is_holder(one) or one == ".git" for one in parts[:-1]):
            found.append("/".join(parts))
    return found


def refuse_secrets(folder: Path, files: Iterable[Path]) -> None:
    """Raise SecretsInFolder where one of the files, which would go into an image, holds a key, password or token."""
    places = [
        f"{path.relative_to(folder).as_posix()}:{line}: {what}"
        for path in files
        if path.stat().st_size <= _LARGEST
        for line, what in _marks(path)
    ]
    if places:
        raise SecretsInFolder(folder, places)


def without_credentials(text: str) -> str:
    """A text in which no URL has a user name or password any more; what a tool said may quote one."""
    return re.sub(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s@'\"]+@", r"\1", text)


def _marks(path: Path) -> Iterator[tuple[int, str]]:
    content = path.read_bytes()
    if b"\0" in content[:8192]:
        return
    for pattern, what in _MARKS:
        if pattern is _IN_URL and path.suffix.lower() in _PROSE:
            continue
        if found := pattern.search(content):
            yield content.count(b"\n", 0, found.start()) + 1, what
