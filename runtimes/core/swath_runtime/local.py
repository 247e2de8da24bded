"""An algorithm called once, in this process: inputs from files or values, results into a folder."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from swath_algorithm.folder import Algorithm
from swath_converters.formats import JP2, JPEG, NPY, NPZ, PNG, TIFF, WEBP, essence
from swath_converters.image import encode_image
from swath_converters.parts import Part
from swath_runtime.errors import RuntimeFailure
from swath_runtime.payload import Payload, read_text
from swath_runtime.problems import Problem, problem_of
from swath_runtime.quicklook import quicklook
from swath_runtime.service import Outcome, Service
from swath_runtime.settings import Settings

JSON_SUFFIXES = {".json", ".geojson"}
IMAGE_TYPES = {form.media_type: form.suffix for form in (TIFF, PNG, JP2, NPZ, NPY, JPEG, WEBP)}


class InputUnusable(RuntimeFailure):
    """What was given on the command line can't be an input."""

    exit_code = 2

    def __init__(self, given: str, reason: str, hint: str) -> None:
        super().__init__(f"--input {given[:120]}: {reason}")
        self.hint = hint


class CallFailed(RuntimeFailure):
    """The call ended with a problem; what is printed is what a caller over HTTP would read."""

    def __init__(self, problem: Problem) -> None:
        places = "".join(f"\n  {one.pointer}: {one.message}" for one in problem.errors[1:])
        super().__init__(f"{problem.message}{places}")
        self.problem = problem
        self.hint = problem.hint


def payload_of(given: Sequence[str], algorithm: Algorithm) -> Payload:
    """The payload of `NAME=VALUE` and `NAME=FILE` texts: a file that exists is read, anything else is a value."""
    properties: dict[str, Any] = algorithm.describe["input"].get("properties", {})
    payload = Payload({})
    for text in given:
        name, separator, value = text.partition("=")
        if not separator or name not in properties:
            known = ", ".join(properties)
            raise InputUnusable(
                text, "write NAME=VALUE or NAME=FILE with an input of the algorithm", f"its inputs: {known}"
            )
        path = Path(value)
        if _looks_like_file(value) and path.is_file():
            _take_file(payload, name, path)
        elif "$ref" in properties[name] and re.fullmatch(r"[^:{]*\.[A-Za-z0-9]{2,8}", value):
            raise InputUnusable(text, f"there is no file {value}", "give the path of a file that exists")
        else:
            payload.document[name] = read_text(value, properties[name])
    return payload


def call_once(algorithm: Algorithm, payload: Payload, settings: Settings, on_progress: Any = None) -> Outcome:
    """Outcome of one call in this process; raises CallFailed, or LoadFailed before it."""
    service = Service(algorithm, settings)
    service.start()
    try:
        return service.call(payload.document, payload.parts, on_progress=on_progress)
    except Exception as error:
        raise CallFailed(problem_of(error)) from error
    finally:
        service.stop()


def write_outcome(outcome: Outcome, algorithm: Algorithm, folder: Path) -> list[Path]:
    """Files written into a folder: each image with a quick-look PNG beside it, each collection, and result.json.

    result.json is the JSON answer, with `{"href": …}` in the place of what has a file of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    properties: dict[str, Any] = algorithm.describe["output"].get("properties", {})
    written: list[Path] = []
    result = dict(outcome.document)
    for pointer, image in outcome.images.items():
        stem = pointer.strip("/").replace("/", "-")
        kind = properties.get(stem, {}).get("contentMediaType", "image/tiff")
        path = folder / f"{stem}{IMAGE_TYPES.get(essence(kind), '.tif')}"
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


def _replaced(value: Any, old: str, new: Any) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(one, old, new) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_replaced(one, old, new) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return new if value == old else value


def _looks_like_file(value: str) -> bool:
    return len(value) < 4096 and "\n" not in value and "\0" not in value


def _take_file(payload: Payload, name: str, path: Path) -> None:
    if path.suffix.lower() in JSON_SUFFIXES:
        try:
            payload.document[name] = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as error:
            reason = f"not JSON: line {error.lineno}, column {error.colno}"
            raise InputUnusable(f"{name}={path}", reason, "mend the file") from None
    else:
        payload.parts[name] = Part(path.read_bytes(), None, path.name)
        payload.document[name] = f"cid:{name}"
