"""An algorithm called once, in this process: inputs from files or values, results into a folder."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any

import orjson

from swath_algorithm.agreement import IMAGE, kind_of
from swath_algorithm.cases import JSON_SUFFIXES
from swath_algorithm.folder import Algorithm
from swath_converters.formats import essence
from swath_converters.image import encode_image
from swath_converters.parts import Part
from swath_runtime.answers import Outcome
from swath_runtime.conversion import Leaf, compile_schema
from swath_runtime.errors import RuntimeFailure
from swath_runtime.payload import Payload, read_text
from swath_runtime.problems import FAILED, INTERNAL, Problem, problem_of
from swath_runtime.quicklook import quicklook
from swath_runtime.results import DEFAULT_IMAGE, SUFFIXES
from swath_runtime.service import Service
from swath_runtime.settings import Settings

Progress = Callable[[float, str], None]
JSON_LIST = (*JSON_SUFFIXES, "]")  # how what holds a whole list ends, by its file or in itself
FROM_FILES = {IMAGE, "object", "array", "any"}
LONGEST_NAME = 255  # of a file; no image is as small in base64


class InputUnusable(RuntimeFailure):
    """What was given on the command line can't be an input."""

    exit_code = 2

    def __init__(self, given: str, reason: str, hint: str) -> None:
        super().__init__(f"--input {given[:120]}: {reason}")
        self.hint = hint


class CallFailed(RuntimeFailure):
    """The call ended with a problem: what a caller over HTTP would read, and what only its author may."""

    def __init__(self, problem: Problem, cause: BaseException | None, folder: Path) -> None:
        places = "".join(f"\n  {one.pointer}: {one.message}" for one in problem.errors[1:])
        super().__init__(f"{problem.kind.status} {problem.message}{places}{_trace(cause, folder) if cause else ''}")
        self.problem = problem
        self.hint = "" if cause else problem.hint


def payload_of(given: Sequence[str], algorithm: Algorithm) -> Payload:
    """The payload of `NAME=VALUE` and `NAME=FILE` texts.

    An image is read from the file that is named, an object or a list from the JSON file; what a number, a boolean or
    a text is given is its value, whatever files there are. A list of images is given one by one. Raises InputUnusable.
    """
    properties: dict[str, Any] = algorithm.describe["input"].get("properties", {})
    payload = Payload({})
    for text in given:
        name, separator, value = text.partition("=")
        if not separator or name not in properties:
            known = ", ".join(properties)
            reason = "write NAME=VALUE or NAME=FILE with an input of the algorithm"
            raise InputUnusable(text, reason, f"its inputs: {known}")
        if _takes_images(properties[name]) and not value.lower().endswith(JSON_LIST):
            _add_image(payload, name, value)
            continue
        if name in payload.document:
            raise InputUnusable(text, f"{name} is given twice", "give each input once")
        _take(payload, name, value, properties[name])
    return payload


def call_once(
    algorithm: Algorithm, payload: Payload, settings: Settings, on_progress: Progress | None = None
) -> Outcome:
    """Outcome of one call in this process; raises CallFailed, or LoadFailed before it."""
    service = Service(algorithm, settings, in_process=True)
    service.start()
    try:
        return call_in_process(service, payload.document, payload.parts, on_progress)
    finally:
        service.stop()


def call_in_process(
    service: Service, document: dict[str, Any], parts: Mapping[str, Part], on_progress: Progress | None = None
) -> Outcome:
    """Outcome of one call of a started service; raises CallFailed, which says where the algorithm went wrong."""
    try:
        return service.call(document, parts, on_progress=on_progress)
    except Exception as error:
        problem = problem_of(error)
        if problem.kind is INTERNAL:
            raise  # a mistake of ours, not of the caller or the author
        cause = None if problem.kind is not FAILED else error.__cause__ if error is problem else error
        raise CallFailed(problem, cause, service.algorithm.folder) from error


def write_outcome(outcome: Outcome, algorithm: Algorithm, folder: Path) -> list[Path]:
    """Files written into a folder: each image with a quick-look PNG beside it, each collection, and result.json.

    result.json is the JSON answer, with `{"href": …}` in the place of what has a file of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kinds = _media_types(outcome, algorithm)
    written: list[Path] = []
    result = dict(outcome.document)
    for pointer, image in outcome.images.items():
        stem = pointer.strip("/").replace("/", "-")
        kind = kinds.get(pointer, DEFAULT_IMAGE)
        path = folder / f"{stem}{SUFFIXES.get(essence(kind), '.tif')}"
        look = folder / f"{stem}.quicklook.png"
        path.write_bytes(encode_image(image, kind))
        look.write_bytes(quicklook(image))
        written += [path, look]
        result = _replaced(result, f"cid:{pointer}", {"href": path.name})
    for name, value in outcome.document.items():
        if isinstance(value, dict) and value.get("type") == "FeatureCollection":  # pyright: ignore[reportUnknownMemberType]
            path = folder / f"{name}.geojson"
            path.write_bytes(orjson.dumps(value))
            written.append(path)
            result[name] = {"href": path.name}
    path = folder / "result.json"
    path.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    return [*written, path]


def _media_types(outcome: Outcome, algorithm: Algorithm) -> dict[str, str]:
    """Media types that the description names for images, by pointer."""
    found: dict[str, str] = {}

    def visit(value: Any, leaf: Leaf, pointer: str) -> Any:
        if leaf.media_type:
            found[pointer] = leaf.media_type
        return value

    if node := compile_schema(algorithm.describe["output"]):
        node.apply(outcome.document, "", visit)
    return found


def _replaced(value: Any, old: str, new: Any) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(one, old, new) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_replaced(one, old, new) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return new if value == old else value


def _take(payload: Payload, name: str, value: str, schema: Any) -> None:
    kind = kind_of(schema)
    path = _file(value) if kind in FROM_FILES else None
    if path is None:
        if kind == IMAGE and len(value) <= LONGEST_NAME and not re.match(r"\{|[a-z]+:", value):
            raise InputUnusable(f"{name}={value}", f"there is no file {value}", "give the path of a file that exists")
        payload.document[name] = read_text(value, None if isinstance(schema, bool) else schema)
    elif kind != IMAGE or path.suffix.lower() in JSON_SUFFIXES:
        payload.document[name] = _json_of(path, name)
    else:
        payload.parts[name] = Part(path.read_bytes(), None, path.name)
        payload.document[name] = f"cid:{name}"


def _takes_images(schema: Any) -> bool:
    return kind_of(schema) == "array" and kind_of(schema.get("items")) == IMAGE


def _add_image(payload: Payload, name: str, value: str) -> None:
    """Put a file behind those that were given for a list of images."""
    path = _file(value)
    if path is None:
        raise InputUnusable(f"{name}={value}", f"there is no file {value}", "give each image of the list by its path")
    images: list[Any] = payload.document.setdefault(name, [])
    part = f"{name}-{len(images)}"
    payload.parts[part] = Part(path.read_bytes(), None, path.name)
    images.append(f"cid:{part}")


def _file(value: str) -> Path | None:
    """The file of that name; None where the text can't be a name, or nothing is called so."""
    try:
        path = Path(value).expanduser()
        return path if path.is_file() else None
    except (OSError, ValueError, RuntimeError):  # too long for a name, NUL within, no such user
        return None


def _json_of(path: Path, name: str) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        reason = f"not JSON: line {error.lineno}, column {error.colno}"
        raise InputUnusable(f"{name}={path}", reason, "mend the file") from None


def _trace(error: BaseException, folder: Path) -> str:
    """What an algorithm raised, and the lines of its folder that led there, the innermost last."""
    frames = [one for one in extract_tb(error.__traceback__) if Path(one.filename).is_relative_to(folder)]
    lines = [f"\n  {Path(one.filename).relative_to(folder)}:{one.lineno} in {one.name}: {one.line}" for one in frames]
    return f"\n  {type(error).__name__}: {error}" + "".join(lines)
