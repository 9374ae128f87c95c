"""A service made up of a likelihood and limits, and sessions with it: the same sound under any settings.

Its likelihood rises with voice and falls in silence, and begins anew after each turn, whatever the limits are.
"""

import json
from collections.abc import Sequence
from math import exp
from typing import NamedTuple

from stt_monitor.core.journal import (
    Configured,
    ConnectionChanged,
    Finished,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.services.cartesia import DIALECT, SERVICE

STEP_S = 0.032
DELAY_S = 0.02
"""From a decision until its message is there."""
LEAD_S = 0.5
IGNORED_S = 0.1
"""Silence in which the likelihood does not fall yet."""

Sound = Sequence[tuple[float, float]]
"""Seconds of voice, and of the silence after it, again and again."""


class Told(NamedTuple):
    """What the service decided, at seconds of audio."""

    kind: str
    at: float


def session(
    sound: Sound,
    turn: TurnSettings,
    *,
    pace: float = 0.6,
    reference: str = "vad",
    every: int = 1,
    records: list[Record] | None = None,
    changed: tuple[float, TurnSettings] | None = None,
) -> Snapshot:
    """Return a session over a sound under settings. Labels say that all of the sound is one turn.

    Args:
        sound: what is said.
        turn: the settings.
        pace: time constant of the fall, seconds.
        reference: source of reference speech.
        every: steps between two points of the likelihood that are told, beside those at the end of a turn.
        records: gets what is told of turns.
        changed: other settings, and when they come into force.
    """
    settings = Settings(model=SERVICE.model, turn=turn)
    record = SessionRecord(
        "2026-11-22T09:00:00Z", "talk.wav", "ws://127.0.0.1:1", SERVICE.model, "pcm_s16le", 16_000, 32, settings,
        reference, labelled_turns=reference == "labels",
    )  # fmt: skip
    monitor = Monitor(record, DIALECT, tells_others=records is not None)
    told_of_turns = records if records is not None else []
    monitor.apply(ConnectionChanged(0.0, Connection.CONNECTED, local=True))
    limits = SERVICE.schema.completed(turn)
    edges = _edges(sound)
    likelihood = _Likelihood(pace)
    state, at = "idle", 0.0
    for step in range(round((edges[-1] + sound[-1][1]) / STEP_S)):
        position, at = step * STEP_S, (step + 1) * STEP_S
        monitor.apply(Sent(SentChunk(position, STEP_S, position, at + 0.001), -20.0))
        if changed is not None and position <= changed[0] < at:
            monitor.apply(Configured(at, changed[1]))
            limits = SERVICE.schema.completed(changed[1])
        likelihood.hear(voice=_is_voice(edges, at))
        state, told = _decide(state, likelihood, limits)
        for kind in told:
            monitor.apply(received(at + DELAY_S, json.dumps({"type": kind, "request_id": "r", "transcript": "so"})))
        point = [round(at, 4), round(likelihood.value, 4)]
        if step % every == 0 or "turn.end" in told:
            monitor.apply(received(at + DELAY_S, json.dumps({"type": "x.likelihood", "points": [point], "lag": 0.0})))
        for number, edge in enumerate(edges):
            if position < edge <= at and reference != "none":
                inside = record.labelled_turns and 0 < number < len(edges) - 1
                monitor.apply((SpeechEnd if number % 2 else SpeechOnset)(at + DELAY_S, edge, inside))
        told_of_turns += monitor.apply(SpeechDecided(at + DELAY_S, position))
    told_of_turns += monitor.apply(SpeechFinished(at + 1))
    monitor.apply(Finished(at + 1))
    return monitor.snapshot(at + 1, running=False)


class _Likelihood:
    def __init__(self, pace: float) -> None:
        self.value = 0.0
        self.silence = 60.0
        self._pace, self._peak = pace, 0.0

    def hear(self, *, voice: bool) -> None:
        if voice:
            self.silence = 0.0
            self.value += 0.6 * (1 - self.value)
            self._peak = self.value
        else:
            self.silence += STEP_S
            self.value = min(self.value, self._peak * exp(-max(0.0, self.silence - IGNORED_S) / self._pace))

    def reset(self) -> None:
        self.value = self._peak = 0.0


def _decide(state: str, likelihood: _Likelihood, limits: TurnSettings) -> tuple[str, list[str]]:
    value, told = likelihood.value, []
    if state == "idle":
        return ("speaking", ["turn.start"]) if value > limits["start_threshold"] else (state, [])
    if state == "eager" and value > limits["start_threshold"]:
        state = "speaking"
        told.append("turn.resume")
    if state == "speaking" and value < limits["eager_end_threshold"]:
        state = "eager"
        told.append("turn.eager_end")
    if value < limits["end_threshold"] or likelihood.silence >= limits["end_timeout_ms"] / 1000:
        state = "idle"
        told.append("turn.end")
        likelihood.reset()
    return state, told


def _edges(sound: Sound) -> list[float]:
    at, edges = LEAD_S, []
    for voice, silence in sound:
        edges += [at, at + voice]
        at += voice + silence
    return edges


def _is_voice(edges: list[float], at: float) -> bool:
    return sum(edge < at for edge in edges) % 2 == 1
