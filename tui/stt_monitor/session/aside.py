"""Blocking work beside an event loop, on a thread that nobody waits for at exit."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """Run blocking work on a thread of its own; returns its result, or raises what it raised."""
    done: concurrent.futures.Future[T] = concurrent.futures.Future()

    def do() -> None:
        done.set_running_or_notify_cancel()  # from now on it has a result, though nobody may want it
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001  it is raised where the result is awaited
            done.set_exception(error)

    threading.Thread(target=do, name="looking", daemon=True).start()
    return await asyncio.wrap_future(done)
