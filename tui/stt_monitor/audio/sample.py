"""Where the bundled spoken sample is."""

from pathlib import Path
from typing import Final

SAMPLE: Final = Path(__file__).parent / "data" / "sample.wav"  # importlib.resources would delay the first paint
