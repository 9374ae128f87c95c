"""What becomes of calls that no session of our own would have: odd frames, haste, secrets, bugs, ends of all kinds."""

import json
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.overheard import BEGAN, CLOSE, PATH, Line, Overhearing
from websockets.frames import Frame, Opcode

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.vad.reference import EdgeKind, SpeechEdge
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.headless.plain_mixed import lines_of_calls
from stt_monitor.recording.recorder import Recorder
from stt_monitor.services.base import Audio, Site
from stt_monitor.services.registry import service
from stt_monitor.services.server_side import Head
from stt_monitor.tap.events import CallAnswered, CallBegan, CallBytes, CallDropped, CallEvent, CallHeldUp
from stt_monitor.tap.sessions.call_speech import TOO_SLOW
from stt_monitor.tap.sessions.session import FELL_BEHIND, TOO_FAST

RATE = 16_000
SECRET = "sk_live_0123456789abcdef"


class Spoken:
    """Finds one span of speech, from one position to another."""

    def __init__(self, onset: float, end: float) -> None:
        self._edges = [SpeechEdge(EdgeKind.ONSET, onset), SpeechEdge(EdgeKind.END, end)]
        self._bytes = 0
        self.decided_until = 0.0
        self.speaking = False

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:  # noqa: ARG002  of `SpeechFinder`
        assert len(data) % 2 == 0
        self._bytes += len(data)
        self.decided_until = self._bytes / 2 / RATE
        found = [edge for edge in self._edges if edge.position <= self.decided_until]
        self._edges = self._edges[len(found) :]
        return found

    async def detect(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        return self.feed(data, recorded_at)

    def finish(self) -> list[SpeechEdge]:
        found, self._edges = self._edges, []
        return found


def spoken(_: AudioFormat) -> Spoken:
    return Spoken(0.5, 1.5)


def turn(line: Line, start: float, end: float) -> list[CallEvent]:
    return [
        line.says(start, "turn.start"),
        line.says(end - 0.1, "turn.eager_end", transcript="Hello"),
        line.says(end, "turn.end", transcript="Hello"),
    ]


def sound(line: Line, seconds: float, frame_s: float = 0.1, pace: float = 1.0, begin: float = 0.0) -> list[CallEvent]:
    """Send silence, each frame as its last sample is spoken."""
    count = round(seconds / frame_s)
    data = bytes(round(frame_s * RATE) * 2)
    return [line.agent(begin + (number + 1) * frame_s / pace, data) for number in range(count)]


def in_order(events: list[CallEvent]) -> list[CallEvent]:
    return sorted(events, key=lambda event: event.at)


def one_call(line: Line, *more: CallEvent, seconds: float = 4.0, pace: float = 1.0) -> Iterator[CallEvent]:
    yield from line.begins()
    yield line.says(0.01, "connected")
    yield from in_order([*sound(line, seconds, pace=pace), *more])
    yield line.closes(seconds + 0.5, 1000)
    yield line.ends(seconds + 0.5)


def test_latencies_count_from_the_arrival_of_the_last_sample() -> None:
    line, heard = Line(), Overhearing(spoken)
    heard.handle(*one_call(line, *turn(line, 0.8, 2.0)))
    (told,) = heard.lines("turn")
    assert (told["onset_latency_ms"], told["eager_latency_ms"], told["eot_latency_ms"]) == (300.0, 400.0, 500.0)
    assert not told["slow"]
    (summary,) = heard.lines("summary")
    assert summary["health"]["audio_sent_s"] == pytest.approx(4.0)
    assert not heard.problems
    assert not heard.calls.waiting


def stalls(*more: CallEvent, unacknowledged: int | None = None) -> list[dict[str, Any]]:
    """Return the stalls of a call in which somebody speaks from 0.5 s on, and only `more` comes from the service."""
    line, heard = Line(), Overhearing(lambda _: Spoken(0.5, 60.0))
    heard.handle(
        *(
            msgspec.structs.replace(event, unacknowledged=unacknowledged)
            if isinstance(event, CallBytes) and event.from_agent
            else event
            for event in one_call(line, *more, seconds=10.0)
        )
    )
    return heard.lines("stall")


def test_a_call_on_which_nothing_comes_is_a_stall_whose_cause_nobody_can_tell() -> None:
    began, over = stalls()
    assert (began["blame"], over["blame"]) == ("unknown", "")
    assert began["sentence"] == "no event for 5.0 s of speech: cannot tell why, for no ping was answered since"
    assert (began["call"], began["t"]) == (1, pytest.approx(5.6))
    assert stalls(*turn(Line(), 4.0, 8.0)) == []


def test_the_agents_pings_and_what_the_system_acknowledges_tell_more_of_the_cause() -> None:
    assert [told["blame"] for told in stalls(*Line().pings(7.0, 7.05), unacknowledged=0)] == ["unknown", "service", ""]
    assert [told["blame"] for told in stalls(unacknowledged=64_000)] == ["line", ""]


@pytest.mark.parametrize("size", [1, 3, 997, 3201, 65_536])
def test_frames_may_end_within_a_sample(size: int, tmp_path: Path) -> None:
    data = bytes(range(251)) * (40 if size < 100 else 400)
    line = Line()
    heard = Overhearing(spoken, lambda _: Recorder(tmp_path, None))
    frames = [data[at : at + size] for at in range(0, len(data), size)] if size > 1 else [b"", data[:1], data[1:]]
    at = 0.0
    heard.handle(*line.begins())
    for frame in frames:
        at += len(frame) / 2 / RATE
        heard.handle(line.agent(at, frame))
    heard.handle(line.ends(at, "agent"))
    (folder,) = tmp_path.iterdir()
    assert (folder / "audio.wav").read_bytes().endswith(data[: len(data) // 2 * 2])
    assert not heard.problems


def test_sound_in_messages_and_settings_in_the_first_of_them() -> None:
    voxtral = service("voxtral")
    asked = Settings(voxtral.model, ("Xylo",), TurnSettings(end_timeout_ms=900))
    request = voxtral.request(Site("ws://x"), asked, Audio("pcm_mulaw", 8000))
    line = Line(service="voxtral", target=f"{voxtral.path}?model={voxtral.model}")
    heard = Overhearing()
    heard.handle(*line.begins(), line.service(0.01, '{"type":"session.created","session":{}}'))
    assert not heard.records
    heard.handle(line.agent(0.02, request.messages[0]))
    for number in range(20):
        heard.handle(line.agent(0.1 * (number + 1), str(voxtral.encode(b"\xff" * 800))))
    heard.handle(line.agent(2.1, voxtral.finish(False)[-1]), line.ends(2.2))
    (session,) = heard.lines("session")
    assert (session["encoding"], session["sample_rate"], session["chunk_ms"]) == ("pcm_mulaw", 8000, 100)
    assert session["settings"] == {
        "model": voxtral.model, "keyterms": ["Xylo"], "turn": {"end_timeout_ms": 900}, "language_hints": [],
    }  # fmt: skip
    assert heard.lines("summary")[0]["health"]["audio_sent_s"] == pytest.approx(2.0)


@pytest.mark.parametrize("pace", [2.0, 1000.0])
def test_a_client_in_haste_gets_no_latencies(pace: float) -> None:
    line, heard = Line(), Overhearing(spoken)
    heard.handle(*one_call(line, *turn(line, 0.7, 1.4), pace=pace))
    (told,) = heard.lines("turn")
    assert (told["slow"], told["slow_because"]) == (True, ["haste"])
    assert told["why"]["sentences"] == ["The client sent audio faster than it is spoken: summaries exclude it."]
    assert [warning["sentence"] for warning in heard.lines("warning")] == [TOO_FAST]
    (summary,) = heard.lines("summary")
    assert summary["eot_latency_ms"]["n"] == 0
    assert (summary["counts"]["slow"], summary["counts"]["missed"], summary["counts"]["false_cutoffs"]) == (1, 0, 0)


def test_a_line_that_catches_up_is_told_as_live_again_after_a_while() -> None:
    line, heard = Line(), Overhearing(lambda _: Spoken(38.0, 39.0))
    burst = [line.agent(12.0, bytes(3200)) for _ in range(20)]  # two seconds of sound, late and at once
    events = [*sound(line, 10.0), *burst, *sound(line, 30.0, begin=12.0), *turn(line, 38.3, 39.5)]
    heard.handle(*line.begins(), *in_order(events), line.ends(43.0, "agent"))
    assert [warning["sentence"] for warning in heard.lines("warning")] == [TOO_FAST]
    (told,) = heard.lines("turn")
    assert (told["slow"], told["eot_latency_ms"]) == (False, 500.0)


def test_what_waited_while_the_tap_was_held_up_is_charged_to_nobody_else() -> None:
    """Neither is the service slow, whose event waited, nor the client in haste, whose sound did."""
    line, heard = Line(), Overhearing(spoken)
    held = CallHeldUp(1, BEGAN.at + 5.0, 3.0)
    ended = [line.says(0.8, "turn.start"), held, line.says(5.0, "turn.end", transcript="Hello")]
    burst = [line.agent(5.0, bytes(3200)) for _ in range(30)]
    heard.handle(*line.begins(), *in_order([*sound(line, 2.0), *ended, *burst, *sound(line, 3.0, begin=5.0)]))
    heard.handle(line.ends(8.0))
    (told,) = heard.lines("turn")
    assert (told["slow"], told["slow_because"]) == (True, ["sending"])
    assert not heard.lines("warning")


def test_silence_of_an_agent_that_sends_nothing_between_is_no_haste() -> None:
    line, heard = Line(), Overhearing(spoken)
    heard.handle(*line.begins(), *sound(line, 2.0), *turn(line, 2.02, 2.05), *sound(line, 2.0, begin=60.0))
    heard.handle(line.ends(63.0, "agent"))
    assert not heard.lines("warning")
    (told,) = heard.lines("turn")
    assert told["eot_latency_ms"] == 550.0


def test_no_audio_at_all_is_no_session_on_disk(tmp_path: Path) -> None:
    line, heard = Line(), Overhearing(spoken, lambda _: Recorder(tmp_path, None))
    heard.handle(*line.begins(), line.agent(1.0, CLOSE), line.closes(1.1, 1000), line.ends(1.2))
    assert list(tmp_path.iterdir()) == []
    assert heard.lines("summary")[0]["turns"] == 0


def test_requests_without_a_websocket_make_no_session() -> None:
    heard = Overhearing(spoken)
    refused, unknown = Line(1), Line(2, service="")
    heard.handle(*refused.begins(status=401), refused.ends(0.1))
    heard.handle(*unknown.begins(), unknown.agent(0.1, b"abc"), unknown.ends(0.2))
    assert not heard.records
    assert [(each.state, each.problem) for each in heard.calls.state.calls] == [("over", ""), ("over", "")]


def test_a_request_that_the_service_would_refuse_is_not_measured_and_said_so() -> None:
    line, heard = Line(target=f"{PATH}?model=ink-2&encoding=opus&sample_rate=16000"), Overhearing(spoken)
    heard.handle(*line.begins(), line.agent(0.1, bytes(320)), line.ends(0.2))
    assert not heard.records
    (problem,) = heard.problems
    assert "encoding" in problem.problem


def test_people_are_told_from_when_the_sound_counts() -> None:
    line, heard = Line(7), Overhearing(spoken)
    heard.handle(*one_call(line, *turn(line, 0.8, 2.0)))
    lines = lines_of_calls()
    told = [text for record in heard.records for text in lines(record)]
    assert any("call 7, timed at its arrival" in text for text in told)
    assert all(text.startswith("call 7") for text in told[: told.index("")])


def test_settings_that_the_agent_changes() -> None:
    line, heard = Line(), Overhearing(spoken)
    change = '{"type":"config","turn":{"end_timeout_ms":900}}'
    heard.handle(*one_call(line, line.agent(1.0, change), line.agent(1.2, change), line.agent(1.3, "{}")))
    (changed,) = heard.lines("config")
    assert changed["settings"] == {"end_timeout_ms": 900}


def test_settings_that_the_agent_changes_with_what_only_the_service_can_change() -> None:
    flux = service("flux")
    line = Line(service="flux", target=f"{flux.path}?model={flux.model}&encoding=linear16&sample_rate=16000")
    heard = Overhearing(spoken)
    change = {"type": "Configure", "thresholds": {"eot_threshold": 0.8}, "keyterms": ["Xylo"], "language_hints": ["es"]}
    heard.handle(*line.begins(), *sound(line, 1.0), line.agent(1.0, json.dumps(change)), line.ends(2.0))
    assert [changed["settings"] for changed in heard.lines("config")] == [{"eot_threshold": 0.8}]


@pytest.mark.parametrize(
    ("name", "change", "again", "refusal"),
    [
        (
            "cartesia",
            {"type": "config", "turn": {"end_threshold": 2}},
            {"type": "config", "turn": {"start_threshold": 0.7}},
            {"type": "error", "status_code": 400, "title": "Invalid turn settings", "message": "end_threshold is 2"},
        ),
        (
            "flux",
            {"type": "Configure", "thresholds": {"eot_threshold": 7}},
            {"type": "Configure", "thresholds": {"eager_eot_threshold": 0.5}},
            {"type": "ConfigureFailure", "code": "INVALID_THRESHOLD", "description": "eot_threshold is 7"},
        ),
    ],
)
def test_settings_out_of_range_are_noted_as_asked_and_as_refused_by_the_service(
    name: str, change: dict[str, Any], again: dict[str, Any], refusal: dict[str, Any]
) -> None:
    speaks = service(name)
    target = (
        f"{speaks.path}?model={speaks.model}&encoding={'linear16' if name == 'flux' else 'pcm_s16le'}&sample_rate=16000"
    )
    line, heard = Line(service=name, target=target), Overhearing(spoken)
    asked, wanted = (next(value for value in each.values() if isinstance(value, dict)) for each in (change, again))
    heard.handle(*line.begins(), *sound(line, 1.0), line.agent(1.0, json.dumps(change)))
    heard.handle(line.service(1.1, json.dumps(refusal)), line.agent(1.5, json.dumps(again)), line.ends(2.0))
    assert [(told["settings"], told["refused"]) for told in heard.lines("config")] == [
        (asked, False), ({}, True), (wanted, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("close", "by", "detail"),
    [
        (1000, "service", ""),
        (1011, "service", "closed the connection with code 1011"),
        (None, "service", "the connection was lost"),
        (None, "agent", ""),
        (None, "tap", "the tap has ended"),
    ],
)
def test_how_a_call_ended(close: int | None, by: str, detail: str) -> None:
    line, heard = Line(), Overhearing(spoken)
    heard.handle(*line.begins(), *sound(line, 2.0), line.says(1.0, "turn.start"))
    if close is not None:
        heard.handle(line.closes(2.1, close))
    heard.handle(line.ends(2.2, by))
    last = heard.lines("status")[-1]
    assert last["connection"] == "closed"
    assert detail in last["detail"]
    assert bool(last["detail"]) is bool(detail)
    (told,) = heard.lines("turn")
    assert told["end_reason"] == "dangling"


def test_a_turn_that_the_close_of_the_agent_ended_has_no_latency() -> None:
    line, heard = Line(), Overhearing(spoken)
    heard.handle(*line.begins(), *sound(line, 1.8), line.says(1.0, "turn.start"), line.agent(1.8, CLOSE))
    heard.handle(line.says(1.9, "turn.end", transcript="x"), line.closes(1.9, 1000), line.ends(1.9))
    (told,) = heard.lines("turn")
    assert (told["end_reason"], told["eot_latency_ms"]) == ("closed", None)


def test_secrets_are_in_nothing_that_is_told_or_saved(tmp_path: Path) -> None:
    line = Line(secrets=(SECRET,))
    heard = Overhearing(spoken, lambda _: Recorder(tmp_path, None))
    leaks = [
        line.says(1.0, "error", message=f"bad key {SECRET}"),
        line.agent(1.1, json.dumps({"type": "hello", "key": SECRET})),
        line.service(1.2, SECRET.encode()),
        line.closes(3.9, 1008, f"key {SECRET}"),
    ]
    heard.handle(*one_call(line, *leaks))
    told = "".join(str(record) for record in heard.records)
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET not in told
    assert SECRET.encode() not in files
    assert b"bad key" in files


def test_a_secret_in_a_message_is_none_of_ours_either() -> None:
    line, heard = Line(), Overhearing(spoken)
    login = json.dumps({"type": "config", "auth": {"token": SECRET}})
    heard.handle(*one_call(line, line.agent(1.0, login), line.says(1.1, "error", message=f"what is {SECRET}?")))
    assert SECRET not in str(heard.records)


def test_a_bug_ends_one_session_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def broken(_: AudioFormat) -> Any:  # noqa: ANN401  a finder, and one that is broken
        finder = Spoken(0.5, 1.5)
        if heard.calls.state.begun == 2:
            finder.feed = lambda *_: 1 / 0  # type: ignore[assignment]  # that is what is broken
        return finder

    heard = Overhearing(broken)
    one, two = Line(1), Line(2)
    first = list(one_call(one, *turn(one, 0.8, 2.0)))
    heard.handle(*first[:2])
    heard.handle(*one_call(two, *turn(two, 0.8, 2.0)))
    heard.handle(*first[2:])
    assert heard.lines("turn")[0]["eot_latency_ms"] == 500.0
    (lost,) = heard.lines("turn", 2)  # the detector is broken: the rest of that call is told all the same
    assert (lost["eot_latency_ms"], lost["spurious"]) == (None, None)


def test_a_bug_in_reading_is_said_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    heard = Overhearing(spoken)
    one, two = Line(1), Line(2)
    heard.handle(*one.begins(), *two.begins())
    session = heard.calls._calls[1].session
    assert session is not None
    monkeypatch.setattr(session, "_obey", lambda *_: 1 / 0)
    heard.handle(*sound(one, 1.0), one.agent(1.0, CLOSE), *sound(one, 1.0, begin=1.0), *sound(two, 1.0))
    (problem,) = heard.problems
    assert problem.call == 1
    assert "watched no more" in problem.problem
    assert heard.calls.state.dropped == 1
    assert [(each.call, each.state) for each in heard.calls.state.calls] == [(1, "unwatched"), (2, "idle")]
    heard.handle(one.ends(3.0), two.ends(3.0, "agent"))
    assert len(heard.over) == 2
    assert heard.lines("summary", 2)[0]["health"]["audio_sent_s"] == pytest.approx(1.0)


def test_copies_that_were_dropped_end_the_session_and_say_why() -> None:
    line, heard = Line(), Overhearing(spoken)
    events = list(one_call(line, *turn(line, 0.8, 2.0)))
    heard.handle(*events[:30], CallDropped(1, BEGAN.at + 3.0), *events[30:])
    assert heard.lines("status")[-1]["detail"] == FELL_BEHIND
    assert [each.problem for each in heard.calls.state.calls] == [FELL_BEHIND]
    assert len(heard.lines("summary")) == 1


def test_a_stream_that_makes_no_sense_ends_the_session() -> None:
    line, heard = Line(), Overhearing(spoken)
    heard.handle(*line.begins(), *sound(line, 1.0), line.raw(1.1, b"\x83\x00", from_agent=False))
    heard.handle(*sound(line, 1.0, begin=1.1), line.ends(3.0))
    assert "watched no more" in heard.lines("status")[-1]["detail"]


@pytest.mark.parametrize(("from_agent", "watched"), [(True, False), (False, True)])
def test_audio_that_is_too_long_to_be_read_ends_the_session(from_agent: bool, watched: bool) -> None:
    """Whatever followed would stand at a wrong place, and its turns without their speech."""
    line, heard = Line(), Overhearing(spoken)
    frame = Frame(Opcode.BINARY, bytes(5 << 20)).serialize(mask=from_agent)
    heard.handle(*line.begins(), *sound(line, 1.0), line.raw(1.1, frame, from_agent=from_agent), line.ends(3.0))
    assert ("too long to be read" in str(heard.lines("status")[-1]["detail"])) is not watched


class Never(Executor):
    """Runs nothing."""

    def submit(self, *_: object, **__: object) -> Future[Any]:
        return Future()


def test_a_detector_that_falls_behind_is_given_up_and_said_so() -> None:
    line, heard = Line(), Overhearing(spoken, executor=Never())
    heard.handle(*one_call(line, *turn(line, 0.8, 2.0), seconds=40.0))
    (told,) = heard.lines("turn")
    assert (told["eot_latency_ms"], told["spurious"], told["false_cutoff"]) == (None, None, None)
    assert told["eager_lead_ms"] == 100.0
    assert [warning["sentence"] for warning in heard.lines("warning")] == [TOO_SLOW]
    (summary,) = heard.lines("summary")
    assert (summary["counts"]["missed"], summary["counts"]["spurious"]) == (0, 0)


def test_speech_that_is_still_searched_at_the_end_is_not_waited_for() -> None:
    line, heard = Line(), Overhearing(spoken, executor=Never())
    heard.handle(*one_call(line, *turn(line, 0.8, 2.0)))
    assert not heard.over
    heard.calls.end()
    assert len(heard.over) == 1
    (told,) = heard.lines("turn")
    assert told["eot_latency_ms"] is None


@pytest.mark.slow
def test_many_calls_at_once_are_sessions_of_their_own() -> None:
    lines = [Line(number, began=BEGAN.at + number) for number in range(1, 21)]
    heard = Overhearing(spoken)
    events = [event for line in lines for event in one_call(line, *turn(line, 0.8, 2.0))]
    heard.handle(*in_order(events))
    for line in lines:
        (told,) = heard.lines("turn", line.call)
        assert told["eot_latency_ms"] == 500.0
        (session,) = heard.lines("session", line.call)
        assert session["started_at"] == f"2026-01-02T03:04:{5 + line.call:02}.000+00:00"
    assert heard.calls.state.begun == 20


def test_the_state_of_calls_that_go_on() -> None:
    line, heard = Line(), Overhearing(spoken)
    events = list(one_call(line, *turn(line, 0.8, 2.0), line.says(3.0, "turn.start")))
    heard.handle(*[event for event in events if event.at - BEGAN.at <= 3.2])
    (call,) = heard.calls.state.calls
    assert (call.call, call.service, call.state, call.turns) == (1, "cartesia", "speaking", 1)
    assert call.lag_s == pytest.approx(0.0)
    heard.handle(*[event for event in events if event.at - BEGAN.at > 3.2])
    assert [each.state for each in heard.calls.state.calls] == ["over"]


def test_a_call_that_stalls_is_listed_as_such_until_events_come() -> None:
    line, heard = Line(), Overhearing(lambda _: Spoken(0.5, 60.0))
    heard.handle(*line.begins(), *sound(line, 8.0))
    (call,) = heard.calls.state.calls
    assert call.stall.startswith("no event for 5.0 s of speech")
    heard.handle(line.says(8.1, "turn.start"))
    assert [each.stall for each in heard.calls.state.calls] == [""]
    heard.handle(*sound(line, 8.0, begin=8.2), line.ends(16.3))
    assert [(each.state, each.stall) for each in heard.calls.state.calls] == [("over", "")]


def test_the_clock_of_a_call_goes_on_while_nothing_comes_and_stands_once_it_is_over() -> None:
    line, heard = Line(), Overhearing(spoken)
    events = list(one_call(line, *turn(line, 0.8, 2.0)))
    heard.handle(*events[:-2])
    last = heard.calls.snapshot(1, 0.0)
    later = heard.calls.snapshot(1, BEGAN.at + 60.0)
    assert last is not None
    assert later is not None
    assert (last.at, later.at) == (events[-3].at - BEGAN.at, 60.0)
    assert later.finished == last.finished
    heard.handle(*events[-2:])
    assert heard.calls.snapshot(1, BEGAN.at + 60.0) is None
    over = heard.over[0].snapshot(BEGAN.at + 60.0)
    assert over is not None
    assert over.at == events[-1].at - BEGAN.at


@pytest.mark.parametrize(
    ("status", "close", "by", "said"),
    [
        (101, 1000, "service", "closed"),
        (101, 1011, "service", "closed, code 1011"),
        (101, None, "agent", "broken off by the agent"),
        (101, None, "tap", "ended by the tap"),
        (401, None, "service", "refused, status 401"),
    ],
)
def test_the_list_says_how_a_call_ended_and_where_it_is_saved(
    status: int, close: int | None, by: str, said: str, tmp_path: Path
) -> None:
    line, heard = Line(), Overhearing(spoken, lambda _: Recorder(tmp_path, None))
    heard.handle(*line.begins(status=status))
    if status == 101:
        heard.handle(*sound(line, 2.0))
    if close is not None:
        heard.handle(line.closes(2.1, close))
    heard.handle(line.ends(2.2, by))
    (call,) = heard.calls.state.calls
    assert (call.state, call.ended, call.ended_at, call.is_heard) == ("over", said, 2.2, False)
    assert bool(call.folder) is (status == 101)
    assert [each.state for each in heard.told] == ["began", "ended"]


def test_the_pings_of_the_agent_tell_the_round_trip_to_the_service() -> None:
    line, heard = Line(), Overhearing(spoken)
    heard.handle(*line.begins(), *in_order([*sound(line, 3.0), *line.pings(1.0, 1.05)]), line.ends(3.5, "agent"))
    (summary,) = heard.lines("summary")
    assert summary["health"]["round_trip"] == pytest.approx(0.05)


def test_requests_that_are_no_websockets_are_only_counted() -> None:
    heard = Overhearing(spoken)
    request = CallBegan(1, BEGAN.at, "POST", Head("/tts/bytes"), "cartesia", "http://127.0.0.1:9")
    heard.handle(request, CallAnswered(1, BEGAN.at, 200), Line(1).ends(0.5))
    state = heard.calls.state
    assert (state.calls, state.begun, state.requests) == ((), 0, 1)
