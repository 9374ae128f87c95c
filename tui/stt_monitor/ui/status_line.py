"""One line on sound, service and connection: the richest of several wordings that fits."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import ceil
from typing import Final

from textual.content import Content

from stt_monitor.core.choices import SourceKind
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text import clean
from stt_monitor.ui.lines import Lines
from stt_monitor.ui.wording import (
    CONNECTION_GLYPHS,
    CONNECTION_STYLES,
    clock,
    host,
    lit,
    milliseconds,
    quiet_word,
    richest,
)

_METER_FLOOR_DB: Final = -60.0
"""The level at which the meter begins."""
_CLIPPING_DB: Final = -0.1
"""A peak above this has been clipped, or is about to be."""
_LONG_QUEUE_S: Final = 0.5
"""More audio than this does not wait to be sent where all is well."""
_HIGH_LAG_S: Final = 0.25
"""A send lag above this is no longer a small part of the latencies that are measured."""
_SEPARATOR: Final = Content.assemble((" │ ", ".faint"))

Wording = Callable[[Snapshot], Content]


class StatusLine(Lines):
    """The status line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._snapshot = self._snapshot, snapshot
        if old is None or _said(old) != _said(snapshot):
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        if self._snapshot is None:
            return [Content.assemble((" no session yet", ".faint")).truncate(width)]
        return [status(self._snapshot, width)]


def _said(snapshot: Snapshot) -> object:
    """Return all that the line depends on."""
    waiting = _wait(snapshot)
    return (snapshot.session, snapshot.connection, snapshot.audio, snapshot.health, snapshot.recording, waiting)


def status(snapshot: Snapshot, width: int) -> Content:
    """Return the status in at most `width` cells."""
    return richest((_joined(part(snapshot) for part in parts) for parts in _WORDINGS), width)


def meter(level_db: float | None, cells: int) -> Content:
    """Return a level as a bar of so many cells."""
    if level_db is None:
        return Content.assemble(("▯" * cells, ".faint"))
    full = round(min(1.0, max(0.0, 1 - level_db / _METER_FLOOR_DB)) * cells)
    return Content.assemble(
        ("▮" * full, ".bad" if level_db > _CLIPPING_DB else ".good"), ("▯" * (cells - full), ".faint")
    )


def _joined(parts: Iterable[Content]) -> Content:
    return Content(" ") + _SEPARATOR.join([part for part in parts if part])


def _connection(snapshot: Snapshot, *, word: bool) -> Content:
    state = snapshot.connection
    text = CONNECTION_GLYPHS[state] + (f" {state.value}" if word else "") + _wait(snapshot)
    return Content.assemble((text, CONNECTION_STYLES[state]))


def _wait(snapshot: Snapshot) -> str:
    """Say which attempt to connect is waited for, and for how many seconds."""
    retry = snapshot.retry
    if retry is None:
        return ""
    return f" {retry.attempt}/{retry.attempts} in {max(0, ceil(retry.at - snapshot.at))} s"


def _source(snapshot: Snapshot, *, cells: int) -> Content:
    return Content(clean(snapshot.session.source)).truncate(cells, ellipsis=True)


def _progress(snapshot: Snapshot, *, bar: int, tenths: bool) -> Content:
    audio = snapshot.audio
    position, duration = audio.played if audio.kind is SourceKind.FILE else audio.position, audio.duration
    at = clock(position, tenths=tenths)
    if not duration:
        return Content(at)
    done = min(bar, int(position / duration * bar))
    text = f"{at}/{clock(duration, tenths=tenths)}"
    if not bar:
        return Content(text)
    return Content.assemble(text, " ", ("━" * done, ".progress"), ("─" * (bar - done), ".faint"))


def _level(snapshot: Snapshot, *, cells: int, number: bool) -> Content:
    if snapshot.audio.quiet and snapshot.running:
        return lit(f" ‖ {quiet_word(snapshot.audio)} ", ".warn")
    level = snapshot.audio.level_db
    bar = meter(level, cells) if cells else Content("")
    if not number:
        return bar
    if level is not None and level > _CLIPPING_DB:
        return Content.assemble(bar, " " if cells else "", (f"{'CLIP':>6}", ".bad"))
    text = f"{max(level, -99.0):>3.0f} dB" if level is not None else "  – dB"
    return Content.assemble(bar, " " if cells else "", (text, ".label"))


def _model(snapshot: Snapshot) -> Content:
    return Content(clean(snapshot.session.model)).truncate(20, ellipsis=True)


def _host(snapshot: Snapshot) -> Content:
    return Content(host(snapshot.session.url)).truncate(28, ellipsis=True)


def _lag(snapshot: Snapshot) -> Content:
    if snapshot.health.send_lag > _HIGH_LAG_S:
        return Content("")  # it is among the troubles
    return Content.assemble(("lag ", ".label"), f"{milliseconds(snapshot.health.send_lag)} ms")


def _round_trip(snapshot: Snapshot) -> Content:
    if snapshot.health.round_trip is None:
        return Content("")
    return Content.assemble(("rtt ", ".label"), f"{milliseconds(snapshot.health.round_trip)} ms")


def _recording(snapshot: Snapshot) -> Content:
    kept = snapshot.recording is not None and not snapshot.recording.stopped
    return Content.assemble(("● rec", ".label")) if kept else Content("")


def _troubles(snapshot: Snapshot) -> list[str]:
    """Return what is or was wrong with the sound on its way and with its recording, the gravest first."""
    health = snapshot.health
    unrecorded = snapshot.recording.stopped if snapshot.recording is not None else ""
    said = (
        (health.dropped_s > 0, f"dropped {health.dropped_s:.1f} s"),
        (health.overruns > 0, f"overruns {health.overruns}"),
        (bool(unrecorded), f"not recorded: {clean(unrecorded)}"),
        (health.waiting_s > _LONG_QUEUE_S, f"waiting {health.waiting_s:.1f} s"),
        (health.send_lag > _HIGH_LAG_S, f"lag {milliseconds(health.send_lag)} ms"),
        (health.unconfirmed_s > 0, f"unconfirmed {health.unconfirmed_s:.1f} s"),
        (health.resent_s > 0, f"sent again {health.resent_s:.1f} s"),
        (health.clipped > 0, f"clipped {health.clipped}"),
        (health.reconnects > 0, f"reconnects {health.reconnects}"),
    )
    return [words for wrong, words in said if wrong]


def _trouble(snapshot: Snapshot) -> Content:
    return Content.assemble((", ".join(_troubles(snapshot)), ".bad"))


def _worst(snapshot: Snapshot) -> Content:
    first, *others = _troubles(snapshot) or [""]
    return Content.assemble((f"{first} +{len(others)}" if others else first, ".bad"))


_WORD: Final = partial(_connection, word=True)
_GLYPH: Final = partial(_connection, word=False)
_LONG_TIME: Final = partial(_progress, bar=14, tenths=True)
_BAR_TIME: Final = partial(_progress, bar=8, tenths=False)
_TIME: Final = partial(_progress, bar=0, tenths=False)
_LONG_LEVEL: Final = partial(_level, cells=10, number=True)
_SHORT_LEVEL: Final = partial(_level, cells=5, number=True)
_BARE_LEVEL: Final = partial(_level, cells=5, number=False)
_LONG_SOURCE: Final = partial(_source, cells=32)
_SOURCE: Final = partial(_source, cells=20)
_SHORT_SOURCE: Final = partial(_source, cells=12)

_WORDINGS: Final[tuple[tuple[Wording, ...], ...]] = (
    (_WORD, _trouble, _recording, _LONG_SOURCE, _LONG_TIME, _LONG_LEVEL, _model, _host, _lag, _round_trip),
    (_WORD, _trouble, _recording, _LONG_SOURCE, _LONG_TIME, _LONG_LEVEL, _model, _host, _lag),
    (_WORD, _trouble, _recording, _SOURCE, _BAR_TIME, _LONG_LEVEL, _model, _host, _lag),
    (_WORD, _trouble, _recording, _SOURCE, _BAR_TIME, _SHORT_LEVEL, _model, _host, _lag),
    (_WORD, _trouble, _recording, _SHORT_SOURCE, _TIME, _BARE_LEVEL, _model, _host, _lag),
    (_WORD, _trouble, _recording, _SHORT_SOURCE, _TIME, _BARE_LEVEL, _host, _lag),
    (_WORD, _trouble, _SHORT_SOURCE, _TIME, _BARE_LEVEL, _lag),
    (_WORD, _trouble, _TIME, _BARE_LEVEL, _lag),
    (_WORD, _trouble, _TIME, _BARE_LEVEL),
    (_WORD, _worst, _TIME, _BARE_LEVEL, _lag),
    (_WORD, _worst, _TIME, _BARE_LEVEL),
    (_WORD, _worst, _TIME),
    (_WORD, _TIME),
    (_GLYPH, _TIME),
    (_GLYPH,),
)
"""The richest first."""
