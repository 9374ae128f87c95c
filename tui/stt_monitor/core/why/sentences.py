"""Says an account in words. Every number in them is a field of it."""

from collections.abc import Iterator, Sequence
from typing import Final

from stt_monitor.core.metrics.units import Unit, in_text
from stt_monitor.core.sound.held import Held
from stt_monitor.core.sound.slowness import Cause
from stt_monitor.core.text.wording import listed, plural
from stt_monitor.core.why.facts import Facts
from stt_monitor.core.why.other import Other
from stt_monitor.core.why.parts import Part, Until
from stt_monitor.core.why.words import MEANINGS, Word

_UNTIL: Final = {
    Until.EAGER_END: "the eager end",
    Until.RESUME: "its resume",
    Until.RESUMES: "the last eager end",
    Until.THRESHOLD: "the end threshold",
    Until.TIMEOUT: "the timeout",
    Until.VAD: "the end by its voice activity detector",
    Until.END: "the end",
}
_MODEL: Final = "the end by its model"
"""What a service without a threshold calls one."""
_WHOLE_S: Final = 9.95
"""From here on tenths of a second are left out."""
_ALONE: Final = (Word.SPURIOUS, Word.SLOW, Word.CLOSED, Word.MANUAL, Word.DANGLING)
"""Words whose meaning is the whole account, unless more is known."""
_TIMEOUT_FROM_S: Final = 1.0
"""A turn that ends this much sooner after speech than the timeout allows was ended by something else."""
_NO_LAGS: Final = frozenset({Cause.HASTE, Cause.NETWORK})
"""Causes that no lag of this machine is about."""


def equation(parts: Sequence[Part], *, end_threshold: bool) -> str:
    """Say how parts add up: `1444 ms = 773 until the eager end + 671 until the end threshold`.

    Args:
        parts: of an end-of-turn latency, in order.
        end_threshold: whether the service has a threshold for the end.
    """
    if not parts:
        return ""
    total = sum(part.ms for part in parts)
    if len(parts) == 1:
        return f"{total} ms until {_until(parts[0], end_threshold)}"
    again = False
    pieces = []
    for part in parts:
        until = _until(part, end_threshold)
        if part.until is Until.EAGER_END:
            until, again = until.replace("the", "the next", 1) if again else until, True
        pieces.append(f"{part.ms} until {until}")
    return f"{total} ms = {' + '.join(pieces)}"


def sentences(account: Facts) -> tuple[str, ...]:
    """Say what else is to be said, the most important first."""
    return tuple(_sentences(account))


def _sentences(account: Facts) -> Iterator[str]:
    if account.why is Word.SLOW and account.slow_because:
        yield f"{listed([each.words for each in account.slow_because], 'and').capitalize()}: summaries exclude it."
        if not _NO_LAGS.issuperset(account.slow_because):
            yield from _lags(account)
        return
    if account.why in _ALONE:
        yield f"{MEANINGS[account.why].capitalize()}."
        return
    if account.why is Word.CUT:
        yield _cut(account)
    if account.held is not None:
        yield _held(account, account.held)
    if account.other is not None:
        yield _other(account.other)
    yield from _beside(account)
    yield from _reason(account)
    yield from _lags(account)
    if account.first:
        yield "First turn of its connection: summaries exclude it, because services warm up."


def _beside(account: Facts) -> Iterator[str]:
    """Say what came beside the parts."""
    if account.early is not None:
        yield f"Its eager end came {_ms(account.early)} before speech ended."
    if not account.parts and account.lead is not None:
        yield f"{_ms(account.lead)} passed between its eager end and its end."
    if account.pause_survived is not None:
        yield f"The longest pause that it survived lasted {_ms(account.pause_survived)}."
    if account.heard_late is not None:
        late = "later" if account.heard_late >= 0 else "sooner"
        yield f"The service heard speech end {_ms(abs(account.heard_late))} {late} than reference speech says."
    if account.text_after is not None:
        yield f"Its text came {_ms(account.text_after)} after its end."


def back_in_text(seconds: float) -> str:
    """Return after how long speech came back, so that it fits a column: `0.6 s`, from ten seconds on `12 s`."""
    return f"{seconds:.1f} s" if seconds < _WHOLE_S else f"{seconds:.0f} s"


def _cut(account: Facts) -> str:
    what = "Perhaps a cut-off" if account.sign else "A cut-off"
    pause = "" if account.pause_cut is None else f", in a pause of {_ms(account.pause_cut)}"
    if account.speech_back is not None:
        return f"{what}: speech came back {back_in_text(account.speech_back)} later{pause}."
    return f"{what}: it ended while speech went on{pause and pause.replace(', in', ', after')}."


def _reason(account: Facts) -> Iterator[str]:
    timeout = "" if account.timeout is None else f" of {_ms(account.timeout)}"
    if account.why is Word.TIMEOUT and account.told:
        yield f"The service says that it waited for its timeout{timeout}."
    elif account.why is Word.TIMEOUT:
        yield f"The timeout is a guess: the service does not say why, and its timeout{timeout} had passed."
    elif account.why is Word.UNKNOWN:
        yield "The end of speech is unknown, so its latency is too."
    elif account.told is False and account.held is None and account.timeout is not None and _near_timeout(account):
        yield f"That it was no timeout is a guess: the service does not say, and its timeout is {_ms(account.timeout)}."


def _near_timeout(account: Facts) -> bool:
    """Return whether a timeout might have ended it: a service counts from what it last took for speech."""
    assert account.timeout is not None, "checked by the caller"
    return bool(account.parts) and account.parts[-1].end > account.timeout - _TIMEOUT_FROM_S


def _held(account: Facts, held: Held) -> str:
    """Say what the likelihood did before the end; where a service compares the confidence of the end, that."""
    highest, lowest, end = (_value(account, each) for each in (held.highest, held.lowest, held.end_limit))
    what, reached = ("confidence of the end", "rose above") if account.of_confidence else ("likelihood", "fell below")
    if account.why is Word.TIMEOUT:
        beyond = "below" if account.of_confidence else "above"
        return f"The {what} stayed {beyond} the end threshold {end}; it came as close as {lowest}."
    if held.eager_limit is None:
        return f"The {what} {reached} the end threshold {end} only then."
    top = highest if held.highest > held.eager_limit else _value(account, held.eager_limit)
    last = f"{account.parts[-1].ms} ms" if account.early is None or account.lead is None else _ms(account.lead)
    return f"The {what} stayed between {top} and {end} for {last}."


def _value(account: Facts, likelihood: float) -> str:
    """Format a likelihood as the service compares it; in two decimals at least what a threshold has."""
    return f"{round(1 - likelihood if account.of_confidence else likelihood, 3):g}"


def _other(other: Other) -> str:
    """Say what another setting would have done, to the turn and to the session."""
    if other.unknown:
        return f"What another setting would have done cannot be told: {other.unknown}."
    if not other.setting:
        least = _ms(other.at_least)
        tried = listed(other.alone, "or")
        return f"Changing only {tried} would not have ended it {least} sooner without cutting it off."
    sooner = f"With {other.setting} it would have ended {'at least ' if other.coarse else ''}{_ms(other.sooner)} sooner"
    so_far = " so far" if other.so_far else ""
    costs = [f"{plural(other.cut, 'more turn')}{so_far} would have been cut off"] if other.cut else []
    costs += [f"{plural(other.split, 'turn')}{so_far} would have been split in a pause"] if other.split else []
    known = f"of {other.turns} turns{so_far} that can be told"
    if costs:
        of = "" if other.known == other.turns else f" (of {other.known} {known})"
        return f"{sooner}, but {listed(costs, 'and')}{of}."
    if other.known < other.turns:
        none = "no more" if other.cut_already else "none"
        return f"{sooner}, and of the {other.known} {known} {none} would have been cut."
    none = "no more turns" if other.cut_already else "no turn"
    return f"{sooner}, and {none}{so_far or ' of this session'} would have been cut."


def _lags(account: Facts) -> Iterator[str]:
    """Say what this machine may have added: at most its longest lag."""
    ours = None if account.send_lag is None else f"our sending at most {_ms(account.send_lag)}"
    servers = None if account.server_lag is None else f"the local server at most {_ms(account.server_lag)}"
    if lags := [each for each in (ours, servers) if each]:
        yield f"Lag of this machine in that time: {', '.join(lags)}."


def _until(part: Part, end_threshold: bool) -> str:  # noqa: FBT001  the only flag there is
    if part.until is Until.THRESHOLD and not end_threshold:
        return _MODEL
    after = f", after {plural(part.resumes, 'resume')}" if part.resumes else ""
    return _UNTIL[part.until] + after


def _ms(seconds: float) -> str:
    return f"{in_text(seconds, Unit.MILLISECONDS)} ms"
