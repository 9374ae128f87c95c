"""The events of a turn in words, for its details."""

from collections.abc import Iterator
from typing import Final

from stt_monitor.core.events import EagerEnd, TurnEnd, TurnResume, TurnStart
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.text.moments import to_the_millisecond
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.core.turns.turn import Begin, Turn
from stt_monitor.ui.formatting import MS, clock_ms, milliseconds

Row = tuple[str, str, str]
"""Name, value and meaning."""

_Moment = tuple[float, str, str]
"""Time, seconds of session; name and meaning."""

_LONGEST_EAGER_TEXT: Final = 1000
"""Characters shown of a text at an eager end; the transcript shows all."""

_REASONS: Final = {
    "threshold": "the likelihood fell below the end threshold",
    "timeout": "the service waited for its timeout",
    "manual": "the client asked for it, not the service",
    "closed": "our own close ended it, not the service",
    "dangling": "it never ended: the connection was lost, or another turn began",
    "ended": "the service ended it; without reference speech the reason is unknown",
}

_TOLD: Final = {
    "threshold": "its model decided",
    "timeout": "it waited for its timeout",
    "vad": "its voice activity detector found silence",
}
"""What the reasons mean that a service tells."""

_STARTS: Final = {
    Begin.TOLD: "the service started the turn",
    Begin.DERIVED: "derived from the first text: the service sent no start",
}


def event_rows(finished: FinishedTurn) -> list[Row]:
    """Return the events of a turn in order of time, each with what the service said of it.

    Their times are as far apart as its metrics say.
    """
    turn, figures = finished.turn, finished.metrics
    moments = [*_speech(finished), *_eager_ends(finished)]
    if turn.begin in _STARTS:
        began = _STARTS[turn.begin] + _said(turn, TurnStart.name, turn.started_at)
        moments.append((turn.started_at, "turn.start", began))
    if turn.ended_at is not None:
        moments.append((turn.ended_at, "■ turn.end", _why(finished) + _said(turn, TurnEnd.name, turn.ended_at)))
    moments += [
        (at, name, meaning)
        for at, name, meaning in (
            (turn.first_text_at, "first text", "the first turn.update with words"),
            (_at(finished, turn.text_at, figures.final_text_latency), "final text", "its text, after its end"),
            (_at(finished, turn.formatted_at, figures.formatted_latency), "formatted text", "a copy, written better"),
        )
        if at is not None
    ]
    rows = [(name, clock_ms(at), meaning) for at, name, meaning in sorted(moments)]
    if turn.ended_at is None:
        rows.append(("no end", NO_VALUE, _REASONS["dangling"]))
    return rows


def _speech(finished: FinishedTurn) -> Iterator[_Moment]:
    """Yield onset and end of the turn's reference speech."""
    turn, figures = finished.turn, finished.metrics
    if figures.onset_latency is not None:
        at = to_the_millisecond(turn.started_at) - figures.onset_latency
        yield at, "speech onset", f"reference speech, {_position(figures.speech_start_position)} of audio"
    if figures.eot_latency is not None and turn.ended_at is not None:
        at = to_the_millisecond(turn.ended_at) - figures.eot_latency
        yield at, "speech end", f"reference speech, {_position(figures.speech_end_position)} of audio"


def _at(finished: FinishedTurn, at: float | None, latency: float | None) -> float | None:
    """Return when something came: by its latency from the end of speech, where it has one."""
    ended_at, eot = finished.turn.ended_at, finished.metrics.eot_latency
    if at is None or latency is None or ended_at is None or eot is None:
        return at
    return to_the_millisecond(ended_at) - eot + latency


def _eager_ends(finished: FinishedTurn) -> Iterator[_Moment]:
    """Yield the eager ends with their outcomes."""
    turn = finished.turn
    for eager_end in turn.eager_ends:
        at, fate = eager_end.at, "neither confirmed nor resumed"
        if eager_end is turn.confirmed_eager_end:
            at, fate = _at(finished, at, finished.metrics.eager_latency) or at, "confirmed"
        if eager_end.resumed_at is not None:
            fate = f"resumed {milliseconds(eager_end.until_resume)} ms later"
            went_on = f"the turn continues{_said(turn, TurnResume.name, eager_end.resumed_at)}"
            yield eager_end.resumed_at, "↺ resume", went_on
        text, more = begun(eager_end.transcript, _LONGEST_EAGER_TEXT)
        yield at, "◐ eager end", f"{fate}{_said(turn, EagerEnd.name, eager_end.at)}: “{text}”{more}"


def _why(finished: FinishedTurn) -> str:
    """Say why a turn ended, and how that is known."""
    turn, figures = finished.turn, finished.metrics
    reason = figures.end_reason or (turn.end_reason.value if turn.end_reason else "")
    if figures.end_reason_told is None:
        return f"{reason}: {_REASONS[reason]}" if reason in _REASONS else reason
    if figures.end_reason_told:
        return f"{reason} (told)" + (f": {_TOLD[reason]}" if reason in _TOLD else "")
    return f"{reason} (guessed): {_REASONS[reason]}"


def _said(turn: Turn, event: str, at: float) -> str:
    """Say which position and confidence the service gave with an event; nothing where it gave none."""
    said = next((each for each in turn.said if (each.name, each.at) == (event, at)), None)
    if said is None:
        return ""
    position = [] if said.position is None else [f"it says {_position(said.position)} of audio"]
    confidence = [] if said.confidence is None else [f"confidence of the end {said.confidence:.2f}"]
    return "".join(f", {each}" for each in (*position, *confidence))


def begun(text: str, characters: int) -> tuple[str, str]:
    """Return the beginning of a text, and how many characters follow; empty if none."""
    if len(text) <= characters:
        return clean(text), ""
    return clean(text[:characters]), f"… and {len(text) - characters} characters more"


def _position(seconds: float | None) -> str:
    return NO_VALUE if seconds is None else f"at {round(seconds * MS) / MS:.3f} s"
