"""The core as a FastAPI application: a request in, the core's reply out, nothing in between."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from swath_fastapi.protocol import BEGIN, EXCHANGE
from swath_runtime.exchange import AnsweredEarly, Exchange
from swath_runtime.http import Reply
from swath_runtime.lookout import LISTEN_S
from swath_runtime.routes import Router
from swath_runtime.server import load_or_leave, stop_or_leave


def create_app(router: Router, begun: Callable[[], None] = lambda: None) -> FastAPI:
    """An application that serves a router; FastAPI's own routing is never reached, the core has its own.

    `begun` is called on the event loop once it runs.
    """
    threads = ThreadPoolExecutor(router.service.threads, thread_name_prefix="request")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        begun()
        load_or_leave(router)
        yield {BEGIN: router.begin}
        await asyncio.get_running_loop().run_in_executor(None, stop_or_leave, router)
        threads.shutdown(wait=False, cancel_futures=True)

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.add_middleware(Core, threads=threads)
    return app


class Core:
    """Middleware that answers every request itself; only the lifespan reaches what it wraps."""

    def __init__(self, app: ASGIApp, threads: Executor) -> None:
        self._app, self._threads = app, threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP scope; pass any other on."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        with scope[EXCHANGE] as exchange:
            while (message := await receive())["type"] == "http.request":
                if exchange.is_refused or not message.get("more_body"):
                    break
            else:
                return  # the client has gone
            if exchange.is_light:
                await send_reply(exchange.reply(), send, self._threads)
            else:
                await self._answer_on_thread(exchange, receive, send)

    async def _answer_on_thread(self, exchange: Exchange, receive: Receive, send: Send) -> None:
        line = Line(receive)
        try:
            await send_reply(await reply_on(self._threads, exchange, line.is_dead), send, self._threads)
        finally:
            line.let_go()


async def reply_on(threads: Executor, exchange: Exchange, is_gone: Callable[[], bool]) -> Reply:
    """The reply of an exchange, made on one of the threads, or early on another."""
    loop = asyncio.get_running_loop()
    replied: asyncio.Future[Reply] = loop.create_future()

    def take(reply: Reply) -> None:
        if not replied.done():  # it is cancelled where the server ends meanwhile
            replied.set_result(reply)

    def fail(error: BaseException) -> None:
        if not replied.done():
            replied.set_exception(error)

    def work() -> None:
        try:
            reply = exchange.reply(is_gone, early)
        except AnsweredEarly:
            return
        except BaseException as error:
            loop.call_soon_threadsafe(fail, error)
            raise
        early(reply)

    def early(reply: Reply) -> None:
        loop.call_soon_threadsafe(take, reply)

    threads.submit(work)
    return await replied


class Line:
    """The connection of a request in work: hears the client hang up, once the answer takes a while."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._hung_up = False
        self._listening: asyncio.Task[None] | None = None
        self._soon = asyncio.get_running_loop().call_later(LISTEN_S / 2, self._listen)

    def is_dead(self) -> bool:
        """Whether the client has hung up; may be asked on any thread."""
        return self._hung_up

    def let_go(self) -> None:
        """Listen no more."""
        self._soon.cancel()
        if self._listening:
            self._listening.cancel()

    def _listen(self) -> None:
        self._listening = asyncio.ensure_future(self._hear())

    async def _hear(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._hung_up = True


async def send_reply(reply: Reply, send: Send, threads: Executor) -> None:
    """Send the core's reply as it is; chunks of a stream are awaited on the threads."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.stream is not None:
        await _send_stream(reply.stream, send, threads)
    await send({"type": "http.response.body", "body": reply.body})


async def _send_stream(stream: Generator[bytes], send: Send, threads: Executor) -> None:
    loop = asyncio.get_running_loop()
    try:
        while (chunk := await loop.run_in_executor(threads, next, stream, None)) is not None:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        await loop.run_in_executor(threads, stream.close)
