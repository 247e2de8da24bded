"""The packager's modules stand on each other in one direction, so that each can be read, and imported, alone."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import swath_packager

FOLDER = Path(swath_packager.__file__).parent
PACKAGE = "swath_packager"


def _name(path: Path) -> str:
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return ".".join([PACKAGE, *(parts[:-1] if parts[-1] == "__init__" else parts)])


def _imports(node: ast.AST) -> Iterator[str]:
    """Modules that are imported below a node, within functions too; not those that only type checkers import."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    if isinstance(node, ast.ImportFrom) and node.module:
        yield from (node.module, *(f"{node.module}.{one.name}" for one in node.names))
    elif isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
    for below in ast.iter_child_nodes(node):
        yield from _imports(below)


def test_no_two_modules_need_each_other() -> None:
    modules = {_name(path): path for path in FOLDER.rglob("*.py")}
    needs = {name: set(_imports(ast.parse(path.read_text()))) & set(modules) for name, path in modules.items()}
    assert len(needs) > 50
    order = [*TopologicalSorter(needs).static_order()]  # raises CycleError, which names the circle
    assert order.index(f"{PACKAGE}.inside") < order.index(f"{PACKAGE}.plan") < order.index(f"{PACKAGE}.build")
