"""Several services at once on the same audio: none waits for another, and the figures are those of a run of one."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from tests.server.parrot import PARROT as SPOKEN
from tests.server.stand_in import LoudnessDetector, s16, silence, tone
from tests.session.test_another_service import PARROT
from tests.support.live import LiveSource
from tests.support.proxy import FaultyLine
from tests.support.registered import registered
from tests.support.running import Running
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sessions import heard, side_by_side, unheard
from tests.support.sound import READING, wav_bytes, write_wav
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.audio.sources import fan_out
from stt_monitor.audio.sources.fan_out import START_WAIT_S
from stt_monitor.core.commands import Mute, Start, Stop, Tune
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.pairs.sessions import pair_sessions
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.side_by_side.rows import SideBySide, rows_of
from stt_monitor.server.server import LocalServer
from stt_monitor.session.sources import SessionInput, recording
from stt_monitor.system.clock import Clock

REFUSED = ServiceUnavailableError.exit_code
TALK = s16(
    silence(0.5), tone(1.1), silence(0.24), tone(0.6), silence(1.2), tone(1.3), silence(1.5), tone(0.9), silence(1.2)
)


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "talk.wav", decode(TALK, Encoding.PCM_S16LE), 16_000)
    return tmp_path / "talk.wav"


def lines(records: Iterable[Record], service: str = "") -> list[dict[str, Any]]:
    """Return the lines of one service, or all, without its name."""
    found = [json.loads(to_json(record)) for record in records]
    return [
        {key: value for key, value in line.items() if key != "service"}
        for line in found
        if not service or line.get("service") == service
    ]


def kind(of: str, found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in found if line["kind"] == of]


def digits(found: Iterable[dict[str, Any]]) -> list[str]:
    """Leave out what differs from run to run: wall clock, ids, ports, rounding; and the order within one instant."""
    differing = ("started_at", "url", "event", "health")
    kept = [{key: value for key, value in line.items() if key not in differing} for line in found]
    return sorted(json.dumps(line, sort_keys=True) for line in kept)


async def run(made: Running) -> int:
    made.runner.send(Start())
    return (await made.outcome()).exit_code


async def alone(service: str, url: str, wav: Path) -> list[dict[str, Any]]:
    async with Running(side_by_side({service: url}, heard(wav))) as running:
        assert await run(running) == 0
    return lines(running.records)


@pytest.mark.slow
async def test_each_service_has_the_figures_of_a_run_of_its_own():
    wav = READING
    with registered(PARROT, SPOKEN):
        async with LocalServer(LoudnessDetector) as server:
            urls = dict.fromkeys(("cartesia", "flux"), server.base_url) | {PARROT.name: f"{server.base_url}?bird=grey"}
            async with Running(side_by_side(urls, heard(wav))) as running:
                assert await run(running) == 0
            each_alone = {service: await alone(service, url, wav) for service, url in urls.items()}
    assert {json.loads(to_json(record))["service"] for record in running.records} == set(each_alone)
    for name, by_itself in each_alone.items():
        mine = lines(running.records, name)
        assert digits(mine) == digits(by_itself)
        assert len([turn for turn in kind("turn", mine) if turn["speech_start_s"] is not None]) > 1
    started = {line["started_at"] for line in kind("session", lines(running.records))}
    assert len(started) == 1


@pytest.mark.slow
async def test_one_snapshot_has_all_services_and_comes_no_more_often_than_that_of_one(wav: Path):
    async with LocalServer(LoudnessDetector) as server:
        urls = dict.fromkeys(("cartesia", "flux"), server.base_url)
        async with Running(side_by_side(urls, heard(wav))) as running:
            assert await run(running) == 0
        async with Running(side_by_side({"cartesia": server.base_url}, heard(wav))) as one:
            assert await run(one) == 0
    assert all([lane.session.service for lane in each.lanes] == ["cartesia", "flux"] for each in running.snapshots)
    assert [each.running for each in running.snapshots] == [True] * (len(running.snapshots) - 1) + [False]
    assert not any(each.lanes for each in one.snapshots)
    # Ticks of all services are one; Flux adds the events that it alone tells.
    assert len(running.snapshots) < 1.5 * len(one.snapshots)


@pytest.mark.slow
async def test_a_service_whose_line_stalls_delays_no_other(tmp_path: Path):
    wav = write_wav(tmp_path / "long.wav", 45)
    async with ScriptedService(polite) as good, ScriptedService(flux_talk) as other, FaultyLine(other.port) as line:
        urls = {"cartesia": good.url, "flux": line.url}
        async with Running(side_by_side(urls, SessionInput(recording(wav, "mix", 100), unheard))) as running:
            running.runner.send(Start())
            await running.until(lambda snapshot: snapshot.audio.position > 2)
            line.stall()
            stalled_at = asyncio.get_running_loop().time()
            await running.until(lambda _: asyncio.get_running_loop().time() - stalled_at > 30)
            line.unstall()
            assert (await running.outcome()).exit_code == 0
    steady, late = running.snapshots[-1].lanes
    assert steady.health.send_lag_max == pytest.approx(0, abs=1e-9)
    assert late.health.send_lag_max > 1
    assert good.audio == wav_bytes(wav)
    assert late.audio.played == pytest.approx(45)
    accounted = late.health.audio_sent_s - late.health.resent_s + late.health.waiting_s + late.health.dropped_s
    assert accounted == pytest.approx(45)


@pytest.mark.slow
async def test_what_went_into_a_dead_line_is_sent_again_to_that_service_alone(tmp_path: Path):
    wav = write_wav(tmp_path / "long.wav", 60)
    async with ScriptedService(polite) as good, ScriptedService(flux_talk) as other, FaultyLine(other.port) as line:
        urls = {"cartesia": good.url, "flux": line.url}
        async with Running(side_by_side(urls, SessionInput(recording(wav, "mix", 100), unheard))) as running:
            running.runner.send(Start())
            await running.until(lambda snapshot: snapshot.audio.position > 5)
            line.half_open()
            assert (await running.outcome()).exit_code == 0
    steady, late = running.snapshots[-1].lanes
    assert steady.health.send_lag_max == pytest.approx(0, abs=1e-9)
    assert steady.health.resent_s == 0
    assert good.audio == wav_bytes(wav)
    before, after = (bytes(dialogue.audio) for dialogue in other.dialogues)
    assert wav_bytes(wav).startswith(before)
    assert wav_bytes(wav).endswith(after)
    assert len(before) + len(after) >= len(wav_bytes(wav))
    assert late.health.resent_s > 10
    assert (late.health.dropped_s, late.health.waiting_s) == (0, 0)
    assert late.audio.played == pytest.approx(60)


@pytest.mark.slow
async def test_speech_that_is_sent_again_stands_where_it_was_spoken(tmp_path: Path):
    samples, rate = soundfile.read(READING)
    soundfile.write(tmp_path / "long.wav", np.tile(samples, 5), rate, subtype="PCM_16")
    rows = SideBySide()
    async with LocalServer(LoudnessDetector) as server, FaultyLine(int(server.base_url.rpartition(":")[2])) as line:
        urls = {"cartesia": server.base_url, "flux": line.url}
        async with Running(side_by_side(urls, heard(tmp_path / "long.wav"))) as running:
            running.runner.send(Start())
            await running.until(lambda snapshot: snapshot.audio.position > 12)
            line.half_open()
            await running.outcome()
    for snapshot in running.snapshots:
        rows.update(snapshot.lanes)
    steady, late = running.snapshots[-1].lanes
    assert late.health.resent_s > 10
    assert all(span.end is not None and span.end >= span.onset for span in late.speech)
    assert [span.onset for span in late.speech] == sorted(span.onset for span in late.speech)
    assert {round(span.onset, 3) for span in steady.speech} < {round(span.onset, 3) for span in late.speech}
    rows.update((steady, late))
    assert rows.rows == rows_of((steady, late))
    assert len(rows.rows) == len(steady.speech)  # no row is about the same speech twice
    found = pair_sessions(steady, late)
    assert found is not None
    paired = found.of(METRICS["eot_latency"])
    assert [pair.difference for pair in paired.pairs] == pytest.approx([0] * paired.n, abs=1e-9)
    assert paired.n > 2


@pytest.mark.slow
async def test_a_service_that_is_gone_for_long_misses_the_oldest_audio_and_it_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fan_out, "FILE_BACKLOG_S", 3.0)
    wav = write_wav(tmp_path / "long.wav", 30)
    async with ScriptedService(polite) as good, ScriptedService(flux_talk) as other, FaultyLine(other.port) as line:
        urls = {"cartesia": good.url, "flux": line.url}
        async with Running(side_by_side(urls, SessionInput(recording(wav, "mix", 100), unheard))) as running:
            running.runner.send(Start())
            await running.until(lambda snapshot: snapshot.audio.position > 5)
            await line.refuse()
            line.reset()
            await running.until(lambda snapshot: snapshot.lanes[1].health.dropped_s > 4)
            await line.accept()
            assert (await running.outcome()).exit_code == 0
    late = running.snapshots[-1].lanes[1]
    assert good.audio == wav_bytes(wav)
    again = bytes(other.dialogues[1].audio)
    assert wav_bytes(wav).endswith(again[3200:])  # before that comes the chunk that was in the sender's hand
    assert late.audio.played == pytest.approx(30)  # what was dropped has gone by
    assert late.health.audio_sent_s + late.health.dropped_s == pytest.approx(30)


@pytest.mark.slow
async def test_a_service_that_refuses_holds_nobody(wav: Path):
    def refuse(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(HTTPStatus.UNAUTHORIZED, "who are you?\n")

    async with LocalServer(LoudnessDetector) as server, ScriptedService(polite, greet=refuse) as unwilling:
        urls = {"cartesia": server.base_url, "flux": unwilling.url}
        async with Running(side_by_side(urls, heard(wav))) as running:
            assert await run(running) == REFUSED
        expected = await alone("cartesia", server.base_url, wav)
    told = [outcome.sentence for outcome in running.outcomes if outcome.sentence]
    assert len(told) == 1
    assert told[0].startswith("Deepgram Flux: ")
    good, bad = running.snapshots[-1].lanes
    assert (good.error, bad.connection) == ("", Connection.CLOSED)
    assert bad.error
    assert digits(lines(running.records, "cartesia")) == digits(expected)


@pytest.mark.slow
async def test_a_service_that_does_not_answer_holds_the_others_for_a_while_that_the_screen_tells(wav: Path):
    async with LocalServer(LoudnessDetector) as server, silent_port() as port:
        urls = {"cartesia": server.base_url, "flux": f"ws://127.0.0.1:{port}"}
        async with Running(side_by_side(urls, heard(wav))) as running:
            assert await run(running) == REFUSED
    waits = [each.start_wait for each in running.snapshots if each.start_wait is not None]
    assert {wait.services for wait in waits} == {("flux",)}
    assert {wait.until for wait in waits} == {waits[0].until}
    first = next(each for each in running.snapshots if each.audio.position > 0)
    assert first.at == pytest.approx(START_WAIT_S + 0.1, abs=0.06)
    assert len(kind("turn", lines(running.records, "cartesia"))) == 3
    assert running.snapshots[-1].lanes[0].health.send_lag_max == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
async def test_a_service_that_dies_has_a_dangling_turn_and_changes_nothing_for_the_others(wav: Path):
    gone = asyncio.Event()

    async def dies(dialogue: Dialogue) -> None:
        await dialogue.say("Connected", sequence_id=0)
        await dialogue.hear(1)
        await dialogue.say("TurnInfo", **turn("StartOfTurn", "Hello"))
        dialogue.socket.transport.abort()
        gone.set()

    def refuse(connection: ServerConnection, _: Request) -> Response | None:
        return connection.respond(HTTPStatus.UNAUTHORIZED, "gone\n") if gone.is_set() else None

    async with LocalServer(LoudnessDetector) as server, ScriptedService(dies, greet=refuse) as mortal:
        urls = {"flux": mortal.url, "cartesia": server.base_url}
        async with Running(side_by_side(urls, heard(wav))) as running:
            assert await run(running) == REFUSED
        expected = await alone("cartesia", server.base_url, wav)
    assert [turn["end_reason"] for turn in kind("turn", lines(running.records, "flux"))] == ["dangling"]
    assert digits(lines(running.records, "cartesia")) == digits(expected)
    # The first one has failed, and yet the run is not over before the other is.
    assert [each.running for each in running.snapshots] == [True] * (len(running.snapshots) - 1) + [False]


async def test_a_live_source_is_stopped_and_muted_for_all():
    sources: list[LiveSource] = []

    def live(clock: Clock) -> LiveSource:
        sources.append(LiveSource(clock, samples=lambda _: b"\x01\x02" * 1600))
        return sources[-1]

    async with ScriptedService(flux_talk) as one, ScriptedService(polite) as other:
        urls = {"flux": one.url, "cartesia": other.url}
        async with Running(side_by_side(urls, SessionInput(live, unheard))) as running:
            running.runner.send(Start())
            await running.until(lambda snapshot: snapshot.audio.position > 1)
            running.runner.send(Mute(on=True))
            await running.until(lambda snapshot: all(lane.audio.quiet for lane in snapshot.lanes))
            muted_at = running.snapshots[-1].audio.position
            await running.until(lambda snapshot: snapshot.audio.position > muted_at + 1)
            running.runner.send(Stop())
            assert (await running.outcome()).exit_code == 0
    assert len(sources) == 1
    assert one.audio == other.audio
    assert one.audio.endswith(bytes(3200 * 9))
    assert {lane.audio.kind for lane in running.snapshots[-1].lanes} == {SourceKind.MICROPHONE}


@pytest.mark.slow
async def test_settings_are_changed_for_the_service_that_is_named(wav: Path):
    async with LocalServer(LoudnessDetector) as server:
        urls = dict.fromkeys(("cartesia", "flux"), server.base_url)
        async with Running(side_by_side(urls, heard(wav))) as running:
            running.runner.send(Start())
            await running.until(lambda snapshot: snapshot.audio.position > 0.3)
            running.runner.send(Tune(TurnSettings(eot_threshold=0.9), "flux"))
            running.runner.send(Tune(TurnSettings(eot_threshold=0.1), "flux"))
            said = await running.until(lambda snapshot: any(lane.error for lane in snapshot.lanes))
            assert (await running.outcome()).exit_code == 0
    assert [bool(lane.error) for lane in said.lanes] == [False, True]
    assert [lane.settings for lane in running.snapshots[-1].lanes] == [TurnSettings(), TurnSettings(eot_threshold=0.9)]


@pytest.mark.slow
async def test_a_change_that_takes_another_connection_changes_nothing_for_the_others(wav: Path):
    async with LocalServer(LoudnessDetector) as server:
        urls = dict.fromkeys(("voxtral", "cartesia"), server.base_url)
        async with Running(side_by_side(urls, heard(wav))) as running:
            running.runner.send(Start())
            await running.until(lambda snapshot: snapshot.open_turn is not None and bool(snapshot.open_turn.transcript))
            running.runner.send(Tune(TurnSettings(end_threshold=0.1), "voxtral"))
            assert (await running.outcome()).exit_code == 0
        by_itself = await alone("cartesia", server.base_url, wav)
    changed, other = running.snapshots[-1].lanes
    assert digits(lines(running.records, "cartesia")) == digits(by_itself)
    assert changed.settings == TurnSettings(end_threshold=0.1)
    assert changed.health.audio_sent_s == other.health.audio_sent_s == len(TALK) / 32_000
    assert (changed.health.reconnects, changed.health.dropped_s, changed.health.unconfirmed_s) == (0, 0, 0)
    reasons = [turn["end_reason"] for turn in kind("turn", lines(running.records, "voxtral"))]
    assert reasons == ["closed", "threshold", "threshold", "threshold"]
    assert (changed.counts.missed, changed.counts.violations) == (0, 0)


async def test_an_input_that_cannot_be_opened_is_said_once(tmp_path: Path):
    async with ScriptedService(polite) as service:
        urls = dict.fromkeys(("cartesia", "flux"), service.url)
        opened = recording(write_wav(tmp_path / "gone.wav", 1), "mix", 100)
        (tmp_path / "gone.wav").unlink()
        async with Running(side_by_side(urls, SessionInput(opened, unheard))) as running:
            assert await run(running) == 2
    assert [outcome.sentence.count("gone.wav") for outcome in running.outcomes] == [1]
    assert all("gone.wav" in lane.error for lane in running.snapshots[-1].lanes)


def turn(event: str, transcript: str) -> dict[str, Any]:
    return {
        "event": event, "turn_index": 0, "sequence_id": 1, "audio_window_start": 0.0, "audio_window_end": 1.0,
        "transcript": transcript, "words": [], "end_of_turn_confidence": 0.1,
    }  # fmt: skip


async def flux_talk(dialogue: Dialogue) -> None:
    await dialogue.say("Connected", sequence_id=0)
    while {"type": "CloseStream"} not in dialogue.texts:
        await dialogue._take()


@asynccontextmanager
async def silent_port() -> AsyncIterator[int]:
    """A port that takes connections and says nothing."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1 << 16):
            pass
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
