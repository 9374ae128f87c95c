"""Settings that change in mid-session: which turns ran under which, and what they came to."""

import json

import pytest

from stt_monitor.core.events import Connected, Event, SettingsApplied, TurnStart
from stt_monitor.core.journal import (
    Configured,
    ConnectionLost,
    Finished,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechOnset,
    received,
)
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.core.records.session import ConfigRecord, SessionRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.settings.state import difference
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.services.cartesia import DIALECT

EARLY = TurnSettings(end_threshold=0.4)
LATE = TurnSettings(end_threshold=0.1)
PATIENT = TurnSettings(end_timeout_ms=8000)


class Story:
    """A session whose audio is spoken at the position that it has."""

    def __init__(self, turn: TurnSettings = EARLY) -> None:
        session = SessionRecord(
            "2026-01-01T00:00:00Z", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(turn=turn), "vad"
        )
        self.monitor = Monitor(session, DIALECT)
        self.records: list[Record] = []
        self._sent = 0.0
        self.said(0.0, "connected")

    def to(self, at: float) -> None:
        while self._sent + 0.1 <= at:
            self.monitor.apply(Sent(SentChunk(self._sent, 0.1, self._sent, self._sent + 0.1)))
            self._sent += 0.1

    def said(self, at: float, kind: str, **fields: object) -> None:
        self.to(at)
        self.records += self.monitor.apply(received(at, json.dumps({"type": kind, **fields})))

    def configured(self, at: float, turn: TurnSettings) -> None:
        self.records += self.monitor.apply(Configured(at, turn))

    def spoken(self, onset: float, end: float) -> None:
        self.to(end)
        self.monitor.apply(SpeechOnset(onset, onset))
        self.monitor.apply(SpeechEnd(end, end))

    def turn(self, onset: float, eot: float, change: TurnSettings | None = None) -> None:
        """A second of speech whose end is told `eot` seconds late; in the middle of it, a change of the settings."""
        self.said(onset + 0.2, "turn.start")
        if change is not None:
            self.configured(onset + 0.5, change)
        self.spoken(onset, onset + 1)
        self.said(onset + 1 + eot, "turn.end", transcript="so")
        self.to(onset + 5)
        self.records += self.monitor.apply(SpeechDecided(onset + 5, onset + 5))

    @property
    def turns(self) -> list[TurnRecord]:
        return [record for record in self.records if isinstance(record, TurnRecord)]


def test_a_turn_is_stamped_with_the_settings_that_it_ran_under():
    story = Story()
    story.turn(0, 0.3)
    story.configured(9, LATE)
    story.turn(10, 0.6)
    assert [turn.settings for turn in story.turns] == [EARLY, LATE]
    assert [finished.turn.settings for finished in story.monitor.snapshot(20, running=True).finished] == [EARLY, LATE]
    written = [json.loads(to_json(turn))["settings"] for turn in story.turns]
    assert written == [{"end_threshold": 0.4}, {"end_threshold": 0.1}]


def test_of_settings_that_change_in_mid_turn_the_last_count():
    story = Story()
    story.said(0.2, "turn.start")
    story.configured(0.5, LATE)
    open_turn = story.monitor.snapshot(0.6, running=True).open_turn
    assert open_turn is not None
    assert open_turn.settings == LATE
    story.said(1.5, "turn.end", transcript="so")
    story.monitor.apply(Finished(2))
    assert story.monitor.snapshot(2, running=False).finished[0].turn.settings == LATE


def test_a_turn_that_the_connection_was_lost_in_is_stamped_too():
    story = Story()
    story.said(0.2, "turn.start")
    story.configured(0.5, LATE)
    story.monitor.apply(ConnectionLost(0.7))
    assert story.monitor.snapshot(1, running=True).finished[0].turn.settings == LATE


def test_a_change_goes_on_record():
    story = Story()
    story.configured(9.00004, LATE)
    assert to_json(story.records[-1]) == '{"kind":"config","t":9.0,"settings":{"end_threshold":0.1},"refused":false}'


def test_a_timeout_is_told_by_the_settings_of_the_turn():
    story = Story(TurnSettings(end_timeout_ms=1000))
    story.turn(0, 1.5)
    story.configured(9, PATIENT)
    story.turn(10, 1.5)
    assert [turn.end_reason for turn in story.turns] == ["timeout", "threshold"]


def test_figures_are_split_by_the_settings():
    story = Story()
    for number, eot in enumerate([0.9, 0.2, 0.3, 0.4]):  # the first one of the connection stays out
        story.turn(10 * number, eot)
    story.configured(39, LATE)
    for number, eot in enumerate([0.7, 0.8], 4):
        story.turn(10 * number, eot)
    story.configured(59, EARLY)
    story.turn(60, 0.3)
    first, second = story.monitor.snapshot(70, running=True).groups
    assert (first.settings, first.turns, first.counts.turns) == (EARLY, 5, 5)
    assert first.summaries["eot_latency"].n == 4
    assert first.summaries["eot_latency"].p50 == pytest.approx(0.3)
    assert (second.settings, second.turns) == (LATE, 2)
    assert second.summaries["eot_latency"].p50 == pytest.approx(0.75)


def test_counts_are_split_by_the_settings_that_a_turn_ended_under():
    story = Story()
    story.said(0.2, "turn.start")
    story.said(0.4, "turn.eager_end", transcript="so")
    story.said(0.5, "turn.resume")
    story.configured(0.6, LATE)
    story.said(0.7, "turn.eager_end", transcript="so")
    story.said(0.8, "turn.end", transcript="so")
    (group,) = story.monitor.snapshot(1, running=True).groups
    assert group.settings == LATE
    assert (group.counts.eager_ends, group.counts.resumes, group.counts.eager_ends_confirmed) == (2, 1, 1)


def test_speech_that_was_missed_counts_where_it_was_spoken():
    story = Story()
    story.spoken(1, 2)  # nobody makes a turn of it
    story.configured(3, LATE)
    story.to(9)
    story.monitor.apply(SpeechDecided(9, 9))
    (group,) = story.monitor.snapshot(9, running=True).groups
    assert (group.settings, group.turns, group.counts.missed) == (EARLY, 0, 1)


def test_settings_that_nothing_happened_under_make_no_group():
    story = Story()
    for step in range(50):
        story.configured(step / 10, TurnSettings(end_threshold=0.1 + step / 1000))
    assert story.monitor.snapshot(6, running=True).groups == ()


def test_groups_sum_up_to_the_whole():
    story = Story()
    for number, eot in enumerate([0.9, 0.2, 0.3, 0.4]):
        story.turn(10 * number, eot, change=LATE if number % 2 else EARLY)
    snapshot = story.monitor.snapshot(50, running=True)
    assert sum(group.turns for group in snapshot.groups) == snapshot.counts.turns == 4
    assert sum(group.summaries["eot_latency"].n for group in snapshot.groups) == snapshot.summaries["eot_latency"].n


def test_a_refused_change_is_taken_back():
    story = Story()
    story.configured(1.0, LATE)
    story.said(1.2, "error", status_code=400, title="Invalid turn thresholds", message="no")
    assert story.monitor.settings == EARLY
    assert story.records[-1] == ConfigRecord(1.2, EARLY, refused=True)
    assert story.monitor.snapshot(1.3, running=True).error == "Invalid turn thresholds: no"
    story.turn(2, 0.3)
    assert story.turns[0].settings == EARLY


@pytest.mark.parametrize(("at", "status"), [(3.1, 400), (1.2, 500), (1.2, 429)])
def test_an_error_about_something_else_takes_nothing_back(at: float, status: int):
    story = Story()
    story.configured(1.0, LATE)
    story.said(at, "error", status_code=status, title="Something else")
    assert story.monitor.settings == LATE


def test_of_two_changes_only_the_refused_one_is_taken_back():
    story = Story()
    story.configured(1.0, PATIENT)
    story.configured(1.1, LATE)
    story.said(1.2, "error", title="Invalid turn thresholds")
    story.said(1.3, "error", title="Something else")
    assert story.monitor.settings == PATIENT


def test_an_error_of_another_connection_is_about_none_of_its_settings():
    story = Story()
    story.configured(1.0, LATE)
    story.monitor.apply(ConnectionLost(1.1))
    story.said(1.2, "error", status_code=400, title="Invalid turn thresholds")
    assert story.monitor.settings == LATE


OTHERS = "the service has other settings in force than it was asked for: "


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Connected(), ""),
        (Connected("it has no turns"), "it has no turns"),
        (Connected(in_force={"end_threshold": 0.1, "end_timeout_ms": 8000.0}), ""),
        (Connected(in_force={"end_threshold": 0.3}), f"{OTHERS}end_threshold is 0.3, not 0.1"),
        (SettingsApplied({"end_threshold": 0.1 + 1e-9, "start_threshold": 0.5}), ""),
        (
            SettingsApplied({"end_threshold": 0.2, "end_timeout_ms": 640}),
            f"{OTHERS}end_threshold is 0.2, not 0.1, end_timeout_ms is 640, not 8000",
        ),
        (TurnStart(), ""),
    ],
)
def test_settings_in_force_that_were_not_asked_for_are_said(event: Event, said: str):
    assert difference(event, TurnSettings(end_threshold=0.1, end_timeout_ms=8000)) == said
