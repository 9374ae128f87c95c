"""Sessions of the local server without sockets and without time: its real recognition, its messages, our core.

Audio goes to its dispatcher chunk by chunk; what it says is applied to a monitor as if it had come a few milliseconds
after the chunk was sent.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from urllib.parse import urlsplit

import numpy as np

from stt_monitor.audio.formats import AudioFormat, Encoding, Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.audio.vad.reference import EdgeKind, SpeechDetector, SpeechEdge
from stt_monitor.core.journal import (
    CloseSent,
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
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.server.asr.models import Models
from stt_monitor.server.dispatcher import Dispatcher
from stt_monitor.server.turn_detection.detector import Detector
from stt_monitor.services.base import Audio, Site
from stt_monitor.services.registry import server_sides, service
from stt_monitor.services.server_side import Finish, Head, Parameters, Session, Signal, Visit

CHUNK_S = 0.1
DELAY_S = 0.004
"""From the end of a chunk until the server's messages are there."""
FORMAT = AudioFormat(Encoding.PCM_S16LE, SPEECH_RATE)
_FIRST_AUDIO = json.dumps({"type": "input_audio.append", "audio": ""})
_CHUNK = int(CHUNK_S * SPEECH_RATE)

Span = tuple[float, float]


@cache
def models() -> Models:
    return Models.load()


def heard(
    samples: Samples, turn: TurnSettings, *, name: str = "cartesia", labels: Sequence[Span] | None = None
) -> Snapshot:
    """Return the whole session of a recording (mono, 16 kHz) under turn settings.

    Args:
        samples: the recording.
        turn: those that are asked for.
        name: of the service whose protocol is spoken.
        labels: onset and end of each stretch of reference speech; None for those that the detector hears.
    """
    spoken = service(name)
    settings = Settings(model=spoken.model, turn=turn)
    audio = Audio(Encoding.PCM_S16LE.value, SPEECH_RATE)
    request = spoken.request(Site("ws://127.0.0.1:1" + spoken.path, (("trace", "1"),)), settings, audio)
    url = urlsplit(request.url)
    head = Head(f"{url.path}?{url.query}", tuple((key.lower(), value) for key, value in request.headers.items()))
    side = next(each for each in server_sides() if url.path.endswith(each.path))
    session = side.open(head, Visit("visit"))
    record = SessionRecord(
        "2026-11-22T09:00:00Z", "talk.wav", "ws://127.0.0.1:1", spoken.model, audio.encoding, SPEECH_RATE, 100,
        settings, "vad" if labels is None else "labels", service=name,
    )  # fmt: skip
    monitor = Monitor(record, spoken.dialect(settings), duration=len(samples) / SPEECH_RATE)
    monitor.apply(ConnectionChanged(0.0, Connection.CONNECTED, local=True))
    edges = _edges(samples) if labels is None else _labelled(labels)
    at = _play(monitor, session, samples, request.messages, edges)
    for entry in (SpeechFinished(at), ConnectionLost(at), Finished(at)):
        monitor.apply(entry)
    return monitor.snapshot(at, running=False)


def _play(
    monitor: Monitor, session: Session, samples: Samples, messages: Sequence[str], edges: list[SpeechEdge]
) -> float:
    """Play the audio; return the time of the last message."""
    parameters = _open(monitor, session, messages)
    dispatcher = Dispatcher(
        Detector(models(), parameters.thresholds), FORMAT, trace=parameters.trace, progress_s=parameters.progress_s
    )
    at = 0.0
    for start in range(0, len(samples), _CHUNK):
        piece = samples[start : start + _CHUNK]
        position, length = start / SPEECH_RATE, len(piece) / SPEECH_RATE
        at = position + length + DELAY_S
        monitor.apply(Sent(SentChunk(position, length, position, position + length + 0.001), -20.0))
        _tell(monitor, session, dispatcher.feed([_bytes(piece)], 0.0), at)
        while edges and edges[0].position <= position:
            monitor.apply(_entry(edges.pop(0), at))
        monitor.apply(SpeechDecided(at, position))
    monitor.apply(CloseSent(at))
    _tell(monitor, session, dispatcher.feed([Finish()]), at + DELAY_S)
    for edge in edges:
        monitor.apply(_entry(edge, at))
    return at + 2 * DELAY_S


def _open(monitor: Monitor, session: Session, messages: Sequence[str]) -> Parameters:
    """Open the session with the first messages; some services wait for the first audio, too."""
    said = session.open()
    _receive(monitor, said.texts, 0.0)
    for message in (*messages, _FIRST_AUDIO):
        if said.parameters is None:
            said = session.open(message)
            _receive(monitor, said.texts, 0.0)
    assert said.parameters is not None
    return said.parameters


def _tell(monitor: Monitor, session: Session, signals: Sequence[Signal], at: float) -> None:
    for signal in signals:
        _receive(monitor, session.write(signal), at)


def _receive(monitor: Monitor, texts: Iterable[str], at: float) -> None:
    for text in texts:
        monitor.apply(received(at, text))


def _entry(edge: SpeechEdge, at: float) -> Entry:
    return (SpeechOnset if edge.kind is EdgeKind.ONSET else SpeechEnd)(at, edge.position)


def _bytes(samples: Samples) -> bytes:
    data: bytes = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    return data


def _edges(samples: Samples) -> list[SpeechEdge]:
    detector = SpeechDetector(FORMAT)
    data = _bytes(samples)
    return [*detector.feed(data), *detector.finish()]


def _labelled(labels: Sequence[Span]) -> list[SpeechEdge]:
    kinds = (EdgeKind.ONSET, EdgeKind.END)
    return [SpeechEdge(kind, at) for span in labels for kind, at in zip(kinds, span, strict=True)]
