"""Where `process` stands in a `process.py`, or why it can't be found there."""

import ast
from dataclasses import dataclass
from pathlib import Path

from swath_algorithm.findings import Finding

PROCESS, BATCH = "process", "process_batch"
CLASS = "Process"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A file that defines `process`, or `process_batch` instead: its tree, and the class around it where there is one.

    `function` is `process`, and `process_batch` where there is none; `batch` is `process_batch` in either case.
    """

    path: Path
    module: ast.Module
    owner: ast.ClassDef | None
    function: Function
    batch: Function | None = None

    def method(self, name: str) -> Function | None:
        """The class's method of that name, of its bases in the same file too; None without a class."""
        return _method(self.module, self.owner, name) if self.owner else None

    def at(self, node: ast.expr | ast.stmt | ast.arg, message: str, advice: str = "") -> Finding:
        """A finding at a node's place."""
        return Finding(self.path, node.lineno, node.col_offset + 1, message, advice)


def read_source(path: Path) -> Source | Finding:
    """The file, or the finding that says why its `process` can't be found."""
    module = _parsed(path)
    if isinstance(module, Finding):
        return module
    owner = next((one for one in reversed(module.body) if isinstance(one, ast.ClassDef) and one.name == CLASS), None)
    alone, batch = (
        _method(module, owner, name) if owner else _function(module.body, name) for name in (PROCESS, BATCH)
    )
    function = alone or batch
    return Source(path, module, owner, function, batch) if function else _absent(path, module, owner)


def _parsed(path: Path) -> ast.Module | Finding:
    if not path.is_file():
        advice = "write one with a function process(...) or a class Process"
        return Finding(path, 0, 0, "there is no process.py", advice)
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        return Finding(path, error.lineno or 0, error.offset or 0, f"not valid Python: {error.msg}")
    except OSError as error:
        return Finding(path, 0, 0, f"can't be read: {error.strerror}")
    except (ValueError, RecursionError, MemoryError) as error:
        return Finding(path, 0, 0, f"not valid Python: {error or 'nested too deeply'}")


def _absent(path: Path, module: ast.Module, owner: ast.ClassDef | None) -> Finding:
    place: ast.stmt | None = owner
    message, advice = "no `process` is defined here", "write def process(...) or class Process with a method process"
    if owner:
        inherited = f" nor in a base class of this file: bases of other files ({_bases(owner)}) are not read"
        message = f"class {CLASS} has no method process" + (inherited if owner.bases else "")
        passed_on = ", and call super().process(...) there" if owner.bases else ""
        advice = f"write def process(self, ...) in it{passed_on}"
    elif place := _class_with_process(module):
        message, advice = f"the class with the method process is called {place.name}", f"call it {CLASS}"
    elif place := _bound(module):
        message = "`process` is imported or assigned here, and can't be read without running it"
        advice = "define it in this file: def process(...), which may call the other"
    elif place := _inner(module):
        message, advice = "`process` is defined within another block", "define it at the top level of the file"
    line, column = (place.lineno, place.col_offset + 1) if place else (1, 1)
    return Finding(path, line, column, message, advice)


def _class_with_process(module: ast.Module) -> ast.ClassDef | None:
    classes = (one for one in module.body if isinstance(one, ast.ClassDef))
    return next((one for one in classes if _function(one.body, PROCESS) or _function(one.body, BATCH)), None)


def _bound(module: ast.Module) -> ast.stmt | None:
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and any((one.asname or one.name) in {PROCESS, CLASS} for one in node.names):
            return node
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(one, ast.Name) and one.id in {PROCESS, CLASS} for one in targets):
            return node
    return None


def _inner(module: ast.Module) -> ast.stmt | None:
    found = (one for one in ast.walk(module) if isinstance(one, Function | ast.ClassDef))
    return next((one for one in found if one.name in {PROCESS, CLASS}), None)


def _method(module: ast.Module, owner: ast.ClassDef, name: str, depth: int = 0) -> Function | None:
    if (own := _function(owner.body, name)) or depth > 8:
        return own
    named = {one.name: one for one in module.body if isinstance(one, ast.ClassDef)}
    bases = [named[one.id] for one in owner.bases if isinstance(one, ast.Name) and one.id in named]
    return next((found for one in bases if (found := _method(module, one, name, depth + 1))), None)


def _function(body: list[ast.stmt], name: str) -> Function | None:
    found = [node for node in body if isinstance(node, Function) and node.name == name]
    return found[-1] if found else None


def _bases(owner: ast.ClassDef) -> str:
    return ", ".join(ast.unparse(one) for one in owner.bases)
