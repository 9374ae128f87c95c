"""Plays audio of a session on a thread of its own, so that neither session nor screen waits for a device."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from stt_monitor.core.errors import InputError

if TYPE_CHECKING:
    from stt_monitor.audio.devices.speaker import Speaker
    from stt_monitor.core.clip import Clip
    from stt_monitor.recording.reader import Recording
    from stt_monitor.recording.stored_audio import StoredAudio

_PIECE_S: Final = 0.1
"""Seconds to read at a time: the first piece is all that the start waits for."""
_PATIENCE_S: Final = 1.0
"""How long to wait for audio of a running session that has not been written yet."""
_POLL_S: Final = 0.05


class Hearing:
    """One stretch of a recording that is played."""

    def __init__(
        self,
        find: "Callable[[], Recording]",
        clip: "Clip",
        *,
        grows: Callable[[], bool],
        on_heard: "Callable[[Hearing], None]",
        on_problem: Callable[[str], None],
    ) -> None:
        """Begin; callbacks are called on the thread that plays.

        Args:
            find: opens the recording; may raise InputError.
            clip: what to play of it.
            grows: returns whether the recording goes on.
            on_heard: called whenever `position` has changed.
            on_problem: called with a sentence, if it cannot be played.
        """
        self.position: float | None = clip.start
        """Position in the audio that can be heard now, seconds; None once it is over."""
        self._find = find
        self._clip = clip
        self._grows = grows
        self._on_heard = on_heard
        self._on_problem = on_problem
        self._stopped = False
        self._speaker: Speaker | None = None
        self._thread = threading.Thread(target=self._run, name="hearing", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fall silent at once. From any thread; idempotent."""
        self._stopped = True
        self.position = None
        if self._speaker is not None:
            self._speaker.stop()

    def join(self, seconds: float) -> None:
        """Wait until it is over, so long at most."""
        self._thread.join(seconds)

    def _run(self) -> None:
        from stt_monitor.audio.devices.speaker import Speaker, SpeakerStoppedError  # not before the first paint

        try:
            with Speaker() as speaker:
                self._play(speaker)
        except SpeakerStoppedError:
            pass
        except InputError as error:
            self._complain(str(error))
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it
            from stt_monitor.system.bugs import report_bug  # only now that something went wrong

            self._complain(report_bug(error, "nothing is played"))
        finally:
            self.position = None
            self._on_heard(self)

    def _complain(self, sentence: str) -> None:
        if not self._stopped:
            self._on_problem(sentence)

    def _play(self, speaker: "Speaker") -> None:
        self._speaker = speaker
        if self._stopped:
            return
        from stt_monitor.recording.stored_audio import StoredAudio  # while the speaker gets ready

        audio = StoredAudio(self._find())
        speaker.open(audio.rate)
        self._feed(audio, speaker)
        while speaker.advance():
            self._tell(speaker)

    def _feed(self, audio: "StoredAudio", speaker: "Speaker") -> None:
        """Hand over the whole stretch, as far as there is audio."""
        clip = self._clip
        at, since = clip.start, time.monotonic()
        while clip.end is None or at < clip.end:
            samples = audio.read(at, _PIECE_S if clip.end is None else min(_PIECE_S, clip.end - at))
            if len(samples):
                at, since = at + len(samples) / audio.rate, time.monotonic()
                speaker.play(samples)
                self._tell(speaker)
            elif self._grows() and time.monotonic() - since < _PATIENCE_S and not self._stopped:
                time.sleep(_POLL_S)
            else:
                break
        speaker.finish()

    def _tell(self, speaker: "Speaker") -> None:
        if not self._stopped:
            self.position = self._clip.start + speaker.heard
            self._on_heard(self)
