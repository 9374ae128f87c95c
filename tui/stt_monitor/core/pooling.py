"""Turns of one session or of several, taken together: their values, counts and health as if they were one session's."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from stt_monitor.core.figures import DEFINITIONS
from stt_monitor.core.records import Counts, Health
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.statistics import Summary, summarise
from stt_monitor.core.turns import EndReason
from stt_monitor.core.words import WordErrors, together, word_errors


class Pool(msgspec.Struct, frozen=True):
    """What some turns come to. Values are seconds, in ascending order, by figure name."""

    values: Mapping[str, Sequence[float]]
    """Without the first turn of each connection, as in every summary (design 5)."""
    first_values: Mapping[str, Sequence[float]]
    """Of those first turns alone."""
    counts: Counts
    judged: int = 0
    """Turns of which it is known whether they were cut off: the service ended them, and there is reference speech."""
    referenced: bool = True
    """Whether there is reference speech everywhere."""
    eager_gained: float = 0.0
    """Seconds: the head starts of all eager ends that were confirmed."""
    eager_wasted: float = 0.0
    """Seconds from each eager end that was taken back to its resume."""
    health: Health | None = None
    """None where turns were picked from sessions."""
    words: WordErrors | None = None
    """None where nobody told what was really said."""

    @property
    def summaries(self) -> dict[str, Summary]:
        """Summarise the values of each figure."""
        return {name: summarise(values) for name, values in self.values.items()}

    @property
    def eager_precision(self) -> float | None:
        """The share of eager ends that were confirmed; None when there were none."""
        counts = self.counts
        return counts.eager_ends_confirmed / counts.eager_ends if counts.eager_ends else None


def pool_turns(turns: Iterable[FinishedTurn]) -> Pool:
    """Pool turns, wherever they come from. Of missed speech, violations and errors no turn tells: there are none."""
    turns = tuple(turns)
    later = [each.figures for each in turns if not each.turn.first_of_connection]
    first = [each.figures for each in turns if each.turn.first_of_connection]
    confirmed = [each for each in turns if each.turn.standing_guess is not None and each.turn.ended_at is not None]
    return Pool(
        values={figure.name: _values(figure.name, later) for figure in DEFINITIONS},
        first_values={figure.name: _values(figure.name, first) for figure in DEFINITIONS},
        counts=Counts(
            turns=len(turns),
            eager_ends=sum(each.figures.eager_ends for each in turns),
            eager_ends_confirmed=len(confirmed),
            resumes=sum(each.figures.resumes for each in turns),
            false_cutoffs=sum(each.figures.false_cutoff is True for each in turns),
            spurious=sum(each.figures.spurious is True for each in turns),
        ),
        referenced=any(each.figures.spurious is not None for each in turns),
        judged=sum(each.figures.false_cutoff is not None for each in turns),
        eager_gained=sum(each.figures.eager_lead or 0.0 for each in confirmed),
        eager_wasted=sum(each.figures.eager_wasted or 0.0 for each in turns),
    )


def pool_sessions(snapshots: Sequence[Snapshot], said: Sequence[str] | None = None) -> Pool:
    """Pool whole sessions, given as their last snapshots; `said` is what was really said in each, where it is known."""
    pool = pool_turns(turn for snapshot in snapshots for turn in snapshot.finished)
    counts = [snapshot.counts for snapshot in snapshots]
    return msgspec.structs.replace(
        pool,
        referenced=all(snapshot.session.reference != "none" for snapshot in snapshots),
        counts=Counts(**{name: sum(getattr(each, name) for each in counts) for name in Counts.__struct_fields__}),
        words=None if said is None else _words(snapshots, said),
        health=pool_health([snapshot.health for snapshot in snapshots]),
    )


def pool_health(reports: Sequence[Health]) -> Health:
    """Pool the health of sessions: what is counted is added up; of lags, round trips and levels the worst counts."""
    worst = {"send_lag", "send_lag_max", "round_trip", "peak_db"}
    pooled: dict[str, float | None] = {}
    for name in Health.__struct_fields__:
        values = [value for value in (getattr(report, name) for report in reports) if value is not None]
        pooled[name] = max(values, default=None) if name in worst else sum(values)
    return msgspec.convert({name: value for name, value in pooled.items() if value is not None}, Health)


def transcript(turns: Iterable[FinishedTurn], between: str = "") -> str:
    """Join the texts of turns as they came; what the service never ended is no part of it (protocol 7.3)."""
    return between.join(each.turn.transcript for each in turns if each.turn.end_reason is not EndReason.DANGLING)


def _words(snapshots: Sequence[Snapshot], said: Sequence[str]) -> WordErrors:
    # A blank between turns: word errors are not the place to judge how the service joins its texts.
    heard = [transcript(snapshot.finished, " ") for snapshot in snapshots]
    return together(word_errors(*texts) for texts in zip(said, heard, strict=True))


def _values(name: str, figures: Iterable[object]) -> list[float]:
    return sorted(value for value in (getattr(each, name) for each in figures) if value is not None)
