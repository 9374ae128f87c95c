"""The session owes nothing to the one service: it uses an invented one, as the local server speaks it, as well."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import msgspec
import pytest
import soundfile
from tests.server.parrot import PARROT as SPOKEN
from tests.server.stand_in import TWO_TURNS, TWO_TURNS_TRANSCRIPT, LoudnessDetector
from tests.support.watched import Watched

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.core import commands, events
from stt_monitor.core.dialect import Dialect, Message
from stt_monitor.core.events import Wire
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings.requested import Schema, Setting, Settings, TurnSettings
from stt_monitor.server.server import LocalServer
from stt_monitor.services.base import Audio, Label, Refusal, Request, Service, Site
from stt_monitor.services.json_frames import read_object
from stt_monitor.services.registry import server_sides

KINDS: Final[dict[str, type[events.TurnEvent]]] = {
    kind.name: kind
    for kind in (events.TurnStart, events.TurnUpdate, events.EagerEnd, events.TurnResume, events.TurnEnd)
}
SCHEMA = Schema(
    (
        Setting("patience", 0.1, 9, 8, label="patience", meaning="waits", hint="waits longer", larger="ends later",
                step=1, fine=0.1),
    )
)  # fmt: skip


class Ear:
    """Reads what the parrot says on one connection; its messages are numbered."""

    def __init__(self) -> None:
        self._number = 0

    def read(self, message: str | bytes) -> Message:
        wire, readable = read_object(message)
        self._number += 1
        gap = () if wire["n"] == self._number else (events.Violation("numbers", f"{self._number} is missing"),)
        return Message((*gap, *self._events(readable)), wire)

    def _events(self, wire: Wire) -> tuple[events.Event, ...]:
        match wire:
            case {"ready": True}:
                return (events.Connected(),)
            case {"does": does, "turn": turn, "says": says, "at": at}:
                return (KINDS[does](says or None, key=str(turn), at=at),)
            case {"squawk": squawk}:
                return (events.ServiceError(squawk, passing=False, fatal=True, refuses_settings=True),)
            case {"turns": _}:
                return (events.Finished(),)
            case _:
                return ()


def request(site: Site, settings: Settings, audio: Audio) -> Request:
    asked = {"hz": audio.sample_rate, "patience": settings.turn.get("patience", 8)}
    return Request(f"{site.url}?{urlencode(site.query)}", headers(site), (json.dumps(asked),))


def headers(site: Site) -> dict[str, str]:
    return {"X-Cracker": site.key} if site.key else {}


def configure(turn: TurnSettings) -> str:
    return json.dumps({"patience": turn["patience"]})


PARROT: Final = Service(
    name="parrot",
    title="Parrot",
    key_variable="CRACKER",
    url="wss://parrot.example",
    path=SPOKEN.path,
    model="polly",
    dialect=lambda _: Dialect(SCHEMA, Ear, eager_ends=False, resumes=False),
    lists=(),
    public_names=frozenset({"bird"}),
    public_prefix="",
    problem=lambda settings, with_defaults: SCHEMA.problem(settings.turn, with_defaults=with_defaults),
    headers=headers,
    request=request,
    encode=lambda chunk: json.dumps({"pcm": base64.b64encode(chunk).decode()}),
    configure=configure,
    finish=lambda _: ('{"over":true}', '{"bye":true}'),
    refusal_text=lambda body: body.decode(),
    refusal=lambda said: Refusal(f"squawked {said}", "give it a cracker"),
    failure=lambda code, said: Refusal("flew away", said) if code == 4999 else None,
    label=lambda wire: Label(str(wire.get("does", ""))),
)


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "two turns.wav", decode(TWO_TURNS, Encoding.PCM_S16LE), 16_000)
    return tmp_path / "two turns.wav"


async def test_the_same_audio_gives_the_same_turns_over_both_protocols(wav: Path):
    async with LocalServer(LoudnessDetector, sides=(*server_sides(), SPOKEN)) as server:
        parrot, usual = Watched(wav, f"{server.base_url}?bird=grey", service=PARROT), Watched(wav, server.base_url)
        assert (await parrot.run()).exit_code == (await usual.run()).exit_code == 0
    for watched in (parrot, usual):
        assert watched.summary.transcript == TWO_TURNS_TRANSCRIPT
        assert watched.summary.counts.violations == 0
        assert [turn["end_reason"] for turn in watched.lines("turn")][-1] == "closed"
    assert [turn["transcript"] for turn in parrot.lines("turn")] == ["word1 word2 word3", "word1"]
    assert parrot.lines("session")[0]["service"] == "parrot"
    heard = [line["event"] for line in parrot.lines("event")]
    assert list(heard[0]) == ["n", "hello"]
    assert heard[-1] == {"n": len(heard), "turns": 2}
    assert [frame.text for frame in parrot.frames if frame.sent and frame.text and "hz" in frame.text] == [
        '{"hz": 16000, "patience": 8}'
    ]


async def test_a_service_that_says_its_last_word_has_finished_however_it_closes(wav: Path):
    async with LocalServer(LoudnessDetector, sides=(SPOKEN,)) as server:
        watched = Watched(wav, f"{server.base_url}?bird=grey", service=PARROT)
        outcome = await watched.run()
    assert (outcome.exit_code, outcome.sentence) == (0, "")  # the parrot closes with a code of its own
    assert watched.states == ["connecting", "connected", "closed"]


async def test_what_the_service_refuses_is_said_in_its_words(wav: Path):
    async with LocalServer(LoudnessDetector, sides=(SPOKEN,)) as server:
        red = await Watched(wav, f"{server.base_url}?bird=red", service=PARROT).run()
        mute = msgspec.structs.replace(PARROT, request=lambda site, *_: Request(f"{site.url}?bird=grey", {}, ("{}",)))
        no_rate = await Watched(wav, server.base_url, service=mute).run()
    assert red.exit_code == no_rate.exit_code == 3
    assert "No bird" in red.sentence
    assert no_rate.sentence == "the service squawked No rate (No rate): give it a cracker"


@pytest.mark.parametrize(("message", "refused"), [('{"patience":1}', False), ('{"sing":1}', True)])
async def test_a_change_is_in_force_unless_it_is_refused(wav: Path, message: str, refused: bool):
    changed = msgspec.structs.replace(PARROT, configure=lambda _: message)
    async with LocalServer(LoudnessDetector, sides=(SPOKEN,)) as server:
        watched = Watched(wav, f"{server.base_url}?bird=grey", service=changed)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.connection is Connection.CONNECTED)
        watched.session.send(commands.Tune(TurnSettings(patience=1)))
        assert (await running).exit_code == 0
    assert [line["refused"] for line in watched.lines("config")] == [False, True][: 1 + refused]
    assert watched.session.wanted_turn == ({} if refused else {"patience": 1})
