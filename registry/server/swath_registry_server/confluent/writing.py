"""The half of the Confluent API that judges and writes: registering, deleting, levels, modes."""

from collections.abc import Mapping, Sequence

from swath_registry_server.confluent.compatibility import Level, check_schema, objections
from swath_registry_server.confluent.published import PublishedSubjects
from swath_registry_server.confluent.reading import find, live, told, users
from swath_registry_server.confluent.records import Schema, Subjects, Version
from swath_registry_server.confluent.requests import check_subject, object_in, schema_in
from swath_registry_server.confluent.store import RegisteredSubjects
from swath_registry_server.errors import Refusal
from swath_registry_server.http import Answer, Request
from swath_registry_server.routing import Handler

_DEFAULT = Level.BACKWARD
_READ_ONLY = 42205


class Writing:
    """Handlers that judge schemas, and those that keep them.

    Args:
        published: subjects that nobody can write to.
        registered: where to write; None: nowhere.
        subjects: everything that can be read.
    """

    def __init__(self, published: PublishedSubjects, registered: RegisteredSubjects | None, subjects: Subjects) -> None:
        self._published = published
        self._registered = registered
        self._subjects = subjects
        self._store = published.catalogue.store

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By method and pattern."""
        return {
            "POST /subjects/{subject}/versions": self.register,
            "DELETE /subjects/{subject}": self.delete_subject,
            "DELETE /subjects/{subject}/versions/{version}": self.delete_version,
            "POST /compatibility/subjects/{subject}/versions": self.test_all,
            "POST /compatibility/subjects/{subject}/versions/{version}": self.test_one,
            "GET /config": self.config,
            "PUT /config": self.set_config,
            "DELETE /config": self.delete_config,
            "GET /config/{subject}": self.config,
            "PUT /config/{subject}": self.set_config,
            "DELETE /config/{subject}": self.delete_config,
            "GET /mode": self.mode,
            "GET /mode/{subject}": self.mode,
            "PUT /mode": self.set_mode,
            "PUT /mode/{subject}": self.set_mode,
            "DELETE /mode/{subject}": self.set_mode,
        }

    def register(self, request: Request, subject: str) -> Answer:
        """Register a schema under a subject, unless it is there already or may not follow those before."""
        store = self._writable(subject)
        check_subject(subject)
        schema = schema_in(request)
        check_schema(schema, self._subjects, self._store)
        level = self._level(subject)

        def judge(versions: Sequence[Version]) -> None:
            found = list(self._objections(level, level.concerns(versions), schema))
            if found:
                raise Refusal(409, f"incompatible with an earlier schema of {subject!r} ({level}): {'; '.join(found)}")

        return told(store.register(subject, schema, judge).as_json())

    def delete_subject(self, request: Request, subject: str) -> Answer:
        """Delete every version of a subject: softly, or for good once that was done."""
        store, for_good = self._writable(subject), request.flag("permanent")
        versions = live(store, subject, deleted=for_good)
        if for_good and not all(version.is_deleted for version in versions):
            raise Refusal(40405, f"subject {subject!r} was not deleted softly before")
        self._delete(store, versions, for_good)
        return told([version.number for version in versions])

    def delete_version(self, request: Request, subject: str, version: str) -> Answer:
        """Delete one version: softly, or for good once that was done."""
        store, for_good = self._writable(subject), request.flag("permanent")
        found = find(store, subject, version, deleted=for_good)
        if for_good and not found.is_deleted:
            raise Refusal(40407, f"version {found.number} of {subject!r} was not deleted softly before")
        self._delete(store, [found], for_good)
        return told(found.number)

    def test_all(self, request: Request, subject: str) -> Answer:
        """Whether a schema could be registered under a subject."""
        level = self._level(subject)
        return self._tested(request, level, level.concerns(live(self._subjects, subject)))

    def test_one(self, request: Request, subject: str, version: str) -> Answer:
        """Whether a schema could follow one version."""
        return self._tested(request, self._level(subject), [find(self._subjects, subject, version)])

    def config(self, request: Request, subject: str = "") -> Answer:
        """The level of a subject, where one is set, or of all."""
        level = self._set_level(subject)
        if level is None and subject and not request.flag("defaultToGlobal"):
            raise Refusal(40408, f"subject {subject!r} has no level of its own")
        return told({"compatibilityLevel": level or self._set_level("") or _DEFAULT})

    def set_config(self, request: Request, subject: str = "") -> Answer:
        """Set the level of a subject, or of all."""
        store = self._writable(subject)
        body = object_in(request)
        unknown = sorted(key for key, value in body.items() if key != "compatibility" and value is not None)
        if unknown:
            raise Refusal(42203, f"only `compatibility` can be set here, not {', '.join(unknown)}")
        wanted = body.get("compatibility")
        level = wanted.upper() if isinstance(wanted, str) else ""
        if level not in set(Level):
            raise Refusal(42203, f"the level must be one of {', '.join(Level)}")
        store.set_level(subject, level)
        return told({"compatibility": level})

    def delete_config(self, request: Request, subject: str = "") -> Answer:
        """Take a level back; tells what it was."""
        store = self._writable(subject)
        level = store.level(subject)
        if level is None and subject:
            raise Refusal(40408, f"subject {subject!r} has no level of its own")
        store.set_level(subject, None)
        return told({"compatibilityLevel": level or _DEFAULT})

    def mode(self, request: Request, subject: str = "") -> Answer:
        """Whether a subject, or any, can be written to."""
        is_writable = self._registered is not None and subject not in self._published
        return told({"mode": "READWRITE" if is_writable else "READONLY"})

    def set_mode(self, request: Request, subject: str = "") -> Answer:
        """Refused: the mode is chosen when the server is started."""
        raise Refusal(_READ_ONLY, "the mode is chosen when the server is started (--writable)")

    def _writable(self, subject: str) -> RegisteredSubjects:
        if self._registered is None:
            raise Refusal(_READ_ONLY, "this registry is read-only; start it with --writable to register schemas")
        if subject in self._published:
            raise Refusal(_READ_ONLY, f"{subject!r} is a published type; `swath registry publish` adds its versions")
        return self._registered

    def _set_level(self, subject: str) -> Level | None:
        found = self._registered.level(subject) if self._registered else None
        return Level(found) if found else None

    def _level(self, subject: str) -> Level:
        return self._set_level(subject) or self._set_level("") or _DEFAULT

    def _objections(self, level: Level, versions: Sequence[Version], schema: Schema) -> list[str]:
        return list(objections(level, versions, schema, self._subjects, self._store))

    def _tested(self, request: Request, level: Level, versions: Sequence[Version]) -> Answer:
        schema = schema_in(request)
        check_schema(schema, self._subjects, self._store)
        found = self._objections(level, versions, schema)
        answer = {"is_compatible": not found}
        return told(answer | ({"messages": found} if request.flag("verbose") else {}))

    def _delete(self, store: RegisteredSubjects, versions: Sequence[Version], for_good: bool) -> None:
        for version in versions:
            others = {(each.subject, each.number) for each in users(self._subjects, version) if not each.is_deleted}
            if others - {(each.subject, each.number) for each in versions}:
                raise Refusal(42206, f"version {version.number} of {version.subject!r} is referred to by others")
        store.delete(versions[0].subject, [version.number for version in versions], for_good=for_good)
