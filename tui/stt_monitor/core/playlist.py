"""Several files, one session each: what each of them came to, and all of them together. Pure, as all of the core."""

from collections.abc import Iterable

import msgspec

from stt_monitor.core.figures import DEFINITIONS
from stt_monitor.core.records import Counts, FileTotal, TotalRecord, in_milliseconds
from stt_monitor.core.snapshot import FileResult, FinishedTurn, Snapshot, Together
from stt_monitor.core.statistics import Summary, summarise


class Playlist:
    """Keeps the results of the files of one run, and pools their turns."""

    def __init__(self, asked: int) -> None:
        """Begin a run over `asked` files."""
        self._asked = asked
        self._files: tuple[FileResult, ...] = ()
        self._together: Together | None = None
        self._values = _Values()
        self._first_values = _Values()

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
        self._values.add(finished for finished in last.finished if not finished.turn.first_of_connection)
        self._first_values.add(finished for finished in last.finished if finished.turn.first_of_connection)
        self._together = Together(
            turns=sum(file.turns for file in self._files),
            counts=_sum([file.counts for file in self._files]),
            summaries=self._values.summaries(),
            first_turns=self._first_values.summaries(),
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
        figures = {name: in_milliseconds(summary) for name, summary in self._values.summaries().items()}
        first = self._first_values.summaries().items()
        return TotalRecord(
            t=round(t, 4),
            files=tuple(FileTotal(file.name, file.turns, file.error) for file in self._files),
            files_asked=self._asked,
            turns=sum(file.turns for file in self._files),
            onset_latency_ms=figures["onset_latency"],
            first_text_ms=figures["first_text"],
            eager_latency_ms=figures["eager_latency"],
            eot_latency_ms=figures["eot_latency"],
            eager_lead_ms=figures["eager_lead"],
            update_gap_max_ms=figures["update_gap_max"],
            first_turns={f"{name}_ms": in_milliseconds(summary) for name, summary in first},
            counts=_sum([file.counts for file in self._files]),
        )


class _Values:
    """The values of each figure, over many turns."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {figure.name: [] for figure in DEFINITIONS}

    def add(self, turns: Iterable[FinishedTurn]) -> None:
        for finished in turns:
            for name, values in self._values.items():
                value = getattr(finished.figures, name)
                if value is not None:
                    values.append(value)

    def summaries(self) -> dict[str, Summary]:
        return {name: summarise(values) for name, values in self._values.items()}


def _sum(all_counts: list[Counts]) -> Counts:
    return Counts(*(sum(getattr(counts, name) for counts in all_counts) for name in Counts.__struct_fields__))
