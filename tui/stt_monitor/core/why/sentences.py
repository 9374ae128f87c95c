"""Says an account in words. Every number in them is a field of it."""

from collections.abc import Iterator, Sequence
from typing import Final

from stt_monitor.core.metrics.units import Unit, format_value, in_unit
from stt_monitor.core.text.wording import plural
from stt_monitor.core.why.facts import Facts
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
_ALONE: Final = (Word.SPURIOUS, Word.SLOW, Word.CLOSED, Word.MANUAL, Word.DANGLING)
"""Words whose meaning is the whole account."""


def equation(parts: Sequence[Part], *, end_threshold: bool) -> str:
    """Say how parts add up: `1444 ms = 773 until the eager end + 671 until the end threshold`.

    Args:
        parts: of an end-of-turn latency, in order.
        end_threshold: whether the service has a threshold for the end.
    """
    if not parts:
        return ""
    total = sum(part.shown_ms for part in parts)
    if len(parts) == 1:
        return f"{total} ms until {_until(parts[0], end_threshold)}"
    again = False
    pieces = []
    for part in parts:
        until = _until(part, end_threshold)
        if part.until is Until.EAGER_END:
            until, again = until.replace("the", "the next", 1) if again else until, True
        pieces.append(f"{part.shown_ms} until {until}")
    return f"{total} ms = {' + '.join(pieces)}"


def sentences(account: Facts) -> tuple[str, ...]:
    """Say what else is to be said, the most important first."""
    return tuple(_sentences(account))


def _sentences(account: Facts) -> Iterator[str]:
    if account.why in _ALONE:
        yield f"{MEANINGS[account.why].capitalize()}."
        return
    if account.why is Word.CUT:
        yield _cut(account)
    yield from _reason(account)
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
    if account.first:
        yield "First turn of its connection: summaries exclude it, because services warm up."


def _cut(account: Facts) -> str:
    pause = "" if account.pause_cut is None else f", in a pause of {_ms(account.pause_cut)}"
    if account.speech_back is not None:
        return f"A cut-off: speech came back {account.speech_back:.1f} s later{pause}."
    return f"A cut-off: it ended while speech went on{pause and pause.replace(', in', ', after')}."


def _reason(account: Facts) -> Iterator[str]:
    timeout = "" if account.timeout is None else f" of {_ms(account.timeout)}"
    if account.why is Word.TIMEOUT and account.told:
        yield f"The service says that it waited for its timeout{timeout}."
    elif account.why is Word.TIMEOUT:
        yield f"The timeout is a guess: the service does not say why, and its timeout{timeout} had passed."
    elif account.why is Word.UNKNOWN:
        yield "Nothing tells when speech ended, so nobody knows how long it took."
    elif account.told is False and account.timeout is not None:
        yield f"That it was no timeout is a guess: the service does not say, and its timeout is {_ms(account.timeout)}."


def _until(part: Part, end_threshold: bool) -> str:  # noqa: FBT001  the only flag there is
    if part.until is Until.THRESHOLD and not end_threshold:
        return _MODEL
    after = f", after {plural(part.resumes, 'resume')}" if part.resumes else ""
    return _UNTIL[part.until] + after


def _ms(seconds: float) -> str:
    return f"{format_value(in_unit(seconds, Unit.MILLISECONDS), Unit.MILLISECONDS)} ms"
