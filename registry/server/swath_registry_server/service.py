"""The whole service: what comes in, who answers it, and what every answer has."""

from collections.abc import Callable
from dataclasses import replace

from swath_registry.catalogue import Catalogue
from swath_registry_server.confluent.api import ConfluentApi
from swath_registry_server.confluent.published import PublishedSubjects
from swath_registry_server.confluent.store import RegisteredSubjects
from swath_registry_server.errors import Problem, TypeHidden
from swath_registry_server.files import Files
from swath_registry_server.http import Answer, Request, problem_answer
from swath_registry_server.judging import Judge
from swath_registry_server.routing import Handler, Router, routes

_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Location"}
_PREFLIGHT = {"Access-Control-Allow-Methods": "GET, HEAD, POST", "Access-Control-Allow-Headers": "*"}
_OPEN_TO_PAGES = frozenset({"/validate", "/match"})  # what a page of another origin may POST to: nothing that writes


class Service:
    """Answers requests.

    Args:
        catalogue: what is published.
        registered: where schemas may be registered; None: nowhere.

    Raises:
        TypeHidden: a type has the name of one of the service's own paths.
    """

    def __init__(self, catalogue: Catalogue, registered: RegisteredSubjects | None = None) -> None:
        judge = Judge(catalogue)
        confluent = ConfluentApi(PublishedSubjects(catalogue), registered)
        own: dict[str, Handler] = {
            "GET /health": _health,
            "POST /validate": judge.validate,
            "POST /match": judge.match,
        }
        self._router = Router((*routes(own), *confluent.routes))
        self._files = Files(catalogue)
        hidden = sorted(_words(self._router) & set(catalogue.store.types()))
        if hidden:
            raise TypeHidden(hidden)

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever it is; only a defect of ours raises."""
        if request.method == "OPTIONS":
            return self._options(request)
        is_head = request.method == "HEAD"
        asked = replace(request, method="GET") if is_head else request
        answer = _unchanged(asked, _caught(self._dispatch, asked))
        if asked.method == "GET" or asked.path in _OPEN_TO_PAGES:
            answer = replace(answer, headers={**answer.headers, **_CORS})
        return answer

    def _dispatch(self, request: Request) -> Answer:
        return self._router.answer(request) or self._files.answer(request)

    def _options(self, request: Request) -> Answer:
        methods = self._router.methods(request.segments) or {"GET"}
        allowed = ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))
        writes = bool(methods - {"GET"}) and request.path not in _OPEN_TO_PAGES
        preflight = {"Access-Control-Allow-Methods": "GET, HEAD"} if writes else _PREFLIGHT
        return Answer(204, b"", "", {"Allow": allowed, "Access-Control-Max-Age": "600", **_CORS, **preflight})


def _words(router: Router) -> set[str]:
    """The names that a type can't have, because its addresses would be others."""
    patterns = [route.pattern.split("/")[1:] for route in router.routes]
    below = {pattern[1] for pattern in patterns if pattern[0] == "schemas"}
    return {pattern[0] for pattern in patterns} | below | {"assets"}


def _health(_: Request) -> Answer:
    return Answer(200, b"OK", "text/plain", {"Cache-Control": "no-store"})


def _caught(dispatch: Callable[[Request], Answer], request: Request) -> Answer:
    try:
        return dispatch(request)
    except Problem as problem:
        return problem_answer(problem)


def _unchanged(request: Request, answer: Answer) -> Answer:
    """304 where the caller has it already (RFC 9110, 13.1.2)."""
    tag = answer.headers.get("ETag")
    known = request.headers.get("if-none-match", "")
    if answer.status != 200 or tag is None or not known:
        return answer
    if known.strip() != "*" and tag not in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return answer
    return replace(answer, status=304, body=b"", media_type="")
