"""Where the bundled spoken sample is, and its labels."""

from pathlib import Path
from typing import Final

SAMPLE: Final = Path(__file__).parent / "data" / "sample.wav"  # importlib.resources would delay the first paint
SAMPLE_LABELS: Final = SAMPLE.with_suffix(".json")
"""Its turns and the pauses in them, as `--labels` takes them."""
