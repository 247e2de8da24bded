"""The threads that run jobs: each claims the one that waits longest, and calls the algorithm as a request would."""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Any

import orjson

from swath_runtime.jobs.bell import Bell
from swath_runtime.jobs.claims import Claims
from swath_runtime.jobs.errors import ClaimLost, LimitReached, StoreFull, StoreUnavailable
from swath_runtime.jobs.files import File
from swath_runtime.jobs.record import Job
from swath_runtime.jobs.replay import replayed
from swath_runtime.logs import Stages, correlation_id
from swath_runtime.problems import GONE, NOT_STORED, Problem, problem_document, problem_of
from swath_runtime.service import Begun, Service
from swath_runtime.tracebacks import forget_tracebacks

POLL_S = 0.5  # how often a free runner looks for jobs that other processes accepted
AGAIN_S = 1.0  # between tries where the store does not answer
HEED_S = 0.5  # for runs that were given back to end
LONGEST_MESSAGE = 500

logger = logging.getLogger(__name__)


class Run:
    """One claimed job while it runs here; how far it is, and whether it still may."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.renewed_s = time.monotonic()
        self._lost = threading.Event()
        self._progress: tuple[float, str] = (0.0, "")
        self._told = self._progress

    def report(self, fraction: float, message: str) -> None:
        """Hear how far the algorithm is, from 0 to 1; costs it nothing, whoever tells the store does so later."""
        if math.isfinite(fraction):
            self._progress = (round(float(fraction) * 100, 1), one_line(message))

    def news(self) -> tuple[float, str] | None:
        """Percent and message, where they are others than when it was last asked."""
        now = self._progress
        if now == self._told:
            return None
        self._told = now
        return now

    def lose(self) -> None:
        """Stop it: it was cancelled, or is another's now."""
        self._lost.set()

    def is_lost(self) -> bool:
        """Whether nobody wants its end any more."""
        return self._lost.is_set()


class Runners:
    """As many threads as the algorithm runs calls at once; `runs` are those in work."""

    def __init__(self, service: Service, bell: Bell, find_claims: Callable[[], Claims | None]) -> None:
        self._service, self._bell, self._find_claims = service, bell, find_claims
        self._is_ending = False
        self._gone = threading.Event()
        self._runs: set[Run] = set()
        self._changed = threading.Condition()
        self._claiming = threading.Lock()
        self._threads: list[threading.Thread] = []

    @property
    def runs(self) -> list[Run]:
        """Those in work."""
        with self._changed:
            return list(self._runs)

    def start(self) -> None:
        """Begin to claim."""
        for number in range(self._service.at_once):
            self._threads.append(threading.Thread(target=self._work, name=f"job-{number}", daemon=True))
            self._threads[-1].start()

    def end(self) -> None:
        """Let runs in work go on, and begin none."""
        self._is_ending = True
        self._bell.ring()

    def stop(self, grace_s: float) -> None:
        """Give runs in work `grace_s` seconds to end, then back to the queue."""
        self.end()
        with self._claiming:  # what was being claimed is in work now
            pass
        with self._changed:
            self._changed.wait_for(lambda: not self._runs, grace_s)
        self._gone.set()
        claims = self._find_claims()
        for run in self.runs:
            if claims:
                _within_reach(lambda run=run: claims.give_back(run.job))
            run.lose()
            logger.info("job %s was given back", run.job.id)
        until_s = time.monotonic() + HEED_S
        for thread in self._threads:
            thread.join(max(until_s - time.monotonic(), 0.0))

    def _work(self) -> None:
        while not self._is_ending:
            heard = self._bell.times
            try:
                if not self._run_next():
                    self._bell.wait(heard, POLL_S)
            except Exception:  # a thread less would be a job less at a time, for ever
                logger.exception("a runner of jobs failed; its lease will end")
                self._gone.wait(AGAIN_S)

    def _run_next(self) -> bool:
        """Whether there was a job, which has been run."""
        claims = self._find_claims()
        run = self._claimed(claims) if claims else None
        if run is None or claims is None:
            return False
        self._bell.ring()  # it is RUNNING now
        token = correlation_id.set(run.job.correlation)
        try:
            self._run(run, claims)
        finally:
            correlation_id.reset(token)
            with self._changed:
                self._runs.discard(run)
                self._changed.notify_all()
            self._bell.ring()
        return True

    def _claimed(self, claims: Claims) -> Run | None:
        with self._claiming:
            if self._is_ending or (job := _within_reach(claims.next)) is None:
                return None
            run = Run(job)
            with self._changed:
                self._runs.add(run)
            return run

    def _run(self, run: Run, claims: Claims) -> None:
        stages = Stages()
        try:
            results = self._results(run, claims, stages)
        except Exception as error:  # noqa: BLE001 - what a request would be answered, the job ends with
            status = self._fail(run, claims, error)
            forget_tracebacks(error)
        else:
            status = self._succeed(run, claims, results)
        facts = {"job": run.job.id, "status": status, "ms": stages.total_ms, **stages.took_ms}
        logger.info("job %s: %s", run.job.id, status, extra={"facts": facts})

    def _results(self, run: Run, claims: Claims, stages: Stages) -> list[File]:
        outcome = self._service.finish(self._begun(run, claims, stages), stages, run.is_lost, is_patient=True)
        with stages.time("encode"):
            pieces = self._service.answers.results_of(outcome, by_reference=bool(run.job.by_reference))
        return [File(one.name, one.kind, one.content) for one in pieces]

    def _begun(self, run: Run, claims: Claims, stages: Stages) -> Begun:
        """The call that a job asks for; what it was read from is held no longer once that is decoded."""
        with stages.time("read"):
            kept, body = self._kept(run, claims)
        with stages.time("parse"):
            payload = self._service.inputs.read(replayed(kept, body))
        return self._service.begin(payload.document, payload.parts, stages, run.report)

    def _kept(self, run: Run, claims: Claims) -> Any:
        return self._insisting(run, lambda: claims.request(run.job))

    def _succeed(self, run: Run, claims: Claims, results: list[File]) -> str:
        try:
            self._insisting(run, lambda: claims.succeed(run.job, results), may_be_full=True)
        except (ClaimLost, LimitReached, StoreFull) as error:
            return self._fail(run, claims, error)
        return "succeeded"

    def _fail(self, run: Run, claims: Claims, error: Exception) -> str:
        """What became of the job, in a word."""
        problem = _problem_of(error)
        if isinstance(error, ClaimLost) or problem.kind is GONE or run.is_lost():
            return "lost"
        if self._service.is_stopping:
            _within_reach(lambda: claims.give_back(run.job))
            return "given back"
        if problem.kind.status == 500:
            logger.error("%s: %s", problem.kind.title, problem.message, exc_info=error)
        document = failure(problem, run.job.correlation)
        try:
            return "failed" if self._insisting(run, lambda: claims.fail(run.job, document)) else "lost"
        except ClaimLost:
            return "lost"

    def _insisting(self, run: Run, step: Callable[[], Any], *, may_be_full: bool = False) -> Any:
        """What a step gives, tried until the store answers; raises ClaimLost where this process ends before.

        Of one that writes much, that the store is full is an answer: it raises StoreFull.
        """
        while True:
            try:
                return step()
            except StoreUnavailable as error:
                if may_be_full and isinstance(error, StoreFull):
                    raise
                if self._gone.wait(AGAIN_S) or run.is_lost():
                    raise ClaimLost(run.job.id) from None


def failure(problem: Problem, correlation: str) -> dict[str, Any]:
    """The error@1 document of a job that failed."""
    document = problem_document(problem, correlation)
    try:
        orjson.dumps(document)
    except orjson.JSONEncodeError:  # an algorithm's message may hold what no JSON can
        document |= {"message": one_line(problem.message), "detail": one_line(problem.message)}
    return {**document, "message": one_line(document["message"]) or problem.kind.title}


def one_line(text: str) -> str:
    """A text as a line that every database and JSON can hold, cut where it is very long."""
    whole = text[:LONGEST_MESSAGE].encode("utf-8", "replace").decode()
    return " ".join("".join(" " if ord(one) < 32 else one for one in whole).split())


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, LimitReached | StoreFull):
        return Problem(NOT_STORED, f"The results could not be kept. {error}", error.hint)
    return problem_of(error)


def _within_reach(step: Callable[[], Any]) -> Any:
    """What a step gives; None where the store does not answer."""
    try:
        return step()
    except StoreUnavailable:
        return None
