"""Waits until an app has nothing to do: its event loop tells, where Textual looks how busy the processor has been.

That takes as long as there is something to do, beside however many others: Textual's own way takes at least 20 ms for
each key, twice, and as many more as the machine is slow.
"""

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, cast

SOON_S: Final = 0.04
"""What is due within it belongs to what was begun: the next drawing, at 60 a second, of which Textual may skip one."""
_AT_MOST_S: Final = 1.0
"""As Textual: what moves without end is never idle."""


async def until_idle(*_limits: float) -> None:
    """Return once nothing is ready to run, no thread works for the loop, and no timer is due soon.

    Takes the place of `textual._wait.wait_for_idle`, whose limits it has no need of.
    """
    loop = cast("Any", asyncio.get_running_loop())
    until = loop.time() + _AT_MOST_S
    while loop.time() < until:
        await asyncio.sleep(0)  # what sockets and threads have said becomes ready
        if loop._ready:
            continue
        due = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=math.inf)
        left = max(due - loop.time(), 0)
        if _works(loop._default_executor):
            left = min(left, SOON_S)
        elif left > SOON_S:
            return
        await asyncio.sleep(left)


def _works(threads: ThreadPoolExecutor | None) -> bool:
    """Whether some thread has something to do."""
    if threads is None:
        return False
    return threads._work_queue.qsize() > 0 or threads._idle_semaphore._value < len(threads._threads)
