"""A request as it is kept for later: of its head what its body is read by, and nothing that names its caller."""

import orjson

from swath_runtime.http import Head, Request
from swath_runtime.jobs.files import File, Kept
from swath_runtime.links import API

KEPT = ("content-type", "content-encoding")


def kept_request(request: Request) -> File:
    """The file of a request."""
    head = request.head
    headers = {name: head.header(name) for name in KEPT if head.header(name)}
    return File("", head.header("content-type"), request.body, orjson.dumps([head.query, headers]).decode())


def replayed(kept: Kept, body: bytearray) -> Request:
    """The request again, as far as its input goes."""
    query, headers = orjson.loads(kept.head)
    return Request(Head("POST", f"{API}/jobs", query, headers), body)
