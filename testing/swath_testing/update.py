"""Expectations rewritten with what an algorithm gives now: those that differ, and nothing else."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from swath_algorithm.cases import EXPECTED, JSON_SUFFIXES, case_folders, files_named, is_file_name, read_case
from swath_algorithm.folder import Algorithm
from swath_converters import Image
from swath_converters.formats import NPY, NPZ, PNG, TIFF
from swath_converters.image import encode_image
from swath_testing.compare import compare
from swath_testing.errors import UpdateRefused
from swath_testing.report import Evidence, Report

LOSSLESS = {one.suffix: one.media_type for one in (TIFF, PNG, NPZ, NPY)} | {".tiff": TIFF.media_type}


@dataclass(frozen=True)
class Rewritten:
    """A file of a case that was written: relative to the algorithm's folder."""

    case: str
    path: Path


def update(algorithm: Algorithm, report: Report) -> list[Rewritten]:
    """Files rewritten, so that each case of the report that failed would pass; the report holds its evidence.

    Cases and outputs that pass within their tolerance are not touched. A file is replaced as a whole, expected.json
    last. Raises UpdateRefused, before anything is written, where a call failed or there was nothing to learn from.
    """
    failed = {one.case: one for one in report.results if not one.passed}
    if refused := [one for one in failed.values() if one.evidence is None or one.evidence.actual is None]:
        raise UpdateRefused(refused[0].case, refused[0].differences[0])
    written: list[Rewritten] = []
    for folder in case_folders(algorithm.folder):
        if folder.name in failed and (evidence := failed[folder.name].evidence):
            files = _files(folder, read_case(folder).expected or {}, evidence)
            for path, content in files.items():
                _replace(path, content)
                written.append(Rewritten(folder.name, path.relative_to(algorithm.folder)))
    return written


def _files(folder: Path, old: Mapping[str, Any], evidence: Evidence) -> dict[Path, bytes]:
    """Content by path; expected.json last, and only where it changes."""
    files: dict[Path, bytes] = {}
    document: dict[str, Any] = {}
    for name, value in (evidence.actual or {}).items():
        is_kept = name in old and not _differs(evidence, name, value)
        document[name] = old[name] if is_kept else _stored(old.get(name), value, folder, name, files)
    if document != old:
        files[folder / EXPECTED] = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return files


def _differs(evidence: Evidence, name: str, value: Any) -> bool:
    expected = evidence.expected or {}
    return name not in expected or bool(compare(expected[name], value, evidence.tolerances.get(name, {}), name))


def _stored(old: Any, value: Any, folder: Path, stem: str, files: dict[Path, bytes]) -> Any:
    """What expected.json says of a value; what has a file of its own is put into `files`."""
    href = _href(old)
    if isinstance(value, Image):
        is_ours = href and Path(href).suffix.lower() in LOSSLESS and href not in _given(folder)
        free = f"{stem}.expected.tif" if f"{stem}.tif" in _given(folder) else f"{stem}.tif"
        name = href if href and is_ours else free
        files[folder / name] = encode_image(value, LOSSLESS[Path(name).suffix.lower()])
        others = cast(dict[str, Any], old) if href else {}
        return {**others, "href": name}
    if href and Path(href).suffix.lower() in JSON_SUFFIXES and href not in _given(folder) and not any(_images(value)):
        files[folder / href] = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
        return old
    if old is None and isinstance(value, dict) and value.get("type") == "FeatureCollection":  # pyright: ignore[reportUnknownMemberType]
        files[folder / f"{stem}.geojson"] = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
        return {"href": f"{stem}.geojson"}
    if isinstance(value, dict):
        was = old if isinstance(old, dict) and not href else {}  # pyright: ignore[reportUnknownVariableType]
        members = cast(dict[str, Any], value)
        return {key: _stored(was.get(key), one, folder, f"{stem}-{key}", files) for key, one in members.items()}  # pyright: ignore[reportUnknownMemberType]
    if isinstance(value, list):
        items = cast(list[Any], old) if isinstance(old, list) else []
        padded = [*items, *[None] * len(cast(list[Any], value))]
        pairs = enumerate(cast(list[Any], value))
        return [_stored(padded[index], one, folder, f"{stem}-{index}", files) for index, one in pairs]
    return value


def _given(folder: Path) -> set[str]:
    """Files that the case's input names: they are never written."""
    return {os.path.normpath(name) for _, name in files_named(read_case(folder).inputs)}


def _href(old: Any) -> str | None:
    href: Any = old.get("href") if isinstance(old, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return os.path.normpath(href) if isinstance(href, str) and is_file_name(href) else None


def _images(value: Any) -> Iterator[bool]:
    if isinstance(value, Image):
        yield True
    elif isinstance(value, dict | list):
        inner: Any = value.values() if isinstance(value, dict) else value  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        for one in inner:
            yield from _images(one)


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever reads it meanwhile sees the old one, or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
