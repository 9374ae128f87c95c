"""Several files, one session each: what each of them came to, and all of them together. Pure, as all of the core."""

import msgspec

from stt_monitor.core.metrics.aggregate import join, pool_session
from stt_monitor.core.records.summaries import FileTotal, TotalRecord, by_column
from stt_monitor.core.snapshot import FileResult, Snapshot, Together


class Playlist:
    """Keeps the results of the files of one run, and pools their turns."""

    def __init__(self, asked: int) -> None:
        """Begin a run over `asked` files."""
        self._asked = asked
        self._files: tuple[FileResult, ...] = ()
        self._together: Together | None = None
        self._pool = join([])

    def over(self, last: Snapshot) -> None:
        """Note that a file is over; `last` is its session's last snapshot."""
        result = FileResult(
            name=last.session.source,
            turns=len(last.finished),
            counts=last.counts,
            summaries=last.summaries,
            first_turn=last.first_turn,
            error=last.error,
        )
        self._files = (*self._files, result)
        self._pool = join([self._pool, pool_session(last)])
        self._together = Together(
            turns=self._pool.counts.turns,
            counts=self._pool.counts,
            summaries=self._pool.summaries,
            first_turns=self._pool.first_summaries,
        )

    def shown(self, snapshot: Snapshot, *, playing: int, going_on: bool) -> Snapshot:
        """Put a session's snapshot into its place in the run.

        Args:
            snapshot: of the session alone.
            playing: which file it plays, counted from 1.
            going_on: the run is not over, even if this session is.
        """
        return msgspec.structs.replace(
            snapshot,
            files=self._files,
            together=self._together,
            playing=(playing, self._asked),
            running=snapshot.running or going_on,
        )

    def total(self, t: float) -> TotalRecord:
        """Put on record what the run came to; `t` is seconds since it began."""
        return TotalRecord(
            t=round(t, 4),
            files=tuple(FileTotal(file.name, file.turns, file.error) for file in self._files),
            files_asked=self._asked,
            turns=self._pool.counts.turns,
            first_turns=by_column(self._pool.first_summaries),
            counts=self._pool.counts,
            **by_column(self._pool.summaries),
        )
