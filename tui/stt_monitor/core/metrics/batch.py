"""Results of a run over several files, one session each: per file and in total. Pure."""

import msgspec

from stt_monitor.core.metrics.aggregate import aggregate_session, combine
from stt_monitor.core.metrics.marks import names_in_data
from stt_monitor.core.metrics.worst import worst_turn
from stt_monitor.core.records.summaries import FileTotal, TotalRecord, by_column, pauses_by_column
from stt_monitor.core.snapshot import AllFiles, FileResult, Snapshot


class Batch:
    """Collects the results of a run's files, and aggregates their turns."""

    def __init__(self, asked: int) -> None:
        """Start a run over `asked` files."""
        self._asked = asked
        self._files: tuple[FileResult, ...] = ()
        self._all_files: AllFiles | None = None
        self._pool = combine([])

    def add(self, last: Snapshot) -> None:
        """Add a finished file by its session's last snapshot."""
        result = FileResult(
            name=last.session.source,
            turns=len(last.finished),
            counts=last.counts,
            summaries=last.summaries,
            first_turn=last.first_turn,
            error=last.error,
            marks=last.marks,
            pauses=last.pauses,
            reference=last.session.reference,
            worst=worst_turn(last.finished),
            recording=last.recording,
        )
        self._files = (*self._files, result)
        more = aggregate_session(last)
        self._pool = combine([self._pool, more] if self._files[1:] else [more])
        self._all_files = AllFiles(
            turns=self._pool.counts.turns,
            counts=self._pool.counts,
            summaries=self._pool.summaries,
            first_turns=self._pool.first_summaries,
            marks=self._pool.marks,
            pauses=self._pool.pauses,
        )

    def with_results(self, snapshot: Snapshot, *, playing: int, going_on: bool) -> Snapshot:
        """Add the run's results so far to a session's snapshot.

        Args:
            snapshot: of the session alone.
            playing: number of its file, counted from 1.
            going_on: the run goes on, even if this session is over.
        """
        return msgspec.structs.replace(
            snapshot,
            files=self._files,
            all_files=self._all_files,
            playing=(playing, self._asked),
            running=snapshot.running or going_on,
        )

    def total(self, t: float) -> TotalRecord:
        """Return the record of the whole run; `t`: seconds since it began."""
        return TotalRecord(
            t=round(t, 4),
            files=tuple(FileTotal(file.name, file.turns, file.error) for file in self._files),
            files_asked=self._asked,
            turns=self._pool.counts.turns,
            first_turns=by_column(self._pool.first_summaries),
            counts=self._pool.counts,
            not_applicable=names_in_data(self._pool.marks.absent),
            derived=names_in_data(self._pool.marks.derived),
            **pauses_by_column(self._pool.pauses),
            **by_column(self._pool.summaries),
        )
