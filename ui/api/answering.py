"""Answers for programs: each in a thread of its own, stopped with its model when the program goes away."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator

from starlette.requests import Request

from rag.records import Answer

Ask = Callable[[threading.Event], Iterator[Answer]]
"""An event that ends the answer, to its growing snapshots."""
AT_ONCE = 8
"""Questions of programs that are answered at the same time."""


class Busy(Exception):
    """As many answers are under way as may be."""


class Answering:
    """Counts the answers that are under way."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._room = threading.Semaphore(at_once)

    async def snapshots(self, request: Request, ask: Ask) -> AsyncIterator[Answer]:
        """The growing snapshots of an answer; when the client has gone, the answer is stopped and closes.

        Raises:
            Busy: there is no room for another answer.
            FootnoteError: from the engine.
        """
        if not self._room.acquire(blocking=False):
            raise Busy
        queue: asyncio.Queue[Answer | Exception | None] = asyncio.Queue()
        stop = threading.Event()
        arguments = (ask, stop, queue, asyncio.get_running_loop())
        threading.Thread(target=self._run, args=arguments, name="footnote-answer").start()
        watching = asyncio.create_task(_stop_when_gone(request, stop))
        try:
            while (now := await queue.get()) is not None:
                if isinstance(now, Exception):
                    raise now
                yield now
        finally:
            stop.set()
            watching.cancel()

    def _run(
        self,
        ask: Ask,
        stop: threading.Event,
        queue: asyncio.Queue[Answer | Exception | None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        end: Exception | None = None

        def tell(what: Answer | Exception | None) -> None:
            with contextlib.suppress(RuntimeError):  # the server has ended and its loop is closed
                loop.call_soon_threadsafe(queue.put_nowait, what)

        try:
            for snapshot in ask(stop):
                tell(snapshot)
        except Exception as error:  # noqa: BLE001  # raised again in the request, by `snapshots`
            end = error
        finally:
            self._room.release()
            tell(end)


async def last(snapshots: AsyncIterator[Answer]) -> Answer:
    """The finished answer."""
    async for now in snapshots:
        answer = now
    return answer


async def begun(snapshots: AsyncIterator[Answer]) -> AsyncIterator[Answer]:
    """The same snapshots once the first is there, so that what fails at once can still have a status."""
    first = await anext(snapshots)

    async def all_of_them() -> AsyncIterator[Answer]:
        yield first
        async for now in snapshots:
            yield now

    return all_of_them()


async def _stop_when_gone(request: Request, stop: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    stop.set()
