"""What the rooms' OpenAPI operations are made of; registry types are referred to by their URI."""

from collections.abc import Iterable
from typing import Any

from swath_runtime.problems import PROBLEM_JSON
from swath_schemas import resolve

PROBLEMS = {
    "400": "The request can't be read, or its input is not what is described.",
    "401": "A token is needed, or the one that was given is not accepted.",
    "403": "The token lacks the scope that this needs, or the service does not allow it.",
    "404": "There is nothing at this path.",
    "406": "No accepted media type can hold the answer.",
    "408": "The body did not come in time.",
    "409": "What is asked for does not go with the state that the thing is in.",
    "410": "It was there, and is no more.",
    "412": "It is another by now than the condition names.",
    "413": "The request is larger than this service takes.",
    "414": "Path and query are longer than this service takes.",
    "415": "The media type of the request is not supported.",
    "422": "The input can be read but not processed.",
    "429": "The caller has as many requests in work as it may; Retry-After says when to try again.",
    "500": "The algorithm failed.",
    "503": "Not ready, busy or stopping; Retry-After says when to try again.",
    "504": "The algorithm took longer than it may.",
}
OF_A_CALL = ("400", "406", "408", "413", "414", "415", "422", "500", "503", "504")
"""Problems of what runs the algorithm."""


def operation(name: str, summary: str, success: dict[str, Any], problems: Iterable[str] = (), **more: Any) -> Any:
    """An operation.

    Args:
        name: its operationId, unique in the document.
        summary: one sentence.
        success: its responses by status, as `answer` makes one.
        problems: statuses of PROBLEMS that it may end with; any other problem is its `default`.
        more: further members, such as `parameters` and `requestBody`.
    """
    responses = {**success, **problem_responses(problems)}
    return {"operationId": name, "summary": summary, **more, "responses": responses}


def answer(description: str, kind: str, schema: dict[str, Any], status: str = "200") -> dict[str, Any]:
    """Responses of one success: a status with one media type."""
    return {status: {"description": description, "content": {kind: {"schema": schema}}}}


def problem_responses(statuses: Iterable[str]) -> dict[str, Any]:
    """Responses of these statuses, and of all others by `default`."""
    named = {one: _problem(PROBLEMS[one], int(one)) for one in statuses}
    return {**named, "default": _problem("Any other problem.", 500)}


def ref(name: str) -> dict[str, Any]:
    """A schema that refers to a registry type, such as `error@1`."""
    return {"$ref": resolve(name).uri}


def path_parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """A parameter of the path, text unless the schema says otherwise."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", **schema},
    }


def _problem(description: str, status: int) -> dict[str, Any]:
    example = {
        "type": "about:blank",
        "title": description,
        "status": status,
        "message": description,
        "correlationId": "5f0c954e-3f1c-4d0a-9d27-6e3d6a8b1a53",
        "timestamp": "2026-01-31T12:00:00.000Z",
    }
    return {"description": description, "content": {PROBLEM_JSON: {"schema": ref("error@1"), "example": example}}}
