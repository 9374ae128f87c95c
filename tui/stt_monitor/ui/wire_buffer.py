"""Buffers the newest websocket frames: written on the sessions' thread, read on the screen's."""

from collections import deque
from collections.abc import Iterable
from heapq import merge
from itertools import takewhile
from operator import itemgetter
from threading import Lock
from typing import Final

import msgspec

from stt_monitor.core.wire_frame import FrameKind, WireFrame

KEPT: Final = 5000
"""Messages that are kept, and as many stream frames: one kind must not crowd out the other."""

LONGEST: Final = 20_000
"""Characters of a frame that are kept."""

MOST_CHARACTERS: Final = 8_000_000
"""Characters of all messages that are kept; each takes up to four bytes of memory."""

_STREAMS: Final = frozenset({FrameKind.BINARY, FrameKind.PING, FrameKind.PONG})

Entry = tuple[int, WireFrame]
"""The number of a frame, counted from 1, and the frame."""


class WireBuffer:
    """Two ring buffers of frames; dropped frames are counted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._texts: deque[Entry] = deque()
        self._characters = 0
        self._streams: deque[Entry] = deque(maxlen=KEPT)
        self.count = 0
        """Frames so far."""
        self.stream_count = 0
        """Stream frames among them."""

    def put(self, frame: WireFrame) -> None:
        """Add a frame, from any thread."""
        if frame.text is not None and len(frame.text) > LONGEST:
            frame = msgspec.structs.replace(frame, text=frame.text[:LONGEST])
        with self._lock:
            self.count += 1
            if is_stream(frame):
                self.stream_count += 1
                self._streams.append((self.count, frame))
            else:
                self._texts.append((self.count, frame))
                self._characters += characters(frame)
                while len(self._texts) > KEPT or self._characters > MOST_CHARACTERS:
                    self._characters -= characters(self._texts.popleft()[1])

    def after(self, number: int, *, streams: bool) -> list[Entry]:
        """Return the frames after the one of this number, oldest first; with or without stream frames."""
        with self._lock:
            rings = (self._texts, self._streams) if streams else (self._texts,)
            newer = [list(takewhile(lambda entry: entry[0] > number, reversed(ring)))[::-1] for ring in rings]
        return newer[0] if len(newer) == 1 else _in_order(newer)

    @property
    def dropped(self) -> int:
        """Frames that are no longer kept."""
        with self._lock:
            return self.count - len(self._texts) - len(self._streams)


class WireBuffers:
    """A buffer per service shown: in a common one, a busy service would crowd out another."""

    def __init__(self) -> None:
        self._buffers: dict[str, WireBuffer] = {}

    def put(self, frame: WireFrame | None) -> None:
        """Add a frame to that of its service, from any thread; None: begin anew, for something else is shown."""
        if frame is None:
            self._buffers = {}
        else:
            self.of(frame.service).put(frame)

    def of(self, service: str) -> WireBuffer:
        """Return the buffer of a service."""
        return self._buffers.setdefault(service, WireBuffer())


def characters(frame: WireFrame) -> int:
    """Return the length of the text of a frame."""
    return len(frame.text or "")


def is_stream(frame: WireFrame) -> bool:
    """Return whether a frame belongs to a stream: audio, pings, the local server's likelihood."""
    return frame.streams or frame.kind in _STREAMS


def _in_order(rows: Iterable[list[Entry]]) -> list[Entry]:
    return list(merge(*rows, key=itemgetter(0)))
