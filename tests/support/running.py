"""Sessions run as the program runs them: on a thread of their own, over whatever is chosen."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from tests.support.patience import PATIENCE_S
from tests.support.virtual_time import VirtualLoop

from stt_monitor.core.commands import FindOptions, Stop
from stt_monitor.core.session_options import Available
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.session.factory import SessionFactory
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.thread import SessionThread

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record
    from stt_monitor.core.wire_frame import WireFrame

News = Snapshot | Outcome | Available


class Running:
    """A runner, and all that it reported. Where time is virtual, it is the same for the thread."""

    def __init__(self, maker: SessionFactory) -> None:
        self._loop = asyncio.get_running_loop()
        new_loop = self._loop.beside if isinstance(self._loop, VirtualLoop) else asyncio.new_event_loop
        self.runner = SessionThread(maker, new_loop)
        self.snapshots: list[Snapshot] = []
        self.records: list[Record] = []
        self.frames: list[WireFrame] = []
        self.outcomes: list[Outcome] = []
        self._news: asyncio.Queue[News] = asyncio.Queue()
        self.runner.subscribe(
            self._tell, on_record=self.records.append, on_outcome=self._tell, on_frame=self.frames.append
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.runner.send(Stop())
        while self.runner.running:
            await self._next()
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
        self.runner.send(FindOptions(self._tell))
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

    def _tell(self, news: News) -> None:
        self._loop.call_soon_threadsafe(self._news.put_nowait, news)

    async def _next(self) -> News:
        async with asyncio.timeout(PATIENCE_S):
            news = await self._news.get()
        if isinstance(news, Snapshot):
            self.snapshots.append(news)
        elif isinstance(news, Outcome):
            self.outcomes.append(news)
        return news
