"""Derives the frames of a session from its journal: the same ones live and in a replay."""

from stt_monitor.core.dialect import Message
from stt_monitor.core.journal import Entry, FramePassed, Received, ReceivedBytes, Sent
from stt_monitor.core.wire_frame import FrameKind, WireFrame


def frame_of(entry: Entry, bytes_per_second: int, newest: Message, service: str) -> WireFrame | None:
    """Return the frame of an entry; None for entries of other things.

    Args:
        entry: of the journal.
        bytes_per_second: of the audio sent.
        newest: the last message of the service: the entry's own, if it holds one.
        service: its name.
    """
    match entry:  # the frequent ones first
        case Sent(chunk):
            size = round(chunk.length * bytes_per_second)
            return WireFrame(
                entry.at, sent=True, size=size, position=chunk.position, kind=FrameKind.BINARY, service=service
            )
        case Received(at, text):
            return WireFrame(
                at, sent=False, size=len(text.encode()), text=text, streams=newest.streams, service=service
            )
        case FramePassed(at, kind, sent, size, text, code, took):
            return WireFrame(at, sent, size, text, kind=kind, code=code, took=took, service=service)
        case ReceivedBytes(at, data):
            return WireFrame(at, sent=False, size=len(data), kind=FrameKind.BINARY, service=service)
        case _:
            return None
