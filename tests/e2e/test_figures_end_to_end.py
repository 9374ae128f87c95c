"""The figures are true: a service that speaks at chosen instants after chosen points of the sound gets those back.

What is expected comes from the service's own clock: when it said what, and when which sound had reached it. Client and
service share the machine's monotonic clock. Forgiven is only by how much a thread of its own found the machine late.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.support.live import LiveSource
from tests.support.microphone import Device, needs_portaudio
from tests.support.service import Dialogue, Script, ScriptedService
from tests.support.sound import write_wav
from tests.support.watched import Watched
from tests.support.yardstick import Yardstick

from stt_monitor.audio.file_source import FileSource
from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.source import Source
from stt_monitor.core.settings import Settings, TurnSettings
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import labelled_speech
from stt_monitor.transport import retry as backoff

RATE = 16_000
CHUNK_S = 0.1
CLOCK_S = 0.005
"""Events are stamped within this of being sent."""
AUDIO_S = 0.010
"""The service knows when a sound was spoken only from when it came; far less than a chunk all the same."""


@dataclass
class Heard:
    """One connection, by the service's clock."""

    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """When a frame came, and how many bytes had come with it."""
    said: list[float] = field(default_factory=list)
    """When each event was handed to the socket."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self, before_s: float = 0.0) -> float:
        """When the sound at position 0 was spoken, if `before_s` seconds of it went over earlier connections.

        A frame cannot come before its last sample was spoken, so that the quickest tells.
        """
        return min(at - total / 2 / RATE for at, total in self.arrivals) - before_s

    @property
    def seconds(self) -> float:
        return self.arrivals[-1][1] / 2 / RATE


Said = tuple[float, str, dict[str, Any]]


def text(at: float, kind: str, transcript: str) -> Said:
    return at, kind, {"transcript": transcript}


def bare(at: float, kind: str) -> Said:
    return at, kind, {}


def says(
    events: list[Said], heard: Heard, after: Callable[[Dialogue], Any] | None = None, *, quiet: bool = False
) -> Script:
    """Say each event at its time, counted from when the first sample was spoken; then do what comes after.

    Where it is `quiet` at first, the first sample is that which is no zero.
    """

    async def script(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        listening = asyncio.create_task(listen(dialogue, heard))
        while quiet and not any(dialogue.audio):
            heard.begun.clear()
            await heard.begun.wait()
        await heard.begun.wait()
        began = heard.start() + (first_sound(dialogue.audio) if quiet else 0.0)
        for at, kind, fields in events:
            await asyncio.sleep(began + at - time.monotonic())
            heard.said.append(time.monotonic())
            await dialogue.say(kind, **fields)
        if after is not None:
            after(dialogue)
        await listening

    return script


def first_sound(audio: bytes | bytearray) -> float:
    """Where the first sample lies that is no zero, in seconds."""
    return int(np.flatnonzero(np.frombuffer(bytes(audio), "<i2"))[0]) / RATE


async def listen(dialogue: Dialogue, heard: Heard) -> None:
    while not dialogue.texts:
        await dialogue._take()
        heard.arrivals.append((time.monotonic(), len(dialogue.audio)))
        heard.begun.set()


def label(path: Path, spans: list[tuple[float, float]]) -> Path:
    path.write_text("".join(f"{onset}\t{end}\tspeech\n" for onset, end in spans))
    return path


def from_file(folder: Path, seconds: float) -> Source:
    return FileSource(open_audio_file(write_wav(folder / "speech.wav", seconds)))


def live(_: Path, seconds: float) -> Source:
    source = LiveSource()
    asyncio.get_running_loop().call_later(seconds, source.stop)
    return source


sources = pytest.mark.parametrize("make_source", [from_file, live])


def watch(source: Source, url: str, labels: Path) -> Watched:
    find = labelled_speech(labels, ["speech.wav"])[0]
    settings = Settings(
        turn=TurnSettings(start_threshold=0.8, eager_end_threshold=0.4, end_threshold=0.2, end_timeout_ms=640)
    )
    return Watched(source, url, settings, reference=find(source.format))


class Check:
    """Compares what the monitor reports, in milliseconds, with instants."""

    def __init__(self, yardstick: Yardstick, audio_s: float = AUDIO_S) -> None:
        self._yardstick = yardstick
        self._audio_s = audio_s
        self.errors: list[float] = []

    def clock(self, reported: float, earlier: float, later: float) -> None:
        """Both ends are events."""
        self._check(reported, earlier, later, CLOCK_S, (earlier, later))

    def audio(self, reported: float, spoken: float, later: float) -> None:
        """The first is a point of the sound, the other an event."""
        self._check(reported, spoken, later, self._audio_s, (later,))

    def _check(self, reported: float, earlier: float, later: float, within: float, at: tuple[float, ...]) -> None:
        error = reported / 1000 - (later - earlier)
        self.errors.append(error)
        assert abs(error) <= within + self._yardstick.lateness(*at), (reported, later - earlier)
        assert within <= CHUNK_S


SPEECH = [(0.5, 1.3), (2.9, 4.3), (5.9, 6.7), (8.6, 10.4), (11.9, 12.4), (13.1, 13.6), (17.3, 17.9)]
LENGTH_S = 18.3
EVENTS = [
    bare(0.7, "turn.start"),  # 0: all as it should be
    text(0.9, "turn.update", "One"),
    text(1.5, "turn.eager_end", "One"),
    text(1.7, "turn.end", "One"),
    bare(3.1, "turn.start"),  # 4: a guess that is taken back, then one that stands
    text(3.3, "turn.update", "Two"),
    text(3.5, "turn.eager_end", "Two"),
    bare(3.7, "turn.resume"),
    text(4.2, "turn.update", "Two words"),
    text(4.5, "turn.eager_end", "Two words"),
    text(4.7, "turn.end", "Two words."),
    bare(6.1, "turn.start"),  # 11: ended by the timeout of 640 ms
    text(6.2, "turn.update", "Three"),
    text(7.5, "turn.end", "Three"),
    bare(8.8, "turn.start"),  # 14: cut off while the user speaks
    text(9.0, "turn.update", "Four"),
    text(9.5, "turn.end", "Four"),
    bare(9.7, "turn.start"),  # 17: the rest of that
    text(9.9, "turn.update", "goes on"),
    text(10.7, "turn.end", "goes on"),
    bare(12.1, "turn.start"),  # 20: cut off in a short pause, with another text than was guessed
    text(12.2, "turn.update", "Six"),
    text(12.6, "turn.eager_end", "Six"),
    text(12.7, "turn.end", "Six more"),
    bare(15.9, "turn.start"),  # 24: about nothing
    text(16.1, "turn.end", ""),
    bare(17.5, "turn.start"),  # 26: open when the audio ends
    text(17.6, "turn.update", "Eight"),
]


@sources
async def test_every_figure_is_what_the_service_did(tmp_path: Path, make_source: Callable[[Path, float], Source]):
    heard = Heard()

    async def script(dialogue: Dialogue) -> None:
        await says(EVENTS, heard)(dialogue)
        heard.said.append(time.monotonic())
        await dialogue.say("turn.end", transcript="Eight")

    with Yardstick() as yardstick:
        async with ScriptedService(script) as service:
            watched = watch(make_source(tmp_path, LENGTH_S), service.url, label(tmp_path / "labels.txt", SPEECH))
            assert await watched.run() == Outcome()
    said, zero, check = heard.said, heard.start(), Check(yardstick)
    one, two, three, four, five, six, seven, eight = watched.lines("turn")
    # turn, its speech, then which event: start, first text, eager end that stood, end
    for turn, (onset, end), start, first, guess, over in [
        (one, SPEECH[0], 0, 1, 2, 3),
        (two, SPEECH[1], 4, 5, 9, 10),
        (three, SPEECH[2], 11, 12, None, 13),
        (six, SPEECH[4], 20, 21, 22, 23),
        (eight, SPEECH[6], 26, 27, None, None),
    ]:
        assert (turn["speech_start_s"], turn["speech_end_s"]) == (onset, end)
        check.audio(turn["onset_latency_ms"], zero + onset, said[start])
        check.audio(turn["first_text_ms"], zero + onset, said[first])
        if over is None:  # our close ended it
            assert turn["eot_latency_ms"] is None
        else:
            check.audio(turn["eot_latency_ms"], zero + end, said[over])
        if guess is None or over is None:
            assert (turn["eager_latency_ms"], turn["eager_lead_ms"]) == (None, None)
        else:
            check.audio(turn["eager_latency_ms"], zero + end, said[guess])
            check.clock(turn["eager_lead_ms"], said[guess], said[over])
    # Cut off: its speech had not ended, and the turn that had the rest did not begin with an onset.
    assert (four["speech_end_s"], four["eot_latency_ms"]) == (None, None)
    check.audio(four["onset_latency_ms"], zero + SPEECH[3][0], said[14])
    assert (five["speech_start_s"], five["onset_latency_ms"], five["first_text_ms"]) == (None, None, None)
    check.audio(five["eot_latency_ms"], zero + SPEECH[3][1], said[19])
    assert all(seven[name] is None for name in ("onset_latency_ms", "first_text_ms", "eot_latency_ms"))
    # The longest silences while the user spoke.
    check.clock(two["update_gap_max_ms"], said[7], said[8])
    check.audio(three["update_gap_max_ms"], said[12], zero + SPEECH[2][1])
    turns = watched.lines("turn")
    assert [turn["eager_ends"] for turn in turns] == [1, 2, 0, 0, 0, 1, 0, 0]
    assert [turn["resumes"] for turn in turns] == [0, 1, 0, 0, 0, 0, 0, 0]
    assert [turn["eager_text_match"] for turn in turns] == ["exact", "normalised", None, None, None, "no", None, None]
    assert [turn["false_cutoff"] for turn in turns] == [False, False, False, True, False, True, False, None]
    assert [turn["spurious"] for turn in turns] == [False] * 6 + [True, False]
    assert [turn["end_reason"] for turn in turns] == [
        "threshold", "threshold", "timeout", "", "threshold", "threshold", "", "closed",
    ]  # fmt: skip
    assert [turn["first_of_connection"] for turn in turns] == [True] + [False] * 7
    counts = watched.summary.counts
    assert (counts.turns, counts.eager_ends, counts.eager_ends_confirmed, counts.resumes) == (8, 4, 3, 1)
    assert (counts.missed, counts.spurious, counts.false_cutoffs, counts.violations) == (1, 1, 2, 0)
    # The summary is that of the turns, but for the first, and for the one that our close ended.
    assert watched.summary.first_turn is not None
    assert watched.summary.first_turn.turn == 1
    for name in ("onset_latency_ms", "first_text_ms", "eager_latency_ms", "eot_latency_ms", "eager_lead_ms"):
        values = [turn[name] for turn in turns[1:-1] if turn[name] is not None]
        summary = watched.lines("summary")[0][name]
        assert summary["n"] == len(values)
        assert summary["max"] == max(values)
        assert min(values) <= summary["p50"] <= max(values)
    assert watched.health.audio_sent_s == pytest.approx(LENGTH_S, abs=2 * CHUNK_S)
    report(make_source.__name__, check, watched.health.send_lag_max)


BROKEN_SPEECH = [(0.3, 0.6), (1.2, 2.4), (3.2, 3.6)]


@sources
async def test_figures_are_right_on_both_sides_of_a_gap(
    tmp_path: Path, make_source: Callable[[Path, float], Source], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backoff, "FIRST_DELAY_S", 0.4)
    before, after = Heard(), Heard()
    first = [
        bare(0.5, "turn.start"),
        text(0.9, "turn.end", "One"),
        bare(1.4, "turn.start"),
        text(1.5, "turn.update", "Two is"),
    ]
    second = [  # counted from the first sound that this connection hears, some 1.6 s into the speech
        bare(0.3, "turn.start"),
        text(0.4, "turn.update", "cut off"),
        text(1.1, "turn.end", "cut off"),
        bare(1.8, "turn.start"),
        text(1.9, "turn.update", "Four"),
        text(2.3, "turn.end", "Four"),
    ]
    lose = says(first, before, lambda dialogue: dialogue.socket.transport.abort())
    with Yardstick() as yardstick:
        async with ScriptedService(lose, says(second, after)) as service:
            source = make_source(tmp_path, 5.0)
            watched = watch(source, service.url, label(tmp_path / "labels.txt", BROKEN_SPEECH))
            assert await watched.run() == Outcome()
    # The last sample ends the recording, so that what the second connection heard tells where it began.
    zero, later = before.start(), after.start(watched.health.audio_sent_s - after.seconds)
    check = Check(yardstick)
    one, two, three, four = watched.lines("turn")
    check.audio(one["onset_latency_ms"], zero + 0.3, before.said[0])
    check.audio(one["eot_latency_ms"], zero + 0.6, before.said[1])
    assert (two["transcript"], two["end_reason"], two["eot_latency_ms"]) == ("Two is", "dangling", None)
    check.audio(two["onset_latency_ms"], zero + 1.2, before.said[2])
    # Its speech began before the gap, which is nothing that this connection could have heard.
    assert (three["transcript"], three["onset_latency_ms"], three["first_text_ms"]) == ("cut off", None, None)
    check.audio(three["eot_latency_ms"], later + 2.4, after.said[2])
    check.audio(four["onset_latency_ms"], later + 3.2, after.said[3])
    check.audio(four["first_text_ms"], later + 3.2, after.said[4])
    check.audio(four["eot_latency_ms"], later + 3.6, after.said[5])
    assert [turn["first_of_connection"] for turn in watched.lines("turn")] == [True, False, True, False]
    if isinstance(source, LiveSource):
        assert later == pytest.approx(zero, abs=AUDIO_S + yardstick.lateness(zero, later))
    else:
        lost, found = (line["t"] for line in watched.lines("status")[2:4])
        assert later - zero >= found - lost - AUDIO_S
    assert watched.health.reconnects == 1
    report(make_source.__name__, check, watched.health.send_lag_max)


LISTENER = """
import asyncio, sys
import numpy as np
from stt_monitor.audio.microphone import open_microphone
from stt_monitor.audio.vad.segmentation import EdgeKind, SpeechEdge
from stt_monitor.transport.address import read_address
from stt_monitor.core.commands import Stop
from stt_monitor.core.journal import Listeners
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings import Settings
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.session.client import Session
from stt_monitor.session.sources import Reference

class Loudness:
    # Speech is what is not zero, to the sample.
    speaking, decided_until = False, 0.0

    def feed(self, data, recorded_at=None):
        loud = np.frombuffer(data, "<i2") != 0
        changes = np.flatnonzero(np.diff(loud, prepend=self.speaking))
        begun, self.decided_until = self.decided_until, self.decided_until + len(loud) / 16000
        edges = []
        for index in changes:
            self.speaking = not self.speaking
            kind = EdgeKind.ONSET if self.speaking else EdgeKind.END
            edges.append(SpeechEdge(kind, begun + float(index) / 16000))
        return edges

    def finish(self):
        return []

async def main(url):
    turns = []
    def on_record(record):
        print(to_json(record), flush=True)
        if isinstance(record, TurnRecord):
            turns.append(record)
            if len(turns) == 2: session.send(Stop())
    async def find():
        return read_address(url)
    session = Session(
        open_microphone(), Reference("vad", Loudness()), find, Settings(),
        Listeners(on_record, lambda _: None), service=SERVICE, chunk_ms=100,
    )
    outcome = await session.run()
    assert outcome.exit_code == 0, outcome

"""


@needs_portaudio
async def test_the_figures_of_a_microphone_are_what_the_service_did(tmp_path: Path):
    noise = np.random.default_rng(7).integers(1, 32767, 60 * RATE).astype("<i2")
    speech = [(0.0, 0.8), (2.4, 3.8)]  # counted from the first sound, wherever in what is heard that lies
    loud = np.zeros(60 * RATE, bool)
    for onset, end in speech:
        loud[round((0.5 + onset) * RATE) : round((0.5 + end) * RATE)] = True
    heard = Heard()
    events = [
        bare(0.3, "turn.start"),
        text(0.4, "turn.update", "One"),
        text(1.0, "turn.eager_end", "One"),
        text(1.2, "turn.end", "One"),
        bare(2.6, "turn.start"),
        text(2.8, "turn.update", "Two"),
        text(3.4, "turn.update", "Two words"),
        text(3.9, "turn.eager_end", "Two words"),
        text(4.2, "turn.end", "Two words"),
    ]
    device = Device(tmp_path)
    try:
        with Yardstick() as yardstick:
            async with ScriptedService(says(events, heard, quiet=True)) as service:
                device.speaks((noise * loud).astype("<i2").tobytes())
                done = await asyncio.to_thread(device.run, f"{LISTENER}asyncio.run(main({service.url!r}))")
                zero = heard.start() + first_sound(service.audio)
    finally:
        device.close()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    check, said = Check(yardstick, CHUNK_S), heard.said
    one, two = (line for line in lines if line["kind"] == "turn")
    for turn, (onset, end), start, first, guess, over in [(one, speech[0], 0, 1, 2, 3), (two, speech[1], 4, 5, 7, 8)]:
        check.audio(turn["onset_latency_ms"], zero + onset, said[start])
        check.audio(turn["first_text_ms"], zero + onset, said[first])
        check.audio(turn["eager_latency_ms"], zero + end, said[guess])
        check.audio(turn["eot_latency_ms"], zero + end, said[over])
        check.clock(turn["eager_lead_ms"], said[guess], said[over])
        assert turn["speech_end_s"] - turn["speech_start_s"] == pytest.approx(end - onset, abs=0.001)
        assert (turn["false_cutoff"], turn["end_reason"], turn["eager_text_match"]) == (False, "threshold", "exact")
    check.clock(two["update_gap_max_ms"], said[5], said[6])
    health = lines[-1]["health"]
    assert (health["dropped_s"], health["overruns"], health["reconnects"]) == (0, 0, 0)
    report("microphone", check, health["send_lag_max"])


def report(name: str, check: Check, send_lag: float) -> None:
    """Shown by `pytest -s`."""
    worst = max(check.errors, key=abs)
    print(f"\n{name}: {len(check.errors)} times, worst error {worst * 1000:.1f} ms, "  # noqa: T201
          f"send lag at most {send_lag * 1000:.1f} ms")  # fmt: skip
