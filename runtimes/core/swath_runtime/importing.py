"""An algorithm's process.py, imported from where it lies, with what lies beside it within reach."""

import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from swath_algorithm.folder import Algorithm
from swath_algorithm.layout import PACKAGE, PROCESS
from swath_runtime.errors import LoadFailed, RuntimeFailure

PREFIX = "swath_algorithm_"


def import_process(algorithm: Algorithm) -> ModuleType:
    """The module of an algorithm's process.py; raises LoadFailed with what its import raised, and where."""
    path = algorithm.folder / PROCESS
    _leave_others(algorithm.folder)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # process.py may import what lies beside it
    name = f"{PREFIX}{algorithm.name.replace('-', '_')}"
    taken_over = algorithm.signature.is_taken_over
    spec = importlib.util.spec_from_file_location(f"{PACKAGE}.{path.stem}" if taken_over else name, path)
    if spec is None or spec.loader is None:
        raise LoadFailed(str(path), "Python can't import it")
    if taken_over:
        guarded(f"{PACKAGE}/__init__.py", lambda: _import_package(algorithm.folder))
        if (already := sys.modules.get(spec.name)) is not None:  # its __init__.py imports process.py itself
            sys.modules[name] = already
            return already
    module = importlib.util.module_from_spec(spec)
    if taken_over:
        module.__file__ = str(algorithm.folder / PACKAGE / PROCESS)  # so that it finds files from there as it did
    sys.modules[name] = sys.modules[spec.name] = module
    guarded(str(path), lambda: _execute(spec, module))
    return module


def guarded(what: str, call: Callable[[], Any]) -> Any:
    """The call's result; whatever an author's code raises becomes LoadFailed with the reason."""
    try:
        return call()
    except RuntimeFailure:
        raise
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # on a thread, the latter two would end in silence
        place = _last_place(error)
        raise LoadFailed(what, f"{type(error).__name__}: {error}{place}") from error


def _leave_others(folder: Path) -> None:
    """Forget what lies beside algorithms imported before: its names may be those of other files here."""
    modules = list(sys.modules.items())  # at once: the server imports on another thread meanwhile
    specs = [one.__spec__ for name, one in modules if name.startswith(PREFIX)]
    others = {Path(spec.origin).parent for spec in specs if spec and spec.origin} - {folder}
    sys.path[:] = [one for one in sys.path if Path(one) not in others]
    for name, module in modules if others else ():
        file = getattr(module, "__file__", None)
        if file and not name.startswith(PREFIX) and any(_lies_beside(Path(file), one) for one in others):
            sys.modules.pop(name, None)


def _lies_beside(file: Path, folder: Path) -> bool:
    return file.is_relative_to(folder) and "site-packages" not in file.relative_to(folder).parts


def _import_package(folder: Path) -> None:
    for name in [one for one in list(sys.modules) if one == PACKAGE or one.startswith(f"{PACKAGE}.")]:
        del sys.modules[name]
    spec = PathFinder.find_spec(PACKAGE, [str(folder)])
    if spec is not None:
        package = importlib.util.module_from_spec(spec)
        package.__path__.append(str(folder))  # where its module process lies
        sys.modules[PACKAGE] = package
        _execute(spec, package)


def _execute(spec: ModuleSpec, module: ModuleType) -> None:
    if spec.loader is not None:
        spec.loader.exec_module(module)


def _last_place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
