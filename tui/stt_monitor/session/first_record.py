"""The first record of a session: its audio, its service and the settings requested."""

import msgspec

from stt_monitor.audio.sources.source import Source
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.services.base import Service


def first_record(
    source: Source,
    service: Service,
    settings: Settings,
    reference: str,
    started_at: str,
    *,
    chunk_ms: int,
    audio_id: str,
    with_agent: bool = False,
) -> SessionRecord:
    """Return the record, before the address is known.

    Args:
        source: the sound.
        service: what is spoken to.
        settings: what is asked of it, with the model.
        reference: where reference speech comes from.
        started_at: date and time of the start.
        chunk_ms: audio per frame, milliseconds.
        audio_id: what tells the audio from other audio; empty where nothing does.
        with_agent: whether the agent's channel of the source is heard.
    """
    return SessionRecord(
        started_at=started_at,
        source=source.name,
        url="",
        model=settings.model,
        encoding=source.format.encoding.value,
        sample_rate=source.format.sample_rate,
        chunk_ms=chunk_ms,
        settings=settings,
        reference=reference,
        labelled_turns=reference == "labels",
        source_kind=source.kind,
        channel=source.channel,
        degraded=source.degraded or msgspec.UNSET,
        agent=source.agent if with_agent else msgspec.UNSET,
        service=service.name,
        audio_id=audio_id or msgspec.UNSET,
    )
