"""The bundled spoken sample: where it is, its labels, its name."""

from pathlib import Path
from typing import Final

SAMPLE: Final = Path(__file__).parent / "data" / "sample.wav"  # importlib.resources would delay the first paint
SAMPLE_LABELS: Final = SAMPLE.with_suffix(".json")
"""Its turns and the pauses in them, as `--labels` takes them."""
SAMPLE_NAME: Final = "bundled sample"
"""What sessions call it."""
