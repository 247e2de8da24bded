"""The reading half of the Confluent API: subjects, versions, schemas by id."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

from swath_registry_server.confluent.records import Subjects, Version
from swath_registry_server.confluent.requests import schema_in
from swath_registry_server.errors import Refusal
from swath_registry_server.http import Answer, Request, json_answer
from swath_registry_server.routing import Handler

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"

_T = TypeVar("_T")


class Reading:
    """Handlers that change nothing.

    Args:
        subjects: everything that can be read.
    """

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By method and pattern."""
        return {
            "GET /subjects": self.list_subjects,
            "POST /subjects/{subject}": self.look_up,
            "GET /subjects/{subject}/versions": self.list_versions,
            "GET /subjects/{subject}/versions/{version}": self.version,
            "GET /subjects/{subject}/versions/{version}/schema": self.version_text,
            "GET /subjects/{subject}/versions/{version}/referencedby": self.referenced_by,
            "GET /subjects/{subject}/metadata": self.with_metadata,
            "GET /schemas/types": self.types,
            "GET /schemas/ids/{id_}": self.schema,
            "GET /schemas/ids/{id_}/schema": self.schema_text,
            "GET /schemas/ids/{id_}/subjects": self.subjects_of,
            "GET /schemas/ids/{id_}/versions": self.versions_of,
            "GET /schemas/guids/{guid}": self.by_guid,
            "GET /contexts": self.contexts,
        }

    def list_subjects(self, request: Request) -> Answer:
        """Names of subjects that have a version; with `deleted`, of all; with `deleted_only`, of the others."""
        prefix = request.parameter("subjectPrefix").removeprefix(":*:")
        is_deleted: dict[str, bool] = {}
        for version in self._subjects.all():
            is_deleted[version.subject] = version.is_deleted and is_deleted.get(version.subject, True)
        found = (name for name, deleted in is_deleted.items() if _wanted(request, deleted) and name.startswith(prefix))
        return told(_page(request, found))

    def look_up(self, request: Request, subject: str) -> Answer:
        """The version of a schema under a subject."""
        schema = schema_in(request)
        for version in live(self._subjects, subject, deleted=request.flag("deleted")):
            if (version.schema.guid == schema.guid) or (schema.metadata is None and _same(version, schema.guid)):
                return told(version.as_json())
        raise Refusal(40403, "schema not found")

    def list_versions(self, request: Request, subject: str) -> Answer:
        """Numbers of a subject's versions."""
        known = _known(self._subjects, subject)
        found = [each.number for each in known if _wanted(request, each.is_deleted)]
        if not found:
            raise Refusal(40401, f"subject {subject!r} not found")
        return told(_page(request, found))

    def version(self, request: Request, subject: str, version: str) -> Answer:
        """One version of a subject, `latest` or -1 the newest."""
        return told(find(self._subjects, subject, version, deleted=request.flag("deleted")).as_json())

    def version_text(self, request: Request, subject: str, version: str) -> Answer:
        """The schema alone."""
        found = find(self._subjects, subject, version, deleted=request.flag("deleted"))
        return _text(found.schema.text)

    def referenced_by(self, request: Request, subject: str, version: str) -> Answer:
        """Ids of the schemas that refer to a version."""
        found = find(self._subjects, subject, version, deleted=True)
        return told(sorted({each.id for each in users(self._subjects, found) if not each.is_deleted}))

    def with_metadata(self, request: Request, subject: str) -> Answer:
        """The newest version whose metadata has the properties."""
        parameters = request.parameters
        sent = dict(zip(parameters.get("key", []), parameters.get("value", []), strict=False))
        again = {unquote(key): unquote(value) for key, value in sent.items()}  # confluent-kafka encodes twice
        versions = live(self._subjects, subject, deleted=request.flag("deleted"))
        for version in reversed(versions):
            if any(wanted.items() <= version.schema.properties.items() for wanted in (sent, again)):
                return told(version.as_json())
        raise Refusal(40402, "no version has these properties")

    def schema(self, request: Request, id_: str) -> Answer:
        """A schema by its id; with `subject`, told as its version there."""
        subject = request.parameter("subject")
        versions = self._by_id(id_)
        for version in versions:
            if version.subject == subject:
                return told(version.as_json())
        return told(versions[0].schema.as_json())

    def schema_text(self, request: Request, id_: str) -> Answer:
        """The schema alone."""
        return _text(self._by_id(id_)[0].schema.text)

    def subjects_of(self, request: Request, id_: str) -> Answer:
        """Subjects that a schema is registered under."""
        return told(_page(request, [each.subject for each in self._places(request, id_)]))

    def versions_of(self, request: Request, id_: str) -> Answer:
        """Subjects and versions that a schema is registered as."""
        places = self._places(request, id_)
        return told(_page(request, [{"subject": each.subject, "version": each.number} for each in places]))

    def by_guid(self, request: Request, guid: str) -> Answer:
        """A schema by its guid."""
        versions = self._subjects.by_guid(guid)
        if not versions:
            raise Refusal(40403, f"schema {guid} not found")
        return told(versions[0].schema.as_json())

    def types(self, _: Request) -> Answer:
        """The kinds of schema that are kept here."""
        return told(["JSON"])

    def contexts(self, request: Request) -> Answer:
        """There is one, without a name."""
        return told(_page(request, ["."]))

    def _places(self, request: Request, id_: str) -> list[Version]:
        subject = request.parameter("subject")
        found = (each for each in self._by_id(id_) if request.flag("deleted") or not each.is_deleted)
        return [each for each in found if not subject or each.subject == subject]

    def _by_id(self, id_: str) -> tuple[Version, ...]:
        versions = self._subjects.by_id(int(id_)) if id_.isascii() and id_.isdecimal() and len(id_) < 19 else ()
        if not versions:
            raise Refusal(40403, f"schema {id_} not found")
        return versions


def told(value: Any) -> Answer:
    """A value as the API tells it."""
    return json_answer(value, media_type=MEDIA_TYPE)


def live(subjects: Subjects, subject: str, *, deleted: bool = False) -> Sequence[Version]:
    """The versions of a subject that aren't deleted, or all. Raises Refusal (40401) where there is none."""
    found = [version for version in _known(subjects, subject) if deleted or not version.is_deleted]
    if not found:
        raise Refusal(40401, f"subject {subject!r} not found")
    return found


def find(subjects: Subjects, subject: str, version: str, *, deleted: bool = False) -> Version:
    """One version, `latest` or -1 the newest. Raises Refusal (40401, 40402, 42202)."""
    versions = live(subjects, subject, deleted=deleted)
    if version in {"latest", "-1"}:
        return versions[-1]
    if not (version.isascii() and version.isdecimal()) or int(version[:9]) == 0 or len(version) > 9:
        raise Refusal(42202, f"the version must be a whole number from 1, or latest; not {version[:40]!r}")
    for each in versions:
        if each.number == int(version):
            return each
    raise Refusal(40402, f"version {version} of {subject!r} not found")


def users(subjects: Subjects, target: Version) -> list[Version]:
    """The versions that refer to one."""
    return [
        version
        for version in subjects.all()
        if any((each.subject, each.version) == (target.subject, target.number) for each in version.schema.references)
    ]


def _known(subjects: Subjects, subject: str) -> tuple[Version, ...]:
    versions = subjects.versions(subject)
    if not versions:
        raise Refusal(40401, f"subject {subject!r} not found")
    return versions


def _wanted(request: Request, is_deleted: bool) -> bool:
    if request.flag("deleted_only") or request.flag("deletedOnly"):
        return is_deleted
    return not is_deleted or request.flag("deleted")


def _page(request: Request, found: Iterable[_T]) -> list[_T]:
    offset, limit = request.number("offset", 0), request.number("limit", -1)
    rest = list(found)[max(offset, 0) :]
    return rest if limit < 0 else rest[:limit]


def _same(version: Version, guid: str) -> bool:
    bare = type(version.schema)(version.schema.text, version.schema.references)
    return bare.guid == guid


def _text(schema: str) -> Answer:
    return Answer(200, schema.encode(), MEDIA_TYPE, {"Cache-Control": "no-store"})
