"""The Confluent API as routes: published types and what was registered, side by side."""

from functools import wraps

import orjson

from swath_registry_server.confluent.published import PublishedSubjects
from swath_registry_server.confluent.reading import MEDIA_TYPE, Reading
from swath_registry_server.confluent.records import Version
from swath_registry_server.confluent.store import RegisteredSubjects
from swath_registry_server.confluent.writing import Writing
from swath_registry_server.errors import Refusal
from swath_registry_server.http import Answer
from swath_registry_server.routing import Handler, Route, routes


class Both:
    """Published and registered subjects; a published type hides a registered subject of its name."""

    def __init__(self, published: PublishedSubjects, registered: RegisteredSubjects | None) -> None:
        self._published = published
        self._registered = registered

    def all(self) -> tuple[Version, ...]:
        """Every version, subjects in alphabetical order, versions oldest first."""
        registered = self._registered.all() if self._registered else ()
        shown = (version for version in registered if version.subject not in self._published)
        return tuple(sorted((*self._published.all(), *shown), key=lambda version: (version.subject, version.number)))

    def versions(self, subject: str) -> tuple[Version, ...]:
        """The versions of a subject."""
        found = self._published.versions(subject)
        return found or (self._registered.versions(subject) if self._registered else ())

    def by_id(self, id_: int) -> tuple[Version, ...]:
        """Every version with the schema of an id."""
        found = self._published.by_id(id_)
        return found or (self._registered.by_id(id_) if self._registered else ())

    def by_guid(self, guid: str) -> tuple[Version, ...]:
        """Every version with the schema of a guid."""
        found = self._published.by_guid(guid)
        return found or (self._registered.by_guid(guid) if self._registered else ())


class ConfluentApi:
    """The routes.

    Args:
        published: subjects that nobody can write to.
        registered: where to write; None: nowhere.
    """

    def __init__(self, published: PublishedSubjects, registered: RegisteredSubjects | None) -> None:
        both = Both(published, registered)
        handlers = {**Reading(both).handlers, **Writing(published, registered, both).handlers}
        handlers["GET /associations/resources/{namespace}/{name}"] = _no_associations
        self.routes: tuple[Route, ...] = routes({key: _telling(handler) for key, handler in handlers.items()})


def _no_associations(*_: object, **__: str) -> Answer:
    raise Refusal(404, "associations of subjects with topics are not kept here")


def _telling(handler: Handler) -> Handler:
    @wraps(handler)
    def answer(*arguments: object, **names: str) -> Answer:
        try:
            return handler(*arguments, **names)
        except Refusal as refusal:
            body = orjson.dumps({"error_code": refusal.code, "message": refusal.message})
            return Answer(refusal.status, body, MEDIA_TYPE, {"Cache-Control": "no-store"})

    return answer
