"""How true the figures are: the error of their anchors in the sound, and of the times between events.

    python tests/benchmarks/anchor_accuracy.py [--audio FOLDER] [--no-clock]

Anchors: clean speech whose ends are known to a hundredth of a second is put among silences of chosen lengths, in quiet
and in noise, and the detector's onsets and ends are compared with where it was put. The speech is that of a
person and of a synthesised voice (the `tts` extra), slow and fast; FOLDER adds recordings with a `manifest.json` of
exact labels. Times: a scripted service says events at known instants, over a real session in real time.

Errors are detected less true: positive is late.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
from hibari import Hibari
from tests.support.service import ScriptedService
from tests.support.sound import READING
from tests.support.timed_service import CHUNK_S, Heard, Said, bare, from_file, label, says, text, watch

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.formats import AudioFormat, Encoding, Samples, decode
from stt_monitor.audio.references.labels import read_labels
from stt_monitor.audio.resampling import SPEECH_RATE, SpeechResampler
from stt_monitor.audio.vad.reference import EdgeKind, SpeechDetector
from stt_monitor.server.tts.voice import VOICE_RATE

SEED: Final = 1
FRAME_S: Final = 0.01
"""What the ends of clean speech are known to."""
SPEECH_DB: Final = -40
"""Speech is what is louder than this, below the loudest hundredth of a second."""
PAUSE_S: Final = 0.25
"""Quiet for longer than this parts two stretches of a recording; within a synthesised sentence too."""
GAP_S: Final = (1.0, 2.5)
"""Silence between stretches, from ... to."""
FLOOR_DB: Final = -70
"""Noise of a quiet room, of full scale: there is no digital silence in front of a microphone."""
MATCH_S: Final = 0.6
"""An edge further away is another one's: this one was missed."""
NOISES: Final = (None, ("white", 20), ("white", 10), ("babble", 20), ("babble", 10))
SPEEDS: Final = (0.85, 1.0, 1.2)
"""Of the synthesised voice."""
TURNS: Final = 40
TURN_S: Final = 2.0

SENTENCES: Final = (
    "I would like to book a table for two people.", "What time does the next train leave?", "No, the other one.",
    "My account number is four seven one nine.", "Could you repeat that, please?", "It stopped working this morning.",
    "Send it to my office in the city.", "Yes.", "Thanks, that is all I needed to know.", "Six of them were missing.",
    "How much would that cost per month?", "She asked for the manager.", "Please cancel my subscription.",
    "First I called, then I wrote an email.", "Half past five would suit me.", "The hotel was full of guests.",
)  # fmt: skip


class Talk(msgspec.Struct, frozen=True):
    """Speech at `SPEECH_RATE`, and where it is, in seconds."""

    name: str
    samples: Samples
    spans: Sequence[tuple[float, float]]


def at_speech_rate(samples: Samples, rate: int) -> Samples:
    """Resample a whole recording."""
    stream = SpeechResampler(rate)
    return np.concatenate([stream.feed(samples), stream.feed(np.zeros(rate // 10, np.float32))])


def stretches(samples: Samples) -> Iterator[Samples]:
    """Cut clean speech where it is quiet for longer than a pause, and trim what lies between."""
    size = round(FRAME_S * SPEECH_RATE)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    power = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12)
    loud = np.flatnonzero(power > power.max() + SPEECH_DB)
    starts = [loud[0], *(after for before, after in pairwise(loud) if (after - before) * FRAME_S > PAUSE_S)]
    ends = [*(before for before, after in pairwise(loud) if (after - before) * FRAME_S > PAUSE_S), loud[-1]]
    for start, end in zip(starts, ends, strict=True):
        yield samples[start * size : (end + 1) * size]


def composed(name: str, pieces: Sequence[Samples]) -> Talk:
    """Put pieces of speech among silences."""
    random = np.random.default_rng(SEED)
    parts: list[Samples] = []
    spans, at = [], 0
    for piece in pieces:
        silence = np.zeros(round(random.uniform(*GAP_S) * SPEECH_RATE), np.float32)
        parts += [silence, piece]
        at += len(silence)
        spans.append((at / SPEECH_RATE, (at + len(piece)) / SPEECH_RATE))
        at += len(piece)
    parts.append(np.zeros(round(GAP_S[1] * SPEECH_RATE), np.float32))
    return Talk(name, np.concatenate(parts), spans)


def own_talks() -> Iterator[Talk]:
    """Make the talks that need nothing but this project and its packages."""
    voice = Hibari()
    said = [
        at_speech_rate(voice(sentence, speed=speed, seed=SEED), VOICE_RATE)
        for speed in SPEEDS
        for sentence in SENTENCES
    ]
    yield composed("synthesised voice", [piece for each in said for piece in stretches(each)])
    with closing(open_audio_file(READING)) as recording:
        sample = decode(recording.read(recording.samples), recording.format.encoding)
    yield composed("read sentences", list(stretches(at_speech_rate(sample, recording.format.sample_rate))))


def labelled_talks(folder: Path) -> Iterator[Talk]:
    """Read the recordings of a folder, and where its manifest says that speech is."""
    for path in sorted(folder.glob("*.wav")):
        with closing(open_audio_file(path)) as recording:
            data = recording.read(recording.samples)
        samples = at_speech_rate(decode(data, recording.format.encoding), recording.format.sample_rate)
        spans = read_labels(folder / "manifest.json", path.name)[0]
        yield Talk(path.stem, samples, [(span.onset, span.end) for span in spans])


def noisy(talk: Talk, noise: tuple[str, int] | None, voices: Samples) -> Samples:
    """Add the noise of a quiet room, and louder noise at a ratio (dB) to the speech itself."""
    random = np.random.default_rng(SEED)
    room = random.normal(0, 10 ** (FLOOR_DB / 20), len(talk.samples))
    if noise is None:
        return (talk.samples + room).astype(np.float32)
    kind, ratio = noise
    sound = random.normal(size=len(talk.samples)) if kind == "white" else np.resize(voices, len(talk.samples))
    spoken = np.concatenate([talk.samples[round(a * SPEECH_RATE) : round(b * SPEECH_RATE)] for a, b in talk.spans])
    gain = np.sqrt(np.mean(np.square(spoken)) / np.mean(np.square(sound)) / 10 ** (ratio / 10))
    mixed: Samples = np.clip(talk.samples + room + gain * sound, -1, 1).astype(np.float32)
    return mixed


def babble(talks: Sequence[Talk]) -> Samples:
    """Let eight people talk at once."""
    random = np.random.default_rng(SEED)
    speech = [talk.samples[round(a * SPEECH_RATE) : round(b * SPEECH_RATE)] for talk in talks for a, b in talk.spans]
    people = []
    for _ in range(8):
        random.shuffle(speech)
        people.append(np.resize(np.concatenate(speech), 60 * SPEECH_RATE))
    crowd: Samples = np.sum(people, axis=0)
    return crowd


def detected(samples: Samples) -> tuple[list[float], list[float]]:
    """Return the onsets and the ends that the detector finds."""
    detector = SpeechDetector(AudioFormat(Encoding.PCM_F32LE, SPEECH_RATE))
    step = round(CHUNK_S * SPEECH_RATE)
    edges = [edge for at in range(0, len(samples), step) for edge in detector.feed(samples[at : at + step].tobytes())]
    edges += detector.finish()
    onsets, ends = ([edge.position for edge in edges if edge.kind is kind] for kind in EdgeKind)
    return onsets, ends


def errors(true: Sequence[float], found: Sequence[float]) -> list[float]:
    """Return, of each true edge that has one near, how much later that is, in seconds."""
    nearest = [min(found, key=lambda edge: abs(edge - at), default=np.inf) - at for at in true]
    return [error for error in nearest if abs(error) <= MATCH_S]


def row(name: str, condition: str, what: str, values: Sequence[float], of: int) -> str:
    """Write a line of the table: milliseconds."""
    if not values:
        return f"| {name} | {condition} | {what} | 0 of {of} | – | – | – |"
    low, median, high = np.percentile(np.array(values) * 1000, (5, 50, 95))
    return f"| {name} | {condition} | {what} | {len(values)} of {of} | {median:+.0f} | {low:+.0f} | {high:+.0f} |"


def measure_anchors(talks: Sequence[Talk], voices: Samples) -> None:
    """Print the errors of onsets and ends."""
    print("| speech | noise | anchor | found | median, ms | p5 | p95 |\n|---|---|---|---|---|---|---|")
    for noise in NOISES:
        condition = "quiet" if noise is None else f"{noise[0]} {noise[1]} dB"
        both: tuple[list[float], list[float]] = [], []
        extra = 0
        for talk in talks:
            onsets, ends = detected(noisy(talk, noise, voices))
            both[0].extend(errors([a for a, _ in talk.spans], onsets))
            both[1].extend(errors([b for _, b in talk.spans], ends))
            extra += max(0, len(onsets) - len(talk.spans))
        spans = sum(len(talk.spans) for talk in talks)
        name = talks[0].name if len(talks) == 1 else f"{len(talks)} recordings"
        print(row(name, condition, "onset", both[0], spans))
        print(row(name, condition, f"end (and {extra} more)" if extra else "end", both[1], spans))


async def measure_clock() -> None:
    """Print how far the times of a session are from the instants of the service that it talks to."""
    spans = [(TURN_S * number + 0.4, TURN_S * number + 1.2) for number in range(TURNS)]
    events: list[Said] = []
    for onset, end in spans:
        events += [bare(onset + 0.2, "turn.start"), text(onset + 0.4, "turn.update", "One")]
        events += [text(end + 0.1, "turn.eager_end", "One"), text(end + 0.3, "turn.end", "One")]
    heard = Heard()
    with tempfile.TemporaryDirectory() as folder:
        async with ScriptedService(says(events, heard)) as service:
            source = from_file(Path(folder), TURN_S * TURNS + 0.5)
            watched = watch(source, service.url, label(Path(folder, "labels.txt"), spans))
            await watched.run()
    zero = heard.start()
    found: dict[str, list[float]] = {}
    for number, (turn, (onset, end)) in enumerate(zip(watched.lines("turn"), spans, strict=True)):
        start, first, guess, over = heard.said[4 * number : 4 * number + 4]
        for figure, earlier, later in (
            ("onset_latency", zero + onset, start),
            ("first_text", zero + onset, first),
            ("eager_latency", zero + end, guess),
            ("eot_latency", zero + end, over),
            ("eager_lead", guess, over),
        ):
            found.setdefault(figure, []).append(turn[f"{figure}_ms"] / 1000 - (later - earlier))
    print("\n| figure | n | median, ms | p5 | p95 |\n|---|---|---|---|---|")
    for figure, values in found.items():
        low, median, high = np.percentile(np.array(values) * 1000, (5, 50, 95))
        print(f"| {figure} | {len(values)} | {median:+.1f} | {low:+.1f} | {high:+.1f} |")


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--audio", type=Path, metavar="FOLDER", help="recordings with a manifest.json of exact labels")
    parser.add_argument("--no-clock", action="store_true", help="leave out the session, which takes 80 s")
    options = parser.parse_args()
    talks = list(own_talks())
    voices = babble(talks)
    for each in ([talk] for talk in talks):
        measure_anchors(each, voices)
    if options.audio is not None:
        measure_anchors(list(labelled_talks(options.audio)), voices)
    if not options.no_clock:
        asyncio.run(measure_clock())


if __name__ == "__main__":
    main()
