"""Help: keys, states, metrics and marks."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen

from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.percentiles import MIN_N, MIN_N_FOR_P95
from stt_monitor.core.text.wording import CUT_OFF, NO_VALUE
from stt_monitor.core.why.words import MEANINGS
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import Page
from stt_monitor.ui.toolkit.wrapping import wrap
from stt_monitor.ui.widgets.key_line import KeyLine

NAME_CELLS: Final = 18
"""Cells for a term, before its explanation."""

STATES: Final = (
    ("○ idle", "no turn is open"),
    ("● speaking", "a turn has started"),
    ("◐ eager end", "the turn may be over: its text is a guess until it ends or resumes"),
)

FACTS: Final = (
    ("eager ends", "times that the service signalled a possible end of the turn"),
    ("resumes", "eager ends that turn.resume revoked"),
    ("wasted replies", "eager ends that were resumed, or whose text is not the final one"),
    ("guess text", "text at the confirmed eager end, compared with the final text"),
    ("cut off", CUT_OFF),
    ("pause survived", "the longest pause inside the turn that did not end it"),
    ("pause cut", "the pause inside the turn that ended it: a cut-off"),
    ("spurious", "the service ended the turn, and it has no reference speech"),
)
"""Details of a turn other than its metrics."""

STATISTICS: Final = (
    ("n", "turns that count: not the first of a connection (1st*), no slow ones, none that the service did not end"),
    ("p50 p90 p95", f"50, 90, 95 % of them are at most this; grey below {MIN_N} turns; p95 needs {MIN_N_FOR_P95}"),
    ("max", "the most of them"),
    ("█ ▅ ▂", "how the chosen metric spreads over them, from the least to the most"),
)
"""Footer of the table of turns."""

MARKS: Final = (
    (NO_VALUE, "the anchors of this metric are missing or contradictory"),
    ("…", "not known yet: speech detection lags behind the audio"),
    ("~cut, cut", CUT_OFF),
    ("*, 1st*", "first turn of a connection: summaries exclude it, because services warm up"),
    ("slow", "this machine, its network or the client held it up by over 0.3 s: summaries exclude it"),
    ("dangling", "the turn never ended: the connection was lost, or another turn began"),
    (
        ".8 .6 .3 5600",
        f"settings in short: start, eager end and end thresholds, timeout in ms; {NO_VALUE} is the server's default",
    ),
    ("rtt", "round trip of the last websocket ping, or the age of an unanswered one once that is more"),
    ("lag", "how late the newest audio was sent; part of every latency"),
    ("server lag", "audio that the local server has received but not processed"),
    ("unconfirmed", "audio that the service may not have received: no ping has been answered since"),
    ("dB", "level of the newest audio; 0 is full scale, where it clips"),
    ("confirmed", "share of the eager ends that were confirmed, of those confirmed or resumed"),
)


class HelpScreen(Modal):
    """The help overlay."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(
        [KeyGroup("close", (Key("escape,question_mark,f1,enter", "Close", "dismiss", footer=0),))]
    )

    def __init__(self, screen: Screen[object]) -> None:
        """Explain a screen, its focused widget first."""
        super().__init__()
        self._part = _part_help(screen)

    def compose(self) -> ComposeResult:
        """Lay out the help."""
        with VerticalScroll(id="help") as box:
            box.border_title = "Help"
            box.border_subtitle = "Escape closes"
            yield HelpText(self._part)
        yield KeyLine()


class HelpText(Page):
    """The help, broken into lines of the window's width."""

    def __init__(self, part: Section | None) -> None:
        super().__init__()
        self._part = part

    def all_lines(self, width: int) -> list[Content]:
        """Break the help into lines."""
        return help_lines(width, self._part)


def help_lines(width: int, part: Section | None = None) -> list[Content]:
    """Return the help in lines of `width` cells, beginning with the section of a widget."""
    metrics = tuple((metric.heading, f"{metric.meaning} ({metric.key})") for metric in TURN_METRICS)
    sections: list[Section] = [
        ("Keys", tuple(keys_and_meanings())),
        ("Turn states", STATES),
        ("Metrics of a turn, in ms", metrics),
        ("Of a turn, in its details", FACTS),
        ("Why a turn ended, in a word", tuple((word.value, meaning) for word, meaning in MEANINGS.items())),
        ("Statistics of turns", STATISTICS),
        ("Marks", MARKS),
    ]
    lines: list[Content] = []
    for title, entries in [*([part] if part else []), *sections]:
        lines += [Content(""), Content.assemble((title, ".headline"))]
        for name, meaning in entries:
            for number, (start, stop) in enumerate(wrap(meaning, width - NAME_CELLS)):
                left = f"  {name}" if number == 0 else ""
                lines.append(Content.assemble((f"{left:<{NAME_CELLS}}", "bold"), meaning[start:stop]))
    return lines[1:]


def _part_help(screen: Screen[object]) -> Section | None:
    """Return the help of the focused widget, or of the nearest one around it."""
    for node in screen.focused.ancestors_with_self if screen.focused is not None else (screen,):
        section: Section | None = getattr(node, "ABOUT", None)
        if section is not None:
            return section
    return None
