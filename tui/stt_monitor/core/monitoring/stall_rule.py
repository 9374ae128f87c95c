"""Decides whose fault a stall is (stalls.md 2). Pure: all that it knows is given.

What the line, this machine or its client caused is never charged to the service; where that is not known, it says so.
"""

from typing import Final

from stt_monitor.core.sound.slowness import SLOW_S
from stt_monitor.core.stall import Blame, Evidence

HELD_S: Final = 3.0
"""Seconds after which a line that takes no audio is stuck, with or without speech."""

UNANSWERED_S: Final = 2.0
"""Seconds after which a ping counts as unanswered."""

UNACKNOWLEDGED_S: Final = 1.0
"""More audio than this is on its way to the other end of the line only if something is wrong."""

UNCONFIRMED_S: Final = 1.0
"""Audio since the last answered ping, above which it is not known whether the service has it."""

Verdict = tuple[Blame, str]
"""Whose fault it is, and a sentence with the evidence."""


def judge(known: Evidence) -> Verdict:
    """Return whose fault it is. Line and machine come first: their delays are not the service's fault."""
    for rule in (_line, _machine, _service):
        if (verdict := rule(known)) is not None:
            return verdict
    return Blame.UNKNOWN, f"{_silence(known)}: cannot tell why, for no ping was answered since"


def excuses(known: Evidence) -> bool:
    """Return whether line, machine or unanswered pings excuse the service now, however long that lasts."""
    return _line(known) is not None or _machine(known) is not None or _does_not_answer(known)


def _line(known: Evidence) -> Verdict | None:
    unacknowledged = known.unacknowledged_s or 0.0
    if known.held_s >= HELD_S:
        return Blame.LINE, f"the line is stuck: {known.waiting_s + unacknowledged:.1f} s of audio wait in our socket"
    if unacknowledged > UNACKNOWLEDGED_S:
        said = f"{unacknowledged:.1f} s of audio wait in our socket, not acknowledged by the other end"
        return Blame.LINE, f"the line is stuck: {said}"
    return None


def _machine(known: Evidence) -> Verdict | None:
    if known.send_lag_s > SLOW_S:
        late = f"we send late, by {known.send_lag_s:.1f} s"
    elif known.server_lag_s is not None and known.server_lag_s > SLOW_S:
        late = f"the local server is {known.server_lag_s:.1f} s behind"
    else:
        return None
    return Blame.MACHINE, f"{late}: this machine is too slow; {_silence(known)}"


def _service(known: Evidence) -> Verdict | None:
    service = "the local server" if known.local else "the service"
    if _does_not_answer(known):
        # A proxy may acknowledge the audio: cannot tell whether it or the service is stuck.
        reached = ", though the other end of the line has all audio" if known.unacknowledged_s is not None else ""
        pings = f"{service} does not answer pings, for {known.unanswered_s:.1f} s now{reached}"
        return Blame.UNKNOWN, f"{pings}: cannot tell it from the line; {_silence(known)}"
    if known.confirmed_s is not None and known.sent_s - known.confirmed_s <= UNCONFIRMED_S:
        silent = f"{service} is silent: it answers pings and took all audio, but sent {_silence(known)}"
        if known.doubtful:
            return Blame.UNKNOWN, f"{silent}; the audio was degraded or looks wrong: cannot tell whether it hears it"
        return Blame.SERVICE, silent
    return None


def _does_not_answer(known: Evidence) -> bool:
    return (known.unanswered_s or 0.0) >= UNANSWERED_S


def _silence(known: Evidence) -> str:
    return f"no event for {known.speech_s:.1f} s of speech"
