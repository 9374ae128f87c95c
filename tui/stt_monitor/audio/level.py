"""How loud samples are."""

import math
from typing import Final

import numpy as np

from stt_monitor.audio.formats import Samples

SILENCE_DB: Final = -120.0


def peak_db(samples: Samples) -> float:
    """Return the peak of samples, dB relative to full scale."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    return 20 * math.log10(peak) if peak > 0 else SILENCE_DB
