"""The jobs' paths as OpenAPI path items."""

from collections.abc import Mapping
from typing import Any

from swath_runtime.jobs.listing import DEFAULT_SIZE, MOST_PAGE, MOST_SIZE
from swath_runtime.jobs.record import EVENT_STREAM, STATES
from swath_runtime.operations import answer, operation, path_parameter, ref
from swath_runtime.payload import JSON
from swath_runtime.process_operation import process_operation

OF_A_POST = ("400", "413", "414", "415", "503")
ID = path_parameter("id", "The job's id.", format="uuid")
RESULT = path_parameter("rid", "The output's name; of an image in a list NAME/INDEX.")
IT: dict[str, Any] = {"200": {"description": "It.", "content": {"*/*": {}}}}
GONE = {"204": {"description": "It is gone."}}
REFERENCE = {
    "type": "object",
    "required": ["href", "relation", "type", "method", "link", "id", "status"],
    "properties": {
        "href": {"type": "string", "format": "uri-reference", "description": "Where the job's status is."},
        "relation": {"const": "status"},
        "type": {"const": JSON},
        "method": {"const": "GET"},
        "link": {"type": "string", "format": "uri-reference", "description": "The same as href."},
        "id": {"type": "string", "format": "uuid", "description": "The job's id."},
        "status": {"const": "ACCEPTED"},
    },
}
RESULTS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "_link"],
        "properties": {"id": {"type": "string", "description": "The output's name."}, "_link": ref("link@1")},
    },
}


def job_paths(describe: Mapping[str, Any], images: list[str]) -> Mapping[str, Any]:
    """The path items; that of `process` too, where the service is asynchronous."""
    found = answer("The job.", JSON, ref("job@1"))
    items: dict[str, Any] = {
        "/jobs": {"post": _post(describe, images, "createJob"), "get": _list()},
        "/jobs/{id}": {
            "get": _operation("getJob", "Where a job stands.", found),
            "delete": _operation("deleteJob", "Cancel a job, or remove one that has ended with its results.", GONE),
        },
        "/jobs/{id}/status": {
            "get": _operation("getJobStatus", "Where a job stands.", found),
        },
        "/jobs/{id}/events": {"get": _events()},
        "/jobs/{id}/results": {
            "get": _operation("getJobResults", "What a job gave.", answer("Its results.", JSON, RESULTS)),
            "delete": _operation("deleteJobResults", "Remove all results of a job.", GONE),
        },
        "/jobs/{id}/results/{rid}": {
            "get": _operation("getJobResult", "One result.", IT, RESULT),
            "delete": _operation("deleteJobResult", "Remove one result.", GONE, RESULT),
        },
    }
    return items | ({"/process": {"post": _post(describe, images, "process")}} if describe["asynchronous"] else {})


def _operation(name: str, summary: str, success: dict[str, Any], *parameters: dict[str, Any]) -> Any:
    return operation(name, summary, success, ["404", "503"], parameters=[ID, *parameters])


def _post(describe: Mapping[str, Any], images: list[str], name: str) -> Any:
    call = process_operation(describe, images)
    callback = {
        "name": "X-Callback-URL",
        "in": "header",
        "description": "Is sent the job@1 document once the job has ended, where the operator allows its host.",
        "schema": {"type": "string", "format": "uri"},
    }
    success = answer("Accepted; where its status is.", JSON, REFERENCE)
    success["200"]["headers"] = {
        "Location": {"description": "The same as href.", "schema": {"type": "string", "format": "uri-reference"}}
    }
    return operation(
        name,
        f"{call['summary']}, in the background.",
        success,
        OF_A_POST,
        description=call["description"],
        parameters=[*call["parameters"], callback],
        requestBody=call["requestBody"],
    )


def _list() -> Any:
    numbers = (("page", 1, MOST_PAGE, "Which page, from 1 on."), ("size", DEFAULT_SIZE, MOST_SIZE, "Jobs of a page."))
    parameters: list[dict[str, Any]] = [
        {
            "name": "status",
            "in": "query",
            "description": "Only jobs in one of these states.",
            "style": "form",
            "explode": False,
            "schema": {"type": "array", "items": {"enum": list(STATES)}},
        },
        *(
            {
                "name": name,
                "in": "query",
                "description": text,
                "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": default},
            }
            for name, default, most, text in numbers
        ),
        {
            "name": "until",
            "in": "query",
            "description": "Only jobs accepted until then; the links of a list name it.",
            "schema": {"type": "string", "format": "date-time"},
        },
    ]
    page = {
        "type": "object",
        "required": ["jobs", "count", "total", "_links"],
        "properties": {
            "jobs": {"type": "array", "items": ref("job@1")},
            "count": {"type": "integer", "description": "How many this page has."},
            "total": {"type": "integer", "description": "How many there are."},
            "_links": {"type": "object", "additionalProperties": ref("link@1")},
        },
    }
    return operation(
        "listJobs", "The jobs, newest first.", answer("A page.", JSON, page), ["400", "503"], parameters=parameters
    )


def _events() -> Any:
    seen = {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The last event that was heard; only later changes are told.",
        "schema": {"type": "string"},
    }
    said = "Each change as a job@1 document, until the job ends."
    success: dict[str, Any] = {
        "200": {"description": said, "content": {EVENT_STREAM: {}}}
    }  # 3.1 has no schema of events
    ended = {"204": {"description": "It has ended, and the last event was heard."}}
    return _operation("getJobEvents", "Changes of a job as server-sent events.", success | ended, seen)
