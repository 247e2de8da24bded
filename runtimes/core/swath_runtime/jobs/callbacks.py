"""Telling a URL that a job has ended: kept with the job, tried again and again, signed as Standard Webhooks.

Source: Standard Webhooks 1.0.0, sections on the headers, on symmetric signatures and on retries.
"""

import base64
import binascii
import hmac
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from swath_converters.access import post
from swath_converters.errors import ConversionError
from swath_converters.policy import Policy
from swath_runtime.errors import SettingInvalid
from swath_runtime.jobs.database import Database
from swath_runtime.jobs.errors import StoreUnavailable
from swath_runtime.jobs.record import COLUMNS, Job, job_document
from swath_runtime.payload import JSON
from swath_runtime.settings import Settings

POLL_S = 0.5
SEND_S = 30.0  # the longest that one try takes, whatever the settings allow a fetch
CLAIM_S = 2 * SEND_S  # after which another worker may try
FIRST_WAIT_S, FACTOR, LONGEST_WAIT_S = 1.0, 4.0, 7200.0
GIVE_UP_S = 86_400.0
GONE = 410  # of an endpoint that wants no more
SECRET = "whsec_"  # noqa: S105 - how Standard Webhooks marks a secret that is base64
LEAST_SECRET_BYTES = 24  # of Standard Webhooks

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """One try that is to be made now."""

    job: Job
    url: str
    base: str
    tries: int


class Callbacks:
    """The tries that are due, of which each is made by one worker at a time."""

    def __init__(self, database: Database, service: str) -> None:
        self._database, self._service = database, service

    def next(self) -> Due | None:
        """The next try, which nobody else makes within CLAIM_S; None where none is due."""
        with self._database.reading() as sql:
            if sql.row(f"SELECT 1 {_DUE} LIMIT 1", self._service) is None:
                return None
        with self._database.writing() as sql:
            found = sql.row(
                "UPDATE swath_job_callbacks SET tries = tries + 1, due = {now} + ? WHERE job ="
                f" (SELECT c.job {_DUE} ORDER BY c.due LIMIT 1 {{skip_locked}}) RETURNING job, url, base, tries",
                *(CLAIM_S, self._service),
            )
            row = sql.row(f"SELECT {COLUMNS} FROM swath_jobs WHERE id = ?", found[0]) if found else None
        return Due(Job(*row), *found[1:]) if found and row else None

    def done(self, due: Due) -> None:
        """Try no more."""
        with self._database.writing() as sql:
            sql.change("DELETE FROM swath_job_callbacks WHERE job = ? AND tries = ?", due.job.id, due.tries)

    def again(self, due: Due, wait_s: float) -> None:
        """Try again later."""
        with self._database.writing() as sql:
            sql.change(
                "UPDATE swath_job_callbacks SET due = {now} + ? WHERE job = ? AND tries = ?",
                *(wait_s, due.job.id, due.tries),
            )


class Caller:
    """The thread that makes the tries."""

    def __init__(self, settings: Settings, find: Callable[[], Callbacks | None]) -> None:
        self._find, self._policy = find, callback_policy(settings)
        self._secret = read_secret(settings) if settings.callback_hosts else b""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="callbacks", daemon=True)

    @property
    def policy(self) -> Policy:
        """Which URLs may be called."""
        return self._policy

    def start(self) -> None:
        """Begin, where any URL may be called."""
        if self._policy.hosts:
            self._thread.start()

    def stop(self) -> None:
        """Begin no further try; one in work is tried again later if it does not end with this process."""
        self._ended.set()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                if not self._try_next():
                    self._ended.wait(POLL_S)
            except StoreUnavailable:
                self._ended.wait(POLL_S)
            except Exception:
                logger.exception("a callback failed; it is tried again")
                self._ended.wait(POLL_S)

    def _try_next(self) -> bool:
        callbacks = self._find()
        due = callbacks.next() if callbacks else None
        if due is None or callbacks is None:
            return False
        status = self._send(due)
        if 200 <= status < 300 or status == GONE:
            callbacks.done(due)
        elif time.time() - (due.job.finished or 0) > GIVE_UP_S:
            logger.warning("the callback of job %s was given up after %d tries", due.job.id, due.tries)
            callbacks.done(due)
        else:
            callbacks.again(due, min(FIRST_WAIT_S * FACTOR ** (due.tries - 1), LONGEST_WAIT_S))
        return True

    def _send(self, due: Due) -> int:
        """Status of the answer, 0 where there was none."""
        body = orjson.dumps(job_document(due.job, due.base))
        headers = {"Content-Type": JSON} | signed(due.job.id, int(time.time()), body, self._secret)
        try:
            return post(due.url, body, headers, self._policy)
        except ConversionError as error:
            logger.warning("the callback of job %s did not arrive: %s", due.job.id, error)
            return 0


def signed(ident: str, time_s: int, body: bytes, secret: bytes) -> dict[str, str]:
    """The headers that prove who sends a message, and when."""
    digest = hmac.digest(secret, f"{ident}.{time_s}.".encode() + body, "sha256")
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": ident, "webhook-timestamp": str(time_s), "webhook-signature": signature}


def callback_policy(settings: Settings) -> Policy:
    """What may be called back; raises SettingInvalid for a host that is none."""
    try:
        return Policy(
            schemes=frozenset({"http", "https"} if settings.callback_hosts else ()),
            hosts=settings.callback_hosts,
            networks=settings.url_networks,
            connect_timeout_s=settings.fetch_connect_seconds,
            read_timeout_s=settings.fetch_read_seconds,
            fetch_timeout_s=min(settings.fetch_timeout_seconds, SEND_S),
            ca_file=Path(settings.fetch_ca_file) if settings.fetch_ca_file else None,
        )
    except ValueError as error:
        raise SettingInvalid("SWATH_CALLBACK_HOSTS", str(error)) from None


def read_secret(settings: Settings) -> bytes:
    """The key of the signatures; raises SettingInvalid where the file holds none. It is said nowhere."""
    variable = "SWATH_CALLBACK_SECRET_FILE"
    if settings.callback_secret_file == Path():
        raise SettingInvalid(variable, "is needed where SWATH_CALLBACK_HOSTS is set: callbacks are signed")
    try:
        text = settings.callback_secret_file.read_text().strip()
        key = base64.b64decode(text.removeprefix(SECRET), validate=True) if text.startswith(SECRET) else text.encode()
    except (OSError, UnicodeDecodeError, binascii.Error):
        raise SettingInvalid(variable, "can't be read, or is not whsec_ and base64") from None
    if len(key) < LEAST_SECRET_BYTES:
        raise SettingInvalid(variable, f"holds a key of less than {LEAST_SECRET_BYTES} bytes")
    return key


_DUE = (
    "FROM swath_job_callbacks c WHERE c.service = ? AND c.due <= {now}"
    " AND EXISTS (SELECT 1 FROM swath_jobs j WHERE j.id = c.job AND j.finished IS NOT NULL)"
)
