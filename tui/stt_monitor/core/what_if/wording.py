"""Says in a line what other settings would have done."""

from typing import Final

from stt_monitor.core.metrics.units import Unit, format_value, in_unit
from stt_monitor.core.text.wording import DERIVED, plural
from stt_monitor.core.what_if.session import Change, WhatIf

MINUS: Final = "\N{MINUS SIGN}"


def in_words(found: WhatIf) -> str:
    """Return what turns would have been, and of how many that can be told; empty where there is no turn to judge."""
    known, unknown = len(found.known), sum(found.unknown.values())
    if not known:
        return f"cannot tell: {next(iter(found.unknown))}" if unknown else ""
    turns = f"{known} of {plural(known + unknown, 'turn')}" if unknown else plural(known, "turn")
    return f"would have been: {', '.join(_parts(found))} ({turns})"


def shift_in_words(seconds: float) -> str:
    """Return a difference with its sign and unit; `the same` for none."""
    text = format_value(in_unit(abs(seconds), Unit.MILLISECONDS), Unit.MILLISECONDS)
    return "the same" if text == "0" else f"{MINUS if seconds < 0 else '+'}{text} ms"


def _parts(found: WhatIf) -> list[str]:
    of = "" if found.eot.n == len(found.known) else f" (n {found.eot.n})"
    about = DERIVED if found.coarse else ""
    parts = [f"eot p50 {about}{shift_in_words(found.eot.difference)}{of}"] if found.eot.n else []
    if not found.eot.n and found.median_later is not None:
        parts.append(f"turn.end {about}{shift_in_words(found.median_later)}")
    if found.judges_cut_offs:
        parts.append(("" if found.exact else DERIVED) + _more(found.cut_offs, "cut-off"))
    if found.splits_besides:
        parts.append(f"{plural(found.splits_besides, 'turn')} split")
    if found.eager.n and found.eager.difference:
        parts.append(f"eager p50 {shift_in_words(found.eager.difference)}")
    if found.resumes.difference:
        parts.append(_more(found.resumes, "resume"))
    return parts


def _more(change: Change, noun: str) -> str:
    difference = round(change.difference)
    return plural(abs(difference), f"{'fewer' if difference < 0 else 'more'} {noun}")
