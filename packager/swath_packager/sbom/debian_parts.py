"""Debian packages of a base image, from dpkg's notes: one `status` file, or `status.d` in images without dpkg."""

import re
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any
from urllib.parse import quote

from swath_packager.sbom.licences import licences_of

STATUS, STATUS_FOLDER = "var/lib/dpkg/status", "var/lib/dpkg/status.d/"
RELEASES = ("usr/lib/os-release", "etc/os-release")
NOTED = re.compile(r"var/lib/dpkg/status(\.d/[^/]+)?|(usr/lib|etc)/os-release|usr/share/doc/[^/]+/copyright")
"""Paths of a base that `debian_parts` reads."""

_MACHINE_READABLE = re.compile(rb"^(?:Format|Format-Specification):", re.MULTILINE)
_LICENCE = re.compile(rb"^License:[ \t]*(\S[^\n]*)", re.MULTILINE)
Part = dict[str, Any]


def system_part(files: Mapping[str, bytes]) -> Part | None:
    """The operating system as a CycloneDX component, by os-release; None where there is none."""
    said = _release(files)
    if "ID" not in said:
        return None
    name, version = said["ID"], said.get("VERSION_ID", "")
    part: Part = {"type": "operating-system", "bom-ref": f"os:{name}", "name": name}
    return {**part, **({"version": version} if version else {})}


def debian_parts(files: Mapping[str, bytes]) -> list[tuple[Part, tuple[str, ...]]]:
    """Each installed package as a component, with the names of those that it depends on; sorted by name.

    `files` are those of a base whose paths match NOTED.
    """
    release = _release(files)
    found = [_component(one, files, release) for one in _stanzas(files)]
    return sorted(found, key=lambda one: (one[0]["name"], one[0]["bom-ref"]))


def _stanzas(files: Mapping[str, bytes]) -> Iterator[Message]:
    for path, content in files.items():
        if path != STATUS and not path.startswith(STATUS_FOLDER):
            continue
        if path.endswith((".md5sums", ".preinst", ".postinst")):
            continue
        for stanza in re.split(rb"\n[ \t]*\n", content):
            said = BytesParser(policy=compat32).parsebytes(stanza.strip() + b"\n", headersonly=True)
            if said["Package"] and said["Version"] and "not-installed" not in str(said["Status"] or ""):
                yield said


def _component(said: Message, files: Mapping[str, bytes], release: Mapping[str, str]) -> tuple[Part, tuple[str, ...]]:
    name, version, architecture = (str(said[key] or "") for key in ("Package", "Version", "Architecture"))
    system = release.get("ID", "debian")
    distro = f"{system}-{release['VERSION_ID']}" if release.get("VERSION_ID") else system
    purl = f"pkg:deb/{system}/{quote(name, safe='')}@{quote(version, safe='')}?arch={architecture}&distro={distro}"
    part: Part = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if maintainer := said["Maintainer"]:
        part["supplier"] = {"name": str(maintainer).partition("<")[0].strip(' "')}
    if licences := licences_of(_licences(files.get(f"usr/share/doc/{name}/copyright", b""))):
        part["licenses"] = licences
    if digest := said["SHA256"]:
        part["hashes"] = [{"alg": "SHA-256", "content": str(digest)}]
    return part, tuple(sorted(set(_depends(said))))


def _licences(copyright_text: bytes) -> list[str]:
    """Licences that a machine-readable copyright file names; none of one in prose, where a guess would be a claim."""
    if not _MACHINE_READABLE.search(copyright_text[:500]):
        return []
    return sorted({one.decode("utf-8", "replace").strip() for one in _LICENCE.findall(copyright_text)})


def _depends(said: Message) -> Iterator[str]:
    for field in ("Pre-Depends", "Depends"):
        for alternatives in str(said[field] or "").split(","):
            for one in alternatives.split("|"):
                if name := one.split("(")[0].strip().partition(":")[0]:
                    yield name


def _release(files: Mapping[str, bytes]) -> dict[str, str]:
    text = next((files[path] for path in RELEASES if files.get(path)), b"").decode("utf-8", "replace")
    pairs = (line.partition("=") for line in text.splitlines())
    return {name.strip(): value.strip().strip("\"'") for name, separator, value in pairs if separator}
