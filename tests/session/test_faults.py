"""Whatever happens to the line, the session goes on or ends clearly, and all audio is accounted for."""

import asyncio
import ssl
from pathlib import Path

import pytest
from tests.support.live import LiveSource
from tests.support.proxy import FAULTS, Fault, FaultyLine
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import wav_bytes, write_wav
from tests.support.watched import Watched

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.commands import Stop
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.records.session import Connection
from stt_monitor.session import exchange
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import labelled_speech
from stt_monitor.transport import connection
from stt_monitor.transport import retry as backoff

CERTIFICATE = Path(__file__).parents[1] / "support" / "self_signed.pem"
REFUSED = ServiceUnavailableError.exit_code
RATE = 16_000
BYTES_PER_SECOND = 2 * RATE

SILENT = (FaultyLine.stall, FaultyLine.half_open)
"""After these the line is open, and dead."""

every_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


async def talk(dialogue: Dialogue) -> None:
    """A service in whose first turn the line will fail."""
    await dialogue.say("connected")
    await dialogue.hear(0.2)
    await dialogue.say("turn.start")
    await dialogue.say("turn.update", transcript="Call me")
    await dialogue.hear_close()


def assert_turns(watched: Watched) -> None:
    lost, other = watched.lines("turn")
    assert (lost["transcript"], lost["end_reason"]) == ("Call me", "dangling")
    assert (other["transcript"], other["end_reason"]) == ("Hello there.", "closed")
    assert watched.summary.transcript == "Hello there."
    assert watched.states == ["connecting", "connected", "reconnecting", "connected", "closed"]


@pytest.mark.slow
@every_fault
async def test_a_file_survives_every_fault(tmp_path: Path, fault: Fault):
    length = 2 * connection.PING_TIMEOUT_S  # the silent ones are found before its end
    wav = write_wav(tmp_path / "long.wav", length)
    async with ScriptedService(talk, polite) as service, FaultyLine(service.port) as line:
        watched = Watched(wav, line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None and bool(snapshot.open_turn.transcript))
        fault(line)
        await watched.until(lambda snapshot: snapshot.connection is Connection.RECONNECTING)
        assert await running == Outcome()
        heard = [bytes(dialogue.audio) for dialogue in service.dialogues]
    assert_turns(watched)
    health = watched.health
    # Captured is the whole file: all of it was sent, and what may have been lost on the way is counted.
    assert health.audio_sent_s - health.resent_s + health.waiting_s + health.dropped_s == pytest.approx(length)
    whole = wav_bytes(wav)
    assert whole.startswith(heard[0])
    assert whole.endswith(heard[1])
    lost = len(whole) - len(heard[0]) - len(heard[1])
    if fault in SILENT:
        # What went into a dead line was sent again, from the last answered ping on: some of it may be heard twice.
        assert -health.resent_s * BYTES_PER_SECOND <= lost <= 0
        assert health.unconfirmed_s == 0
    else:
        assert 0 <= lost <= health.unconfirmed_s * BYTES_PER_SECOND
        assert health.resent_s == 0
    assert health.reconnects == 1


silent_fault = pytest.mark.parametrize("fault", SILENT, ids=["stall", "half open"])


@pytest.mark.slow
@silent_fault
async def test_a_file_whose_end_went_into_a_dead_line_is_sent_to_the_end(tmp_path: Path, fault: Fault):
    length = connection.PING_TIMEOUT_S - exchange.DRAIN_S / 2
    wav = write_wav(tmp_path / "long.wav", length)
    async with ScriptedService(talk, polite) as service, FaultyLine(service.port) as line:
        watched = Watched(wav, line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 0.6)
        fault(line)
        assert await running == Outcome()
        heard = [bytes(dialogue.audio) for dialogue in service.dialogues]
    whole = wav_bytes(wav)
    assert whole.endswith(heard[1])
    assert len(heard[0]) + len(heard[1]) >= len(whole)
    assert watched.health.audio_sent_s - watched.health.resent_s == pytest.approx(length)
    assert (watched.health.waiting_s, watched.health.unconfirmed_s) == (0, 0)
    assert 0 < watched.health.resent_s < length
    assert_turns(watched)


async def test_a_service_that_answers_nothing_after_the_audio_is_asked_again(tmp_path: Path):
    wav = write_wav(tmp_path / "a second.wav", 1.0)
    async with ScriptedService(talk, polite) as service, FaultyLine(service.port) as line:
        watched = Watched(wav, line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 0.6)
        line.half_open()
        assert await running == Outcome()
        assert wav_bytes(wav).endswith(service.dialogues[1].audio)
    assert watched.health.audio_sent_s - watched.health.resent_s == pytest.approx(1.0)
    assert_turns(watched)


@pytest.mark.slow
async def test_lines_that_die_at_once_are_given_up_in_the_end(tmp_path: Path):
    async def deaf(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_close()

    async with ScriptedService(deaf) as service, FaultyLine(service.port) as line:
        line.dies_at_once = True
        watched = Watched(write_wav(tmp_path / "long.wav", 60.0), line.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "fell silent" in outcome.sentence
    assert line.accepted == 1 + backoff.RECONNECTS
    # Nothing has arrived: it all waits still, and was not counted twice.
    health = watched.health
    assert health.audio_sent_s == pytest.approx(health.resent_s)
    assert health.unconfirmed_s == 0
    assert connection.PING_TIMEOUT_S < health.waiting_s < connection.PING_TIMEOUT_S + 1.0
    assert health.resent_s > health.waiting_s


@pytest.mark.slow
@silent_fault
async def test_speech_that_went_into_a_dead_line_is_not_missed_by_the_service(tmp_path: Path, fault: Fault):
    labels = tmp_path / "labels.txt"
    labels.write_text("0.05\t0.3\tfirst\n0.9\t1.0\tinto the dead line\n")
    wav = write_wav(tmp_path / "long.wav", 5.0)

    async def second(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(1.0)
        await dialogue.say("turn.start")
        await dialogue.say("turn.end", transcript="Hello there.")
        await dialogue.hear_close()

    async with ScriptedService(talk, second) as service, FaultyLine(service.port) as line:
        find = labelled_speech(labels, [wav.name])[0]
        watched = Watched(wav, line.url, reference=find(AudioFormat(Encoding.PCM_S16LE, RATE)))
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 0.5)
        fault(line)
        assert await running == Outcome()
    assert watched.summary.counts.missed == 0
    assert watched.summary.counts.spurious == 0
    lost, other = watched.lines("turn")
    assert lost["end_reason"] == "dangling"
    # It is measured where it was heard: a second after the new connection began to hear, or a little later.
    assert 0 < other["onset_latency_ms"] < 5000
    assert 0 < other["eot_latency_ms"] < 5000


@every_fault
async def test_a_live_source_survives_every_fault(fault: Fault):
    source = LiveSource(queue_s=0.3)
    async with ScriptedService(talk, polite) as service, FaultyLine(service.port) as line:
        watched = Watched(source, line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None and bool(snapshot.open_turn.transcript))
        fault(line)
        await watched.until(lambda snapshot: snapshot.connection is Connection.RECONNECTING)
        await watched.until(lambda snapshot: snapshot.open_turn is not None and snapshot.health.reconnects == 1)
        watched.session.send(Stop())
        assert await running == Outcome()
        heard = sum(len(dialogue.audio) for dialogue in service.dialogues)
    assert_turns(watched)
    health = watched.health
    assert health.dropped_s == pytest.approx(len(source.dropped_at) / 10)
    assert health.audio_sent_s + health.waiting_s + health.dropped_s == pytest.approx(source.captured / RATE)
    lost = health.audio_sent_s - heard / BYTES_PER_SECOND
    assert -1e-9 <= lost <= health.unconfirmed_s + 1e-9


async def test_a_line_that_stalls_for_a_moment_is_kept_and_nothing_is_lost(tmp_path: Path):
    wav = write_wav(tmp_path / "a second.wav", 1.0)
    async with ScriptedService(polite) as service, FaultyLine(service.port) as line:
        watched = Watched(wav, line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 0.2)
        line.stall()
        await watched.until(lambda snapshot: snapshot.audio.position > 0.4)
        line.unstall()
        assert await running == Outcome()
        assert service.audio == wav_bytes(wav)
    assert watched.health.reconnects == 0


async def test_a_slow_line_delays_and_loses_nothing(tmp_path: Path):
    wav = write_wav(tmp_path / "a second.wav", 1.0)
    async with ScriptedService(polite) as service, FaultyLine(service.port) as line:
        watched = Watched(wav, line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 0.1)
        line.slow(0.7 * BYTES_PER_SECOND)
        assert await running == Outcome()
        assert service.audio == wav_bytes(wav)
    assert watched.health.reconnects == 0
    assert watched.health.round_trip is not None


async def test_a_line_that_is_cut_and_refused_comes_back_when_the_service_does(tmp_path: Path):
    wav = write_wav(tmp_path / "a second.wav", 1.0)
    async with ScriptedService(talk, polite) as service, FaultyLine(service.port) as line:
        watched = Watched(wav, line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        await line.refuse()
        line.drop()
        second = await watched.until(lambda snapshot: snapshot.retry is not None and snapshot.retry.attempt == 2)
        assert "connection refused" in second.detail
        await line.accept()
        assert await running == Outcome()
    assert line.accepted == 2
    assert watched.health.audio_sent_s == 1.0
    assert "reconnecting" in watched.states


async def test_garbage_in_place_of_a_greeting_is_a_clear_end(tmp_path: Path):
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 100)
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        watched = Watched(write_wav(tmp_path / "a second.wav", 1.0), f"ws://127.0.0.1:{port}")
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "answered, but not as a websocket" in outcome.sentence
    assert watched.searches == 1


async def test_hanging_up_in_the_greeting_is_tried_again(tmp_path: Path):
    async def vanish(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(vanish, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        watched = Watched(write_wav(tmp_path / "a second.wav", 1.0), f"ws://127.0.0.1:{port}")
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "hung up in the middle of the greeting" in outcome.sentence
    assert watched.searches == 3


async def test_a_port_without_tls_is_a_clear_end(tmp_path: Path):
    async with ScriptedService(polite) as service:
        watched = Watched(write_wav(tmp_path / "a second.wav", 1.0), f"wss://127.0.0.1:{service.port}")
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "hung up in the middle of the greeting: check the address (is it wss:// or ws://?)" in outcome.sentence


async def test_a_certificate_that_nobody_vouches_for_is_a_clear_end(tmp_path: Path):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    async with ScriptedService(polite) as service, FaultyLine(service.port, tls=tls) as line:
        watched = Watched(write_wav(tmp_path / "a second.wav", 1.0), line.url)
        outcome = await watched.run()
    assert outcome.exit_code == REFUSED
    assert "self-signed certificate" in outcome.sentence
    assert watched.searches == 1


async def test_stopping_on_a_stalled_line_ends_all_the_same(tmp_path: Path):
    async with ScriptedService(talk) as service, FaultyLine(service.port) as line:
        watched = Watched(write_wav(tmp_path / "long.wav", 60.0), line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        line.stall()
        await watched.until(lambda snapshot: snapshot.audio.position > 0.5)
        watched.session.send(Stop())
        assert await running == Outcome()
    assert watched.states[-1] == "closed"
    # Nobody has said that it heard the end.
    assert 0 < watched.health.unconfirmed_s <= watched.health.audio_sent_s
