"""The tables that jobs are kept in. Requests and results lie in chunks of their own, which no list reads."""

from swath_runtime.jobs.database import Database
from swath_runtime.jobs.errors import StoreUnavailable

VERSION = 1  # of these tables; counted up when one changes

TABLES = (
    "CREATE TABLE IF NOT EXISTS swath_job_tables (version INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS swath_jobs (
        number {number},                    -- the order in which they were accepted
        id TEXT NOT NULL UNIQUE,
        service TEXT NOT NULL,              -- whose runners may take it: the algorithm's name
        process TEXT NOT NULL,              -- name@version that accepted it, then that runs it
        owner TEXT NOT NULL,                -- whose it is; empty where callers have no identity
        status TEXT NOT NULL,
        progress {real},                    -- percent
        message TEXT,
        error TEXT,                         -- error@1 as JSON, of one that failed
        created {real} NOT NULL,            -- seconds since 1970, by the database's clock, as all times here
        started {real},
        updated {real} NOT NULL,
        finished {real},
        changes INTEGER NOT NULL,           -- how often what a caller sees has changed: the id of events
        correlation TEXT NOT NULL,
        by_reference INTEGER NOT NULL,      -- 1 where images are put below SWATH_OUTPUT_PREFIXES
        attempts INTEGER NOT NULL,          -- begun, and not given back
        claim INTEGER NOT NULL,             -- how often it was claimed: who holds the last may write
        runner TEXT NOT NULL,               -- the process that has claimed it
        lease {real} NOT NULL               -- until when nobody else may, unless that process is known to be dead
    )""",
    "CREATE INDEX IF NOT EXISTS swath_jobs_by_status ON swath_jobs (service, status, number)",
    "CREATE INDEX IF NOT EXISTS swath_jobs_by_owner ON swath_jobs (service, owner, number)",
    "CREATE INDEX IF NOT EXISTS swath_jobs_by_end ON swath_jobs (service, finished)",
    """CREATE TABLE IF NOT EXISTS swath_job_files (
        file TEXT PRIMARY KEY,
        job TEXT NOT NULL,
        service TEXT NOT NULL,
        claim INTEGER NOT NULL,             -- which wrote it
        position INTEGER NOT NULL,          -- 0: the request; from 1: results, in order
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        head TEXT NOT NULL,                 -- of a request: what else of its head counts, as JSON
        size_bytes BIGINT NOT NULL,
        is_whole INTEGER NOT NULL,          -- 0 while it is written: it counts, and nobody sees it
        writer TEXT NOT NULL,
        since {real} NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS swath_job_files_by_job ON swath_job_files (job, position)",
    "CREATE INDEX IF NOT EXISTS swath_job_files_by_size ON swath_job_files (service, size_bytes)",
    "CREATE INDEX IF NOT EXISTS swath_job_files_unfinished ON swath_job_files (since) WHERE is_whole = 0",
    """CREATE TABLE IF NOT EXISTS swath_job_chunks (
        file TEXT NOT NULL REFERENCES swath_job_files (file) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        content {blob} NOT NULL,
        PRIMARY KEY (file, position)
    )""",
    """CREATE TABLE IF NOT EXISTS swath_job_callbacks (
        job TEXT PRIMARY KEY,
        service TEXT NOT NULL,
        url TEXT NOT NULL,
        base TEXT NOT NULL,                 -- of the links in what is sent
        tries INTEGER NOT NULL,
        due {real} NOT NULL                 -- when the next one may begin; while one is under way, when it must be over
    )""",
)


def prepare(database: Database) -> None:
    """Make the tables where they are not; raises StoreUnavailable where they are of another version."""
    with database.writing() as sql:
        sql.alone()
        for table in TABLES:
            sql.change(table)
        found = sql.row("SELECT version FROM swath_job_tables")
        if found is None:
            sql.change("INSERT INTO swath_job_tables (version) VALUES (?)", VERSION)
            for statement in database.dialect.preparation:
                sql.change(statement)
        elif found[0] != VERSION:
            hint = f"This Swath keeps version {VERSION}: name another SWATH_JOBS or SWATH_STATE_FOLDER."
            raise StoreUnavailable(f"The tables of jobs are of version {found[0]}.", hint)
