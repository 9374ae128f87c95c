"""The first line: what goes where in words, why there is no connection, whatever the width."""

import msgspec
import pytest
from rich.cells import cell_len
from tests.ui.scripted import Script

from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Playback, Retry, Snapshot
from stt_monitor.ui.drawing.route import routes
from stt_monitor.ui.widgets.header import Header

LOCAL = "local server (Moonshine)"
VENDOR = "wss://api.cartesia.ai/stt/turns/websocket"


def pictured(script: Script | None = None, **session: object) -> Snapshot:
    snapshot = (script or Script()).connect().snapshot(12)
    return msgspec.structs.replace(snapshot, session=msgspec.structs.replace(snapshot.session, **session))


REPLAY = Playback(1.0, paused=False, duration=30.0, name="monday-2")
SAID = {
    "bundled sample → local server (Moonshine); no CARTESIA_API_KEY": pictured(source="bundled sample", server=LOCAL),
    "microphone (USB Audio) → Cartesia ink-2": pictured(
        Script(source="USB Audio", url=VENDOR, duration=None), source_kind=SourceKind.MICROPHONE
    ),
    "call.wav, left of 2 → local server (Moonshine); no CARTESIA_API_KEY": pictured(
        source="call.wav", channel="channel 1 of 2", server=LOCAL
    ),
    "interview.wav → local server (Moonshine), Deepgram Flux protocol; no CARTESIA_API_KEY": pictured(
        server=LOCAL, service="flux"
    ),
    "interview.wav → 127.0.0.1:40123 (Cartesia protocol, ink-2)": pictured(),
    "interview.wav → stt.example.com:8000 (Cartesia protocol, ink-2)": pictured(
        Script(url="wss://stt.example.com:8000/stt/turns/websocket")
    ),
    "saved session monday-2, measured against local server (Moonshine)": msgspec.structs.replace(
        pictured(server=LOCAL), playback=REPLAY
    ),
    "saved session monday-2, measured against Cartesia ink-2": msgspec.structs.replace(
        pictured(Script(url=VENDOR)), playback=REPLAY
    ),
    "interview.wav": pictured(Script(url="")),
    "saved session monday-2": msgspec.structs.replace(pictured(Script(url="")), playback=REPLAY),
}


def line(snapshot: Snapshot, width: int) -> str:
    header = Header("CARTESIA_API_KEY")
    header.show(snapshot)
    return header.compose_lines(width, 1)[0].plain


@pytest.mark.parametrize(("said", "snapshot"), SAID.items(), ids=SAID)
def test_it_says_what_goes_where(said: str, snapshot: Snapshot):
    assert f"  {said}" in line(snapshot, 200)
    assert line(snapshot, 200).partition(said)[2].startswith((" ·", "  "))


def test_why_it_is_the_local_server_is_said_only_where_that_is_why():
    assert routes(pictured(server=LOCAL))[0] == "interview.wav → local server (Moonshine)"
    assert "no CARTESIA_API_KEY" not in line(pictured(Script(url=VENDOR)), 200)


@pytest.mark.parametrize("snapshot", SAID.values(), ids=SAID)
def test_it_is_shortened_by_what_matters_and_never_cut(snapshot: Snapshot):
    state = "replay" if snapshot.playback is not None else "● live"
    wordings = {*routes(snapshot, "CARTESIA_API_KEY"), ""}
    for width in range(40, 201):
        said = line(snapshot, width)
        assert cell_len(said) == width
        assert state in said
        subject = said[len(" stt-monitor ") : said.rindex(state.rsplit(maxsplit=1)[-1])]
        first = subject.strip(" ●▶■").partition(" · ")[0].strip()
        assert first in wordings or "default" in first
    assert "→" in line(snapshot, 40) or snapshot.playback is not None or not snapshot.session.url


HOSTILE = "\x1b[2J[bold]x[/]\n\u202egnp"


def test_nothing_hostile_reaches_the_line():
    session: SessionRecord = pictured(source=HOSTILE, server=HOSTILE, channel=HOSTILE).session
    for kind in SourceKind:
        shown = msgspec.structs.replace(pictured(), session=msgspec.structs.replace(session, source_kind=kind))
        said = line(msgspec.structs.replace(shown, playback=msgspec.structs.replace(REPLAY, name=HOSTILE)), 160)
        assert said.isprintable()
        assert line(shown, 160).isprintable()


def waiting(attempts: int | None = 8) -> Snapshot:
    retry = Retry(2, attempts, 16.0, "The service closed the connection (1011).")
    return msgspec.structs.replace(pictured(), retry=retry, connection=Connection.RECONNECTING)


def test_while_reconnecting_it_says_so_and_why_and_when_it_tries_again():
    said = line(waiting(), 120)
    assert "no connection: The service closed the connection (1011)." in said
    assert said.endswith("◈ reconnecting, next try in 4 s 0:12 ")
    assert "0:12" in line(waiting(), 60)
    assert "no connection:" not in line(pictured(), 120)


@pytest.mark.parametrize("width", range(40, 201))
def test_in_every_width_it_says_that_it_is_reconnecting_and_when(width: int):
    assert "◈ reconnecting" in line(waiting(), width)
    assert " in 4 s" in line(waiting(), width)
    assert cell_len(line(waiting(), width)) == width


def test_the_next_try_is_counted_down():
    assert "next try in 2 s 0:14" in line(msgspec.structs.replace(waiting(), at=14.5), 120)
    assert "next try now 0:16" in line(msgspec.structs.replace(waiting(), at=16.5), 120)
