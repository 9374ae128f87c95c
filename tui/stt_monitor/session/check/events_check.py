"""Checks whether a service sends events during speech, and whose fault it is if not."""

import asyncio
from typing import Final

from stt_monitor.core.commands import Stop
from stt_monitor.core.listeners import Listeners, ignore
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import StallRecord
from stt_monitor.core.records.turns import EventRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.stall import Blame
from stt_monitor.session.check.findings import Finding, Grade
from stt_monitor.session.client import Session
from stt_monitor.session.sources import detected_speech, recording, sample_path
from stt_monitor.transport.address import Address

CHUNK_MS: Final = 100

_GRADES: Final = {Blame.SERVICE.value: Grade.BAD, Blame.LINE.value: Grade.BAD}


class _Listener:
    """Stops the session as soon as it is known whether events come."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.event: EventRecord | None = None
        self.stall: StallRecord | None = None

    def hear(self, record: Record) -> None:
        match record:
            case EventRecord(turn=turn) if turn is not None and self.event is None:
                self.event = record
            case StallRecord(blame=blame) if blame and self.stall is None:
                self.stall = record
            case _:
                return
        if self.session is not None:
            self.session.send(Stop())


async def brings_events(subject: str, address: Address) -> Finding:
    """Let a service hear the spoken sample until an event of a turn comes, or none does for too long."""
    clock = asyncio.get_running_loop().time
    source = recording(sample_path(), "mix", CHUNK_MS)(clock)
    listener = _Listener()

    async def find() -> Address:
        return address

    session = listener.session = Session(
        source,
        detected_speech(source.format),
        find,
        Settings(),
        Listeners(listener.hear, ignore),
        service=address.service,
        chunk_ms=CHUNK_MS,
        clock=clock,
    )
    outcome = await session.run()
    if listener.event is not None:
        return Finding(Grade.GOOD, subject, "it sends events during speech")
    if listener.stall is not None:
        return Finding(_GRADES.get(listener.stall.blame, Grade.OPTIONAL), subject, listener.stall.sentence)
    if outcome.exit_code:
        return Finding(Grade.BAD, subject, outcome.sentence)
    return Finding(Grade.OPTIONAL, subject, "cannot tell: it said nothing of turns in the spoken sample")
