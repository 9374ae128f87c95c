"""Sessions run as the program runs them: on a thread of their own, over whatever is chosen."""

import asyncio
import queue
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tests.support.patience import PATIENCE_S

from stt_monitor.core.commands import FindOptions
from stt_monitor.core.session_options import Available
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.session.factory import SessionFactory
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.thread import SessionThread

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record
    from stt_monitor.core.wire_frame import WireFrame


class Running:
    """A runner, and all that it reported."""

    def __init__(self, maker: SessionFactory) -> None:
        self.runner = SessionThread(maker)
        self.snapshots: list[Snapshot] = []
        self.records: list[Record] = []
        self.frames: list[WireFrame] = []
        self.outcomes: list[Outcome] = []
        self._news: queue.SimpleQueue[Snapshot | Outcome | Available] = queue.SimpleQueue()
        self.runner.subscribe(
            self._news.put, on_record=self.records.append, on_outcome=self._news.put, on_frame=self.frames.append
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.runner.close()

    async def until(self, true: Callable[[Snapshot], bool]) -> Snapshot:
        """Wait for a snapshot like this, from now on."""
        while True:
            news = await self._next()
            if isinstance(news, Snapshot) and true(news):
                return news

    async def outcome(self) -> Outcome:
        """Wait for the end of the run."""
        while not isinstance(news := await self._next(), Outcome) or news.more:
            pass
        return news

    async def offers(self) -> Available:
        """Ask what can be chosen."""
        self.runner.send(FindOptions(self._news.put))
        while not isinstance(news := await self._next(), Available):
            pass
        return news

    async def quiet(self, seconds: float) -> list[Snapshot]:
        """Wait, and return the snapshots that come meanwhile."""
        seen = len(self.snapshots)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self._next()
        return self.snapshots[seen:]

    async def _next(self) -> Snapshot | Outcome | Available:
        news = await self._get()
        if isinstance(news, Snapshot):
            self.snapshots.append(news)
        elif isinstance(news, Outcome):
            self.outcomes.append(news)
        return news

    async def _get(self) -> Snapshot | Outcome | Available:
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            with suppress(queue.Empty):
                return self._news.get_nowait()
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError
            await asyncio.sleep(0.005)
