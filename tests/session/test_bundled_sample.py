"""The bundled sample: what its labels say is in the sound, and the local server hears it; in virtual time."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import soundfile
from tests.e2e.test_end_to_end import needs_recogniser
from tests.support.sound import wav_bytes
from tests.support.virtual_time import current_clock
from tests.support.watched import Watched

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sample import SAMPLE, SAMPLE_LABELS
from stt_monitor.audio.vad.reference import EdgeKind, SpeechDetector
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.server.serve import _load_detector
from stt_monitor.server.server import LocalServer
from stt_monitor.server.turn_detection.interface import MakeDetector
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import sample_speech

FORMAT = AudioFormat(Encoding.PCM_S16LE, 16_000)
BOLD = TurnSettings(end_threshold=0.5, eager_end_threshold=0.6, start_threshold=0.8)
LABELS: list[dict[str, Any]] = json.loads(SAMPLE_LABELS.read_text())[0]["turns"]
NUMBER, HESITATION, LONG = 2, 4, 6
"""Numbers of turns: of what is told apart when it is spoken to."""


def plain(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower().replace("-", " "))


@pytest.fixture(scope="session")
def detector() -> MakeDetector:
    return _load_detector()


async def heard(detector: MakeDetector, turn: TurnSettings, sound: Path = SAMPLE) -> list[dict[str, Any]]:
    async with LocalServer(detector, clock=current_clock()) as server:
        watched = Watched(sound, server.base_url, Settings(turn=turn), reference=sample_speech(FORMAT))
        assert await watched.run() == Outcome()
    return watched.lines("turn")


def test_it_is_a_callers_side_of_a_dialogue():
    info = soundfile.info(SAMPLE)
    assert (info.samplerate, info.channels, info.subtype) == (16_000, 1, "PCM_16")
    assert 45 <= info.duration <= 60
    assert SAMPLE.stat().st_size < 2_000_000
    assert 8 <= len(LABELS) <= 10
    said = [len(plain(turn["text"])) for turn in LABELS]
    assert max(said) == said[LONG - 1] > 40
    assert sum(words <= 4 for words in said) >= 3
    gaps = [after["start"] - before["end"] for before, after in itertools.pairwise(LABELS)]
    assert all(2 < gap < 4 for gap in gaps), "the other party speaks"


@pytest.mark.slow
def test_its_labels_are_where_the_detector_hears_speech():
    detector = SpeechDetector(FORMAT)
    edges = [*detector.feed(wav_bytes(SAMPLE)), *detector.finish()]
    onsets, ends = ([edge.position for edge in edges if edge.kind is kind] for kind in EdgeKind)
    assert len(onsets) == len(ends)
    for turn in LABELS:
        assert min(abs(onset - turn["start"]) for onset in onsets) < 0.1
        assert min(abs(end - turn["end"]) for end in ends) < 0.1
    long = [pause for turn in LABELS for pause in turn["pauses"] if pause[1] - pause[0] > 0.4]
    assert len(long) == 5
    for start, end in long:
        assert min(abs(at - start) for at in ends) < 0.1
        assert min(abs(at - end) for at in onsets) < 0.1


@needs_recogniser
@pytest.mark.slow
async def test_by_default_every_turn_is_heard_and_none_is_cut_off(detector: MakeDetector):
    turns = await heard(detector, TurnSettings())
    assert [plain(turn["transcript"]) for turn in turns] == [plain(label["text"]) for label in LABELS]
    for turn in turns:
        assert turn["false_cutoff"] is False
        assert not turn["slow"]
        assert turn["eot_latency_ms"] > 0
    for number in (NUMBER, HESITATION):
        assert turns[number - 1]["resumes"] == 1


@needs_recogniser
@pytest.mark.slow
async def test_a_bolder_threshold_cuts_off_the_number_and_the_hesitation(detector: MakeDetector, tmp_path: Path):
    samples, rate = soundfile.read(SAMPLE, dtype="int16", stop=round(LABELS[HESITATION]["start"] * 16_000))
    soundfile.write(tmp_path / "first.wav", samples, rate)
    turns = await heard(detector, BOLD, tmp_path / "first.wav")
    cut = [plain(turn["transcript"])[-2:] for turn in turns if turn["false_cutoff"]]
    assert cut == [["oh", "two"], ["do", "thursday"]]
