"""What is said of a sweep in words: the same in all formats."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.sweep.outcome import ENDLESS
from stt_monitor.core.sweep.result import OperatingPoint, OperatingPoints, Part, SettingResult, SweepResult
from stt_monitor.core.text.wording import NO_VALUE, plural
from stt_monitor.report.formatting import percentage, signed
from stt_monitor.report.sweep.columns import interval_text, milliseconds

HOW_COMPARED: Final = (
    "Settings are compared by the turns that all of them have, without the first turn of each recording. "
    "In brackets: intervals of 95 %, by bootstrap over the same turns."
)
HOW_GUESSED: Final = "~: without labels a detector guesses where turns end; silence of up to 1 s is a pause."
ON_FRONT: Final = "front"
"""Said of a setting that no other beats in both."""
FRONT_MEANING: Final = "front: no other setting is faster with as few cut-offs, or as fast with fewer."
FIELD: Final = (
    "As eot-bench (LiveKit) defines them: the best policy over the service's decisions, with a least silence before a "
    "reply and a silence that forces one; pauses of 0.2 to 5 s; latency is the mean."
)
AHEAD: Final = "ahead of silence, ms"
NOT_COMPARED: Final = "not compared: most of its turns are missing"
NO_TURN: Final = "no turn to judge"
"""Said of a setting whose cells heard no speech, or none that anything can be told of."""


class Point(NamedTuple):
    """A figure that the field compares itself by, for the service and for plain silence."""

    name: str
    service: str
    how: str
    """The policy that reaches it; empty without one."""
    silence: str
    silence_how: str


def title(result: SweepResult) -> str:
    """Name a sweep."""
    settings = len(result.parts[0].settings) if result.parts else 0
    return f"{plural(settings, 'setting')} of {result.service}"


def facts(result: SweepResult) -> Iterator[str]:
    """Yield what was measured, in a few words each."""
    yield result.model
    if result.fixed:
        yield f"{result.fixed} in all"
    yield plural(len(result.recordings), "recording")
    if result.arms != ("",):
        yield f"sound: {', '.join(arm or 'clean' for arm in result.arms)}"
    if result.repetitions > 1:
        yield plural(result.repetitions, "repetition")
    done = result.cells - len(result.missing)
    yield plural(result.cells, "cell") if done == result.cells else f"{done} of {plural(result.cells, 'cell')}"
    if any(part.turns for part in result.parts):
        yield "labelled turns" if result.exact else "turns as a detector guesses them (~)"


def remarks(result: SweepResult) -> Iterator[str]:
    """Yield sentences that hold for all figures."""
    if result.left_out:
        yield f"{result.left_out[:1].upper()}{result.left_out[1:]}."
    yield HOW_COMPARED
    yield FRONT_MEANING
    if not result.exact:
        yield HOW_GUESSED
    heard = "hears the recordings" if result.floor_by == "detector" else "hears speech exactly as labelled"
    yield f"ahead of silence: how much sooner turns end than by a plain detector that cuts off no more; it {heard}."


_LEFT_OUT: Final = {"first": "first of a recording", "end_unknown": "whose end cannot be told"}
"""Why turns are left out, where the word of data says too little."""


def turns_in_words(part: Part) -> str:
    """Say how many turns a part is of, and which are not in its figures."""
    excluded: dict[str, int] = {}
    for each in part.settings:
        for why, n in (each.compared.left_out if each.compared else {}).items():
            excluded[why] = max(excluded.get(why, 0), n)
    words = f"{plural(part.turns, 'turn')} that all settings have"
    for where, is_there in (("the figures", False), ("those of ends", True)):
        found = [
            f"{n} {_LEFT_OUT.get(why, why)}" for why, n in sorted(excluded.items()) if (why in ENDLESS) is is_there
        ]
        words += f"; not in {where}: {', '.join(found)}" if found else ""
    return words


def ahead_in_words(each: SettingResult) -> str:
    """Say how far a setting is ahead of silence."""
    return NO_VALUE if each.ahead_of_silence is None else signed(each.ahead_of_silence, Unit.MILLISECONDS)


def standing_in_words(each: SettingResult) -> str:
    """Say whether a setting is on the Pareto front, and what it lacks."""
    words = [ON_FRONT] if each.on_front else []
    words += [plural(each.missing, "cell") + " missing"] if each.missing else []
    if each.cells and each.compared is None:
        words.append(NOT_COMPARED if each.figures.turns or each.figures.left_out else NO_TURN)
    return ", ".join(words)


def points(part: Part) -> Iterator[Point]:
    """Yield the field's figures."""
    for name, key, is_latency in (
        ("false cut-offs at 300 ms", "cutoffs_at_300_ms", False),
        ("false cut-offs at 600 ms", "cutoffs_at_600_ms", False),
        ("latency at 5 % cut-offs", "latency_at_5_percent", True),
        ("latency at 10 % cut-offs", "latency_at_10_percent", True),
    ):
        own, floor = (_point(of, key, is_latency=is_latency) for of in (part.points, part.floor_points))
        yield Point(name, *own, *floor)


def _point(of: OperatingPoints, key: str, *, is_latency: bool) -> tuple[str, str]:
    point: OperatingPoint | None = getattr(of, key)
    if point is None:
        return NO_VALUE, ""
    figure, unit = (point.latency, Unit.MILLISECONDS) if is_latency else (point.cutoffs, Unit.PERCENT)
    shown = milliseconds(figure.value) if is_latency else f"{percentage(figure.value, figure.n)} %"
    where = interval_text(figure.interval, figure.n, unit)
    how = f"{point.label}; least silence {milliseconds(point.action_delay)}, forced after {milliseconds(point.timeout)}"
    return f"{shown} {where}".rstrip(), how
