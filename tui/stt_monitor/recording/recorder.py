"""Records sessions while they run: each is observed, and handed to a writer."""

from collections.abc import Sequence
from pathlib import Path

from stt_monitor.core.journal import Began, Entry
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.core.records.session import RecordingState
from stt_monitor.recording.writer import Lane, Upkeep, Writer


class LaneRecorder:
    """`Observer` that records one session, as a part of what a writer writes.

    A failure ends the recording, never the session; `state` says why.
    """

    def __init__(self, writer: Writer, service: str) -> None:
        """Prepare to record; `service` says which of several side by side it is."""
        self._lane = Lane(service)
        self._writer = writer

    def expect(self) -> bool:
        """Be waited for by the writer; returns False if all its other sessions have ended."""
        return self._writer.expect(self._lane)

    @property
    def state(self) -> RecordingState | None:
        """State of the recording; None before the first audio: without any, nothing is saved."""
        return self._writer.state

    @property
    def folder(self) -> Path | None:
        """Where it is written; None before it begins."""
        return self._writer.folder

    @property
    def taken_bytes(self) -> int:
        """Estimated memory of all queued entries and audio, bytes."""
        return self._lane.taken_bytes

    @property
    def written_bytes(self) -> int:
        """The same of what is in the files by now."""
        return self._lane.written_bytes

    def on_entry(self, entry: Entry) -> None:
        """Queue an entry for writing."""
        self._writer.take(self._lane, entry)
        if isinstance(entry, Began):
            self._lane.begun = True
            self._writer.begin(entry)

    def on_audio(self, position: int, data: bytes) -> None:
        """Queue audio for writing."""
        if not self._writer.stopped:
            self._lane.heard = True
            self._writer.take(self._lane, (position, data))

    def on_result(self, result: SessionResult) -> None:
        """Queue what the session came to, for its manifest."""
        self._writer.take(self._lane, result)

    def close(self) -> None:
        """Wait until all is written, `CLOSE_TIMEOUT_S` at most. Idempotent."""
        self._lane.over = True
        self._writer.finish(self._lane)


class Recorder(LaneRecorder):
    """Records one session alone, into a folder of its own."""

    def __init__(self, directory: Path, limit_bytes: int | None, upkeep: Upkeep | None = None) -> None:
        """Prepare to record.

        Args:
            directory: holds the recordings; created where missing.
            limit_bytes: limit on the size of all recordings in it; the oldest are deleted. None: no limit.
            upkeep: how it is written, if not as any session.
        """
        super().__init__(Writer(directory, limit_bytes, upkeep=upkeep), "")
        self.expect()


class Recorders:
    """Makes the recorders of a run: what services hear side by side is one saved session."""

    def __init__(self, directory: Path, limit_bytes: int, services: Sequence[str], name: str = "") -> None:
        """Prepare to record.

        Args:
            directory: as for `Recorder`; so is `limit_bytes`.
            limit_bytes: the limit.
            services: all those of the run, in order.
            name: that of the first session; the others have a number behind it. Empty: that of time and source.
        """
        self._upkeep = Upkeep(name)
        self._directory = directory
        self._limit_bytes = limit_bytes
        self._services = tuple(services)
        self._writer: Writer | None = None
        self._made: set[str] = set()

    def __call__(self, service: str) -> LaneRecorder:
        """Make the recorder of a service's next session; another saved session begins when one comes again."""
        if len(self._services) == 1:
            return Recorder(self._directory, self._limit_bytes, self._upkeep)
        if self._writer is None or service in self._made:
            return self._begin(service)
        lane = LaneRecorder(self._writer, service)
        self._made.add(service)
        return lane if lane.expect() else self._begin(service)

    def _begin(self, service: str) -> LaneRecorder:
        if self._writer is not None:
            self._writer.expect_no_more()
        self._writer, self._made = Writer(self._directory, self._limit_bytes, self._services, self._upkeep), {service}
        lane = LaneRecorder(self._writer, service)
        lane.expect()
        return lane
