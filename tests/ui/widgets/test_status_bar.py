from collections.abc import Callable
from functools import cache
from itertools import combinations

import msgspec
import pytest
from tests.ui.scripted import Script

from stt_monitor.core.journal import Addressed, ConnectionChanged
from stt_monitor.core.local_server import LOCAL_SERVER
from stt_monitor.core.records.session import Connection, RecordingState
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Retry, Snapshot
from stt_monitor.core.stall import Blame, Evidence, Stall
from stt_monitor.ui.drawing.status_line import status
from stt_monitor.ui.drawing.status_segments import meter
from stt_monitor.ui.widgets.header import Header

SESSIONS: dict[str, tuple[Callable[[], Script], float | None]] = {
    "short": (Script().connect, 12.3),
    "long": (
        Script(
            source="a recording with a very long name of a conversation in the café.wav",
            url="wss://a-very-long-host-name.of-some-service.example.com:8443/x/stt/turns/websocket",
            model="ink-2-2026-09-14-some-very-long-model",
            duration=4000.0,
        ).connect,
        3700.0,
    ),
    "microphone": (Script(source="日本語のマイク 🎤", duration=None).connect, 5.0),
    "no audio yet": (Script, None),
    "degraded": (Script().connect, 12.3),
    "stalled": (Script().connect, 12.3),
}
STALL = Stall(4.3, 9.4, Blame.SERVICE, "the service is silent", Evidence(5.0, 5.1))
DEGRADED = ("phone", "noise:10", "loss:5", "jitter:200")


@cache
def pictured(name: str) -> Snapshot:
    begin, until = SESSIONS[name]
    snapshot = begin().snapshot(until)
    if name == "stalled":
        return msgspec.structs.replace(snapshot, stall=STALL)
    if name != "degraded":
        return snapshot
    return msgspec.structs.replace(snapshot, session=msgspec.structs.replace(snapshot.session, degraded=DEGRADED))


@pytest.mark.parametrize("name", SESSIONS)
def test_fits_every_width(name: str):
    for width in range(200, 29, -1):
        line = status(pictured(name), width)
        assert line.cell_length <= width
        assert "\n" not in line.plain


@pytest.mark.parametrize("name", SESSIONS)
def test_never_says_less_on_a_wider_line(name: str):
    lengths = [status(pictured(name), width).cell_length for width in range(30, 201)]
    assert lengths == sorted(lengths)


def test_an_alarm_that_nothing_comes_counts_on_and_says_whose_fault_it_is():
    stalled = pictured("stalled")
    assert "! stalled 8 s (service)" in status(stalled, 120).plain
    assert "! stalled 8 s" in status(stalled, 40).plain
    assert "stalled" not in status(msgspec.structs.replace(stalled, running=False), 120).plain


def test_says_everything_where_there_is_room():
    said = status(pictured("short"), 200).plain
    for what in ("◆ connected", "interview.wav", "0:12.2/0:31.0", "-18 dB", "ink-2", "127.0.0.1:40123", "lag 4 ms"):
        assert what in said


def test_says_what_is_done_to_the_audio_however_little_room_there_is():
    whole = "interview.wav · phone, noise 10 dB, loss 5 %, jitter 200 ms"
    assert whole in status(pictured("degraded"), 220).plain
    for width in range(60, 220):
        said = status(pictured("degraded"), width).plain
        assert " · phone" in said or "degraded" in said, said
    assert "degraded" not in status(pictured("short"), 60).plain


LOCALLY = {
    200: "▮▮▮▮▮▮▮▯▯▯ -18 dB │ local server (Moonshine) │ server default",
    80: "▮▮▮▮▯ │ local server │ defaults",
}


@pytest.mark.parametrize("width", LOCALLY)
def test_the_local_server_is_named_and_not_the_model_that_was_asked_for(width: int):
    script = Script()
    script.monitor.apply(Addressed(0.0, "ws://127.0.0.1:40123/stt/turns/websocket", local=True))
    said = status(script.connect().snapshot(12.3), width).plain
    assert LOCALLY[width] in said
    assert "ink-2" not in said
    assert "127.0.0.1" not in said


@pytest.mark.parametrize(
    ("width", "said"), [(200, "local server (Moonshine), flux protocol │"), (80, "│ local (flux) │")]
)
def test_the_protocol_of_the_local_server_is_named_unless_it_is_the_usual_one(width: int, said: str):
    snapshot = Script(url="ws://127.0.0.1:40123/v2/listen").connect().snapshot(12.3)
    about_flux = msgspec.structs.replace(snapshot.session, service="flux", server=LOCAL_SERVER)
    line = status(msgspec.structs.replace(snapshot, session=about_flux), width).plain
    assert said in line
    assert "Deepgram" not in line


def test_elsewhere_it_is_said_where():
    script = Script(url="ws://10.0.0.5:8765/stt/turns/websocket")
    script.monitor.apply(ConnectionChanged(0.0, Connection.CONNECTED, local=True))
    assert "local server (Moonshine) at 10.0.0.5:8765" in status(script.connect().snapshot(12.3), 200).plain


def in_full(name: str, turn: TurnSettings = TurnSettings()) -> Snapshot:  # noqa: B008 - it is immutable
    """Return a session with everything that the line can say, but for troubles."""
    return msgspec.structs.replace(
        with_health(name, round_trip=0.0123), recording=RecordingState("/a/b"), settings=turn
    )


EVERYTHING = {
    120: "◆ rtt 12 ms │ ● rec │ interview.wav │ 0:12/0:31 ━━━───── │ ▮▮▮▮▯ -18 dB │ ink-2 │ 127.0.0.1:40123"
    " │ server default",
    100: "◆ rtt 12 ms │ ● rec │ interview.wav │ 0:12/0:31 ━━━───── │ ▮▮▮▮▯ -18 dB │ ink-2 │ local │ defaults",
    80: "◆ rtt 12 ms │ rec │ interview.w… │ 0:12/0:31 │ ▮▮▮▮▯ │ ink-2 │ local │ defaults",
    60: "◆ rtt 12 ms │ interview.w… │ 0:12/0:31 │ ▮▮▮▮▯ │ defaults",
    40: "◆ rtt 12 ms │ 0:12/0:31 │ ▮▮▮▮▯",
}


@pytest.mark.parametrize("width", EVERYTHING)
def test_the_richest_wording_that_fits_is_taken(width: int):
    assert status(in_full("short"), width).plain.strip() == EVERYTHING[width]


@pytest.mark.parametrize("width", [160, 200])
def test_everything_is_said_in_full_where_it_is_wide(width: int):
    said = status(in_full("short"), width).plain
    for what in ("◆ connected, rtt 12 ms", "● rec", "interview.wav", "0:12.2/0:31.0 ━━━━━━────────", "-18 dB", "ink-2",
                 "127.0.0.1:40123", "server default", "lag 4 ms"):  # fmt: skip
        assert what in said


@pytest.mark.parametrize(
    ("turn", "full", "short"),
    [
        (TurnSettings(), "server default", "defaults"),
        (TurnSettings(end_threshold=0.45), "end 0.45, else server default", "end 0.45"),
        (
            TurnSettings(start_threshold=0.7, eager_end_threshold=0.5),
            "start 0.7, eager 0.5, else server default",
            ".7 .5 –",
        ),
        (
            TurnSettings(start_threshold=0.75, eager_end_threshold=0.5, end_threshold=0.25, end_timeout_ms=4000),
            "start 0.75, eager 0.5, end 0.25, timeout 4000 ms",
            ".75 .5 .25 4000",
        ),
    ],
)
def test_the_settings_in_force_are_said(turn: TurnSettings, full: str, short: str):
    assert f"│ {full} │ lag" in status(in_full("short", turn), 200).plain
    assert status(in_full("short", turn), 80).plain.endswith(f"│ {short}")


def test_what_there_is_no_room_for_stands_in_the_first_line():
    header = Header()
    header.show(in_full("short"))
    for width in (60, 80):
        first, last = header.compose_lines(width, 1)[0].plain, status(in_full("short"), width).plain
        assert ("default" in first) is not ("default" in last)
    assert "default" not in header.compose_lines(200, 1)[0].plain


def test_the_time_is_a_bar_where_there_is_no_room_for_one():
    line = status(in_full("short"), 80)
    played = [line.plain[span.start : span.end] for span in line.spans if span.style == "reverse"]
    assert played == ["0:12"]  # 12.2 of 31.0 s


def test_clipping_is_a_word_in_a_short_line_too():
    script = Script().connect()
    script.to(1.0, level_db=0.0)
    assert "CLIP" in status(script.snapshot(), 60).plain


def test_the_connection_and_the_position_stay_at_thirty_columns():
    said = status(pictured("short"), 30).plain
    assert "◆ connected" in said
    assert "0:12/0:31" in said


def test_a_microphone_has_a_position_and_no_length():
    assert "0:04.9 " in status(pictured("microphone"), 200).plain
    assert "/" not in status(pictured("microphone"), 200).plain


@pytest.mark.parametrize("state", list(Connection))
def test_every_connection_has_its_word(state: Connection):
    snapshot = msgspec.structs.replace(pictured("short"), connection=state)
    assert state.value in status(snapshot, 80).plain


def with_health(name: str, **health: float) -> Snapshot:
    snapshot = pictured(name)
    return msgspec.structs.replace(snapshot, health=msgspec.structs.replace(snapshot.health, **health))


def test_troubles_are_said_even_where_it_is_narrow():
    said = status(with_health("short", dropped_s=1.25, overruns=3, reconnects=2), 80).plain
    assert "dropped 1.2 s" in said
    assert "overruns 3" in said
    assert "reconnects 2" in said


@pytest.mark.parametrize(
    ("health", "words"),
    [
        ({"waiting_s": 3.0}, "waiting 3.0 s"),
        ({"send_lag": 0.4}, "lag 400 ms"),
        ({"round_trip": 6.5}, "rtt 6500 ms"),
        ({"server_lag": 1.2}, "server lag 1200 ms"),
        ({"unconfirmed_s": 0.31}, "unconfirmed 0.3 s"),
        ({"resent_s": 12.0}, "sent again 12.0 s"),
        ({"clipped": 7}, "clipped 7"),
    ],
)
def test_each_trouble_is_said_when_there_is_one(health: dict[str, float], words: str):
    assert words in status(with_health("short", **health), 80).plain
    assert words not in status(pictured("short"), 80).plain


def test_a_small_lag_of_the_local_server_is_said_where_there_is_room():
    said = status(with_health("short", server_lag=0.02), 200)
    assert "lag 4 ms, server lag 20 ms" in said.plain
    assert ".bad" not in {span.style for span in said.spans}


def test_the_round_trip_of_a_line_that_is_gone_is_no_trouble_of_now():
    gone = msgspec.structs.replace(with_health("short", round_trip=6.5), connection=Connection.RECONNECTING)
    assert "rtt" not in status(gone, 200).plain


def test_a_small_queue_is_no_trouble():
    assert "waiting" not in status(with_health("short", waiting_s=0.2), 200).plain


def test_where_it_is_narrow_the_gravest_trouble_is_said_and_the_others_counted():
    narrow = with_health("short", dropped_s=1.25, overruns=3, clipped=9, waiting_s=4.0, unconfirmed_s=1, reconnects=2)
    assert "dropped 1.2 s +5" in status(narrow, 50).plain


TROUBLED = with_health("short", dropped_s=100.0, overruns=300, clipped=900, waiting_s=4.0, send_lag=9.0, reconnects=20)


def test_troubles_fit_every_width():
    for width in range(200, 29, -1):
        assert status(TROUBLED, width).cell_length <= width


def test_whether_the_session_is_kept_is_said():
    kept = msgspec.structs.replace(pictured("short"), recording=RecordingState("/a/b"))
    assert "● rec" in status(kept, 100).plain
    assert "rec" not in status(pictured("short"), 200).plain
    stopped = msgspec.structs.replace(pictured("short"), recording=RecordingState("/a/b", "the disk is full"))
    assert "recording stopped: the disk is full" in status(stopped, 80).plain
    assert "● rec" not in status(stopped, 200).plain


def test_the_round_trip_is_shown_when_it_is_known():
    snapshot = pictured("short")
    health = msgspec.structs.replace(snapshot.health, round_trip=0.0123)
    assert "rtt 12 ms" in status(msgspec.structs.replace(snapshot, health=health), 200).plain
    assert "rtt" not in status(snapshot, 200).plain


def test_clipping_is_a_word():
    script = Script().connect()
    script.to(1.0, level_db=0.0)
    assert "CLIP" in status(script.snapshot(), 200).plain


def test_the_host_is_shown_without_what_may_be_secret():
    script = Script(url="wss://user:secret@host.example:1/stt?access_token=secret")
    said = status(script.connect().snapshot(1.0), 200).plain
    assert "host.example:1" in said
    assert "secret" not in said


def test_the_source_is_shown_as_text():
    script = Script(source="[@click=app.quit]x[/nope]\x1b[2J\u202e.wav")
    assert "[@click=app.quit]x[/nope][2J.wav" in status(script.connect().snapshot(1.0), 200).plain


@pytest.mark.parametrize(("level", "lit"), [(None, 0), (-99.0, 0), (-60.0, 0), (-30.0, 5), (0.0, 10), (3.0, 10)])
def test_meter(level: float | None, lit: int):
    assert meter(level, 10).plain == "▮" * lit + "▯" * (10 - lit)


WRONG: dict[str, Callable[[Snapshot], Snapshot]] = {
    "retry": lambda one: msgspec.structs.replace(
        one, retry=Retry(12, 18, one.at + 60, "gone"), connection=Connection.RECONNECTING
    ),
    "stall": lambda one: msgspec.structs.replace(one, stall=STALL),
    "trouble": lambda one: msgspec.structs.replace(
        one, health=msgspec.structs.replace(one.health, dropped_s=123.4, overruns=12, server_lag=12.3, clipped=20)
    ),
    "muted": lambda one: msgspec.structs.replace(one, audio=msgspec.structs.replace(one.audio, quiet=True)),
    "degraded": lambda one: msgspec.structs.replace(
        one, session=msgspec.structs.replace(one.session, degraded=DEGRADED)
    ),
    "disk full": lambda one: msgspec.structs.replace(one, recording=RecordingState("/x", "the disk is full")),
}


@cache
def after_an_hour() -> Snapshot:
    return Script(duration=3700).connect().snapshot(3605)


@pytest.mark.parametrize("wrong", [few for count in range(len(WRONG) + 1) for few in combinations(WRONG, count)])
def test_in_the_smallest_window_nothing_is_cut_and_what_is_gravest_stays(wrong: tuple[str, ...]):
    snapshot = after_an_hour()
    for name in wrong:
        snapshot = WRONG[name](snapshot)
    said = status(snapshot, 40).plain
    assert "…" not in said
    if "stall" in wrong:
        assert "stalled 3601 s" in said
    if "retry" in wrong:
        assert "◈ 12/18 in 60 s" in said
    if "stall" not in wrong:
        assert ("dropped 123.4 s +" in said) is ("trouble" in wrong)
        assert ("recording stopped" in said) is ("disk full" in wrong and "trouble" not in wrong)
