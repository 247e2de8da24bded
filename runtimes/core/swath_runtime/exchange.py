"""One request, from its head to its answer: taken in, answered, counted and logged."""

import contextvars
import logging
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from swath_runtime.asked import Asked, never
from swath_runtime.auth.principal import Principal
from swath_runtime.auth.refusing import KeysNeeded
from swath_runtime.http import Buffer, Head, Reply, Request
from swath_runtime.intake import Intake
from swath_runtime.logs import Stages, access, correlation_id
from swath_runtime.metrics.meter import Answered
from swath_runtime.pace import Pace
from swath_runtime.problems import TOO_SLOW, Problem, problem_of, problem_reply, stopping
from swath_runtime.tracebacks import forget_tracebacks
from swath_runtime.tracing import Trace

if TYPE_CHECKING:
    from swath_runtime.routes import Router

CORRELATION = re.compile(r"[\x21-\x7e]{1,128}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context
SERVER_ERROR = 500
NO_CONTENT = 204
PLAIN = "/:@!$&'()*+,;=~"  # what a path may hold besides letters and digits; a line break would forge a log line
SAFE = ("GET", "HEAD", "OPTIONS")  # are answered to the last, for they begin nothing

logger = logging.getLogger("swath_runtime.routes")


class AnsweredEarly(Exception):
    """The caller has been answered already, by `early`: there is nothing to send."""


@dataclass(frozen=True)
class Answer:
    """A reply, and the problem that it tells, with the error which that came of."""

    reply: Reply
    problem: Problem | None = None
    error: Exception | None = None

    @property
    def problem_name(self) -> str:
        """Of its kind; empty where there is none."""
        return self.problem.kind.name if self.problem else ""


class Exchange:
    """One request while it comes in: feed it the body, then take the reply, and leave once that is sent.

    Made from the head alone, so that a body which is not wanted need not be held.

    Attributes:
        is_refused: whether reading on is of no use.
        pace: how slowly the body may come.
    """

    is_refused = False

    def __init__(self, router: "Router", head: Head) -> None:
        self._router, self._head = router, head
        self._stages = Stages()
        self._answering = threading.Lock()  # taken by whoever answers, and kept: there is one answer
        self._is_late, self._has_left = router.visits.enter(), False
        router.meter.in_work(1)
        self._refusal: Problem | None = None
        self._principal: Principal | None = None
        try:
            if self._is_late and head.method not in SAFE:
                self._refusal = stopping()
            else:
                self._principal = router.admit(head)
        except KeysNeeded:
            pass  # the network is waited for in `reply`, off the event loop
        except Problem as refusal:
            self._refusal = refusal
        self.pace = Pace(router.service.settings.body_timeout_seconds)
        self._intake = Intake(head, 0 if self._refusal else router.service.settings.max_body_bytes)

    def __enter__(self) -> "Exchange":
        return self

    def __exit__(self, *error: object) -> None:
        self.leave()

    @property
    def is_light(self) -> bool:
        """Whether the answer takes no time at all, so that it may be made on the event loop."""
        return self._router.is_light(self._head)

    def feed(self, chunk: Buffer) -> bool:
        """Take the next chunk of the body; False once reading on is of no use."""
        self.pace.moved(len(chunk))
        self.is_refused = not self._intake.feed(chunk)
        return not self.is_refused

    def room(self, most: int) -> memoryview | None:
        """Where the next bytes of a large body may be received, at most so many; None where they are to be fed."""
        return self._intake.room(most)

    @property
    def left_in_place(self) -> int:
        """Bytes of the body that are still to come and for which there is `room`; 0 where they are to be fed."""
        return self._intake.left_in_place

    def took(self, count: int) -> None:
        """So many bytes lie where `room` said."""
        self.pace.moved(count)
        self._intake.took(count)

    def give_up(self) -> None:
        """The body did not come in time: the answer says so."""
        self.is_refused = True
        self._refusal = Problem(
            TOO_SLOW,
            f"The body stood still for too long, or came too slowly: {self._intake.received:,} bytes came.",
            "Send it again over a faster connection, or ask the operator to raise SWATH_BODY_TIMEOUT_SECONDS.",
            headers=[("connection", "close")],
        )

    def leave(self) -> None:
        """The answer is sent, or can't be."""
        if not self._has_left:
            self._has_left = True
            self._router.meter.in_work(-1)
            self._router.visits.leave(self._is_late)

    def reply(self, is_gone: Callable[[], bool] = never, early: Callable[[Reply], None] | None = None) -> Reply:
        """The answer. Runs the algorithm, so call it off the event loop.

        Args:
            is_gone: whether the caller has hung up: then the call is cancelled, and the answer goes nowhere.
            early: takes the answer, on any thread, where the caller is not to wait until this comes back, which then
                raises AnsweredEarly; it raises nothing else. Without it, the algorithm runs on a thread of its own.
        """
        given = self._head.header("x-correlation-id")
        ident = given if CORRELATION.fullmatch(given) else str(uuid.uuid4())
        token, trace = correlation_id.set(ident), self._router.begin_trace(self._head, self._stages)
        within = contextvars.copy_context()

        def answer_early(problem: Problem) -> None:
            if early and self._answering.acquire(blocking=False):
                early(within.run(self._told, Answer(problem_reply(problem, ident), problem, problem), ident, trace))

        try:
            answer = self._answer(ident, is_gone, answer_early if early else None)
            if not self._answering.acquire(blocking=False):
                forget_tracebacks(answer.error)
                raise AnsweredEarly
            return self._told(answer, ident, trace)
        finally:
            correlation_id.reset(token)
            if trace:
                trace.leave()

    def _told(self, answer: Answer, ident: str, trace: Trace | None) -> Reply:
        """An answer with the headers of every one, counted and logged."""
        traceparent = trace.parent if trace else self._head.header("traceparent")
        traced = (("traceparent", traceparent),) if TRACEPARENT.fullmatch(traceparent) else ()
        reply = answer.reply
        has_length = reply.stream is None and reply.status != NO_CONTENT  # RFC 9110, section 8.6
        length = (("content-length", str(len(reply.body))),) if has_length else ()
        headers = (*reply.headers, ("x-correlation-id", ident), *traced, *length)
        self._note(reply, answer.problem_name)
        if trace:
            trace.end(reply.status, answer.problem_name, answer.error)
        forget_tracebacks(answer.error)
        return Reply(reply.status, headers, reply.body, reply.stream)

    def _note(self, reply: Reply, problem: str) -> None:
        head, stages = self._head, self._stages
        took_ms = dict(stages.took_ms)  # which changes, where the handler goes on
        total_ms, received, sent = stages.total_ms, self._intake.received, len(reply.body)
        counted = "" if head.method in SAFE else problem  # a probe is not turned away
        self._router.meter.answered(
            Answered(stages.route, head.method, reply.status, counted, took_ms, total_ms, received, sent)
        )
        facts = {
            "route": stages.route, "status": reply.status, "ms": total_ms, "bytesIn": received, "bytesOut": sent,
            **took_ms,
        }  # fmt: skip
        access.info("%s %s", head.method, quote(head.path[:200], PLAIN), extra={"facts": facts})

    def _admitted(self) -> Principal:
        if self._refusal:
            raise self._refusal
        return self._principal or self._router.admit(self._head, may_fetch=True)

    def _answer(self, ident: str, is_gone: Callable[[], bool], early: Callable[[Problem], None] | None) -> Answer:
        try:
            principal = self._admitted()
            request = Request(self._head, self._intake.hand_over())
            return Answer(self._router.answer(Asked(request, self._stages, ident, is_gone, early, principal)))
        except Exception as error:
            problem = problem_of(error)
            if problem.kind.status == SERVER_ERROR:
                logger.exception("%s: %s", problem.kind.title, problem.message)
            return Answer(problem_reply(problem, ident), problem, error)
