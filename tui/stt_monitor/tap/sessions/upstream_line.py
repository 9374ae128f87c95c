"""How much of a call's sound the service's end of the line has not acknowledged."""

from stt_monitor.session.audio_sender import ALWAYS_UNCONFIRMED_S


class UpstreamLine:
    """Follows one call, by the bytes that its agent sends: frames have heads, and may be packed or encoded."""

    def __init__(self) -> None:
        self._bytes = 0
        self._told: float | None = None

    def add(self, size: int, unacknowledged: int | None, sound_s: float) -> float | None:
        """Take bytes that were passed on.

        Args:
            size: how many.
            unacknowledged: of all so far, how many are not acknowledged; None if unknown.
            sound_s: seconds of sound so far.

        Returns:
            Seconds of sound that are not acknowledged, 0 for what is usual; None where that is as before, or unknown.
        """
        self._bytes += size
        if unacknowledged is None:
            return None
        seconds = sound_s * unacknowledged / self._bytes
        seconds = round(seconds, 1) if seconds > ALWAYS_UNCONFIRMED_S else 0.0
        if seconds == self._told:
            return None
        self._told = seconds
        return seconds
