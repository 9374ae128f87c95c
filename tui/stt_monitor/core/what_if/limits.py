"""Turn settings as limits of a likelihood: what a service compares with it, and how long it waits."""

from typing import Self

import msgspec

from stt_monitor.core.settings.requested import Schema, TurnSettings


class Limits(msgspec.Struct, frozen=True):
    """Thresholds of start, eager end and end, by likelihood (0 to 1) and by silence (s). None: no limit."""

    start: float | None
    """A turn starts, or an eager end is resumed, above it."""
    eager_end: float | None
    """Eager end below it."""
    end: float | None
    """End below it."""
    timeout: float | None = None
    """End after so much silence in any case."""
    min_silence: float = 0.0
    """Neither eager end nor end before so much silence."""

    @classmethod
    def of(cls, schema: Schema, settings: TurnSettings) -> Self:
        """Return the limits under these settings; those not set have their published defaults."""
        values = schema.completed(settings)

        def likelihood(state: str) -> float | None:
            setting = schema.threshold(state)
            return None if setting is None or setting.name not in values else setting.likelihood(values[setting.name])

        silence = values.get(schema.min_silence, 0.0)
        timeout = schema.end_timeout_s(settings)
        return cls(likelihood("speaking"), likelihood("eager_end"), likelihood("idle"), timeout, silence / 1000)


def unjudged(schema: Schema, before: TurnSettings, after: TurnSettings) -> str:
    """Return the label of a setting that differs and that no likelihood tells the effect of; empty without one."""
    old, new = schema.completed(before), schema.completed(after)
    silences = (schema.end_timeout, schema.min_silence)
    changed = (each for each in schema.settings if old.get(each.name) != new.get(each.name))
    return next((each.label for each in changed if not each.leads_to and each.name not in silences), "")
