"""Figures of a setting over true turns. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence

from stt_monitor.core.sweep.bootstrap import NEVER, quantiles, share
from stt_monitor.core.sweep.observed import Spoken, Turns
from stt_monitor.core.sweep.outcome import TurnOutcome
from stt_monitor.core.sweep.result import Figure, Figures

_Number = Callable[[TurnOutcome], float]

Group = Sequence[TurnOutcome]
"""What became of one true turn, in all repetitions and arms."""


def grouped(turns: Turns, spoken: Sequence[Spoken]) -> list[list[TurnOutcome]]:
    """Group outcomes by the true turn that they are of, in the given order."""
    groups: dict[Spoken, list[TurnOutcome]] = {each: [] for each in spoken}
    for key, turn in turns.items():
        groups[key.spoken].append(turn)
    return list(groups.values())


def figures(groups: Sequence[Group], *, resampled: bool = True) -> Figures:
    """Return the figures of a setting.

    Args:
        groups: what became of each true turn; the same turns for settings that are compared.
        resampled: whether to find intervals.
    """

    def shares(hits: _Number, of: _Number) -> Figure:
        return share([(sum(map(hits, group)), sum(map(of, group))) for group in counted], resampled=resampled)

    is_eager = any(turn.eager_ends for group in groups for turn in group)
    counted = [[turn for turn in group if counts(turn)] for group in groups]
    ends = [[turn for turn in group if end_counts(turn)] for group in groups]
    waits = [[NEVER if turn.decided_after is None else turn.decided_after for turn in group] for group in ends]
    leads = [[turn.lead for turn in group if turn.lead is not None] for group in ends]
    wasted = [(sum(turn.wasted_replies for turn in group), len(group) * is_eager) for group in ends]
    not_ended = [(sum(turn.decided_after is None and not turn.missed for turn in group), len(group)) for group in ends]
    eot_p50, eot_p90 = quantiles(waits, (0.5, 0.9), resampled=resampled)
    (lead,) = quantiles(leads, (0.5,), resampled=resampled)
    return Figures(
        turns=sum(map(len, counted)),
        eot_p50=eot_p50,
        eot_p90=eot_p90,
        cut_turns=shares(lambda turn: turn.cut, lambda _: 1),
        cut_pauses=shares(_cut_pauses, lambda turn: len(turn.pauses)),
        missed=shares(lambda turn: turn.missed, lambda _: 1),
        not_ended=share(not_ended, resampled=resampled),
        eager_precision=shares(lambda turn: turn.confirmed, lambda turn: turn.confirmed + turn.resumed),
        eager_lead=lead,
        wasted_replies=share(wasted, resampled=resampled, bounded=False),
        left_out=dict(Counter(why for group in groups for turn in group if (why := left_out(turn)))),
    )


def counts(turn: TurnOutcome) -> bool:
    """Return whether a turn is in the figures of cut-offs and eager ends."""
    return turn.counts and not turn.first


def end_counts(turn: TurnOutcome) -> bool:
    """Return whether it is in those of its end."""
    return turn.end_counts and not turn.first


def left_out(turn: TurnOutcome) -> str:
    """Say why a turn is in no figure, else why its end is in none; empty if it is in all."""
    return "first" if turn.first and turn.counts else turn.standing


def _cut_pauses(turn: TurnOutcome) -> int:
    return sum(pause.cut_after is not None for pause in turn.pauses)
