"""The traffic of a recorded session, as far as its journal tells it."""

import msgspec

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.core.journal import CloseSent, Entry, Received, ReceivedBytes, Sent
from stt_monitor.core.wire import WireFrame

_CLOSE = msgspec.json.encode({"type": "close"}).decode()


def frame_of(entry: Entry, sent_as: AudioFormat) -> WireFrame | None:
    """Return the frame that an entry is about; None when it is about something else."""
    match entry:
        case Sent(chunk):
            size = round(chunk.length * sent_as.sample_rate) * sent_as.encoding.bytes_per_sample
            return WireFrame(entry.at, sent=True, size=size, position=chunk.position)
        case Received(at, text):
            return WireFrame(at, sent=False, size=len(text.encode()), text=text)
        case ReceivedBytes(at, data):
            return WireFrame(at, sent=False, size=len(data))
        case CloseSent(at):
            return WireFrame(at, sent=True, size=len(_CLOSE), text=_CLOSE)
        case _:
            return None
