"""What all formats come to."""

import msgspec


class Label(msgspec.Struct, frozen=True):
    """Something that is said: its words, and from when to when, in seconds, where the file tells."""

    text: str = ""
    start: float | None = None
    end: float | None = None
    pauses: tuple[tuple[float, float], ...] = ()
    """Stretches of silence within it, seconds."""

    @property
    def is_point(self) -> bool:
        """Whether this marks a moment: nothing is said in no time."""
        return self.start is not None and self.start == self.end


class Labelled(msgspec.Struct, frozen=True):
    """What is said in one recording."""

    labels: tuple[Label, ...]
    file: str | None = None
    """Name of the recording; None where the format has no place for it."""


class FormError(Exception):
    """The text begins as a format does, and is none; the message says where."""
