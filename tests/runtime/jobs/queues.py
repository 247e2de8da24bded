"""A queue of jobs, with the claims of any process on it."""

import os
import uuid

from swath_runtime.jobs.claims import Claims
from swath_runtime.jobs.files import CHUNK_BYTES, STEP_CHUNKS, File
from swath_runtime.jobs.owners import own_identity
from swath_runtime.jobs.store import Limits, NewJob, Store
from swath_runtime.jobs.tables import prepare

DEAD = f"{own_identity().split('/')[0]}/1/0"  # process 1 did not begin at 0
BIG = os.urandom(CHUNK_BYTES * (STEP_CHUNKS + 1) + 5)


class Queue:
    """A store and the claims of several processes on it."""

    def __init__(self, database, most_waiting=100, most_bytes=1 << 40):
        prepare(database)
        self.database, self.service = database, f"service-{uuid.uuid4()}"
        self.most_bytes = most_bytes
        self.store = Store(database, self.service, Limits(most_waiting, most_bytes), own_identity())
        self.claims = self.claims_of(own_identity())

    def claims_of(self, runner):
        return Claims(self.database, self.service, "a@1.0.0", runner, self.most_bytes)

    def accept(self, content=b"{}", **facts):
        ident = str(uuid.uuid4())
        self.store.accept(
            NewJob(ident, "a@1.0.0", facts.pop("owner", ""), "c", **facts), File("", "text/plain", content)
        )
        return ident

    def status(self, ident, owner=""):
        found = self.store.job(ident, owner)
        return found.status if found else None

    def succeed(self, *results):
        job = self.claims.next()
        self.claims.succeed(job, [File(f"r{n}", "text/plain", one) for n, one in enumerate(results)])
        return job.id

    def rows(self, statement, *values):
        with self.database.reading() as sql:
            return sql.rows(statement, *values)

    def change(self, statement, *values):
        with self.database.writing() as sql:
            return sql.change(statement, *values)
