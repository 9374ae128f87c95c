"""What each arm is to the sound."""

from typing import Protocol

from stt_monitor.audio.formats import Samples


class Stage(Protocol):
    """An arm on its way through a recording. The same samples come out, however what goes in is cut into pieces."""

    def feed(self, samples: Samples) -> Samples:
        """Degrade the next samples; returns as many in the long run, though not at once."""

    def finish(self) -> Samples:
        """End the recording; return what is left. The stage cannot be fed again."""
