"""The agent's speech in a call, on the session's clock. Pure."""

from stt_monitor.core.sound.audio_clock import AudioClock
from stt_monitor.core.sound.reference_speech import ReferenceSpeech


class AgentSpeech:
    """What the agent says: spans as of reference speech, in audio at the same positions as the caller's."""

    def __init__(self, clock: AudioClock) -> None:
        """Start without speech; `clock`: of the audio sent, updated by its owner."""
        self.speech = ReferenceSpeech()
        self._clock = clock

    def begin(self, position: float) -> None:
        """Record an onset, at a position of the audio sent."""
        if (at := self._clock.spoken_at(position)) is not None:
            self.speech.add_onset(at, position, self._clock.in_file(position))

    def end(self, position: float) -> None:
        """Record an end."""
        if (at := self._clock.spoken_at(position, end=True)) is not None:
            self.speech.add_end(at, position, self._clock.in_file(position, end=True))

    def decide(self, position: float) -> None:
        """Record that all is known up to a position."""
        if (spoken := self._clock.spoken_at(position)) is not None:
            self.speech.decided_until = spoken
