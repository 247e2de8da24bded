"""What a PESTO image is built from, as requirements.txt and `[tool.swath]` of pyproject.toml."""

import json
import re
import shutil
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from swath_algorithm.layout import REQUIREMENTS
from swath_algorithm.pesto.notes import Notes
from swath_algorithm.pesto.project import Project

SOURCE = "pesto/build/requirements.json"
PESTO = re.compile(r"processing[-_.]factory\b", re.IGNORECASE)
INDEX = re.compile(r"(-i|-f|--(extra-)?index-url|--find-links|--trusted-host|--pre|--no-index)\b")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = ("SWATH_", "PYTHON", "PATH", "LD_")
SECRET = re.compile(r"token|secret|passw|credential|api_?key|access_?key", re.IGNORECASE)
WHEELS = "wheels"
HEAD = "# What the image needs more: docs/containers.md\n"


def write_requirements(project: Project, folder: Path, notes: Notes) -> None:
    """Write requirements.txt, and pyproject.toml where the image needs more; what can't be had is told."""
    given = project.file(SOURCE)
    _base_image(given, notes)
    lines = _lines(project.folder / REQUIREMENTS, notes)
    files: dict[str, str] = {}
    for name, one in _mapping(given.get("requirements")).items():
        _requirement(name, _mapping(one), project, folder, lines, files, notes)
    if lines:
        (folder / REQUIREMENTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    env = _environment(_mapping(given.get("environments")), notes)
    if env or files:
        text = f"{HEAD}[tool.swath]\n{_table('env', env)}{_table('files', files)}"
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    for key in given.keys() - {"dockerBaseImage", "requirements", "environments"}:
        notes.lost(SOURCE, f"/{key}", "was not understood")


def _base_image(given: dict[str, Any], notes: Notes) -> None:
    if base := given.get("dockerBaseImage"):
        message = f"'{base}': images stand on a base of Python 3.11 to 3.13; to choose one: swath package --base IMAGE"
        notes.lost(SOURCE, "/dockerBaseImage", message)


def _lines(path: Path, notes: Notes) -> list[str]:
    if not path.is_file():
        return []
    kept: list[str] = []
    for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
        text = line.strip()
        if PESTO.match(text):
            notes.decided(path.name, f"line {number}", f"'{text}' is left out: nothing of PESTO is needed")
        elif INDEX.match(text):
            message = "an index of packages is the machine's to know (UV_DEFAULT_INDEX, PIP_INDEX_URL): left out"
            notes.lost(path.name, f"line {number}", message)
        else:
            kept.append(line)
    notes.mapped(path.name, "", "requirements.txt; versions must exist for Python 3.11 to 3.13")
    return kept if any(one.strip() for one in kept) else []


def _requirement(
    name: str,
    one: dict[str, Any],
    project: Project,
    folder: Path,
    lines: list[str],
    files: dict[str, str],
    notes: Notes,
) -> None:
    pointer, origin = f"/requirements/{name}", re.sub(r"//[^/@]*@", "//", str(one.get("from", "")))
    kind, to = one.get("type"), str(one.get("to", ""))
    path = _file_of(origin, project.folder)
    if kind == "python":
        notes.lost(SOURCE, pointer, f"a folder on PYTHONPATH ({to}): put its modules beside process.py")
    elif kind == "pip" and path and path.suffix == ".whl":
        (folder / WHEELS).mkdir(exist_ok=True)
        shutil.copyfile(path, folder / WHEELS / path.name)
        lines.append(f"./{WHEELS}/{path.name}")
        notes.mapped(SOURCE, pointer, f"requirements.txt: ./{WHEELS}/{path.name}")
    elif kind == "pip":
        notes.lost(
            SOURCE, pointer, f"pip install of {origin}: name what it needs in requirements.txt, or put a wheel there"
        )
    elif path and to and not path.name.endswith((".tar.gz", ".tgz")):
        place = f"files/{path.name}"
        (folder / "files").mkdir(exist_ok=True)
        shutil.copyfile(path, folder / place)
        files[to] = place
        notes.mapped(SOURCE, pointer, f"[tool.swath] files: {to} from {place}; outside an image it is not at {to}")
    else:
        advice = "fetch and unpack it, then name it under [tool.swath] files, or as model if it is ONNX"
        notes.lost(SOURCE, pointer, f"{origin} at {to}: {advice}")


def _file_of(origin: str, project: Path) -> Path | None:
    """The file of a `file://` URI or a path from the project; None where it is elsewhere, or not there."""
    parts = urlsplit(origin)
    if parts.scheme not in {"", "file"}:
        return None
    path = project / url2pathname(f"{parts.netloc}{parts.path}")
    return path if path.is_file() else None


def _environment(given: dict[str, Any], notes: Notes) -> dict[str, str]:
    env: dict[str, str] = {}
    for name, value in given.items():
        if not VARIABLE.fullmatch(name) or name.startswith(RESERVED):
            notes.lost(SOURCE, f"/environments/{name}", "is set by Swath or by nobody; give it to the container")
        elif SECRET.search(name):
            message = "seems to be a secret, which no image should carry: give it to the container"
            notes.lost(SOURCE, f"/environments/{name}", message)
        else:
            env[name] = str(value)
            notes.mapped(SOURCE, f"/environments/{name}", "[tool.swath] env: of the image; set it yourself elsewhere")
    return env


def _table(name: str, members: dict[str, str]) -> str:
    inner = ", ".join(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in members.items())
    return f"{name} = {{ {inner} }}\n" if members else ""


def _mapping(value: Any) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
