"""Sessions in folders, written without a session: what a test needs of turns, and quickly."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from tests.services.flux.examples import turn_info

from stt_monitor.core.journal import (
    Addressed,
    Began,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Finished,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.recording.manifest import EVENTS, GroupManifest, Manifest, StoredAudio, write_manifest
from stt_monitor.recording.reader import Recording, open_recording
from stt_monitor.recording.saved_sessions import list_recordings

CHUNK_S = 0.1
_OF_FLUX = {
    "turn.start": "StartOfTurn",
    "turn.update": "Update",
    "turn.eager_end": "EagerEndOfTurn",
    "turn.end": "EndOfTurn",
}


def recordings_in(directory: Path) -> list[Recording]:
    """Return the recordings of all saved sessions in a directory."""
    return [lane for session in list_recordings(directory) for lane in session.lanes]


def keep_journal(folder: Path, entries: Iterable[Entry]) -> Recording:
    """Keep a session of which only the journal is of interest."""
    folder.mkdir()
    first: Entry | None = None
    with (folder / EVENTS).open("wb") as file:
        for entry in entries:
            first = first or entry
            file.write(msgspec.json.encode(entry) + b"\n")
    assert isinstance(first, Began)
    write_manifest(folder, Manifest(first.session, StoredAudio("pcm_s16le", 16_000)))
    return open_recording(folder)


def keep_beside(
    folder: Path,
    *,
    source: str = "a.wav",
    services: tuple[str, ...] = ("cartesia", "flux"),
    eots: tuple[float, ...] = (0.4, 0.6),
) -> str:
    """Keep services side by side, each as `keep` keeps a session; its turns end so long after speech."""
    folder.mkdir()
    for service, eot in zip(services, eots, strict=True):
        keep(folder / service, eot=eot, service=service, source=source)
    session = open_recording(folder / services[0]).manifest.session
    audio = StoredAudio("pcm_s16le", 16_000)
    write_manifest(folder, GroupManifest(services, session.source, session.started_at, audio))
    return str(folder)


def keep(
    folder: Path,
    *,
    source: str = "a.wav",
    texts: tuple[str, ...] = ("Hello there.",) * 6,
    eot: float = 0.4,
    service: str | msgspec.UnsetType = msgspec.UNSET,
) -> str:
    """Keep a session with a turn for each text: 2 s of speech every 5 s, ended `eot` later. Returns the folder.

    An empty text is a turn that was missed.
    """
    turn = TurnSettings(eager_eot_threshold=0.5) if service == "flux" else TurnSettings(end_timeout_ms=4000)
    session = SessionRecord(
        "2026-11-22T09:00:00.000+00:00", source, "ws://127.0.0.1:40123/stt/turns/websocket", "ink-2", "pcm_s16le",
        16_000, 100, Settings(turn=turn), "vad", service=service,
    )  # fmt: skip
    folder.mkdir()
    write_manifest(folder, Manifest(session, StoredAudio("pcm_s16le", 16_000), platform="Testix 1"))
    entries = sorted(_entries(session, texts, eot), key=lambda entry: entry.at)
    (folder / EVENTS).write_bytes(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
    return str(folder)


def _entries(session: SessionRecord, texts: tuple[str, ...], eot: float) -> Iterator[Entry]:
    end = 1.0 + 5 * len(texts)
    yield Began(session, end)
    yield Addressed(0.001, session.url)
    yield ConnectionChanged(0.002, Connection.CONNECTED)
    flux = session.service == "flux"
    yield received(0.003, '{"type":"Connected"}' if flux else '{"type":"connected"}')
    event = _flux_event if flux else _event
    for index in range(round(end / CHUNK_S)):
        yield Sent(SentChunk(index * CHUNK_S, CHUNK_S, index * CHUNK_S, (index + 1) * CHUNK_S + 0.004), -18.0)
    for number, text in enumerate(texts):
        onset = 1.0 + 5 * number
        yield SpeechOnset(onset + 0.1, onset)
        yield SpeechEnd(onset + 2.05, onset + 2.0)
        if text:
            yield event(onset + 0.2, "turn.start", None)
            yield event(onset + 1.0, "turn.update", text)
            yield event(onset + 2 + eot / 2, "turn.eager_end", text)
            yield event(onset + 2 + eot, "turn.end", text)
        yield SpeechDecided(onset + 4.5, onset + 4.4)
    yield SpeechFinished(end + 0.1)
    yield ConnectionLost(end + 0.2)
    yield ConnectionChanged(end + 0.3, Connection.CLOSED)
    yield Finished(end + 0.4)


def _event(at: float, kind: str, transcript: str | None) -> Entry:
    return received(at, json.dumps({"type": kind, **({} if transcript is None else {"transcript": transcript})}))


def _flux_event(at: float, kind: str, transcript: str | None) -> Entry:
    return received(at, json.dumps(turn_info(_OF_FLUX[kind], round(at * 4), transcript or "", turn_index=int(at / 5))))
