"""The detector on real speech: every guarantee, the thresholds' directions, and sounds that are no speech."""

import re
import wave
from functools import cache
from pathlib import Path

import jiwer
import msgspec
import numpy as np
import pytest
from tests.server.speech import BECKETT_WORDS, beckett, errors, words
from tests.server.stand_in import DEFAULTS

from stt_monitor.audio.formats import Encoding, Samples, decode
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.core.events import EagerEnd, Trigger, TurnEnd, TurnEvent, TurnResume, TurnStart, TurnUpdate
from stt_monitor.server.asr.models import Models
from stt_monitor.server.turn_detection.detector import Detector
from stt_monitor.services.server_side import Thresholds

pytestmark = pytest.mark.slow  # real recognition

SENTENCE = "he might even have been made amiable himself"
LEAD_S = 1.0
RECORDING = Path(__file__).parents[1] / "data" / "amiable.wav"
GRAMMAR = re.compile("(?:SU*(?:ERU*)*E?N)*")
LETTERS = {TurnStart: "S", TurnUpdate: "U", EagerEnd: "E", TurnResume: "R", TurnEnd: "N"}


@cache
def models() -> Models:
    return Models.load()


@cache
def sentence() -> Samples:
    """3.3 seconds of a woman reading SENTENCE."""
    with wave.open(str(RECORDING)) as recording:
        return decode(recording.readframes(recording.getnframes()), Encoding.PCM_S16LE)


def changed(**thresholds: float) -> Thresholds:
    return msgspec.structs.replace(DEFAULTS, **thresholds)


def quiet(seconds: float) -> Samples:
    """The faint noise of a room."""
    noise = np.random.default_rng(5).standard_normal(int(seconds * SPEECH_RATE))
    return (noise * 10 ** (-62 / 20)).astype(np.float32)


def spoken(*pauses: float) -> Samples:
    """The sentence, and again after each pause but the last, which is what follows the last one."""
    parts = [quiet(LEAD_S)]
    for pause in pauses:
        parts += [sentence(), quiet(pause)]
    return np.concatenate(parts)


def hear(
    samples: Samples, thresholds: Thresholds | None = None, piece: int = 1600, *, finish: bool = True
) -> list[TurnEvent]:
    detector = Detector(models(), thresholds or DEFAULTS)
    heard = [one for at in range(0, len(samples), piece) for one in detector.feed(samples[at : at + piece])]
    return heard + (detector.finish() if finish else [])


def check(heard: list[TurnEvent]) -> None:
    """Assert what protocol.md 6.3 guarantees, and that positions never go back."""
    assert GRAMMAR.fullmatch("".join(LETTERS[type(one)] for one in heard))
    positions = [one.at or 0 for one in heard]
    assert positions == sorted(positions)
    turn, text = 0, ""
    for one in heard:
        if isinstance(one, TurnStart):
            turn, text = turn + 1, ""
        assert one.key == str(turn)
        if one.text is not None:
            assert one.text.startswith(text)
            assert one.text == one.text.strip()
            text = one.text


def text_of(heard: list[TurnEvent]) -> str:
    return " ".join(one.text or "" for one in heard if isinstance(one, TurnEnd)).strip()


def first(heard: list[TurnEvent], kind: type[TurnEvent]) -> float:
    return next(one.at or 0 for one in heard if isinstance(one, kind))


def count(heard: list[TurnEvent], kind: type[TurnEvent]) -> int:
    return sum(isinstance(one, kind) for one in heard)


def triggers(heard: list[TurnEvent]) -> list[Trigger | None]:
    return [one.trigger for one in heard if isinstance(one, TurnEnd)]


def test_one_sentence_is_one_turn_with_its_words() -> None:
    heard = hear(spoken(2.5), finish=False)
    check(heard)
    assert (count(heard, TurnStart), count(heard, TurnEnd)) == (1, 1)
    assert jiwer.wer(SENTENCE, " ".join(words(text_of(heard)))) <= 0.25
    assert first(heard, TurnStart) < LEAD_S + 0.7  # the reader draws breath first
    assert first(heard, TurnUpdate) < LEAD_S + 1.8
    assert first(heard, TurnEnd) < LEAD_S + len(sentence()) / SPEECH_RATE + 1.2
    assert text_of(heard)[-1] in ".!?"
    assert triggers(heard) == [Trigger.MODEL]


@cache
def at_once() -> list[TurnEvent]:
    """What is heard of the first seconds in pieces of the usual size."""
    return hear(decode(beckett(), Encoding.PCM_S16LE)[: 4 * SPEECH_RATE])


@pytest.mark.parametrize("piece", [1, 160, 777, 100_000])
def test_the_size_of_the_pieces_changes_nothing(piece: int) -> None:
    samples = decode(beckett(), Encoding.PCM_S16LE)[: 4 * SPEECH_RATE]
    assert text_of(at_once())
    assert hear(samples, piece=piece) == at_once()


def test_spoken_turns_are_told_apart() -> None:
    heard = hear(decode(beckett(), Encoding.PCM_S16LE))
    check(heard)
    assert errors(words(text_of(heard)), BECKETT_WORDS) <= 4


def test_finishing_tells_everything() -> None:
    samples = spoken(0.0)
    heard = hear(samples)
    check(heard)
    assert jiwer.wer(SENTENCE, " ".join(words(text_of(heard)))) <= 0.25
    assert heard[-1].at == pytest.approx(len(samples) / SPEECH_RATE, abs=0.04)


def test_an_end_says_why() -> None:
    assert triggers(hear(spoken(0.0))) == [Trigger.CLOSED]
    assert triggers(hear(spoken(4.0), changed(eager_end=0.3, end=0.05, end_timeout_ms=640))) == [Trigger.TIMEOUT]


def test_nothing_is_heard_after_finishing() -> None:
    detector = Detector(models(), DEFAULTS)
    detector.feed(spoken(0.0))
    assert detector.finish()
    assert detector.feed(spoken(2.0)) == []
    assert detector.finish() == []


def test_no_audio_is_no_turn() -> None:
    assert hear(quiet(0)) == []


def test_a_guess_is_taken_back_when_the_sentence_goes_on() -> None:
    heard = hear(spoken(0.3, 2.5), changed(start=0.8, eager_end=0.6, end=0.05))
    check(heard)
    assert count(heard, TurnResume) >= 1
    assert count(heard, TurnEnd) == 1
    assert jiwer.wer(f"{SENTENCE} {SENTENCE}", " ".join(words(text_of(heard)))) <= 0.25


def test_a_higher_start_threshold_starts_later() -> None:
    starts = [first(hear(spoken(0.5), changed(start=start)), TurnStart) for start in (0.62, 0.7, 0.8, 0.9)]
    assert starts == sorted(starts)
    assert starts[0] < starts[-1]


def test_a_higher_eager_threshold_guesses_sooner() -> None:
    guesses = [
        first(hear(spoken(3.0), changed(start=0.9, eager_end=eager, end=0.05)), EagerEnd)
        for eager in (0.8, 0.6, 0.4, 0.3)
    ]
    assert guesses == sorted(guesses)
    assert guesses[0] < guesses[-1]


def test_a_higher_end_threshold_ends_sooner() -> None:
    ends = [
        first(hear(spoken(6.0), changed(start=0.9, eager_end=0.6, end=end)), TurnEnd) for end in (0.5, 0.3, 0.1, 0.05)
    ]
    assert ends == sorted(ends)
    assert ends[0] + 0.3 < ends[-1]


def test_the_timeout_ends_a_turn_whatever_the_likelihood() -> None:
    voice_end = LEAD_S + len(sentence()) / SPEECH_RATE
    ends = [
        first(hear(spoken(4.0), changed(eager_end=0.3, end=0.05, end_timeout_ms=ms)), TurnEnd)
        for ms in (640, 800, 11200)
    ]
    assert ends == sorted(ends)
    assert ends[0] < voice_end + 0.75


def test_no_turn_ends_before_the_least_silence_whatever_the_likelihood() -> None:
    voice_end = LEAD_S + len(sentence()) / SPEECH_RATE
    for kind in (EagerEnd, TurnEnd):
        hasty = [changed(eager_end=0.8, end=0.75, min_silence_ms=ms) for ms in (0, 500, 1500)]
        ends = [first(hear(spoken(4.0), each), kind) for each in hasty]
        assert ends == sorted(ends)
        assert ends[0] + 0.2 < ends[1]
        assert ends[1] == pytest.approx(ends[2] - 1, abs=0.033)
        assert voice_end + 1.0 < ends[2] < voice_end + 1.6  # the reader stops a little before the recording


def test_a_turn_can_be_ended_by_hand_and_speech_that_goes_on_begins_another() -> None:
    samples = spoken(2.5)
    middle = int((LEAD_S + 2) * SPEECH_RATE)
    detector = Detector(models(), DEFAULTS)
    assert detector.end_turn() == []
    heard = detector.feed(samples[:middle])
    by_hand = detector.end_turn()
    assert triggers(by_hand) == [Trigger.MANUAL]
    assert by_hand[0].text
    assert detector.end_turn() == []
    heard += by_hand + detector.feed(samples[middle:]) + detector.finish()
    check(heard)
    assert count(heard, TurnEnd) == 2
    assert jiwer.wer(SENTENCE, " ".join(words(text_of(heard)))) <= 0.5


def test_thresholds_change_in_mid_turn() -> None:
    samples = spoken(6.0)
    middle = int((LEAD_S + 2) * SPEECH_RATE)
    detector = Detector(models(), changed(eager_end=0.3, end=0.05))
    heard = detector.feed(samples[:middle])
    detector.thresholds = changed(eager_end=0.6, end=0.5)
    heard += detector.feed(samples[middle:])
    check(heard)
    assert first(heard, TurnEnd) == first(hear(samples, changed(eager_end=0.6, end=0.5)), TurnEnd)


def test_a_long_turn_keeps_all_its_words_in_bounded_memory() -> None:
    times = 10  # longer than the trace
    detector = Detector(models(), changed(start=0.8, eager_end=0.3, end=0.05))
    heard = detector.feed(spoken(*[0.25] * times))
    assert detector._transcriber is not None
    assert detector._transcriber._segment.seconds <= 16
    assert len(detector._memory) * 512 <= 2 * SPEECH_RATE
    assert len(detector._trace) == 1024
    heard += detector.finish()
    check(heard)
    assert count(heard, TurnEnd) == 1
    assert jiwer.wer(" ".join([SENTENCE] * times), " ".join(words(text_of(heard)))) <= 0.3


def test_the_trace_is_the_likelihood_frame_by_frame() -> None:
    detector = Detector(models(), DEFAULTS)
    detector.feed(spoken(0.0))
    points = detector.trace()
    assert points[-1][1] == detector.likelihood > 0
    assert [position for position, _ in points] == sorted({position for position, _ in points})
    assert all(0 <= value <= 1 for _, value in points)
    assert detector.trace() == []


TIME = np.arange(5 * SPEECH_RATE) / SPEECH_RATE
NOISE = np.random.default_rng(9).standard_normal(len(TIME))
SOUNDS = {
    "silence": np.zeros(len(TIME)),
    "loud noise": NOISE * 0.3,
    "tone": np.sin(2 * np.pi * 440 * TIME) * 0.3,
    "telephone keys": (np.sin(2 * np.pi * 697 * TIME) + np.sin(2 * np.pi * 1209 * TIME)) * (TIME % 1 < 0.2) * 0.2,
    "clicks": np.where(np.arange(len(TIME)) % 9000 < 40, NOISE, 0),
    "chord": sum(np.sin(2 * np.pi * hertz * TIME) for hertz in (262, 330, 392)) * np.exp(-4 * (TIME % 0.5)) * 0.2,
    "clipping": np.sign(np.sin(2 * np.pi * 180 * TIME)) * 40,
    "not a number": np.full(len(TIME), np.nan),
    "infinite": np.full(len(TIME), np.inf),
}


@pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS.keys())
def test_what_is_no_speech_has_no_words(sound: np.ndarray) -> None:
    heard = hear(np.concatenate([sound.astype(np.float32), quiet(2)]))
    check(heard)
    assert text_of(heard) == ""


def test_speech_is_heard_after_rubbish() -> None:
    rubbish = np.full(SPEECH_RATE, np.nan, np.float32)
    heard = hear(np.concatenate([rubbish, spoken(2.0)]))
    assert jiwer.wer(SENTENCE, " ".join(words(text_of(heard)))) <= 0.25


def test_faint_speech_is_amplified() -> None:
    heard = hear(spoken(2.0) * np.float32(0.02))
    assert jiwer.wer(SENTENCE, " ".join(words(text_of(heard)))) <= 0.4
