"""The outputs of a job, waited for and put together as the answer of a call would have been."""

import time
from typing import Any

import orjson
import pybase64

from swath_testing.errors import ServiceUnreachable
from swath_testing.loopback import opened

POLL_S = 0.05
LONGEST_POLL_S = 1.0
ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}
REQUEST_TIMEOUT_S = 60.0


def outputs_of_job(status_url: str, timeout_s: float) -> dict[str, Any] | str:
    """The outputs by name, images as base64; or why there are none.

    Raises ServiceUnreachable where the job doesn't end in time, and OSError or HTTPException as `opened` does.
    """
    job = _ended(status_url, timeout_s)
    if job["status"] != "SUCCEEDED":
        problem: dict[str, Any] = job.get("error", {})
        return f"{problem.get('status', job['status'])} {problem.get('message', 'the job was cancelled')}"
    outputs: dict[str, Any] = {}
    for result in orjson.loads(_get(job["_links"]["results"]["href"])):
        content, kind = _get(result["_link"]["href"]), result["_link"]["type"]
        is_json = kind in {"application/json", "application/geo+json"}
        _put(outputs, result["id"], orjson.loads(content) if is_json else pybase64.b64encode_as_string(content))
    return outputs


def _ended(url: str, timeout_s: float) -> dict[str, Any]:
    deadline_s, wait_s = time.monotonic() + timeout_s, POLL_S
    while time.monotonic() < deadline_s:
        job: dict[str, Any] = orjson.loads(_get(url))
        if job["status"] in ENDED:
            return job
        time.sleep(wait_s)
        wait_s = min(wait_s * 1.5, LONGEST_POLL_S)
    raise ServiceUnreachable(url, f"the job has not ended after {timeout_s:g} s")


def _put(outputs: dict[str, Any], name: str, value: Any) -> None:
    """An output, or what stands in one at `NAME/INDEX` or `NAME/MEMBER`, in the place of its `cid:` reference."""
    *way, last = name.split("/")
    place: Any = outputs
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    place[int(last) if isinstance(place, list) else last] = value


def _get(url: str) -> bytes:
    with opened(url, REQUEST_TIMEOUT_S) as reply:
        return reply.read()
