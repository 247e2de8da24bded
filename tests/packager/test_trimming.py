"""What is taken away from installed wheels, and that what stays still works."""

import ast
import csv
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from swath_packager.trimming import stripped, trim


def _installed(folder: Path) -> Path:
    files = {
        "tool/__init__.py": "import tool.core\n",
        "tool/core.py": "",
        "tool/core.pyi": "",
        "tool/_speed.pyx": "",
        "tool/include/tool.h": "",
        "tool/tests/test_core.py": "",
        "tool/testing/__init__.py": "",
        "nvidia/cuda_runtime/include/cuda.h": "",
        "onnxruntime/quantization/__init__.py": "",
        "onnxruntime/capi/libonnxruntime.so.1": "elf",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    record = folder / "tool-1.0.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("".join(f"{name},sha256=x,{len(text)}\n" for name, text in files.items()))
    return folder


def _files(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def test_tests_stubs_and_sources_go_and_what_is_imported_stays(tmp_path: Path) -> None:
    trim(_installed(tmp_path), slim=False)
    assert _files(tmp_path) == {
        "tool/__init__.py",
        "tool/core.py",
        "tool/testing/__init__.py",
        "nvidia/cuda_runtime/include/cuda.h",
        "onnxruntime/quantization/__init__.py",
        "onnxruntime/capi/libonnxruntime.so.1",
        "tool-1.0.dist-info/RECORD",
    }


def test_slim_takes_tools_that_few_call_too(tmp_path: Path) -> None:
    trim(_installed(tmp_path), slim=True)
    assert not [one for one in _files(tmp_path) if one.startswith("onnxruntime/")]


def _sources(name: str, folder: Path) -> None:
    """An installed distribution's modules; of other files the names alone."""

    def copied(source: str, target: str) -> None:
        Path(target).write_bytes(Path(source).read_bytes() if source.endswith(".py") else b"")

    installed = find_spec(name)
    assert installed is not None
    assert installed.origin is not None
    shutil.copytree(Path(installed.origin).parent, folder / name, copy_function=copied)


def _imported(path: Path, folder: Path) -> Iterator[str]:
    """Modules, as a/b, that one imports whenever it is imported itself, and names of them that may be modules."""
    here = path.relative_to(folder).parts[:-1]
    for one in ast.parse(path.read_bytes()).body:
        if isinstance(one, ast.Import):
            yield from (alias.name.replace(".", "/") for alias in one.names)
        elif isinstance(one, ast.ImportFrom):
            package = here[: len(here) - one.level + 1] if one.level else ()
            module = "/".join([*package, *(one.module or "").split(".")]).strip("/")
            yield module
            yield from (f"{module}/{alias.name}" for alias in one.names)


@pytest.mark.parametrize("name", ["numpy", "onnxruntime", "rasterio"])
def test_what_stays_in_a_slim_image_imports_nothing_that_went(name: str, tmp_path: Path) -> None:
    _sources(name, tmp_path)
    whole = _files(tmp_path)
    trim(tmp_path, slim=True)
    stays = _files(tmp_path)
    gone = {one.split(".")[0].removesuffix("/__init__") for one in whole - stays if one.endswith((".py", ".so"))}
    assert gone
    lacking = {one: gone & set(_imported(tmp_path / one, tmp_path)) for one in stays if one.endswith(".py")}
    assert {one: some for one, some in lacking.items() if some} == {}


def test_the_list_of_a_distributions_files_says_what_is_there(tmp_path: Path) -> None:
    trim(_installed(tmp_path), slim=False)
    listed = [row[0] for row in csv.reader((tmp_path / "tool-1.0.dist-info/RECORD").read_text().splitlines())]
    assert set(listed) == _files(tmp_path) - {"tool-1.0.dist-info/RECORD"}


@pytest.mark.parametrize("name", ["rasterio/_base", "numpy/_core/_multiarray_umath", "pydantic_core/_pydantic_core"])
def test_a_real_library_loses_bytes_or_none_and_still_loads(name: str, tmp_path: Path) -> None:
    package, _, module = name.rpartition("/")
    folder = next(Path(one) / package for one in sys.path if (Path(one) / package).is_dir())
    (library,) = folder.glob(f"{module}.*.so")
    after = stripped(library.read_bytes())
    assert len(after) <= library.stat().st_size
    assert stripped(after) == after
    copy = tmp_path / library.name
    copy.write_bytes(after)
    load = "import ctypes, sys; ctypes.PyDLL(sys.argv[1], ctypes.RTLD_LOCAL)"
    environment = {"LD_LIBRARY_PATH": str(folder.parent / f"{folder.name.partition('_core')[0]}.libs")}
    libraries = [str(one) for one in folder.parent.glob("*.libs")] + [
        str(one) for one in folder.parents[1].glob("*.libs")
    ]
    environment["LD_LIBRARY_PATH"] = ":".join(libraries)
    done = subprocess.run([sys.executable, "-c", load, str(copy)], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("content", [b"", b"text", b"\x7fELF\x01\x01" + bytes(100)])
def test_what_is_no_64_bit_library_comes_back_whole(content: bytes) -> None:
    assert stripped(content) == content
