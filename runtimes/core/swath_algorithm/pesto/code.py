"""The project's code: what is copied, what it imports of PESTO, and what it expects of PESTO's image."""

import ast
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from swath_algorithm.cases import EXAMPLES
from swath_algorithm.layout import DESCRIBE, PACKAGE, PROCESS
from swath_algorithm.pesto.notes import Notes

# Beside the algorithm: PESTO's own configuration, what makes a distribution of it, and its tests over HTTP.
NOT_NEEDED = {
    "pesto": "",  # read by project.py and cases.py
    "tests": "tests over PESTO's test runner: the examples take their place",
    "scripts": "starts PESTO's server: swath serve takes its place",
    "setup.py": "a folder is no distribution; requirements.txt says what it needs",
    "setup.cfg": "a folder is no distribution; requirements.txt says what it needs",
    "pyproject.toml": "a folder is no distribution; requirements.txt says what it needs",
    "MANIFEST.in": "a folder is no distribution: it is packed as it lies",
    "Makefile": "runs PESTO's commands",
    "requirements.txt": "",  # read by build.py
    "__init__.py": "the folder is no package",
}
OURS = {PROCESS, DESCRIBE, EXAMPLES, "import-report.md"}
MADE = {"build", "dist"}  # by setuptools, beside setup.py
SHIM = {"pesto.cli.fields": "fields.py", "pesto.common.pesto": "profile.py"}
IN_THE_IMAGE = ("/etc/pesto", "/opt/")


def copy_code(project: Path, folder: Path, notes: Notes) -> None:
    """Copy process.py, the package `algorithm` around it and what else lies beside it; `folder` is a new one."""
    shutil.copyfile(project / PACKAGE / PROCESS, folder / PROCESS)
    notes.mapped(f"{PACKAGE}/{PROCESS}", "", "process.py, byte for byte")
    for path in sorted(project.iterdir()):
        if path.name in NOT_NEEDED:
            if NOT_NEEDED[path.name]:
                notes.lost(path.name, "", f"not taken: {NOT_NEEDED[path.name]}")
        elif path.name in OURS:
            notes.lost(path.name, "", "not taken: here this name means something else; rename it in the project")
        elif path.name in MADE:
            notes.lost(path.name, "", "not taken: made by setup.py")
        else:
            _copy(path, folder / path.name, project, notes)
    (folder / PACKAGE / PROCESS).unlink()
    package = folder / PACKAGE / "__init__.py"
    if not package.is_file():
        package.write_bytes(b"")
        notes.decided(PACKAGE, "", "__init__.py was added: it says that process.py belongs to this package")
    _offer(folder, notes)


def _copy(path: Path, to: Path, project: Path, notes: Notes) -> None:
    if _is_cache(path):
        return
    if path.name.startswith("."):
        notes.lost(path.relative_to(project).as_posix(), "", "not taken: hidden")
    elif path.is_symlink() and (path.is_dir() or not path.resolve().is_relative_to(project.resolve())):
        message = "not taken: a link to a folder, or out of the project"
        notes.lost(path.relative_to(project).as_posix(), "", message)
    elif path.is_dir():
        to.mkdir()
        for one in sorted(path.iterdir()):
            _copy(one, to / one.name, project, notes)
        if path.parent == project:
            notes.mapped(path.name, "", "copied")
    elif path.is_file():
        shutil.copyfile(path, to)
        if path.parent == project:
            notes.mapped(path.name, "", "copied")
    else:
        notes.lost(path.relative_to(project).as_posix(), "", "not taken: no file that can be read")


def _is_cache(path: Path) -> bool:
    """True for what Python makes anew by itself."""
    return path.suffix in {".pyc", ".egg-info"} or path.name == "__pycache__"


def _offer(folder: Path, notes: Notes) -> None:
    """Put the modules of PESTO that the code imports beside it, where there is one to be had; tell of all others."""
    needed: set[str] = set()
    for path in sorted(folder.rglob("*.py")):
        place = path.relative_to(folder).as_posix()
        source = f"{PACKAGE}/{PROCESS}" if place == PROCESS else place
        for line, module in _imports(path):
            if module in SHIM:
                needed.add(module)
                notes.decided(source, f"line {line}", f"{module}: a small one of Swath's own lies in pesto/")
            else:
                notes.lost(source, f"line {line}", f"{module}: there is no such module here; write it without")
        for line, text in _places(path):
            message = f"'{text}' is a place in PESTO's image: swath package puts files where [tool.swath] files says"
            notes.lost(source, f"line {line}", message)
    for module in sorted(needed):
        place = folder.joinpath(*module.split(".")).with_suffix(".py")
        place.parent.mkdir(parents=True, exist_ok=True)
        for parent in (place.parent, place.parent.parent):
            (parent / "__init__.py").touch()
        place.write_bytes(files("swath_algorithm.pesto.shim").joinpath(SHIM[module]).read_bytes())


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) for each import of PESTO's."""
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names if one.name.split(".")[0] == "pesto")
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "pesto":
            whole = [f"{node.module}.{one.name}" for one in node.names]
            yield from ((node.lineno, one if one in SHIM else node.module or "") for one in whole)


def _places(path: Path) -> Iterator[tuple[int, str]]:
    for node in _nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(IN_THE_IMAGE):
            yield node.lineno, node.value


def _nodes(path: Path) -> Iterator[ast.AST]:
    try:
        yield from ast.walk(ast.parse(path.read_bytes()))
    except (SyntaxError, ValueError, RecursionError):
        return  # process.py was read before; what else can't be is not imported by it, or it fails with the reason
