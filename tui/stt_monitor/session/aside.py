"""Runs blocking work beside an event loop, on a thread that the program does not join at exit."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """Run a blocking call on a thread of its own; returns its result, or raises its exception."""
    return await asyncio.get_running_loop().run_in_executor(_DAEMONS, work)


class _DaemonThreads(concurrent.futures.Executor):
    """Runs each task on its own daemon thread."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> concurrent.futures.Future[T]:
        done: concurrent.futures.Future[T] = concurrent.futures.Future()

        def do() -> None:
            if not done.set_running_or_notify_cancel():
                return
            try:
                done.set_result(work(*args, **kwargs))
            except Exception as error:  # noqa: BLE001  it is raised where the result is awaited
                done.set_exception(error)

        threading.Thread(target=do, name="looking", daemon=True).start()
        return done


_DAEMONS = _DaemonThreads()
