"""Measure the local server's ears on recordings whose truth is known exactly, and print a table.

    python tests/benchmarks/server_quality.py DIR [--chunk-ms 100] [--curve] [--errors]

DIR holds WAV files (any rate, mono) and a `manifest.json`: a list of `{file, turns: [{start, end, text, pauses: [[from,
to], ...]}]}`, times in seconds. The definitions of the figures are those of the monitor: onset and end are the
truth's, an event's time is the end of the audio frame that brought it, and a resumed eager end does not count.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

import jiwer
import msgspec
import numpy as np
import soundfile

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE, SpeechResampler
from stt_monitor.core.events import EagerEnd, TurnEnd, TurnEvent, TurnResume, TurnStart
from stt_monitor.core.text.spoken import spoken_form, words_of
from stt_monitor.server.asr.models import Models
from stt_monitor.server.turn_detection.detector import Detector
from stt_monitor.services.cartesia.server_side.turn_settings import completed, thresholds
from stt_monitor.services.server_side import Thresholds

DEFAULTS: Final = thresholds(completed({}))
ENDS_SWEPT: Final = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
FALSE_END_GRACE_S: Final = 0.35
"""An end that comes this long after the pause is over was still caused by it."""


_SAID_LIKE: Final = (
    ("keywords", "key words"), ("goodbye", "good bye"), ("blacklist", "black list"), ("filename", "file name"),
    ("w w w dot", "w w w"),
)  # fmt: skip
"""What sounds the same, or is said so in these recordings."""


def normalised(text: str) -> str:
    """Return the words of `text` as they are spoken in these recordings."""
    words = f" {' '.join(words_of(spoken_form(text)))} "
    for written, said in _SAID_LIKE:
        words = words.replace(f" {written} ", f" {said} ")
    return words.strip()


class Spoken(msgspec.Struct):
    """A turn of the truth. Times in seconds."""

    start: float
    end: float
    text: str
    pauses: list[tuple[float, float]] = []


class Turn(msgspec.Struct):
    """A turn as the local server told it. Times in seconds of audio sent."""

    start: float
    first_text: float | None = None
    eager_end: float | None = None
    end: float | None = None
    text: str = ""


class Recording(msgspec.Struct):
    """A file, decoded to 16 kHz, and its truth."""

    samples: Samples
    spoken: list[Spoken]
    turns: list[Turn] = []


class RunningStats(msgspec.Struct):
    """What was found over all recordings; latencies in seconds."""

    onset: list[float] = []
    first_text: list[float] = []
    eager: list[float] = []
    end: list[float] = []
    turns: int = 0
    in_time: int = 0
    spurious: int = 0
    pauses: int = 0
    ended_in_pause: int = 0
    said: list[str] = []
    heard: list[str] = []


def load(directory: Path) -> list[Recording]:
    """Read a directory's recordings."""
    recordings = []
    for entry in json.loads((directory / "manifest.json").read_text()):
        samples, rate = soundfile.read(directory / entry["file"], dtype="float32")
        spoken = msgspec.convert(entry["turns"], list[Spoken])
        recordings.append(Recording(SpeechResampler(rate).feed(samples, last=True), spoken))
    return recordings


def listen(models: Models, samples: Samples, thresholds: Thresholds, chunk_ms: int) -> list[Turn]:
    """Feed a recording in frames of `chunk_ms`; return the turns that were told."""
    detector = Detector(models, thresholds)
    turns: list[Turn] = []
    size = SPEECH_RATE * chunk_ms // 1000
    pieces = [(detector.feed, samples[at : at + size]) for at in range(0, len(samples), size)]
    for number, piece in enumerate([*pieces, None], 1):
        now = min(number * size, len(samples)) / SPEECH_RATE
        for heard in detector.finish() if piece is None else piece[0](piece[1]):
            note(turns, heard, now)
    return turns


def note(turns: list[Turn], event: TurnEvent, now: float) -> None:
    """Add a event that came at `now` (s) to the turns."""
    if isinstance(event, TurnStart):
        turns.append(Turn(now))
        return
    turn = turns[-1]
    if event.text and turn.first_text is None:
        turn.first_text = now
    if isinstance(event, EagerEnd):
        turn.eager_end = now
    elif isinstance(event, TurnResume):
        turn.eager_end = None
    elif isinstance(event, TurnEnd):
        turn.end, turn.text = now, event.text or ""


def compare(recording: Recording, tally: RunningStats) -> None:
    """Match told turns to spoken ones by where they began, and add up."""
    rest = list(recording.turns)
    for number, spoken in enumerate(recording.spoken):
        following = recording.spoken[number + 1].start if number + 1 < len(recording.spoken) else float("inf")
        mine = [turn for turn in rest if spoken.start - 0.1 <= turn.start < spoken.end + 0.3]
        rest = [turn for turn in rest if turn not in mine]
        tally.turns += 1
        tally.said.append(normalised(spoken.text))
        tally.heard.append(normalised(" ".join(turn.text for turn in mine)))
        ends = [turn.end for turn in mine if turn.end is not None]
        tally.pauses += len(spoken.pauses)
        tally.ended_in_pause += sum(
            any(start <= end <= stop + FALSE_END_GRACE_S for end in ends) for start, stop in spoken.pauses
        )
        if not mine:
            continue
        tally.onset.append(mine[0].start - spoken.start)
        tally.first_text += [turn.first_text - spoken.start for turn in mine if turn.first_text is not None][:1]
        last = mine[-1]
        if last.end is not None and last.end >= spoken.end:
            tally.in_time += last.end < following
            tally.end.append(last.end - spoken.end)
            if last.eager_end is not None:
                tally.eager.append(last.eager_end - spoken.end)
    tally.spurious += len(rest)


def measure(
    models: Models, recordings: list[Recording], thresholds: Thresholds, chunk_ms: int
) -> tuple[RunningStats, float]:
    """Listen to all recordings; return the tally, and the processor's seconds for each second of audio."""
    tally, before = RunningStats(), time.process_time()
    for recording in recordings:
        recording.turns = listen(models, recording.samples, thresholds, chunk_ms)
    spent = time.process_time() - before
    for recording in recordings:
        compare(recording, tally)
    return tally, spent / (sum(len(recording.samples) for recording in recordings) / SPEECH_RATE)


def quantiles(values: list[float]) -> str:
    """Say p50 and p90."""
    if not values:
        return "-"
    middle, high = np.percentile(values, (50, 90))
    return f"{middle:.2f} / {high:.2f} s"


def table(tally: RunningStats, load_s: float, processor: float) -> list[tuple[str, str, str]]:
    """Return (figure, measured, required) for each figure."""
    return [
        ("word error rate, pooled", f"{100 * jiwer.wer(tally.said, tally.heard):.1f} %", "<= 6 %"),
        ("turns found and ended in time", f"{tally.in_time} of {tally.turns}", "all"),
        ("turns with no speech", str(tally.spurious), "0"),
        ("turn.start after onset, p50 / p90", quantiles(tally.onset), "<= 0.25 / 0.4 s"),
        ("first text after onset, p50 / p90", quantiles(tally.first_text), "<= 0.9 s"),
        ("turn.eager_end after speech end, p50 / p90", quantiles(tally.eager), "<= 0.45 s"),
        ("turn.end after speech end, p50 / p90", quantiles(tally.end), "<= 0.70 / 1.5 s"),
        ("pauses inside a turn that end it", f"{tally.ended_in_pause} of {tally.pauses}", "<= 2 of 11"),
        ("processor of one session, cores", f"{processor:.3f}", "<= 0.15"),
        ("models loaded in", f"{load_s:.2f} s", "<= 1.5 s"),
    ]


def main() -> None:
    """Read the arguments and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--chunk-ms", type=int, default=100)
    parser.add_argument("--curve", action="store_true", help="false ends against delay, over the end threshold's range")
    parser.add_argument("--errors", action="store_true", help="show the turns whose words differ")
    options: Any = parser.parse_args()
    before = time.perf_counter()
    models = Models.load()
    load_s = time.perf_counter() - before
    recordings = load(options.directory)
    tally, processor = measure(models, recordings, DEFAULTS, options.chunk_ms)
    out = sys.stdout.write
    for figure, measured, required in table(tally, load_s, processor):
        out(f"{figure:<46}{measured:>18}   {required}\n")
    if options.errors:
        for said, heard in zip(tally.said, tally.heard, strict=True):
            out("" if said == heard else f"  said  {said}\n  heard {heard}\n")
    if options.curve:
        out("\nend threshold   false ends    turn.end p50 / p90\n")
        for end in ENDS_SWEPT:
            swept, _ = measure(models, recordings, msgspec.structs.replace(DEFAULTS, end=end), options.chunk_ms)
            out(f"{end:>13.2f}   {swept.ended_in_pause:>4} of {swept.pauses:<3}   {quantiles(swept.end)}\n")


if __name__ == "__main__":
    main()
