import asyncio
import json
import random
import re
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path

import pytest
from tests.support.live import LiveSource, numbers
from tests.support.running import Running
from tests.support.service import Dialogue, Script, ScriptedService, polite
from tests.support.sessions import maker
from tests.support.sound import wav_bytes, write_wav
from tests.support.watched import Watched
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from stt_monitor.core.commands import RetryNow, Start, Stop
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.journal import ConnectionChanged, Sent
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.session.outcome import Outcome
from stt_monitor.transport import retry as backoff
from stt_monitor.transport.address import Address, read_address

REFUSED = ServiceUnavailableError.exit_code


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "half a second.wav", 0.55)


def leaving(code: int, *, error: int | None = None, reason: str = "bye"):
    """A service that hangs up in the middle of a turn."""

    async def leave(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("turn.start")
        await dialogue.say("turn.update", transcript="Call me")
        await dialogue.hear(0.2)
        if error is not None:
            await dialogue.say("error", status_code=error, title="Oops", message="it happened")
        await dialogue.socket.close(code, reason)

    return leave


async def drop(dialogue: Dialogue) -> None:
    await dialogue.say("connected")
    await dialogue.hear(0.2)
    dialogue.socket.transport.abort()


def refusing(
    status: HTTPStatus, *, times: int = 10_000, body: bytes = b'{"title":"No","message":"not now"}', **headers: str
):
    """A service that refuses the first requests; headers are spelled with _ for -."""
    requests = iter(range(10_000))

    def greet(connection: ServerConnection, _: Request) -> Response | None:
        if next(requests) >= times:
            return None
        response = connection.respond(status, "")
        told = Headers({"Connection": "close"} | {name.replace("_", "-"): value for name, value in headers.items()})
        return Response(response.status_code, response.reason_phrase, told, body)

    return greet


def waits(snapshot: Snapshot) -> bool:
    return snapshot.connection is Connection.RECONNECTING


@pytest.mark.parametrize(
    "leave",
    [drop, leaving(1001), leaving(1011), leaving(1012), leaving(1013), leaving(1011, error=500),
     leaving(1000, error=503), leaving(1000, error=429)],
)  # fmt: skip
async def test_a_lost_connection_is_replaced_and_none_of_the_file_is_lost(wav: Path, leave: Script):
    async with ScriptedService(leave, polite) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome == Outcome()
    assert watched.states == ["connecting", "connected", "reconnecting", "connected", "closed"]
    assert re.search(r"attempt 1( of 6)? in 0\.[45] s", watched.lines("status")[2]["detail"])
    # What was sent before the loss and what was sent after it: each sample once, and in order.
    heard = service.audio
    whole = wav_bytes(wav)
    assert whole.startswith(bytes(service.dialogues[0].audio))
    assert whole.endswith(bytes(service.dialogues[1].audio))
    assert len(whole) - len(heard) <= watched.health.unconfirmed_s * 32_000
    assert watched.health.reconnects == 1
    assert watched.health.audio_sent_s == 0.55
    assert (watched.health.waiting_s, watched.health.dropped_s) == (0, 0)
    assert watched.searches == 2


async def test_an_open_turn_dangles_and_the_next_one_begins_anew(wav: Path):
    async with ScriptedService(leaving(1012), polite) as service:
        watched = Watched(wav, service.url)
        assert await watched.run() == Outcome()
    lost, other = watched.lines("turn")
    assert (lost["transcript"], lost["end_reason"], lost["first_of_connection"]) == ("Call me", "dangling", True)
    assert (other["transcript"], other["end_reason"], other["first_of_connection"]) == ("Hello there.", "closed", True)
    assert watched.summary.transcript == "Hello there."
    assert watched.summary.counts.violations == 0


async def test_a_service_that_is_gone_for_good_is_given_up(wav: Path):
    service = ScriptedService(drop)
    async with service:
        watched = Watched(wav, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 0)
    outcome = await running
    assert outcome.exit_code == REFUSED
    assert outcome.sentence.endswith("check the address and the network (tried 6 times)")
    assert watched.states == ["connecting", "connected", *["reconnecting"] * 6, "closed"]
    assert [f"attempt {n} of 6" in line["detail"] for n, line in enumerate(watched.lines("status")[2:8], 1)] == [
        True
    ] * 6
    assert watched.health.reconnects == 0


async def test_a_service_that_takes_every_connection_and_drops_it_is_given_up_too(tmp_path: Path):
    async with ScriptedService(leaving(1011)) as service:
        watched = Watched(write_wav(tmp_path / "long.wav", 10), service.url)
        outcome = await watched.run()
    assert outcome == Outcome(
        REFUSED, "the service closed the connection with code 1011 (bye): start a new session (tried 6 times)"
    )
    assert len(service.dialogues) == 7
    assert [line["end_reason"] for line in watched.lines("turn")] == ["dangling"] * 7


@pytest.mark.slow
async def test_attempts_are_counted_anew_after_a_connection_that_lasted(tmp_path: Path):
    async def steady(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(backoff.STEADY_S)
        dialogue.socket.transport.abort()

    times = backoff.RECONNECTS + 2
    async with ScriptedService(*[steady] * times, polite) as service:
        watched = Watched(write_wav(tmp_path / "long.wav", times * backoff.STEADY_S + 1), service.url)
        assert await watched.run() == Outcome()
    assert watched.health.reconnects == times


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_service_is_asked_again_before_the_session_begins(wav: Path, status: int):
    async with ScriptedService(polite, greet=refusing(HTTPStatus(status), times=2)) as service:
        watched = Watched(wav, service.url)
        assert await watched.run() == Outcome()
    assert watched.states == ["connecting", "connecting", "connecting", "connected", "closed"]
    assert "not now" in watched.lines("status")[1]["detail"]
    assert re.search(r"attempt 2 in 0\.[45] s", watched.lines("status")[1]["detail"])
    assert watched.health.reconnects == 0
    assert bytes(service.dialogues[0].audio) == wav_bytes(wav)


async def test_a_busy_service_is_asked_again_when_it_says(wav: Path):
    greet = refusing(HTTPStatus.TOO_MANY_REQUESTS, times=1, Retry_After="2")
    async with ScriptedService(polite, greet=greet) as service:
        watched = Watched(wav, service.url)
        assert await watched.run() == Outcome()
    assert "attempt 2 in 2.0 s" in watched.lines("status")[1]["detail"]
    refused, let_in = (frame for frame in watched.frames if frame.kind is FrameKind.HANDSHAKE)
    assert let_in.at - refused.at == pytest.approx(2)


@pytest.mark.parametrize("status", [HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS])
async def test_a_service_that_stays_busy_is_given_up_in_the_end(wav: Path, status: HTTPStatus):
    async with ScriptedService(polite, greet=refusing(status)) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    tries = sum(frame.kind is FrameKind.HANDSHAKE for frame in watched.frames)
    assert tries > 1 + backoff.FIRST_RETRIES
    assert outcome.sentence.endswith(f"(tried {tries} times)")
    assert watched.summary.t == pytest.approx(30)


async def test_a_service_that_asks_for_too_much_patience_is_given_up_at_once(wav: Path):
    greet = refusing(HTTPStatus.SERVICE_UNAVAILABLE, Retry_After="3600")
    async with ScriptedService(polite, greet=greet) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert outcome.sentence.endswith("try again later; it asks not to be tried again for 3600 s")
    assert watched.states == ["connecting", "closed"]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
async def test_what_the_user_must_change_is_not_tried_again(wav: Path, status: int):
    async with ScriptedService(polite, greet=refusing(HTTPStatus(status))) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "tried" not in outcome.sentence
    assert watched.states == ["connecting", "closed"]


@pytest.mark.parametrize(
    ("leave", "remedy"),
    [
        (leaving(1008, reason="Invalid turn thresholds"), "start > eager end > end"),
        (leaving(1008, error=400), "check model, encoding and settings"),
        (leaving(1008, error=500), "check model, encoding and settings"),
        (leaving(1011, error=402, reason=""), "(Oops: it happened)"),
        (leaving(1000, error=400), "change that"),
        (leaving(4000), "code 4000"),
    ],
)
async def test_a_close_for_good_is_not_tried_again(wav: Path, leave: Script, remedy: str):
    async with ScriptedService(leave) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert remedy in outcome.sentence
    assert len(service.dialogues) == 1
    assert watched.states == ["connecting", "connected", "closed"]
    assert watched.lines("turn")[0]["end_reason"] == "dangling"


def refusing_in_words(close: Script, **error: object) -> Script:
    """A service whose first word is that it refuses (protocol.md 10.3)."""

    async def refuse(dialogue: Dialogue) -> None:
        await dialogue.say(
            "error", **{"status_code": 400, "title": "Invalid model", "message": "No such model.", **error}
        )
        await close(dialogue)

    return refuse


async def close_1008(dialogue: Dialogue) -> None:
    await dialogue.socket.close(1008, "Invalid model")


async def abort(dialogue: Dialogue) -> None:
    dialogue.socket.transport.abort()


async def stay(dialogue: Dialogue) -> None:
    await dialogue.socket.wait_closed()


@pytest.mark.parametrize("close", [close_1008, abort, stay, polite])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({}, "refused the parameters (Invalid model: No such model.)"),
        (
            {"title": "Invalid turn thresholds", "message": "End is 2."},
            "refused the turn settings (Invalid turn thresholds: End is 2.)",
        ),
        ({"status_code": 402}, "wants credits or a larger plan (Invalid model: No such model.)"),
        ({"status_code": "401"}, "wants a key (Invalid model: No such model.)"),
    ],
)
async def test_an_error_in_place_of_connected_is_a_refusal_for_good(
    wav: Path, close: Script, error: dict[str, object], said: str
):
    async with ScriptedService(refusing_in_words(close, **error)) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert said in outcome.sentence
    assert len(service.dialogues) == 1
    assert not service.audio
    assert not watched.lines("violation")
    assert "connected" not in watched.states


@pytest.mark.parametrize("status", [None, "many", True])
async def test_an_error_without_a_status_in_place_of_connected_is_told_by_the_close(wav: Path, status: object):
    async with ScriptedService(refusing_in_words(close_1008, status_code=status)) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "refused the parameters (Invalid model: No such model.)" in outcome.sentence
    assert "connected" not in watched.states


async def test_a_service_that_never_accepts_was_never_connected(wav: Path):
    async with ScriptedService(refusing_in_words(close_1013, status_code=429)) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "has too many sessions open (Invalid model: No such model.)" in outcome.sentence
    assert len(service.dialogues) > 1
    assert "connected" not in watched.states
    assert watched.summary.health.reconnects == 0


async def test_a_key_that_is_refused_in_a_session_is_told_as_one(wav: Path):
    async def expire(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("error", status_code=402, title="No credits", message="They are used up.")
        await dialogue.socket.close(1008, "quota")

    async with ScriptedService(expire) as service:
        outcome = await Watched(wav, service.url).run()
    assert outcome.exit_code == REFUSED
    assert "wants credits or a larger plan (No credits: They are used up.; quota)" in outcome.sentence


async def close_1013(dialogue: Dialogue) -> None:
    await dialogue.socket.close(1013, "r")


async def test_an_error_in_place_of_connected_that_may_pass_is_tried_again(wav: Path):
    async with ScriptedService(refusing_in_words(close_1011, status_code=503), polite) as service:
        outcome = await Watched(wav, service.url).run()
    assert outcome.exit_code == 0
    assert len(service.dialogues) == 2


async def close_1011(dialogue: Dialogue) -> None:
    await dialogue.socket.close(1011, "sorry")


async def test_an_error_that_was_not_the_last_word_does_not_explain_a_drop(wav: Path):
    async def grumble(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("error", status_code=400, title="Bad message", message="unknown type")
        await dialogue.say("turn.start")
        await dialogue.hear(0.1)
        await dialogue.socket.close(1012, "restart")

    async with ScriptedService(grumble, polite) as service:
        watched = Watched(wav, service.url)
        assert await watched.run() == Outcome()


async def test_nobody_listens(wav: Path, unused_tcp_port: int):
    watched = Watched(wav, f"http://127.0.0.1:{unused_tcp_port}")
    outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert f"127.0.0.1:{unused_tcp_port}" in outcome.sentence
    assert "check the address" in outcome.sentence
    assert "(tried 3 times)" in outcome.sentence
    assert watched.snapshots[-1].error == outcome.sentence
    assert watched.searches == 3


async def test_a_name_that_nobody_knows(wav: Path):
    watched = Watched(wav, "wss://nobody.invalid")
    outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "could not be reached" in outcome.sentence


async def test_the_user_can_try_at_once(wav: Path):
    async with ScriptedService(drop, polite) as service:
        watched = Watched(wav, service.url)
        running = asyncio.create_task(watched.run())
        waiting = await watched.until(waits)
        assert waiting.retry is not None
        assert (waiting.retry.attempt, waiting.retry.attempts) == (1, 6)
        assert waiting.retry.at > waiting.at
        assert "lost" in waiting.detail
        watched.session.send(RetryNow())
        assert await running == Outcome()
    lost, found = (line["t"] for line in watched.lines("status")[2:4])
    assert found == lost
    assert watched.snapshots[-1].retry is None


async def test_the_user_can_try_at_once_from_another_thread(wav: Path):
    async with ScriptedService(drop, polite) as service, Running(maker(service.url, wav)) as running:
        running.runner.send(Start())
        waiting = await running.until(waits)
        running.runner.send(RetryNow())
        assert await running.outcome() == Outcome()
    found = next(snapshot for snapshot in running.snapshots if snapshot.health.reconnects)
    assert found.at == waiting.at


async def test_wanting_to_try_at_once_means_nothing_while_all_is_well(wav: Path):
    async with ScriptedService(drop, polite) as service:
        watched = Watched(wav, service.url)
        watched.session.send(RetryNow())
        assert await watched.run() == Outcome()
    assert watched.states.count("reconnecting") == 1


async def test_stopping_does_not_wait_for_the_next_attempt(wav: Path):
    async with ScriptedService(drop) as service:
        watched = Watched(wav, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(waits)
        watched.session.send(Stop())
        assert await running == Outcome()
    assert watched.states[-1] == "closed"
    assert watched.summary.t == watched.lines("status")[2]["t"]
    assert watched.health.audio_sent_s < 0.55


async def test_a_service_that_moved_is_found_where_it_is_now(wav: Path):
    async with ScriptedService(drop) as old, ScriptedService(polite) as new:
        watched = Watched(wav, old.url)
        places = iter([old.url, new.url])

        async def find() -> Address:
            return read_address(next(places))

        watched.session._find_service = find
        assert await watched.run() == Outcome()
        assert watched.snapshots[-1].session.url.startswith(new.url.replace("http", "ws"))
    assert len(watched.lines("session")) == 1


async def test_losing_the_connection_after_the_last_audio_is_no_success(wav: Path):
    async def vanish(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("turn.start")
        await dialogue.hear_close()
        dialogue.socket.transport.abort()

    async with ScriptedService(vanish) as service:
        watched = Watched(wav, service.url)
        outcome = await watched.run()
    assert outcome == Outcome(REFUSED, "the connection was lost before the service had finished: events may be missing")
    assert watched.lines("turn")[0]["end_reason"] == "dangling"
    assert len(service.dialogues) == 1


async def test_an_error_instead_of_a_goodbye_is_forgiven_where_nothing_was_said(wav: Path):
    async def startled(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_close()
        await dialogue.say("error", status_code=500, title="Internal", message="no audio")
        await dialogue.socket.close(1011)

    async with ScriptedService(startled) as service:
        watched = Watched(wav, service.url)
        assert await watched.run() == Outcome()
    assert watched.snapshots[-1].error == ""


def as_sent(captured: int, dropped: list[int]) -> bytes:
    """All that a live source captured, but for the chunks that it dropped."""
    return b"".join(numbers(at) for at in range(0, captured, 1600) if at not in set(dropped))


async def test_a_live_source_is_heard_on_and_catches_up_gently(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backoff, "FIRST_DELAY_S", 1.5)
    monkeypatch.setattr(random, "random", lambda: 1.0)

    async def attentive(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_close()

    source = LiveSource(queue_s=0.8)
    async with ScriptedService(drop, attentive) as service:
        watched = Watched(source, service.url)
        running = asyncio.create_task(watched.run())
        late = await watched.until(lambda snapshot: snapshot.health.dropped_s >= 0.3)
        assert late.connection is Connection.RECONNECTING
        assert late.health.waiting_s > 0.5
        # The backlog melts at half a second a second.
        await watched.until(lambda snapshot: snapshot.health.reconnects == 1 and snapshot.health.waiting_s <= 0.1)
        watched.session.send(Stop())
        assert await running == Outcome()
    health = watched.health
    assert health.dropped_s == pytest.approx(len(source.dropped_at) / 10)
    assert health.audio_sent_s + health.waiting_s + health.dropped_s == pytest.approx(source.captured / 16_000)
    sent = as_sent(source.captured, source.dropped_at)[: round(health.audio_sent_s * 32_000)]
    assert sent.startswith(bytes(service.dialogues[0].audio))
    assert sent.endswith(bytes(service.dialogues[1].audio))
    assert len(sent) - len(service.audio) <= health.unconfirmed_s * 32_000
    # What waited goes out at one and a half times the speed of speech, but for the first tenth of a second.
    again = [
        one.at for one in watched.journal if isinstance(one, ConnectionChanged) and one.state is Connection.CONNECTED
    ]
    sent_at = [one.chunk.sent_at for one in watched.journal if isinstance(one, Sent) and one.chunk.sent_at > again[1]]
    steps = [after - before for before, after in pairwise(sent_at)]
    assert steps[2:6] == pytest.approx([0.1 / 1.5] * 4)


async def test_the_audio_that_waited_was_spoken_when_it_was_captured():
    source = LiveSource()
    async with ScriptedService(drop, polite) as service:
        watched = Watched(source, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.health.reconnects == 1 and snapshot.audio.position > 0.8)
        watched.session.send(Stop())
        await running
    clock = watched.session._monitor._audio.clock
    spoken = clock._spoken_at
    assert all(then - before == pytest.approx(0.1) for before, then in pairwise(spoken))


async def test_the_audio_of_a_file_is_put_off_by_the_time_that_the_line_was_down(wav: Path):
    async with ScriptedService(drop, polite) as service:
        watched = Watched(wav, service.url)
        assert await watched.run() == Outcome()
    lost, found = (line["t"] for line in watched.lines("status")[2:4])
    spoken = watched.session._monitor._audio.clock._spoken_at
    steps = [then - before - 0.1 for before, then in pairwise(spoken)]
    (gap,) = [step for step in steps if step > 1e-6]
    assert gap == pytest.approx(found - lost, abs=1e-4)


async def test_records_of_a_status_tell_how_the_monitor_is_doing(wav: Path):
    async with ScriptedService(polite) as service:
        watched = Watched(wav, service.url)
        await watched.run()
    assert all(line["health"]["reconnects"] == 0 for line in watched.lines("status"))
    health = json.loads(json.dumps(watched.lines("summary")[0]["health"]))
    assert health["peak_db"] == pytest.approx(-20, abs=0.1)
    assert (health["clipped"], health["waiting_s"], health["dropped_s"], health["unconfirmed_s"]) == (0, 0, 0, 0)
    assert health["round_trip"] == 0
