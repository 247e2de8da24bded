"""The algorithm's own configuration: what describe.yml starts it with, or what it was changed to since."""

import fcntl
import json
import logging
import os
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from swath_algorithm.defaults import fill_defaults
from swath_registry.validation import Validator, Violation
from swath_runtime.settings import Settings
from swath_runtime.state import state_folder
from swath_runtime.watched import Stamp, stamp_of

FILE, LOCK = "config.json", "config.lock"

logger = logging.getLogger(__name__)


class ConfigInvalid(Exception):
    """A configuration that does not fit `configSchema`; `violations` say where."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(f"{violations[0].pointer or 'the configuration'}: {violations[0].message}")
        self.violations = violations


class Configuration:
    """A configuration that may change.

    It is what `describe.yml` says, until `keep_for` names a service: then what lies in its folder counts, for every
    process that looks there, from its next call on.
    """

    def __init__(self, describe: Mapping[str, Any]) -> None:
        self.schema: dict[str, Any] | None = describe.get("configSchema")
        self._validator = Validator(self.schema) if self.schema else None
        self._initial = self._completed(describe.get("config", {}))
        self._value = self._initial
        self._folder: Path | None = None
        self._stamp: Stamp | None = None

    def keep_for(self, settings: Settings, name: str) -> None:
        """Let what lies in a service's state folder count, now and whenever it changes, if it can be changed at all.

        Raises StateUnusable.
        """
        if self.schema:
            self._folder = state_folder(settings, name)

    @property
    def value(self) -> dict[str, Any]:
        """The configuration as it is now, defaults filled in; not to be changed."""
        if self._folder is None:
            return self._value
        path = self._folder / FILE
        stamp = stamp_of(path)
        if stamp != self._stamp:
            self._value = self._read(path) if stamp else self._initial
            self._stamp = stamp  # of before the reading: what changes meanwhile is seen next time
        return self._value

    @property
    def tag(self) -> str:
        """A strong entity tag of the configuration as it is now."""
        return tag_of(self.value)

    def change(self, document: dict[str, Any], allow: Callable[[str], None]) -> dict[str, Any]:
        """The configuration, changed to the document for all processes and later starts.

        `allow` is told the tag of what it replaces while nobody else can change it, and may raise.
        Raises ConfigInvalid, or OSError where it can't be written.
        """
        if self._folder is None:
            raise RuntimeError("keep_for was never called")
        completed = self._completed(document)
        if violations := self._violations(completed):
            raise ConfigInvalid(violations)
        with _locked(self._folder / LOCK):
            allow(self.tag)
            _replace(self._folder / FILE, completed)
        return self.value

    def _completed(self, document: dict[str, Any]) -> dict[str, Any]:
        return fill_defaults(document, self.schema or {})

    def _violations(self, document: dict[str, Any]) -> Sequence[Violation]:
        return self._validator.violations(document) if self._validator else ()

    def _read(self, path: Path) -> dict[str, Any]:
        """What lies there; the initial configuration where that is none, such as one of another version's schema."""
        try:
            document: Any = json.loads(path.read_bytes())
            if not isinstance(document, dict):
                raise ValueError("it is no object")  # noqa: TRY301, TRY004
            completed = self._completed(document)  # pyright: ignore[reportUnknownArgumentType]
            if violations := self._violations(completed):
                raise ConfigInvalid(violations)  # noqa: TRY301
        except (OSError, ValueError, ConfigInvalid) as error:
            logger.error("%s is not used, the configuration of describe.yml is: %s", path, error)  # noqa: TRY400
            return self._initial
        return completed


def tag_of(value: Mapping[str, Any]) -> str:
    """The entity tag of a configuration: the same for the same members, in whatever order."""
    return f'"{sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]}"'


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Alone among all processes that come here."""
    with path.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, document: Mapping[str, Any]) -> None:
    """Write whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(json.dumps(document, indent=2).encode())
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
