"""Time that passes at once: what is due in two minutes happens now, at exactly its time.

It passes only when nothing else can happen: no event loop has anything to do, no thread works for one, and nothing is
under way between sockets. Then the clock goes to the next timer of all loops. So both ends of every connection must be
in loops of one `VirtualTime`: nobody knows when another process will answer. A thread that is not asked through
`run_in_executor` is not known either; what it tells a loop comes at whatever time it is then.
"""

import asyncio
import concurrent.futures
import math
import selectors
import threading
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple, Unpack

from tests.support.in_flight import InFlight

from stt_monitor.system.clock import Clock

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

LOOK_AGAIN_S: Final = 0.001
"""Real seconds until the next look whether what was under way has arrived."""


class VirtualTime:
    """The clock of one world: loops that talk to one another share it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._lock = threading.Lock()
        self._loops: list[VirtualLoop] = []
        self._in_flight = InFlight()

    def join(self, loop: "VirtualLoop") -> None:
        with self._lock:
            self._loops.append(loop)

    def leave(self, loop: "VirtualLoop") -> None:
        with self._lock:
            self._loops.remove(loop)
            for other in self._loops:  # it may have been the one that the others waited for
                other.call_soon_threadsafe(_wake)

    def watch(self, fd: int) -> None:
        """Take a socket into account."""
        with self._lock:
            self._in_flight.watch(fd)

    def rest(self, loop: "VirtualLoop", until: float) -> float | None:
        """Let a loop rest that has nothing to do before `until`; where nobody has, time passes.

        Returns:
            How many real seconds to wait for what may come; None: however long it takes.
        """
        with self._lock:
            loop.rests_until = until
            if any(other.rests_until is None or other.working or other.is_ready() for other in self._loops):
                return None  # whoever is busy will be here too
            if self._in_flight.anything():
                return LOOK_AGAIN_S
            due = min(other.rests_until for other in self._loops if other.rests_until is not None)
            if due == math.inf:
                return None
            self.now = max(self.now, due)
            for other in self._loops:
                if other is not loop and other.rests_until is not None and other.rests_until <= self.now:
                    other.call_soon_threadsafe(_wake)
            return 0 if until <= self.now else None


def _wake() -> None:
    """Do nothing: the loop looks at its timers."""


class _Selector(selectors.DefaultSelector):
    """Waits for no time to pass: meanwhile the loop rests."""

    loop: "VirtualLoop"

    def register(self, fileobj: "FileDescriptorLike", events: int, data: object = None) -> selectors.SelectorKey:
        key = super().register(fileobj, events, data)
        self.loop.world.watch(key.fd)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        loop, world = self.loop, self.loop.world
        until = math.inf if timeout is None else world.now + timeout
        events = super().select(0)
        while not events and world.now < until:
            events = super().select(world.rest(loop, until))
        loop.rests_until = None
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own, which a test may also put forward."""

    def __init__(self, world: VirtualTime | None = None) -> None:
        self.world = world or VirtualTime()
        self.rests_until: float | None = None
        """When its next timer is due, while it has nothing else to do; None while it has."""
        self.working = 0
        """Pieces of work on threads that it waits for."""
        self._eyes = _Selector()
        self._eyes.loop = self
        super().__init__(self._eyes)
        self.world.join(self)

    @property
    def now(self) -> float:
        return self.world.now

    @now.setter
    def now(self, now: float) -> None:
        self.world.now = now

    def time(self) -> float:
        return self.world.now

    def beside(self) -> "VirtualLoop":
        """Make another loop in the same time, say for a thread."""
        return VirtualLoop(self.world)

    def is_ready(self) -> bool:
        """Whether there is something to do; callable from any thread."""
        return bool(selectors.DefaultSelector.select(self._eyes, 0))

    def run_in_executor(
        self,
        executor: concurrent.futures.Executor | None,
        func: Callable[[Unpack[Ts]], T],
        *args: *Ts,
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self.working += 1
        future.add_done_callback(self._has_worked)
        return future

    async def shutdown_default_executor(self, *options: float | None) -> None:
        self.working += 1
        await super().shutdown_default_executor(*options)
        self.working -= 1

    def close(self) -> None:
        if not self.is_closed():
            self.world.leave(self)
        super().close()

    def _has_worked(self, _: object) -> None:
        self.working -= 1


def current_clock() -> Clock:
    """Return the clock of the running loop, or the machine's."""
    try:
        return asyncio.get_running_loop().time
    except RuntimeError:
        return time.monotonic


def run(test: Callable[[VirtualLoop], Coroutine[None, None, None]]) -> None:
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(test(loop))
