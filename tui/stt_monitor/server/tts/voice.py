"""The synthesiser, an extra: hibari-tts (Apache-2.0), an American English voice, its weights in the package."""

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from stt_monitor.audio.formats import Samples

if TYPE_CHECKING:
    from hibari import Hibari

VOICE_RATE: Final = 24_000
"""Hz."""

_SEED: Final = 0
"""Of the noise in the voice: the same text gives the same audio."""


class Voice:
    """The synthesiser. Loads on first use; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hibari: Hibari | None = None

    @staticmethod
    def is_installed() -> bool:
        """Return whether the extra is installed."""
        return find_spec("hibari") is not None

    def speak(self, text: str) -> Samples:
        """Return `text` as speech, mono at `VOICE_RATE`. Runs about 100 times faster than real time."""
        with self._lock:
            if self._hibari is None:
                from hibari import Hibari  # loaded on the first request

                self._hibari = Hibari()
            speech: Samples = self._hibari(text, seed=_SEED)
            return speech
