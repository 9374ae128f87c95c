"""Whole sessions made up at random, all of them legal: what must hold of every one."""

import json
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st
from tests.support.examples import tried

from stt_monitor.core.journal import (
    Began,
    CloseSent,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Finished,
    HealthReported,
    Returned,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.metrics.units import in_data
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.services.cartesia import DIALECT

SESSION = SessionRecord(
    "2026-01-01T00:00:00Z", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(), "vad"
)  # fmt: skip
CHUNK_S = 0.1
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing session is told as it is: making it smaller takes minutes."""
TO_THE_TENTH_MS = 0.051
"""Figures go on record in milliseconds, to a tenth."""

ACTIONS = ("wait", "speak", "start", "text", "eager", "resume", "end", "drop", "dead")
NEXT = {"idle": {"start"}, "speaking": {"text", "eager", "end"}, "eager_end": {"text", "resume", "end"}}
"""What the service may say, by its state (protocol.md 6.1)."""


@dataclass
class World:
    """What happens: the sound, somebody who speaks, and a service that keeps to the protocol."""

    lag: float
    """How many seconds of sound the speech detector wants before it makes up its mind; inf: until the very end."""
    slow_s: float
    """How long a chunk takes to be sent."""
    entries: list[Entry] = field(default_factory=lambda: [Began(SESSION)])
    at: float = 0.0
    state: str = "idle"
    text: str = ""
    speaking: bool = False
    position: float = 0.0
    put_off: float = 0.0
    connected_from: float = 0.0
    returned: float = 0.0
    edges: list[tuple[float, bool]] = field(default_factory=list)
    """Untold: where, and whether it is an onset."""
    guesses: list[float] = field(default_factory=list)
    """Eager ends that were said, in all turns: when."""
    resumed: int = 0
    leads: list[float] = field(default_factory=list)
    """How long before the turn's end the guess came that stood."""
    standing: float | None = None
    closing: bool = False

    def connect(self) -> None:
        self.put_off, self.connected_from = self.at - self.position, self.position
        self.entries.append(ConnectionChanged(self.at, Connection.CONNECTED))
        self.hear({"type": "connected"})

    def pass_time(self, seconds: float) -> None:
        """Let sound be sent; the detector hears it, and tells what it has made out."""
        self.at += seconds
        while self.put_off + self.position + CHUNK_S + self.slow_s <= self.at:
            spoken_at = self.put_off + self.position
            chunk = SentChunk(self.position, CHUNK_S, spoken_at, spoken_at + CHUNK_S + self.slow_s)
            self.entries.append(Sent(chunk, -20.0))
            self.position += CHUNK_S
            self.tell_speech(self.position - self.lag)

    def tell_speech(self, until: float) -> None:
        while self.edges and self.edges[0][0] <= until:
            position, onset = self.edges.pop(0)
            self.entries.append((SpeechOnset if onset else SpeechEnd)(self.at, position))
        if until > 0 and until < inf:
            self.entries.append(SpeechDecided(self.at, until))

    def hear(self, event: dict[str, str]) -> None:
        self.entries.append(received(self.at, json.dumps(event)))

    def speak(self) -> None:
        """Begin to speak, or stop: now, that is in the chunk that is being spoken."""
        position = self.at - self.put_off
        if not self.edges or self.edges[-1][0] < position:
            self.speaking = not self.speaking
            self.edges.append((position, self.speaking))

    def say(self, action: str) -> None:
        """Have the service say something, if it may."""
        if action not in NEXT[self.state]:
            return
        if action in ("text", "eager", "end"):
            self.text += " word" if self.text else "word"
        event = {"start": "turn.start", "text": "turn.update", "eager": "turn.eager_end"}
        wire = {"type": event.get(action, f"turn.{action}")}
        if action not in ("start", "resume"):
            wire["transcript"] = self.text
        self.hear(wire)
        match action:
            case "start":
                self.state, self.text = "speaking", ""
            case "eager":
                self.state, self.standing = "eager_end", self.at
                self.guesses.append(self.at)
            case "resume":
                self.state, self.standing = "speaking", None
                self.resumed += 1
            case "end":
                if self.standing is not None and not self.closing:
                    self.leads.append(self.at - self.standing)
                self.state, self.standing = "idle", None

    def lose(self, *, dead: bool) -> None:
        """Lose the connection, and get another a while later; a dead one has not taken the last second."""
        if dead and (length := min(1.0, self.position - self.connected_from)) > 0:
            self.entries.append(Returned(self.at, self.position - length, length))
            self.returned += length
        self.entries.append(ConnectionLost(self.at))
        self.state, self.standing, self.text = "idle", None, ""
        self.at += 0.7
        self.entries.append(HealthReported(self.at, unconfirmed_s=0.1))
        self.connect()

    def act(self, action: str) -> None:
        match action:
            case "wait":
                self.pass_time(1.0)
            case "speak":
                self.speak()
            case "drop" | "dead":
                self.lose(dead=action == "dead")
            case _:
                self.say(action)

    def finish(self) -> None:
        self.entries.append(CloseSent(self.at))
        self.closing = True
        self.at += 0.2
        if self.state != "idle":
            self.say("end")
        self.tell_speech(inf)
        self.entries += [ConnectionLost(self.at), SpeechFinished(self.at), Finished(self.at)]


@dataclass
class Outcome:
    world: World
    records: list[Record]
    snapshot: Snapshot
    pending: list[int]
    """How many turns were pending, after each entry."""

    @property
    def turns(self) -> list[TurnRecord]:
        return [record for record in self.records if isinstance(record, TurnRecord)]

    @property
    def summary(self) -> SummaryRecord:
        summary = self.records[-1]
        assert isinstance(summary, SummaryRecord)
        return summary


Plan = list[tuple[str, int]]
"""What is done, and how many milliseconds after what was done before."""


def live(plan: Plan, *, lag: float = 0.4, slow_ms: int = 3) -> Outcome:
    world = World(lag, slow_ms / 1000)
    world.connect()
    for action, ms in plan:
        world.pass_time(ms / 1000)
        world.act(action)
    world.finish()
    began, *rest = world.entries
    assert isinstance(began, Began)
    monitor = Monitor.begin(began, DIALECT)
    records: list[Record] = []
    pending = []
    for entry in rest:
        records += monitor.apply(entry)
        shown = monitor.snapshot(entry.at, running=True)
        pending.append(sum(finished.metrics.pending for finished in shown.finished))
    return Outcome(world, records, monitor.snapshot(world.at, running=False), pending)


plans = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS[:-2]) | st.sampled_from(ACTIONS),  # connections are lost less often than words said
        st.integers(1, 1500),
    ),
    max_size=60,
)
outcomes = st.builds(live, plans, lag=st.floats(0.05, 1.5) | st.just(inf), slow_ms=st.integers(0, 300))


def lines(outcome: Outcome) -> list[dict[str, Any]]:
    return [json.loads(to_json(turn)) for turn in outcome.turns]


def is_summarised(turn: dict[str, Any]) -> bool:
    return not turn["first_of_connection"] and not turn["slow"] and turn["end_reason"] not in ("closed", "dangling")


def whole_text(turns: list[dict[str, Any]]) -> str:
    """Join the texts: a new connection knows of none before, so its first one lacks the space between."""
    said = ""
    for turn in turns:
        text = turn["transcript"] if turn["end_reason"] != "dangling" else ""
        said += (" " if turn["first_of_connection"] and said and text else "") + text
    return said


@given(outcomes)
@tried(150, phases=NO_SHRINKING)
def test_what_holds_of_every_session(outcome: Outcome):
    counts, turns, summary, world = outcome.summary.counts, lines(outcome), outcome.summary, outcome.world

    # It was legal.
    assert counts.violations == counts.errors == counts.unknown_events == 0

    # Each turn is on record once, in order, with its final figures; none stays pending.
    assert [turn["turn"] for turn in turns] == list(range(1, counts.turns + 1))
    assert len(turns) == summary.turns == counts.turns == len(outcome.snapshot.finished)
    assert outcome.pending[-1] == 0
    for turn, finished in zip(turns, outcome.snapshot.finished, strict=True):
        for metric in TURN_METRICS:
            assert turn[metric.column] == in_data(getattr(finished.metrics, metric.key), metric.unit)

    # Nothing is negative, and the lead is what lies between the guess that stood and the end.
    for turn in turns:
        for metric in TURN_METRICS:
            assert turn[metric.column] is None or turn[metric.column] >= 0
        if turn["eot_latency_ms"] is not None and turn["eager_latency_ms"] is not None:
            lead = turn["eot_latency_ms"] - turn["eager_latency_ms"]
            assert turn["eager_lead_ms"] == pytest.approx(lead, abs=3 * TO_THE_TENTH_MS)
        if turn["speech_start_s"] is not None and turn["speech_end_s"] is not None:
            assert turn["speech_start_s"] <= turn["speech_end_s"]
        if turn["end_reason"] in ("closed", "dangling"):
            assert turn["eot_latency_ms"] is turn["eager_lead_ms"] is turn["eager_latency_ms"] is None
    leads = [turn["eager_lead_ms"] for turn in turns if turn["eager_lead_ms"] is not None]
    assert leads == pytest.approx([lead * 1000 for lead in world.leads], abs=TO_THE_TENTH_MS)

    # The counts are what was said, and what the turns say.
    assert counts.eager_ends == len(world.guesses) >= counts.eager_ends_confirmed + counts.resumes
    assert counts.eager_ends_confirmed == len(world.leads) == len(leads)
    assert counts.resumes == world.resumed
    assert counts.eager_ends == sum(turn["eager_ends"] for turn in turns)
    assert counts.resumes == sum(turn["resumes"] for turn in turns)
    judged = [turn for turn in turns if not turn["slow"]]
    assert counts.false_cutoffs == sum(turn["false_cutoff"] is True for turn in judged)
    assert counts.spurious == sum(turn["spurious"] is True for turn in judged)
    assert counts.missed >= 0

    reasons = [turn["end_reason"] for turn in turns]
    assert (counts.closed, counts.dangling) == (reasons.count("closed"), reasons.count("dangling"))

    # The summary is what the turns say that the service ended and nothing held up, without each connection's first.
    for metric in TURN_METRICS:
        name = metric.column
        values = [turn[name] for turn in turns if turn[name] is not None and is_summarised(turn)]
        expected, said = summarise(values), getattr(summary, name)
        assert said.n == expected.n
        for percentile in ("p50", "p90", "p95", "p99", "max"):
            value = getattr(expected, percentile)
            assert getattr(said, percentile) == (None if value is None else pytest.approx(value, abs=TO_THE_TENTH_MS))
    assert summary.transcript == whole_text(turns)


@pytest.mark.slow
@given(plans, st.floats(0.05, 1.5), st.integers(0, 300))
@tried(80, phases=NO_SHRINKING)
def test_when_the_detector_makes_up_its_mind_changes_no_figure(plan: Plan, lag: float, slow_ms: int):
    early, late, last = (live(plan, lag=seconds, slow_ms=slow_ms) for seconds in (0.0, lag, inf))

    def figures(outcome: Outcome) -> list[dict[str, Any]]:
        return [{name: value for name, value in line.items() if name != "t"} for line in lines(outcome)]

    assert figures(early) == figures(late) == figures(last)
    assert early.summary.counts == late.summary.counts


@given(outcomes)
@tried(50, phases=NO_SHRINKING)
def test_a_turn_goes_on_record_when_it_is_pending_no_longer(outcome: Outcome):
    at = [record.t for record in outcome.turns]
    assert at == sorted(at)
    for record, finished in zip(outcome.turns, outcome.snapshot.finished, strict=True):
        last = finished.turn.ended_at if finished.turn.ended_at is not None else finished.turn.event_times[-1]
        assert record.t >= round(last, 4)


@given(outcomes)
@tried(50, phases=NO_SHRINKING)
def test_all_sound_is_accounted_for(outcome: Outcome):
    health, world = outcome.summary.health, outcome.world
    sent = sum(entry.chunk.length for entry in world.entries if isinstance(entry, Sent))
    assert health.audio_sent_s == pytest.approx(sent, abs=0.001)
    assert health.resent_s == pytest.approx(world.returned, abs=0.001)
    assert outcome.snapshot.audio.position == pytest.approx(sent)
    assert outcome.snapshot.audio.played == pytest.approx(sent - world.returned)
    assert 0 <= health.send_lag <= health.send_lag_max
    assert health.send_lag_max == pytest.approx(world.slow_s if sent else 0.0)
