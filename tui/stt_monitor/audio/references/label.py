"""Labels, whatever file format they come from."""

import re
from typing import Final

import msgspec

_AGENTS: Final = re.compile(r"\s*agent\s*:", re.IGNORECASE)
_PAUSE: Final = re.compile(r"\s*[\[(<]?\s*pause\s*[\])>]?\s*", re.IGNORECASE)


class Label(msgspec.Struct, frozen=True):
    """An utterance: its words and, where the file has them, its start and end in seconds."""

    text: str = ""
    start: float | None = None
    end: float | None = None
    pauses: tuple[tuple[float, float], ...] = ()
    """Pauses within it, start and end in seconds."""
    speaker: str = ""
    """Who says it, where the file has a place for that."""

    @property
    def is_agents(self) -> bool:
        """Whether the agent says it, not the caller: by its speaker, or as its text begins, `agent: one moment`."""
        return self.speaker.strip().casefold() == "agent" or _AGENTS.match(self.text) is not None

    @property
    def is_point(self) -> bool:
        """Whether it marks a moment: it has no duration."""
        return self.start is not None and self.start == self.end

    @property
    def is_pause(self) -> bool:
        """Whether its text says that it marks a pause: `pause`, `[pause]`."""
        return _PAUSE.fullmatch(self.text) is not None


class LabelledRecording(msgspec.Struct, frozen=True):
    """The labels of one recording."""

    labels: tuple[Label, ...]
    file: str | None = None
    """File name of the recording; None where the format does not have it."""


class FormatError(Exception):
    """The file looks like a format but is not valid; the message says where."""
