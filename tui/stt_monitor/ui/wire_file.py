"""Saves frames of the wire log as lines of JSON."""

from collections.abc import Iterable

import msgspec

from stt_monitor.core.records.lines import to_json
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.ui.drawing.frame_places import FramePlace
from stt_monitor.ui.new_file import save_new
from stt_monitor.ui.wire_buffer import LONGEST


class FrameLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frame as a line of JSON. Its text is as it went over the wire, without secrets."""

    t: float
    """Seconds of session."""
    direction: str
    """`in`, or `out` for what this program sent."""
    kind: str
    """`text`, `binary`, `ping`, `pong`, `close`, `handshake`."""
    size: int
    """Bytes of payload."""
    service: str = ""
    text: str | None = None
    """Of a text frame; reason of a close; target of a handshake."""
    cropped: bool = False
    """Whether only the beginning of the text was kept."""
    position: float | None = None
    """Of audio, seconds."""
    code: int | None = None
    took: float | None = None
    """From a request to its response, or from a ping to its pong, seconds."""
    turn: int | None = None
    """Number of its turn."""
    since_speech_end: float | None = None
    """Seconds; missing during speech."""


def save_frames(frames: Iterable[tuple[WireFrame, FramePlace]], folders: Iterable[str]) -> str:
    """Write frames into a new file in the first folder that can be written to; return its path.

    Raises:
        InputError: none can.
    """
    text = "".join(f"{to_json(_line(frame, place))}\n" for frame, place in frames)
    return save_new(text, folders, ".jsonl", what="the wire log", name="stt-monitor-wire")


def _line(frame: WireFrame, place: FramePlace) -> FrameLine:
    return FrameLine(
        t=round(frame.at, 4),
        direction="out" if frame.sent else "in",
        kind=frame.kind.value,
        size=frame.size,
        service=frame.service,
        text=frame.text,
        cropped=frame.text is not None and len(frame.text) >= LONGEST,
        position=frame.position,
        code=frame.code,
        took=frame.took,
        turn=place.turn,
        since_speech_end=None if place.after_speech is None else round(place.after_speech, 4),
    )
