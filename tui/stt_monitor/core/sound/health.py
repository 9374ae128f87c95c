"""Tracks the health of a session: audio, connection, local server."""

from typing import Final

import msgspec

from stt_monitor.core.records.session import Health
from stt_monitor.core.sound.audio_clock import AudioClock

CLIPPING_DB: Final = -0.1
"""Peak from which audio counts as clipped, dB relative to full scale."""


class HealthTracker:
    """The running values behind `Health`."""

    def __init__(self) -> None:
        self._health = Health()
        self._connections = 0
        self._resent_s = 0.0
        self._clipped = 0
        self._peak_db: float | None = None
        self._level_db: float | None = None
        self._send_lag = 0.0
        self._send_lag_max = 0.0
        self._server_lag_max: float | None = None

    @property
    def round_trip(self) -> float | None:
        """The last one reported, seconds."""
        return self._health.round_trip

    @property
    def server_lag(self) -> float | None:
        """Audio that the local server has received but not processed, seconds; None where unknown."""
        return self._health.server_lag

    def add_connection(self) -> None:
        """Count a connection; all but the first are reconnects."""
        self._connections += 1
        self._health = msgspec.structs.replace(self._health, reconnects=self._connections - 1)

    def expect_connection(self) -> None:
        """Leave the next connection uncounted: nothing was lost, the user wants another."""
        self._connections -= 1

    def add_stall(self) -> None:
        """Count a stall."""
        self._health = msgspec.structs.replace(self._health, stalls=self._health.stalls + 1)

    def add_peak(self, peak_db: float) -> None:
        """Add the peak of a chunk, dB relative to full scale."""
        if peak_db >= CLIPPING_DB:
            self._clipped += 1
        if self._peak_db is None or peak_db > self._peak_db:
            self._peak_db = peak_db
        self._level_db = peak_db

    def add_resent(self, length: float) -> None:
        """Add audio that will be sent again, seconds."""
        self._resent_s += length

    def set_server_lag(self, lag: float | None) -> None:
        """Set the audio that the local server has received but not processed, seconds; None: unknown."""
        if lag is not None:
            lag = round(lag, 4)
            self._server_lag_max = max(lag, self._server_lag_max or 0.0)
        self._health = msgspec.structs.replace(self._health, server_lag=lag, server_lag_max=self._server_lag_max)

    def update(
        self,
        *,
        round_trip: float | None,
        waiting_s: float = 0.0,
        dropped_s: float = 0.0,
        unconfirmed_s: float = 0.0,
        overruns: int = 0,
        send_lag: float = 0.0,
    ) -> None:
        """Update connection and capture, as in `Health`; None keeps the last round trip."""
        self._send_lag, self._send_lag_max = send_lag, max(send_lag, self._send_lag_max)
        self._health = msgspec.structs.replace(
            self._health,
            round_trip=self._health.round_trip if round_trip is None else round_trip,
            waiting_s=round(waiting_s, 3),
            dropped_s=round(dropped_s, 3),
            unconfirmed_s=round(unconfirmed_s, 3),
            overruns=overruns,
        )

    def health(self, clock: AudioClock) -> Health:
        """Return the present health, with the values of the audio clock."""
        return msgspec.structs.replace(
            self._health,
            audio_sent_s=round(clock.position, 3),
            resent_s=round(self._resent_s, 3),
            send_lag=max(clock.send_lag, self._send_lag),
            send_lag_max=max(clock.send_lag_max, self._send_lag_max),
            clipped=self._clipped,
            peak_db=self._peak_db,
            level_db=self._level_db,
        )
