"""How near detected speech is to labelled speech, and what the detector costs.

    python tests/benchmarks/reference_speech.py FOLDER

FOLDER holds `manifest.json` and the recordings that it names. A label is matched with the nearest edge of
its kind, and missed when that is further away than `MATCH_S`.
"""

import argparse
import time
from pathlib import Path
from typing import Final

import numpy as np

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.references.labels import read_labels
from stt_monitor.audio.sources.pacing import chunk_samples
from stt_monitor.audio.vad.reference import EdgeKind, SpeechDetector, SpeechEdge

MATCH_S: Final = 0.6
CHUNK_MS: Final = 100


def detect(path: Path) -> tuple[list[SpeechEdge], float, float]:
    """Return the edges, the seconds of audio, and the seconds of processor time."""
    recording = open_audio_file(path)
    detector = SpeechDetector(recording.format)
    step = chunk_samples(recording.format.sample_rate, CHUNK_MS)
    edges: list[SpeechEdge] = []
    spent = 0.0
    while data := recording.read(step):
        began = time.process_time()
        edges += detector.feed(data)
        spent += time.process_time() - began
    recording.close()
    return edges + detector.finish(), recording.duration or 0.0, spent


def errors(labels: list[float], found: list[float]) -> list[float]:
    """Return, for each label, how much later the nearest edge is; NaN when none is near."""
    distances = [np.array(found) - label for label in labels] if found else [np.array([np.inf])] * len(labels)
    nearest = [float(distance[np.argmin(np.abs(distance))]) for distance in distances]
    return [error if abs(error) <= MATCH_S else np.nan for error in nearest]


def describe(name: str, values: list[float]) -> None:
    """Print medians and percentiles of the absolute errors, and the mean error with its sign."""
    found = [value for value in values if not np.isnan(value)]
    size = np.abs(found) * 1000
    print(
        f"{name:>28}: n {len(values):3d}  missed {len(values) - len(found):2d}  median {np.median(size):4.0f} ms  "
        f"p90 {np.percentile(size, 90):4.0f} ms  max {size.max():4.0f} ms  bias {np.mean(found) * 1000:+4.0f} ms"
    )


def main() -> None:
    """Measure every recording of the folder and all of them together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    all_onsets, all_ends, audio, spent, worst = [], [], 0.0, 0.0, 0.0
    for path in sorted(folder.glob("*.wav")):
        labels = read_labels(folder / "manifest.json", path.name)[0]
        edges, duration, cost = detect(path)
        onsets = [edge.position for edge in edges if edge.kind is EdgeKind.ONSET]
        ends = [edge.position for edge in edges if edge.kind is EdgeKind.END]
        onset_errors = errors([span.onset for span in labels], onsets)
        end_errors = errors([span.end for span in labels], ends)
        describe(f"{path.stem} onsets", onset_errors)
        describe(f"{path.stem} ends", end_errors)
        print(f"{'':>28}  labelled spans {len(labels)}, detected {len(onsets)}")
        all_onsets += onset_errors
        all_ends += end_errors
        audio += duration
        spent += cost
        worst = max(worst, cost / duration)
    describe("all onsets", all_onsets)
    describe("all ends", all_ends)
    print(
        f"processor: {100 * spent / audio:.2f} % of a core on the average, {100 * worst:.2f} % on the worst recording"
    )


if __name__ == "__main__":
    main()
