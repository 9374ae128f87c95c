"""The health of a call's line, as entries of its journal: round trips, what waits for the service, what held it up."""

from stt_monitor.core.journal import HealthReported
from stt_monitor.session.journal_writer import JournalWriter
from stt_monitor.tap.messages import Ping
from stt_monitor.tap.sessions.round_trip import RoundTrip
from stt_monitor.tap.sessions.upstream_line import UpstreamLine


class LineHealth:
    """Follows the line of one call."""

    def __init__(self) -> None:
        self._line = UpstreamLine()
        self._round_trip = RoundTrip()
        self._unacknowledged_s: float | None = None

    def passed_on(self, log: JournalWriter | None, size: int, unacknowledged: int | None, sound_s: float) -> None:
        """Take note of bytes that were passed on, as `UpstreamLine.add` does; no `log`: nothing is journalled."""
        seconds = self._line.add(size, unacknowledged, sound_s)
        if seconds is not None and log is not None:
            self._unacknowledged_s = seconds
            log.append(HealthReported(log.now(), unacknowledged_s=seconds))

    def pinged(self, log: JournalWriter, ping: Ping, at: float, *, from_agent: bool) -> None:
        """Take note of a ping or pong that passed at a session time."""
        took = self._round_trip.hear(ping, at, from_agent=from_agent)
        if took is not None:
            log.append(HealthReported(at, took, unacknowledged_s=self._unacknowledged_s))

    def held_up(self, log: JournalWriter, late: float) -> None:
        """Record that the tap was held up for some seconds, and has recovered."""
        for lag in (late, 0.0):
            log.append(HealthReported(log.now(), unacknowledged_s=self._unacknowledged_s, send_lag=round(lag, 3)))
