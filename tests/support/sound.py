"""Recordings made for a test."""

import wave
from pathlib import Path
from typing import Final

import numpy as np

READING: Final = Path(__file__).parents[1] / "audio" / "data" / "reading.wav"
"""Two sentences that a person reads, 15 s: for sessions to which the bundled sample would be too long."""
FIRST_S: Final = 9.0
"""Where its first sentence is over, and a turn has ended; seconds."""


def write_wav(path: Path, seconds: float, *, rate: int = 16_000, channels: int = 1, width: int = 2) -> Path:
    """Write a WAV of a quiet rising tone, so that every sample differs from its neighbours."""
    t = np.arange(round(seconds * rate)) / rate
    tone = 0.1 * np.sin(2 * np.pi * (200 + 50 * t) * t)
    samples = (tone * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}")
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", "not compressed"))
        file.writeframes(np.repeat(samples, channels).tobytes())
    return path


def beginning(path: Path, seconds: float = FIRST_S) -> Path:
    """Write how `READING` begins."""
    with wave.open(str(READING)) as whole, wave.open(str(path), "wb") as file:
        file.setparams(whole.getparams())
        file.writeframes(whole.readframes(round(seconds * whole.getframerate())))
    return path


def wav_bytes(path: Path) -> bytes:
    """Return the samples of a WAV, as they are in the file."""
    with wave.open(str(path)) as file:
        samples: bytes = file.readframes(file.getnframes())
    return samples
