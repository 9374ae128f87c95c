"""What of a call's session follows from what a tap tells: its record, frames that only pass, the reason of its end."""

from typing import Final

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.journal import FramePassed
from stt_monitor.core.records.session import ARRIVAL, SessionRecord
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.services.base import Service
from stt_monitor.services.server_side import Parameters
from stt_monitor.tap.events import CallBegan, CallEnded
from stt_monitor.tap.messages import Broken, Close, Heard, Ping, Skipped
from stt_monitor.tap.sessions.masking import Masking
from stt_monitor.transport.closes import why_closed

_IN_ORDER: Final = (1000, 1001, 1005)
"""Codes of closes by which a service ends a call in order."""


def record_of(
    began: CallBegan, started_at: str, asked: Parameters, frame_bytes: int, *, searched: bool
) -> SessionRecord:
    """Return the first record of a call's session.

    Args:
        began: the agent's request.
        started_at: wall-clock time of it, RFC 3339.
        asked: what it asks for.
        frame_bytes: size of its first frame of audio; 0 where that has yet to come.
        searched: whether reference speech is looked for.
    """
    sound = AudioFormat(Encoding(asked.audio.encoding), asked.audio.sample_rate)
    return SessionRecord(
        started_at=started_at,
        source=f"call {began.call}",
        url="",
        model=asked.settings.model,
        encoding=asked.audio.encoding,
        sample_rate=asked.audio.sample_rate,
        chunk_ms=round(frame_bytes * 1000 / sound.bytes_per_second),
        settings=asked.settings,
        reference="vad" if searched else "none",
        source_kind=SourceKind.CALL,
        service=began.service,
        anchor=ARRIVAL,
    )


def why_unreadable(message: Heard, *, from_agent: bool) -> str:
    """Return why nothing can be measured from a message on; empty where it can."""
    match message:
        case Broken(why):
            return why
        case Skipped(size) if from_agent:  # audio, most likely: what follows would stand at a wrong place
            return f"a message of the agent is too long to be read ({size} bytes)"
        case _:
            return ""


def frame_of(message: Skipped | Ping | Close, at: float, mask: Masking, *, from_agent: bool) -> FramePassed:
    """Return the entry of a message that is neither audio nor one of the service's."""
    match message:
        case Skipped(size, text):
            kind = FrameKind.TEXT if text else FrameKind.BINARY
            return FramePassed(at, kind, sent=from_agent, size=size)
        case Ping(payload, answers):
            kind = FrameKind.PONG if answers else FrameKind.PING
            return FramePassed(at, kind, sent=from_agent, size=len(payload))
        case Close(code, told):
            reason = mask.text(told)
            return FramePassed(at, FrameKind.CLOSE, from_agent, len(reason.encode()), reason, code)


def why_ended(
    event: CallEnded, closed: tuple[bool, Close] | None, mask: Masking, speaks: Service, *, in_order: bool
) -> str:
    """Return why a call ended too soon; empty for an end in order.

    Args:
        event: its end.
        closed: the first close frame, and whether the agent sent it.
        mask: removes secrets.
        speaks: its service.
        in_order: whether the agent wanted it to end.
    """
    if event.problem:
        return event.problem
    if event.by == "tap":
        return "the tap has ended"
    by_agent, close = closed or (False, Close(None))
    if in_order or by_agent or close.code in _IN_ORDER:
        return ""
    return why_closed(close.code, mask.text(close.reason), speaks).what
