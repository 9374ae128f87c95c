"""The figures of a microphone are true: a service that answers chosen sound gets its own delays back.

What is expected comes from the service's own clock: when it said what, and when which sound had reached it. Client and
service share the machine's monotonic clock. Forgiven is only by how much a thread of its own in either process found
the machine late. A microphone made of a FIFO stands still while nobody reads it: sound is then spoken later, which the
service waits for and takes into account.
Sound from elsewhere is looked at in virtual time: tests/session/test_figures.py.
"""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from tests.support.microphone import Device, needs_portaudio
from tests.support.service import ScriptedService
from tests.support.timed_service import CHUNK_S, RATE, Heard, answers, bare, first_sound, text
from tests.support.yardstick import Yardstick

CLOCK_S = 0.005
"""Events are stamped within this of being sent."""


class Check:
    """Compares what the monitor reports, in milliseconds, with instants."""

    def __init__(self, yardstick: Yardstick, heard: Heard, zero: float) -> None:
        """`zero` is the position of the first sound in what was heard."""
        self._yardstick = yardstick
        self._heard = heard
        self._zero = zero
        self.errors: list[float] = []

    def clock(self, reported: float, earlier: float, later: float) -> None:
        """Both ends are events."""
        self._check(reported, earlier, later, CLOCK_S, (earlier, later))

    def onset(self, reported: float, position: float, later: float) -> None:
        """The first is where sound begins, the other an event."""
        spoken = self._heard.spoken_at(self._zero + position)
        self._check(reported, spoken, later, CHUNK_S, (spoken, later))

    def end(self, reported: float, position: float, later: float) -> None:
        """The first is where sound ends, the other an event."""
        spoken = self._heard.spoken_at(self._zero + position - 1 / RATE) + 1 / RATE
        self._check(reported, spoken, later, CHUNK_S, (spoken, later))

    def _check(self, reported: float, earlier: float, later: float, within: float, at: tuple[float, ...]) -> None:
        error = reported / 1000 - (later - earlier)
        self.errors.append(error)
        assert abs(error) <= within + self._yardstick.lateness(*at), (reported, later - earlier)
        assert within <= CHUNK_S


LISTENER = """
import asyncio, json
import numpy as np
from stt_monitor.audio.devices.microphone import open_microphone
from stt_monitor.audio.vad.segmentation import EdgeKind, SpeechEdge
from stt_monitor.transport.address import read_address
from stt_monitor.core.commands import Stop
from stt_monitor.core.listeners import Listeners
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.session.client import Session
from stt_monitor.session.sources import Reference
from tests.support.yardstick import Yardstick

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

    async def detect(self, data, recorded_at=None):
        return self.feed(data, recorded_at)

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
    with Yardstick() as yardstick:
        outcome = await session.run()
    assert outcome.exit_code == 0, outcome
    print(json.dumps([each for each in yardstick.late if each[1] > 0.001]))

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
            async with ScriptedService(answers(events, heard)) as service:
                device.speaks((noise * loud).astype("<i2").tobytes())
                done = await asyncio.to_thread(device.run, f"{LISTENER}asyncio.run(main({service.url!r}))")
                zero = first_sound(service.audio)
    finally:
        device.close()
    *lines, late = (json.loads(line) for line in done.stdout.splitlines())
    yardstick.late += late
    check, said = Check(yardstick, heard, zero), heard.said
    one, two = (line for line in lines if line["kind"] == "turn")
    for turn, (onset, end), start, first, guess, over in [(one, speech[0], 0, 1, 2, 3), (two, speech[1], 4, 5, 7, 8)]:
        check.onset(turn["onset_latency_ms"], onset, said[start])
        check.onset(turn["first_text_ms"], onset, said[first])
        check.end(turn["eager_latency_ms"], end, said[guess])
        check.end(turn["eot_latency_ms"], end, said[over])
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
    print(f"\n{name}: {len(check.errors)} times, worst error {worst * 1000:.1f} ms, "  # noqa: T201  shown on request
          f"send lag at most {send_lag * 1000:.1f} ms")  # fmt: skip
