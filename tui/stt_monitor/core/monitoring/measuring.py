"""Measures finished turns against all that a session knows of its sound."""

from typing import Final

import msgspec

from stt_monitor.core.dialect import Dialect
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.agent.side import with_agent
from stt_monitor.core.metrics.marks import Marks, marks_of
from stt_monitor.core.metrics.turn_metrics import measure
from stt_monitor.core.monitoring.sent_audio import SentAudio
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sound.likelihood import LikelihoodCurve
from stt_monitor.core.sound.reference_speech import ReferenceSpeech
from stt_monitor.core.turns.waiting_turns import WaitingTurn
from stt_monitor.core.why.likelihood import held


class Measuring:
    """Measures the turns of one session. Its parts are updated by their owners."""

    def __init__(
        self, audio: SentAudio, likelihood: LikelihoodCurve, dialect: Dialect, agent: ReferenceSpeech | None
    ) -> None:
        """Prepare to measure.

        Args:
            audio: the audio sent.
            likelihood: of being inside a turn.
            dialect: of the service.
            agent: what the agent of the call says; None: its side is not heard.
        """
        self.agent: Final = agent
        self._clock = audio.clock
        self._slowness = audio.slowness
        self._server_lags = audio.server_lags
        self._likelihood = likelihood
        self._dialect = dialect
        self._marks: dict[TurnSettings, Marks] = {}

    def measured(self, waiting: WaitingTurn, speech: ReferenceSpeech | None) -> FinishedTurn:
        """Return a turn with its metrics as known now, by this reference speech; None without any."""
        turn = waiting.turn
        figures = measure(turn, waiting.since, speech, self._dialect.schema.end_timeout_s(turn.settings))
        if self.agent is not None and speech is not None:
            figures = with_agent(figures, turn, waiting.since, speech, self.agent)
        heard_from = turn.started_at - (figures.onset_latency or 0.0)
        begins, ends = figures.speech_start_position, figures.speech_end_position
        causes = self._slowness.causes(heard_from, turn.over_at)
        figures = msgspec.structs.replace(
            figures.excused() if causes else figures,
            slow=bool(causes),
            slow_because=causes,
            pending=figures.pending or waiting.awaits_text,
            speech_start_in_file=None if begins is None else self._clock.in_file(begins),
            speech_end_in_file=None if ends is None else self._clock.in_file(ends, end=True),
        )
        started, over = self._clock.position_at(turn.started_at), self._clock.position_at(turn.over_at)
        marks = self.marks_of(turn.settings, speech).of_turn(turn)
        silent_since = turn.started_at if figures.eot_latency is None else turn.over_at - figures.eot_latency
        finished = FinishedTurn(
            turn,
            figures,
            started,
            over,
            marks,
            waiting.awaits_text,
            self._clock.in_file(over, end=True),
            send_lag=self._clock.longest_send_lag(silent_since, turn.over_at),
            server_lag=self._server_lags.longest(silent_since, turn.over_at),
        )
        points = self._likelihood.between(turn.started_at, turn.over_at)
        if not points:
            return finished
        return msgspec.structs.replace(finished, held=held(finished, self._dialect.schema, points))

    def marks_of(self, settings: TurnSettings, speech: ReferenceSpeech | None) -> Marks:
        """Return the marks of the service under these settings, the same object each time."""
        if settings not in self._marks:
            labelled_turns = speech is not None and speech.labelled_turns
            self._marks[settings] = marks_of(
                self._dialect, settings, labelled_turns=labelled_turns, with_agent=self.agent is not None
            )
        return self._marks[settings]
