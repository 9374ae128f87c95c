"""Mutes a live microphone during playback, which it would pick up as the caller."""

from threading import Lock
from typing import TYPE_CHECKING

from stt_monitor.core.commands import Mute
from stt_monitor.core.session_options import SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from stt_monitor.core.snapshot import Snapshot


class QuietWhilePlaying:
    """Mutes the microphone of a live session, and unmutes it afterwards unless the user did. From any thread."""

    def __init__(self, send: "Callable[[Mute], object]") -> None:
        """`send` passes a command to the live session."""
        self._send = send
        self._is_muted = False
        self._lock = Lock()

    def begin(self, live: "Snapshot") -> None:
        """Mute it, unless the user did already."""
        listens = live.running and live.audio.kind is SourceKind.MICROPHONE and not live.audio.quiet
        with self._lock:
            if listens and not self._is_muted:
                self._is_muted = True
                self._send(Mute(on=True))

    def end(self) -> None:
        """Unmute it, if it was muted here."""
        with self._lock:
            if self._is_muted:
                self._is_muted = False
                self._send(Mute(on=False))

    def leave(self) -> None:
        """Leave it to the user, who mutes or unmutes it."""
        with self._lock:
            self._is_muted = False
