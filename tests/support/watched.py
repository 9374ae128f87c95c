"""A session under test, and all that it reported."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.audio.sources.source import Source
from stt_monitor.core.journal import Entry
from stt_monitor.core.listeners import Listeners, Observer
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.core.records.session import Health
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.services.base import Service
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.session.client import Session
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import Reference
from stt_monitor.transport.address import Address, read_address

if TYPE_CHECKING:
    from stt_monitor.core.wire_frame import WireFrame


class Watched:
    """A session over a recording, or whatever source is given."""

    def __init__(
        self,
        sound: Path | Source,
        url: str,
        settings: Settings | None = None,
        *,
        key: str | None = None,
        reference: Reference | None = None,
        chunk_ms: int = 100,
        service: Service = SERVICE,
        observer: Observer | None = None,
    ) -> None:
        self.records: list[Record] = []
        self.snapshots: list[Snapshot] = []
        self.frames: list[WireFrame] = []
        self.journal: list[Entry] = []
        self.audio = bytearray()
        self.searches = 0
        self._news = asyncio.Event()
        clock = asyncio.get_running_loop().time

        async def find() -> Address:
            self.searches += 1
            return read_address(url, key, service)

        self.session = Session(
            FileSource(open_audio_file(sound), chunk_ms=chunk_ms, clock=clock) if isinstance(sound, Path) else sound,
            reference or Reference("none", None),
            find,
            settings or Settings(),
            Listeners(self.records.append, self._see, self.frames.append, observer or self),
            service=service,
            chunk_ms=chunk_ms,
            clock=clock,
        )

    async def run(self) -> Outcome:
        return await self.session.run()

    def on_entry(self, entry: Entry) -> None:
        self.journal.append(entry)

    def on_result(self, result: SessionResult) -> None:
        """The snapshots have it."""

    def on_audio(self, position: int, data: bytes) -> None:
        width = self.session._source.format.encoding.bytes_per_sample
        assert position * width == len(self.audio)
        self.audio += data

    @property
    def state(self) -> None:
        """It is not kept anywhere."""

    def close(self) -> None:
        """All is kept."""

    def lines(self, kind: str) -> list[dict[str, Any]]:
        return [line for record in self.records if (line := json.loads(to_json(record)))["kind"] == kind]

    @property
    def states(self) -> list[str]:
        return [line["connection"] for line in self.lines("status")]

    @property
    def summary(self) -> SummaryRecord:
        summary = self.records[-1]
        assert isinstance(summary, SummaryRecord)
        return summary

    @property
    def health(self) -> Health:
        return self.summary.health

    async def until(self, true: Callable[[Snapshot], bool]) -> Snapshot:
        while not (self.snapshots and true(self.snapshots[-1])):
            self._news.clear()
            await self._news.wait()
        return self.snapshots[-1]

    def _see(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)
        self._news.set()
