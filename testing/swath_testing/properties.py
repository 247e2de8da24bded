"""Generated inputs, sent and judged: no 5xx, problems as documents, outputs as described, the same again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import orjson
import pybase64

from swath_algorithm.cases import INPUT, case_folders, read_case
from swath_algorithm.folder import Algorithm
from swath_converters import Image
from swath_registry.validation import Validator
from swath_runtime.conversion import compile_schema
from swath_testing.compare import compare
from swath_testing.errors import ServiceUnreachable
from swath_testing.generate import Generator, Known
from swath_testing.invented import BROKEN
from swath_testing.report import Evidence, Report, Result
from swath_testing.run import Call, CallRefused, inlined, open_call, readable
from swath_testing.tolerances import Tolerance

WHY, REQUEST = "why.txt", "request.json"
MOST_WRITTEN = 20  # failures that are kept: whoever has more mends these first


def run_properties(
    algorithm: Algorithm,
    report: Report,
    base_url: str | None,
    profile: str,
    *,
    count: int,
    seed: int,
    failures: Path,
) -> Report:
    """The report with what came of `count` generated inputs: one line for those that passed, one for each that failed.

    An input that its schema refuses must be answered by a problem with a 4xx; another by outputs that fit their schema,
    the same when asked again within the examples' tolerances, or by a problem with a 4xx too. A failure is written into
    a folder below `failures`.
    """
    generator = Generator(algorithm.describe, _known(algorithm), seed)
    node = compile_schema(algorithm.describe["output"])
    judge = _Judge(algorithm)
    failed: list[Result] = []
    began = perf_counter()
    with open_call(algorithm, node, base_url, profile, judge.require_valid_output) as call:
        for index in range(count):
            document = generator.document()
            found, is_over = judge.judge(call, document)
            if not found:
                continue
            name = f"property-{seed}-{index}"
            if len(failed) < MOST_WRITTEN:
                found.append(f"written to {_keep(failures / f'{algorithm.name}-{name}', document, found, judge)}")
            failed.append(Result(name, tuple(found), 0.0, _evidence(algorithm, document)))
            if is_over:
                break
    told = ", ".join(f"{number} {kind}" for kind, number in sorted(judge.counts.items()))
    passed = Result(
        f"{count - len(failed)} of {count} generated inputs, seed {seed} ({told})", (), perf_counter() - began
    )
    return replace(report, generated=(*([passed] if len(failed) < count else []), *failed))


class _Judge:
    """Holds what an answer must be, and counts the kinds of answers."""

    def __init__(self, algorithm: Algorithm) -> None:
        output: dict[str, Any] = algorithm.describe["output"]
        self.input = Validator(algorithm.describe["input"])
        self._output = Validator({key: value for key, value in output.items() if key != "content"})
        self._tolerances = _tolerances(algorithm)
        self.counts: Counter[str] = Counter()

    def require_valid_output(self, answer: dict[str, Any]) -> None:
        """Raise CallRefused where a JSON answer does not fit the output's schema."""
        if violations := self._output.violations(answer):
            first = violations[0]
            message = f"200, but the output {first.pointer or 'document'} is not what is described: {first.message}"
            raise CallRefused(message, 200)

    def judge(self, call: Call, document: dict[str, Any]) -> tuple[list[str], bool]:
        """What is wrong with the answer to a document, and whether nobody can be asked any more."""
        sent = wire(document)
        must_fail = not self.input.is_valid(sent) or any(_is_broken(one) for one in document.values())
        try:
            first = call(sent)
            again = None if must_fail else call(sent)
        except CallRefused as refused:
            return self._refused(refused), False
        except ServiceUnreachable as error:
            return [f"no answer: {error}"], True
        except Exception as error:  # noqa: BLE001 - in process a mistake of the core's is what a server answers by 500
            return [f"500 {type(error).__name__}: {error}"], False
        if again is None:
            return [
                "200 for an input that its schema or its file's format refuses: a problem with a 4xx expected"
            ], False
        self.counts["answered"] += 1
        return self._changed(first, again), False

    def _refused(self, refused: CallRefused) -> list[str]:
        if not 400 <= refused.status < 500:
            return [str(refused)]
        if not refused.is_problem:
            return [f"{refused}: the answer is no problem document"]
        self.counts[f"refused by {refused.status}"] += 1
        return []

    def _changed(self, first: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
        names = dict.fromkeys((*first, *again))
        found = [
            one
            for name in names
            for one in compare(first.get(name), again.get(name), self._tolerances.get(name, {}), name)
        ]
        return [f"another answer to the same input: {one}" for one in found]


def wire(value: Any) -> Any:
    """A document with its files as base64."""
    if isinstance(value, bytes):
        return pybase64.b64encode_as_string(value)
    if isinstance(value, dict):
        return {key: wire(one) for key, one in cast(dict[str, Any], value).items()}
    return [wire(one) for one in cast(list[Any], value)] if isinstance(value, list) else value


def _known(algorithm: Algorithm) -> Known:
    node = compile_schema(algorithm.describe["input"])
    documents = [inlined(read_case(one)) for one in case_folders(algorithm.folder)]
    images: dict[str, list[Image]] = {}
    for document in documents:
        for name, value in readable(node, document).items():
            images.setdefault(name, []).extend([value] if isinstance(value, Image) else [])
    return Known(documents, images)


def _tolerances(algorithm: Algorithm) -> Mapping[str, Tolerance]:
    """The first tolerance that an example has for each output: as exactly as that an answer must come again."""
    found: dict[str, Tolerance] = {}
    for one in case_folders(algorithm.folder):
        for name, tolerance in read_case(one).tolerances.items():
            found.setdefault(name, tolerance)
    return found


def _is_broken(value: Any) -> bool:
    return isinstance(value, bytes) and value in BROKEN


def _keep(folder: Path, document: dict[str, Any], found: list[str], judge: _Judge) -> Path:
    """The folder that the document is written into: an example, or a request where no example may be so wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: value for name, value in document.items() if isinstance(value, bytes)}
    is_example = judge.input.is_valid(wire(document))
    advice = "put this folder under examples/ to see it again" if is_example else "POST request.json to api/v1/process"
    if is_example:
        for name, content in files.items():
            (folder / f"{name}.tif").write_bytes(content)
        shown = {name: {"href": f"{name}.tif"} if name in files else value for name, value in document.items()}
    else:
        shown = document
    path = folder / (INPUT if is_example else REQUEST)
    path.write_bytes(orjson.dumps(wire(shown), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    (folder / WHY).write_text("\n".join([*found, advice, ""]), encoding="utf-8")
    return folder


def _evidence(algorithm: Algorithm, document: dict[str, Any]) -> Evidence:
    return Evidence(readable(compile_schema(algorithm.describe["input"]), wire(document)), None, None)
