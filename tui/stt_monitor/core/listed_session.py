"""Saved sessions as lists of them show them. Pure."""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from stt_monitor.core.metrics.percentiles import MIN_N
from stt_monitor.core.metrics.session_result import SessionResult, in_ms
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.text.wording import NO_VALUE

_NONE = SessionResult()
_OF_ITSELF: Final = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")
"""Beginning of a name that nobody gave."""


def given_name(name: str) -> str:
    """Return a saved session's given name; empty if it is named by its time."""
    return "" if _OF_ITSELF.match(name) else name


class ListedService(msgspec.Struct, frozen=True):
    """What a saved session came to with one service."""

    service: str
    """Its name."""
    session: SessionRecord
    turns: int | None
    """None when the program was killed during it, or while it goes on."""
    result: SessionResult | None
    """None as `turns`, and in recordings from before there was one."""

    @property
    def said(self) -> str:
        """Its name, and whether the local server spoke for it."""
        return f"{self.service} (local)" if self.session.server else self.service

    @property
    def eot(self) -> str:
        """Median of `eot_latency`, ms."""
        return in_ms((self.result or _NONE).eot_p50_s)

    @property
    def cutoffs(self) -> str:
        """Number of cut-offs, `~` before it where it is a proxy."""
        return (self.result or _NONE).cutoffs


class RecordingInfo(msgspec.Struct, frozen=True):
    """Description of a saved session. Its texts are not sanitized."""

    name: str
    path: str
    """Its folder, by which it is opened: a name may mean something else where the program runs."""
    source: str
    started_at: str
    """RFC 3339."""
    turns: int | None
    """None when the program was killed during it."""
    seconds: float | None
    problem: str = ""
    """Why it cannot be opened; then only its folder is known."""
    growing: bool = False
    """Whether a program is still recording it."""
    lanes: tuple[tuple[str, int | None], ...] = ()
    """Of services side by side the names, and the turns of each as in `turns`, which then is that of the first."""
    by_service: tuple[ListedService, ...] = ()
    """What came of it with each service; empty where it cannot be opened."""

    @property
    def services(self) -> str:
        """The services that heard it."""
        return self.each(lambda one: one.said)

    def each(self, text: Callable[[ListedService], str]) -> str:
        """Return a text of each service, in their order; those of one service are the text alone."""
        return "/".join(map(text, self.by_service)) or NO_VALUE

    @property
    def is_small(self) -> bool:
        """Whether a median of it is that of fewer values than percentiles need."""
        return any(0 < (one.result or _NONE).eot_n < MIN_N for one in self.by_service)
