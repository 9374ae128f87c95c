"""Degrading arms: what is done to a recording before it is sent. Their names, amounts and ranges; no sound here."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.records.session import ARRIVAL, SessionRecord
from stt_monitor.core.text.suggestion import did_you_mean

_JOINED: Final = re.compile(r"\+(?=\s*[^\W\d])")
"""Joins arms; in front of a number it is a sign."""
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


class ArmKind(msgspec.Struct, frozen=True):
    """One way to degrade a recording, and the amounts that it takes."""

    name: str
    meaning: str
    """What it does, for people."""
    unit: str = ""
    """Unit of the amount; empty: it takes none."""
    low: float = 0.0
    high: float = 0.0
    placeholder: str = ""
    """The amount in usage messages."""

    @property
    def usage(self) -> str:
        """How to write it: `noise:DB`."""
        return f"{self.name}:{self.placeholder}" if self.unit else self.name

    @property
    def range(self) -> str:
        """The amounts: `-20 to 60 dB`."""
        return f"{self.low:g} to {self.high:g} {self.unit}"


KINDS: Final = {
    kind.name: kind
    for kind in (
        ArmKind("phone", "a telephone line: 300 to 3400 Hz, 8 kHz, mu-law"),
        ArmKind("noise", "white noise, so many dB below the speech", "dB", -20, 60, "DB"),
        ArmKind("babble", "other voices, so many dB below the speech", "dB", -20, 60, "DB"),
        ArmKind("gain", "louder or softer", "dB", -60, 60, "DB"),
        ArmKind(
            "clip", "amplified until the peak is so many dB above full scale, and cut off there", "dB", 0, 60, "DB"
        ),
        ArmKind("loss", "packets of 20 ms lost in bursts, silence in their place", "%", 0, 50, "PERCENT"),
        ArmKind("jitter", "frames sent up to so late, in order", "ms", 0, 2000, "MS"),
    )
}
"""All kinds, by name."""


class Arm(msgspec.Struct, frozen=True):
    """A kind of arm, and how much of it."""

    kind: str
    """A name of `KINDS`."""
    amount: float = 0.0
    """In the kind's unit; 0 for one that takes none."""

    @property
    def name(self) -> str:
        """The arm as it is written: `phone`, `noise:10`."""
        return f"{self.kind}:{self.amount:g}" if KINDS[self.kind].unit else self.kind

    @property
    def title(self) -> str:
        """The arm for people: `phone`, `noise 10 dB`."""
        unit = KINDS[self.kind].unit
        return f"{self.kind} {self.amount:g} {unit}" if unit else self.kind


def parse_arms(texts: Iterable[str]) -> tuple[Arm, ...]:
    """Parse arms such as `phone` and `noise:10`; a unit may follow the amount.

    Raises:
        InputError: one is not known, or its amount is missing, no number, or out of range.
    """
    return tuple(map(_parse, texts))


def arms_of(session: SessionRecord) -> str:
    """Return what was done to a session's audio, for people: `phone, noise 10 dB`; empty for clean audio."""
    return "" if session.degraded is msgspec.UNSET else ", ".join(map(arm_title, session.degraded))


def sound_of(session: SessionRecord, between: str = " · ") -> str:
    """Return a session's source, its degradation and its anchor: `talk.wav · phone, noise 10 dB`.

    Not sanitized.
    """
    anchor = "timed at its arrival" if session.anchor == ARRIVAL else ""
    return between.join(filter(None, (session.source, arms_of(session), anchor)))


def parse_chain(text: str) -> tuple[Arm, ...]:
    """Parse arms that are applied one after another, such as `phone+noise:10`; none of an empty text.

    Raises:
        InputError: as `parse_arms`.
    """
    return parse_arms(_JOINED.split(text)) if text else ()


def chain_name(arms: Iterable[Arm]) -> str:
    """Return arms that are applied one after another as they are written."""
    return "+".join(arm.name for arm in arms)


def arm_title(name: str) -> str:
    """Return an arm's name for people: `noise 10 dB` for `noise:10`; the name itself where it is not known."""
    try:
        return _parse(name).title
    except InputError:  # of a recording that another version made
        return name


def _parse(text: str) -> Arm:
    name, colon, amount = text.strip().partition(":")
    kind = KINDS.get(name.strip().lower())
    if kind is None:
        known = ", ".join(each.usage for each in KINDS.values())
        raise InputError(f"--degrade {text}: there is no such arm{did_you_mean(name, KINDS)} (known: {known})")
    if not kind.unit:
        if colon:
            raise InputError(f"--degrade {text}: {kind.name} takes no amount: give --degrade {kind.name}")
        return Arm(kind.name)
    if not amount.strip():
        raise InputError(f"--degrade {text}: how much? Give {kind.usage}, from {kind.range}")
    number = amount.strip().lower().removesuffix(kind.unit.lower()).strip()
    if _NUMBER.fullmatch(number) is None or not kind.low <= float(number) <= kind.high:
        raise InputError(f"--degrade {text}: give {kind.usage}, a number from {kind.range}")
    return Arm(kind.name, float(number) + 0.0)  # no -0
