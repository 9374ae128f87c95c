"""Detects the turns of one audio stream: samples in, turn events out. Its only clock is the sample count."""

from collections import deque
from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.vad.silero import FRAME, FRAME_S, Silero
from stt_monitor.core.events import Trigger, TurnEvent
from stt_monitor.server.asr.completeness import UNKNOWN
from stt_monitor.server.asr.models import Models
from stt_monitor.server.asr.recogniser import Recogniser
from stt_monitor.server.asr.streaming import LEAD_S, Transcriber
from stt_monitor.server.turn_detection.probability import Likelihood, Voice
from stt_monitor.server.turn_detection.turn_stream import State, TurnStream
from stt_monitor.services.server_side import Thresholds

_MEMORY_S: Final = 1.5
"""Audio kept between turns, because a turn starts before it is detected."""
_TRACE_LENGTH: Final = 1024
"""Points of the likelihood kept, about half a minute."""


class Detector:
    """Detects turns and recognises their text.

    `feed` and `finish` block while they compute; call them from any thread, one at a time. The same audio gives the
    same events in pieces of any size.

    Args:
        models: shared by all detectors.
        thresholds: may be set at any time; they apply from the next frame on.
        keyterms: words to expect.
    """

    def __init__(self, models: Models, thresholds: Thresholds, keyterms: Iterable[str] = ()) -> None:
        self.thresholds = thresholds
        self._recogniser = Recogniser(models, keyterms)
        self._tokenizer = models.tokenizer
        self._detector = Silero(models.detector)
        self._voice = Voice()
        self._likelihood = Likelihood()
        self._turns = TurnStream()
        self._transcriber: Transcriber | None = None
        self._rest = np.zeros(0, np.float32)
        self._memory: deque[Samples] = deque(maxlen=int(_MEMORY_S / FRAME_S))
        self._onset = 0.0  # seconds since the start of the voice that may become a turn
        self._speech_start = 0.0  # of the open turn, seconds of audio heard
        self._frames = 0
        self._trace: deque[tuple[float, float]] = deque(maxlen=_TRACE_LENGTH)
        self._finished = False

    @property
    def likelihood(self) -> float:
        """How likely the user is inside a turn (0..1), after the last frame."""
        return self._likelihood.value

    def trace(self) -> list[tuple[float, float]]:
        """Return (seconds of audio heard, likelihood) for each frame since the last call, the newest half minute."""
        points = list(self._trace)
        self._trace.clear()
        return points

    def feed(self, samples: Samples) -> list[TurnEvent]:
        """Process the next samples, shape (n,), mono, 16 kHz; return the events. After `finish`: none."""
        if self._finished:
            return []
        audio = np.concatenate((self._rest, _sanitized(samples)))
        whole = len(audio) // FRAME * FRAME
        self._rest = audio[whole:]
        heard: list[TurnEvent] = []
        for start in range(0, whole, FRAME):
            heard += self._frame(audio[start : start + FRAME])
        return heard

    def end_turn(self) -> list[TurnEvent]:
        """End the open turn, if there is one; speech that goes on begins another."""
        return self._close(Trigger.MANUAL)

    def finish(self) -> list[TurnEvent]:
        """Process the remaining samples and end the open turn."""
        if self._finished:
            return []
        heard = self.feed(np.zeros(-len(self._rest) % FRAME, np.float32))
        self._finished = True
        return heard + self._close(Trigger.CLOSED)

    def _frame(self, frame: Samples) -> list[TurnEvent]:
        self._frames += 1
        probability = self._detector.probability(frame)
        voiced = self._voice.update(probability)
        if voiced:
            self._likelihood.rise(probability)
        else:
            complete = self._transcriber.completeness if self._transcriber else UNKNOWN
            self._likelihood.fall(self._voice.silence, complete)
        self._remember(frame, voiced=voiced)
        if self._transcriber is not None:
            self._transcriber.feed(frame, voiced=voiced)
        value = self._likelihood.value
        events = _confident(self._decide(), value)
        self._trace.append((self._position, self._likelihood.value))
        return events

    @property
    def _position(self) -> float:
        return self._frames * FRAME_S

    def _remember(self, frame: Samples, *, voiced: bool) -> None:
        self._memory.append(frame)
        if self._voice.silence >= LEAD_S:
            self._onset = 0.0
        elif self._onset or voiced:
            self._onset = min(self._onset + FRAME_S, _MEMORY_S)

    def _decide(self) -> list[TurnEvent]:
        """Compare the likelihood with the thresholds."""
        value, limits = self._likelihood.value, self.thresholds
        if self._transcriber is None:
            return [self._start()] if value > limits.start else []
        events: list[TurnEvent] = []
        may_end = self._voice.silence * 1000 >= limits.min_silence_ms
        if self._turns.state is State.EAGER_END and value > limits.start:
            events.append(self._turns.resume(self._position))
        if self._turns.state is State.SPEAKING:
            if (update := self._turns.update(self._transcriber.text, self._position)) is not None:
                events.append(self._with_words(update))
            if (may_end or limits.hasty_eager_end) and value < limits.eager_end:
                events.append(self._with_words(self._turns.eager_end(self._transcriber.finalize(), self._position)))
        if may_end and value < limits.end:
            events.append(self._end(Trigger.MODEL))
        elif self._voice.silence * 1000 >= limits.end_timeout_ms:
            events.append(self._end(Trigger.TIMEOUT))
        return events

    def _start(self) -> TurnEvent:
        lead = list(self._memory)[-int((self._onset + LEAD_S) / FRAME_S) :]
        self._transcriber = Transcriber(self._recogniser, self._tokenizer, np.concatenate(lead))
        start = self._turns.start(self._position)
        self._speech_start = max(0.0, self._position - self._onset)
        return msgspec.structs.replace(start, speech_start=self._speech_start)

    def _close(self, trigger: Trigger) -> list[TurnEvent]:
        value = self._likelihood.value
        return _confident([self._end(trigger)], value) if self._transcriber is not None else []

    def _end(self, trigger: Trigger) -> TurnEvent:
        assert self._transcriber is not None
        event = self._with_words(self._turns.end(self._transcriber.finalize(), self._position, trigger))
        self._transcriber = None
        self._likelihood.reset()
        # The audio so far belongs to the turn that ended, except the silence since.
        quiet = int(self._voice.silence / FRAME_S)
        self._memory = deque(
            list(self._memory)[len(self._memory) - min(quiet, len(self._memory)) :], self._memory.maxlen
        )
        return event

    def _with_words(self, event: TurnEvent) -> TurnEvent:
        """Say in an event how sure the recogniser is of each word, and about when it was said."""
        assert self._transcriber is not None
        end = max(self._speech_start, self._position - self._voice.silence)
        return msgspec.structs.replace(event, words=self._transcriber.words(self._speech_start, end))


def _confident(events: list[TurnEvent], likelihood: float) -> list[TurnEvent]:
    """Say in each event how likely it is that the turn has ended."""
    return [msgspec.structs.replace(event, confidence=1 - likelihood) for event in events]


def _sanitized(samples: Samples) -> Samples:
    """Return samples that are safe for the models: finite, within full scale."""
    return np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1, 1).astype(np.float32, copy=False)
