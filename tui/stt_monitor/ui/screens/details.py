"""Overlay with the details of a turn: why it ended when it did, its text, metrics, events and their anchors."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE, NOT_APPLICABLE
from stt_monitor.core.turns.turn import Turn
from stt_monitor.core.why.account import Account, account_of
from stt_monitor.core.why.others import Others
from stt_monitor.services.registry import schema_of
from stt_monitor.ui.drawing.turn_events import Row, begun, event_rows
from stt_monitor.ui.drawing.waterfall import waterfall
from stt_monitor.ui.formatting import figure, settings_in_full
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import Page
from stt_monitor.ui.toolkit.wrapping import wrap
from stt_monitor.ui.widgets.key_line import KeyLine

_NAME: Final = 16
"""Cells for a name."""
_VALUE: Final = 9
"""Cells for a time in milliseconds and its unit."""

_COLUMN: Final = 30
"""Cells for a metric: its name, its value, and space around them."""

_KEYS: Final = (
    KeyGroup("copy the text of the turn", (Key("y", "Copy", "copy", footer=1),)),
    KeyGroup("close", (Key("escape,enter", "Close", "dismiss", footer=0),)),
)

_JUDGED_AFTER_S: Final = 0.2
_LONGEST_WORD: Final = 100
_LONGEST_TEXT: Final = 5000
"""Characters shown of a text; the transcript shows all."""


class DetailsScreen(Modal):
    """The details overlay."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = ("Details", tuple(keys_and_meanings(_KEYS)))

    def __init__(self, finished: FinishedTurn, snapshot: Snapshot) -> None:
        """Show a turn of a session."""
        super().__init__()
        self._finished = finished
        self._snapshot = snapshot

    def compose(self) -> ComposeResult:
        """Lay out the details."""
        with VerticalScroll(id="details") as box:
            box.border_title = f"Turn {self._finished.turn.number}"
            box.border_subtitle = "y copies its text · Escape closes"
            yield DetailsText(self._finished, self._snapshot)
        yield KeyLine()

    def action_copy(self) -> None:
        """Copy the turn's text."""
        self.app.copy_to_clipboard(self._finished.turn.transcript)
        self.notify(f"Turn {self._finished.turn.number} copied", timeout=2, markup=False)


class DetailsText(Page):
    """The details, broken into lines of the window's width."""

    def __init__(self, finished: FinishedTurn, snapshot: Snapshot) -> None:
        super().__init__()
        self._finished = finished
        self._snapshot = snapshot
        self._schema = schema_of(snapshot.session)
        self._account = account_of(finished, self._schema)
        if not snapshot.likelihood:  # then nothing is to be judged
            self._account = account_of(finished, self._schema, Others(snapshot, self._schema).of)
        self._broken: tuple[int, list[Content]] = (0, [])

    def on_mount(self) -> None:
        """Judge the session under other settings, unless the user goes on to another turn: that takes a moment."""
        if self._account.parts and self._snapshot.likelihood:
            self.set_timer(_JUDGED_AFTER_S, self._judge_others)

    def _judge_others(self) -> None:
        self._account = account_of(self._finished, self._schema, Others(self._snapshot, self._schema).of)
        self._broken = (0, [])
        self.rewrite()

    def all_lines(self, width: int) -> list[Content]:
        """Break the details into lines, once per width: a layout asks several times."""
        if self._broken[0] != width:
            self._broken = width, details_lines(self._finished, self._schema, width, self._account)
        return self._broken[1]


def details_lines(finished: FinishedTurn, schema: Schema, width: int, account: Account | None = None) -> list[Content]:
    """Return the details in lines of `width` cells.

    Args:
        finished: the turn.
        schema: of its service's settings.
        width: cells.
        account: why it ended when it did; None: without what other settings would have done.
    """
    lines = _why_lines(finished, account_of(finished, schema) if account is None else account, width)
    text, more = begun(finished.turn.transcript, _LONGEST_TEXT)
    lines += [Content(""), *(Content(piece) for piece in _broken(text or "(no words)", width))]
    if more:
        lines += [Content.assemble((piece, ".warn")) for piece in _broken(f"{more}: y copies all", width)]
    lines += [Content(""), Content.assemble(("Metrics", ".headline"), (" · ? has their definitions", ".label"))]
    lines += _in_columns(_metric_cells(finished), width)
    sections = [("", _in_full(finished, schema)), ("What happened", event_rows(finished))]
    if words := _word_rows(finished):
        sections.append(("Words, by the service: seconds of audio, confidence", words))
    for title, rows in sections:
        lines += [Content(""), Content.assemble((title, ".headline"))] if title else []
        for name, value, meaning in rows:
            pieces = _broken(meaning, width - _NAME - _VALUE - 2)
            head = Content.assemble((f"  {name:<{_NAME - 2}}", "bold"), f"{value:>{_VALUE}}  ")
            lines.append(Content.assemble(head, pieces[0]))
            lines += [Content(" " * (_NAME + _VALUE + 2) + piece) for piece in pieces[1:]]
    return lines


def _why_lines(finished: FinishedTurn, account: Account, width: int) -> list[Content]:
    """Return the equation, the waterfall and the sentences."""
    first = f"{account.word}: {account.equation}" if account.equation else account.word
    lines = [Content.assemble((piece, ".headline")) for piece in _broken(first, width)]
    if drawn := waterfall(finished, account, width):
        lines += [Content(""), *drawn, Content("")]
    for sentence in account.sentences:
        lines += [Content(piece) for piece in _broken(sentence, width)]
    return lines


def _in_columns(pairs: Sequence[tuple[str, str]], width: int) -> list[Content]:
    """Set names and values in as many columns as fit."""
    columns = max(1, width // _COLUMN)
    height = -(-len(pairs) // columns)
    lines = []
    for row in range(height):
        pieces: list[str | tuple[str, str]] = []
        for name, value in pairs[row::height]:
            pieces += [(f"  {name}", "bold"), f"{value:>{_COLUMN - len(name) - 4}}  "]
        lines.append(Content.assemble(*pieces))
    return lines


def _broken(text: str, width: int) -> list[str]:
    return [text[start:stop] for start, stop in wrap(text, width)]


def _metric_cells(finished: FinishedTurn) -> list[tuple[str, str]]:
    """Return the name of every metric and its value."""
    figures, marks = finished.metrics, finished.marks
    rows: list[tuple[str, str]] = []
    for metric in marks.worth_showing(TURN_METRICS):
        value = getattr(figures, metric.key)
        text = figure(metric, value, marks, pending=figures.pending)
        rows.append((metric.label, text if value is None else text + metric.unit.suffix))
    match = figures.eager_text_match.value if figures.eager_text_match else marks.sign(METRICS["eager_ends"], None)
    eager_ends, resumes = (
        NOT_APPLICABLE if name in marks.absent else str(getattr(figures, name)) for name in ("eager_ends", "resumes")
    )
    wasted = figure(METRICS["wasted_replies"], figures.wasted_replies, marks)
    survived = _length("pause_survived_max", figures.pause_survived, marks)
    cut = _length("pause_cut_min", figures.pause_cut, marks)
    first = finished.turn.first_of_connection
    return [
        *rows,
        ("eager ends", eager_ends),
        ("resumes", resumes),
        ("wasted replies", wasted),
        ("guess text", match),
        ("cut off", _yes_no(figures.false_cutoff)),
        ("pause survived", survived),
        ("pause cut", cut),
        ("spurious", _yes_no(figures.spurious)),
        ("slow", _yes_no(figures.slow)),
        ("first", _yes_no(first)),
    ]


def _in_full(finished: FinishedTurn, schema: Schema) -> list[Row]:
    """Return what has a text for a value."""
    languages = _languages(finished.turn)
    return [
        ("settings", "", settings_in_full(schema, finished.turn.settings)),
        *([("languages", "", languages)] if languages else []),
    ]


def _length(name: str, seconds: float | None, marks: Marks) -> str:
    metric = METRICS[name]
    return figure(metric, seconds, marks) + ("" if seconds is None else metric.unit.suffix)


def _languages(turn: Turn) -> str:
    """Return the languages that the service detected, each with its confidence."""
    return ", ".join(
        clean(each.language) + (f" {each.confidence:.2f}" if each.confidence is not None else "")
        for each in turn.languages
    )


def _word_rows(finished: FinishedTurn) -> list[Row]:
    """Return the words of a turn as the service timed them: seconds of audio, confidence, word."""
    return [
        (
            "–".join(f"{at:.2f}" for at in (word.start, word.end) if at is not None),
            "" if word.confidence is None else f"{word.confidence:.2f}",
            clean(word.text)[:_LONGEST_WORD] + ("" if word.settled else " (may still change)"),
        )
        for word in finished.turn.words
    ]


def _yes_no(fact: bool | None) -> str:  # noqa: FBT001 - True, False or unknown, to be worded
    return NO_VALUE if fact is None else "yes" if fact else "no"
