"""Real speech for tests: a recording that comes inside the recogniser's package."""

import re
import wave
from importlib.util import find_spec
from pathlib import Path

BECKETT_WORDS = ["ever", "tried", "ever", "failed", "no", "matter", "try", "again", "fail", "again", "fail", "better"]


def beckett() -> bytes:
    """Ten seconds of a man speaking, six short turns, 16-bit samples at 16 kHz."""
    spec = find_spec("moonshine_voice")
    assert spec is not None
    assert spec.submodule_search_locations
    with wave.open(str(Path(spec.submodule_search_locations[0]) / "assets" / "beckett.wav")) as recording:
        assert recording.getframerate() == 16_000
        samples: bytes = recording.readframes(recording.getnframes())
        return samples


def words(text: str) -> list[str]:
    """The words of a transcript, lower case, without punctuation."""
    return re.findall(r"[a-z']+", text.lower())


def errors(heard: list[str], said: list[str]) -> int:
    """How many words must be changed, added or taken away."""
    row = list(range(len(said) + 1))
    for i, one in enumerate(heard, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(said, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (one != other))
    return row[-1]
