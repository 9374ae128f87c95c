"""What is heard, and by whom, chosen while the program runs."""

import asyncio
import json
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.support.live import LiveSource
from tests.support.running import Running
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sessions import maker, unheard
from tests.support.sound import wav_bytes, write_wav

from stt_monitor.audio.devices import inputs as devices
from stt_monitor.audio.devices.inputs import InputDevice
from stt_monitor.audio.devices.portaudio import MicrophoneError
from stt_monitor.audio.sample import SAMPLE_NAME
from stt_monitor.core.commands import NOT_SAVED, ChooseInput, ChooseService, Mute, Start, Step, Stop, Tune
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.journal import Began, Entry, Quieted
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.core.session_options import (
    Device as Microphone,
)
from stt_monitor.core.session_options import (
    FileChoice,
    LocalService,
    MicrophoneChoice,
    SampleChoice,
    SourceKind,
    UrlService,
    VendorService,
)
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import SessionInput

EAGER = TurnSettings(start_threshold=0.7, eager_end_threshold=0.6, end_threshold=0.4, end_timeout_ms=4500)


@pytest.fixture
def long_wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "long.wav", 60)


@pytest.fixture
def short_wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "short.wav", 0.55)


def has_turn(snapshot: Snapshot) -> bool:
    return snapshot.running and snapshot.open_turn is not None


async def test_another_file_is_heard_in_a_session_of_its_own(long_wav: Path, short_wav: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(ChooseInput(FileChoice(str(short_wav))))
        assert await running.outcome() == Outcome()
        assert not running.runner.running
        first, second = service.dialogues
    assert first.texts == second.texts == [{"type": "close"}]  # the first was ended in order
    assert first.close_code == 1000
    assert bytes(second.audio) == wav_bytes(short_wav)
    assert [outcome.more for outcome in running.outcomes] == [True, False]
    sources = [snapshot.session.source for snapshot in running.snapshots]
    assert sources == sorted(sources)  # long.wav, then short.wav
    # In between nothing looked as if it were all over.
    assert [snapshot.running for snapshot in running.snapshots] == [True] * (len(sources) - 1) + [False]


async def test_a_file_that_cannot_be_had_is_told_and_the_session_goes_on(long_wav: Path, tmp_path: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(ChooseInput(FileChoice(str(tmp_path / "gone.wav"))))
        told = await running.until(lambda snapshot: snapshot.error != "")
        assert "gone.wav" in told.error
        later = await running.until(lambda snapshot: snapshot.at > told.at + 0.3)
        assert later.running
        assert later.session.source == "long.wav"
        running.runner.send(ChooseInput(FileChoice(str(long_wav), "7")))
        told = await running.until(lambda snapshot: "gone.wav" not in snapshot.error)
        assert "channel" in told.error
        running.runner.send(Step(1))
        assert (await running.until(lambda snapshot: "channel" not in snapshot.error)).error == NOT_SAVED
        running.runner.send(Stop())
        assert await running.outcome() == Outcome()
    assert len(service.dialogues) == 1


async def test_what_is_chosen_between_sessions_is_heard_in_the_next(short_wav: Path, tmp_path: Path):
    other = write_wav(tmp_path / "other.wav", 0.3)
    async with ScriptedService(polite) as service, Running(maker(service.url, short_wav)) as running:
        running.runner.send(Start())
        await running.outcome()
        running.runner.send(ChooseInput(FileChoice(str(tmp_path / "gone.wav"))))
        told = await running.until(lambda snapshot: snapshot.error != "")
        assert "gone.wav" in told.error
        assert len(told.finished) == 1  # what was heard stays on the screen
        running.runner.send(ChooseInput(FileChoice(str(other))))
        await running.quiet(0.5)
        assert len(service.dialogues) == 1  # it does not begin by itself
        running.runner.send(Start())
        assert await running.outcome() == Outcome()
    assert bytes(service.dialogues[1].audio) == wav_bytes(other)


async def test_the_bundled_sample_can_be_chosen(short_wav: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, short_wav)) as running:
        running.runner.send(ChooseInput(SampleChoice()))
        running.runner.send(Start())
        snapshot = await running.until(has_turn)
        assert snapshot.session.source == SAMPLE_NAME
        assert snapshot.session.reference == "labels"
        assert snapshot.audio.kind is SourceKind.FILE


async def test_of_two_choices_the_last_counts(long_wav: Path, short_wav: Path, tmp_path: Path):
    other = write_wav(tmp_path / "other.wav", 0.3)
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(ChooseInput(FileChoice(str(other))))
        running.runner.send(ChooseInput(FileChoice(str(short_wav))))
        assert await running.outcome() == Outcome()
    assert bytes(service.dialogues[-1].audio) == wav_bytes(short_wav)


async def test_who_starts_at_once_hears_what_was_chosen(long_wav: Path, short_wav: Path, tmp_path: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(ChooseInput(FileChoice(str(short_wav))))
        running.runner.send(Start())
        assert await running.outcome() == Outcome()
        running.runner.send(ChooseInput(FileChoice(str(tmp_path / "gone.wav"))))
        running.runner.send(Start())
        assert await running.outcome() == Outcome()
        assert "gone.wav" in running.snapshots[-1].error
        assert not running.runner.running
        running.runner.send(Start())
        assert await running.outcome() == Outcome()
    assert [bytes(dialogue.audio) for dialogue in service.dialogues] == [wav_bytes(short_wav)] * 2


async def test_who_stops_while_something_else_begins_has_stopped(long_wav: Path, short_wav: Path):
    slow_to_part = asyncio.Event()

    async def clings(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("turn.start")
        await dialogue.hear_close()
        slow_to_part.set()
        await dialogue.socket.wait_closed()

    async with ScriptedService(clings) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(ChooseInput(FileChoice(str(short_wav))))
        await slow_to_part.wait()
        running.runner.send(Stop())
        assert await running.outcome() == Outcome()
        assert not running.snapshots[-1].running
    assert len(service.dialogues) == 1


@pytest.mark.slow
async def test_another_service_is_used_from_the_next_session_on(long_wav: Path):
    async with (
        ScriptedService(polite) as service,
        ScriptedService(polite) as other,
        Running(maker(service.url, long_wav)) as running,
    ):
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(ChooseService(UrlService(other.url)))
        await running.until(lambda snapshot: has_turn(snapshot) and str(other.port) in snapshot.session.url)
        running.runner.send(Stop())
        await running.outcome()
        assert (await running.offers()).services == (
            LocalService(), UrlService(service.url), UrlService(other.url),
        )  # fmt: skip
    assert len(service.dialogues) == len(other.dialogues) == 1


async def test_the_local_server_is_started_when_it_is_chosen(long_wav: Path):
    async with ScriptedService(polite) as service, ScriptedService(polite) as server:
        starts = 0

        async def start() -> str:
            nonlocal starts
            starts += 1
            return server.url

        async with Running(maker(service.url, long_wav, start_server=start)) as running:
            running.runner.send(Start())
            await running.until(has_turn)
            assert starts == 0
            running.runner.send(ChooseService(LocalService()))
            snapshot = await running.until(lambda snapshot: str(server.port) in snapshot.session.url)
            assert "trace" not in snapshot.session.url
            await running.until(has_turn)
    assert starts == 1
    # It alone is asked for its likelihood.
    asked = [parse_qs(urlsplit(each.dialogues[0].path).query).get("trace") for each in (service, server)]
    assert asked == [None, ["1"]]


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [(VendorService(), "set CARTESIA_API_KEY"), (UrlService("ftp://user:pass@host"), "give an address such as")],
)
async def test_a_service_that_cannot_be_had_is_told_and_the_session_goes_on(
    choice: VendorService | UrlService, complaint: str, long_wav: Path
):
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(ChooseService(choice))
        told = await running.until(lambda snapshot: snapshot.error != "")
        assert complaint in told.error
        assert "pass" not in told.error
        assert told.running
    assert len(service.dialogues) == 1


async def test_a_service_that_is_not_there_is_told_and_another_can_be_chosen(long_wav: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(ChooseService(LocalService()))  # which this test has none of
        outcome = await running.outcome()
        assert outcome.exit_code == ServiceUnavailableError.exit_code
        assert running.snapshots[-1].error == "this test has no local server"
        running.runner.send(ChooseService(UrlService(service.url)))
        running.runner.send(Start())
        await running.until(has_turn)


async def test_settings_are_remembered_from_session_to_session(long_wav: Path, short_wav: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(Tune(EAGER))
        await running.until(lambda snapshot: snapshot.settings == EAGER)
        running.runner.send(ChooseInput(FileChoice(str(short_wav))))
        await running.outcome()
        running.runner.send(Tune(TurnSettings(end_threshold=0.1)))  # between sessions: the next sets out with it
        await running.until(lambda snapshot: snapshot.settings.get("end_threshold") == 0.1)
        running.runner.send(Start())
        await running.outcome()
    asked = [parse_qs(urlsplit(dialogue.path).query).get("turn_end_threshold") for dialogue in service.dialogues]
    assert asked == [None, ["0.4"], ["0.1"]]


async def test_settings_that_the_service_would_refuse_never_get_there(long_wav: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(Tune(TurnSettings(eager_end_threshold=0.4, end_threshold=0.45)))
        told = await running.until(lambda snapshot: snapshot.error != "")
        assert told.error == "eager end threshold 0.4 must be greater than end threshold 0.45"
        assert told.settings == TurnSettings()
        running.runner.send(Stop())
        await running.outcome()
    assert service.dialogues[0].texts == [{"type": "close"}]


async def test_settings_that_the_service_refused_are_not_remembered(long_wav: Path):
    async def refuses(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_text()
        await dialogue.say("error", status_code=400, title="Invalid turn thresholds")
        await dialogue.hear_close()

    async with ScriptedService(refuses, polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(lambda snapshot: snapshot.connection.value == "connected")
        running.runner.send(Tune(EAGER))
        await running.until(lambda snapshot: snapshot.error != "")
        running.runner.send(Stop())
        await running.outcome()
        running.runner.send(Start())
        await running.until(has_turn)
    assert "turn_end_threshold" not in service.dialogues[1].path


async def test_the_wire_is_seen_across_sessions(short_wav: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, short_wav)) as running:
        for _ in range(2):
            running.runner.send(Start())
            await running.outcome()
    said = [json.loads(frame.text or "")["type"] for frame in running.frames if frame.kind is FrameKind.TEXT]
    assert said.count("connected") == said.count("close") == 2
    kinds = [frame.kind for frame in running.frames]
    assert kinds[0] is FrameKind.HANDSHAKE
    assert (kinds.count(FrameKind.HANDSHAKE), kinds.count(FrameKind.CLOSE)) == (2, 4)


async def test_a_pause_ends_with_its_session(long_wav: Path, short_wav: Path):
    async with ScriptedService(polite) as service, Running(maker(service.url, long_wav)) as running:
        running.runner.send(Start())
        await running.until(has_turn)
        running.runner.send(Mute(on=True))
        await running.until(lambda snapshot: snapshot.audio.quiet)
        running.runner.send(ChooseInput(FileChoice(str(short_wav))))
        assert await running.outcome() == Outcome()
    assert bytes(service.dialogues[1].audio) == wav_bytes(short_wav)


class Journal:
    """Sees one session go by."""

    state = None

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def on_entry(self, entry: Entry) -> None:
        self.entries.append(entry)

    def on_result(self, result: SessionResult) -> None:
        pass

    def on_audio(self, position: int, data: bytes) -> None:
        pass

    def close(self) -> None:
        time.sleep(0.1)  # it has a lot to write


async def test_who_starts_again_while_the_recording_is_still_written(short_wav: Path):
    async with (
        ScriptedService(polite) as service,
        Running(maker(service.url, short_wav, observe=lambda _: Journal())) as running,
    ):
        for _ in range(3):
            running.runner.send(Start())
            await running.until(has_turn)
            running.runner.send(Stop())
            await running.until(lambda snapshot: not snapshot.running)
        running.runner.send(Start())
        running.runner.send(Start())  # once is enough
        assert await running.outcome() == Outcome()
        await running.quiet(0.5)
    assert len(service.dialogues) == 4


async def test_who_was_muted_is_muted_in_the_sessions_that_follow(short_wav: Path):
    journals: list[Journal] = []

    def observe(_: str) -> Journal:
        journals.append(Journal())
        return journals[-1]

    async with ScriptedService(polite) as service:
        made = maker(service.url, observe=observe)
        live = SessionInput(LiveSource, unheard)
        made.inputs = (live,)
        async with Running(made) as running:
            running.runner.send(Start())
            await running.until(has_turn)
            running.runner.send(Mute(on=True))
            await running.until(lambda snapshot: snapshot.audio.quiet)
            running.runner.send(ChooseInput(FileChoice(str(short_wav))))  # which is heard
            await running.outcome()
            made.inputs = (live,)
            running.runner.send(Start())
            assert (await running.until(has_turn)).audio.quiet
            running.runner.send(Stop())
            await running.outcome()
    heard = [bytes(dialogue.audio) for dialogue in service.dialogues]
    assert [any(audio) for audio in heard] == [True, True, False]
    assert heard[1] == wav_bytes(short_wav)
    assert [type(entry) for entry in journals[-1].entries[:2]] == [Began, Quieted]


async def test_what_can_be_chosen(short_wav: Path, monkeypatch: pytest.MonkeyPatch):
    found = [InputDevice(3, "USB", "ALSA", 1, 48_000, default=True)]
    monkeypatch.setattr(devices, "probe_input_devices", lambda: found)
    async with Running(maker("http://127.0.0.1:1", short_wav, key="sk_car_x")) as running:
        offers = await running.offers()
        assert offers.devices == (Microphone(3, "USB", 1, 48_000, default=True),)
        assert offers.problem == ""
        assert offers.services == (LocalService(), VendorService(), UrlService("http://127.0.0.1:1"))
        assert offers.vendor_key_set
        assert "sk_car_x" not in repr(offers)


async def test_without_a_sound_system_the_reason_is_offered(short_wav: Path, monkeypatch: pytest.MonkeyPatch):
    def broken() -> list[InputDevice]:
        raise MicrophoneError("PortAudio is missing; install it")

    monkeypatch.setattr(devices, "probe_input_devices", broken)
    async with Running(maker(None, short_wav)) as running:
        offers = await running.offers()
        assert offers.devices == ()
        assert offers.problem == "PortAudio is missing; install it"
        assert offers.services == (LocalService(),)
        assert not offers.vendor_key_set
        running.runner.send(ChooseInput(MicrophoneChoice()))
        told = await running.until(lambda snapshot: snapshot.error != "")
        assert told.error == "PortAudio is missing; install it"
        assert not told.running
