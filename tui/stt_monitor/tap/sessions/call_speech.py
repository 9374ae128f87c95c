"""Reference speech in a call: what the search finds in its sound becomes entries of its journal."""

from collections.abc import Callable
from typing import Final

from stt_monitor.audio.vad.reference import EdgeKind
from stt_monitor.core.journal import (
    Failed,
    SpeechAbandoned,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
)
from stt_monitor.services.base import Audio
from stt_monitor.session.journal_writer import JournalWriter
from stt_monitor.tap.sessions.speech import Found, SpeechSearch

TOO_SLOW: Final = "no reference speech from here on: this machine is too slow to look for it"
NO_TIME: Final = "no reference speech from here on: the session ended before all of it was found"
SEARCH_FAILED: Final = "no reference speech from here on: the search for it failed"

MakeSearch = Callable[[Audio, Callable[[Found], object]], SpeechSearch | None]
"""Makes what looks for reference speech in sound of a format; None: nobody does. The callback gets what it finds."""


class CallSpeech:
    """Follows the search in the sound of one call; `search`: what looks for speech, None: nobody does."""

    def __init__(self, search: SpeechSearch | None) -> None:
        self._search = search
        self._decided_until = 0.0  # seconds of sound

    @property
    def is_searched(self) -> bool:
        """Whether speech detection runs, and may find more."""
        return self._search is not None

    def lag(self, seconds: float) -> float | None:
        """Return how far it is behind this position of the audio, seconds; None without speech detection."""
        return None if self._search is None else max(0.0, seconds - self._decided_until)

    def feed(self, log: JournalWriter, data: bytes) -> None:
        """Search the next sound."""
        if self._search is not None and not self._search.feed(data):
            self.give_up(log, TOO_SLOW)

    def finish(self) -> None:
        """Signal the end of the audio; pending results still come as before."""
        if self._search is not None:
            self._search.finish()

    def take(self, log: JournalWriter, found: Found) -> None:
        """Journal what the search has found."""
        if self._search is None:
            return
        if found.error is not None:
            self.give_up(log, SEARCH_FAILED)
        for edge in found.edges:
            entry = SpeechOnset if edge.kind is EdgeKind.ONSET else SpeechEnd
            log.append(entry(log.now(), edge.position, edge.continues))
        if not found.over:
            self._decided_until = found.decided_until
            log.append(SpeechDecided(log.now(), found.decided_until))
            return
        if found.error is None:
            log.append(SpeechFinished(log.now()))
        self._search = None

    def give_up(self, log: JournalWriter, why: str) -> None:
        """Journal that detection stops, and why."""
        self._search = None
        log.append(SpeechAbandoned(log.now()))
        log.append(Failed(log.now(), why, warning=True))
