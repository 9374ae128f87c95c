"""Overlay with the details of a turn: text, metrics, events and their anchors."""

from collections.abc import Iterator
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from stt_monitor.core.events import EagerEnd, TurnEnd, TurnResume, TurnStart
from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.settings import Schema
from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import CUT_OFF, NO_VALUE, NOT_APPLICABLE
from stt_monitor.core.turns.turn import Begin, Turn
from stt_monitor.ui.formatting import MS, clock_ms, figure, milliseconds, settings_in_full
from stt_monitor.ui.key_bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import Page
from stt_monitor.ui.toolkit.wrapping import wrap
from stt_monitor.ui.widgets.key_line import KeyLine

_NAME: Final = 16
"""Cells for a name."""
_VALUE: Final = 9
"""Cells for a time in milliseconds and its unit."""

_KEYS: Final = (
    KeyGroup("copy the text of the turn", (Key("y", "Copy", "copy", footer=1),)),
    KeyGroup("close", (Key("escape,enter", "Close", "dismiss", footer=0),)),
)

_REASONS: Final = {
    "threshold": "the likelihood fell below the end threshold",
    "timeout": "the service waited for its timeout",
    "manual": "the client asked for it, not the service",
    "closed": "our own close ended it, not the service",
    "dangling": "it never ended: the connection was lost, or another turn began",
    "ended": "the service ended it; without reference speech the reason is unknown",
}

_TOLD: Final = {
    "threshold": "its model decided",
    "timeout": "it waited for its timeout",
    "vad": "its voice activity detector found silence",
}
"""What the reasons mean that a service tells."""

_STARTS: Final = {
    Begin.TOLD: "the service started the turn",
    Begin.DERIVED: "derived from the first text: the service sent no start",
}

_LONGEST_WORD: Final = 100
_LONGEST_TEXT: Final = 5000
_LONGEST_EAGER_TEXT: Final = 1000
"""Characters shown of a text, and of a text at an eager end; the transcript shows all."""

Row = tuple[str, str, str]
"""Name, value and meaning."""

_Moment = tuple[float, str, str]
"""Time, seconds of session; name and meaning."""


class DetailsScreen(Modal):
    """The details overlay."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = ("Details", tuple(keys_and_meanings(_KEYS)))

    def __init__(self, finished: FinishedTurn, schema: Schema) -> None:
        super().__init__()
        self._finished = finished
        self._schema = schema

    def compose(self) -> ComposeResult:
        """Lay out the details."""
        with VerticalScroll(id="details") as box:
            box.border_title = f"Turn {self._finished.turn.number}"
            box.border_subtitle = "y copies its text · Escape closes"
            yield DetailsText(self._finished, self._schema)
        yield KeyLine()

    def action_copy(self) -> None:
        """Copy the turn's text."""
        self.app.copy_to_clipboard(self._finished.turn.transcript)
        self.notify(f"Turn {self._finished.turn.number} copied", timeout=2, markup=False)


class DetailsText(Page):
    """The details, broken into lines of the window's width."""

    def __init__(self, finished: FinishedTurn, schema: Schema) -> None:
        super().__init__()
        self._finished = finished
        self._schema = schema
        self._broken: tuple[int, list[Content]] = (0, [])

    def all_lines(self, width: int) -> list[Content]:
        """Break the details into lines, once per width: a layout asks several times."""
        if self._broken[0] != width:
            self._broken = width, details_lines(self._finished, self._schema, width)
        return self._broken[1]


def details_lines(finished: FinishedTurn, schema: Schema, width: int) -> list[Content]:
    """Return the details in lines of `width` cells."""
    text, more = _begun(finished.turn.transcript, _LONGEST_TEXT)
    lines = [Content(piece) for piece in _broken(text or "(no words)", width)]
    if more:
        lines += [Content.assemble((piece, ".warn")) for piece in _broken(f"{more}: y copies all", width)]
    sections = [("Metrics", _metric_rows(finished, schema)), ("What happened", _event_rows(finished))]
    if words := _word_rows(finished):
        sections.append(("Words, by the service: seconds of audio, confidence", words))
    for title, rows in sections:
        lines += [Content(""), Content.assemble((title, ".headline"))]
        for name, value, meaning in rows:
            pieces = _broken(meaning, width - _NAME - _VALUE - 2)
            head = Content.assemble((f"  {name:<{_NAME - 2}}", "bold"), f"{value:>{_VALUE}}  ")
            lines.append(Content.assemble(head, pieces[0]))
            lines += [Content(" " * (_NAME + _VALUE + 2) + piece) for piece in pieces[1:]]
    return lines


def _begun(text: str, characters: int) -> tuple[str, str]:
    """Return the beginning of a text, and how many characters follow; empty if none."""
    if len(text) <= characters:
        return clean(text), ""
    return clean(text[:characters]), f"… and {len(text) - characters} characters more"


def _broken(text: str, width: int) -> list[str]:
    return [text[start:stop] for start, stop in wrap(text, width)]


def _metric_rows(finished: FinishedTurn, schema: Schema) -> list[Row]:
    """Return every metric with its value and its definition."""
    figures, marks = finished.metrics, finished.marks
    rows: list[Row] = []
    for metric in marks.worth_showing(TURN_METRICS):
        value = getattr(figures, metric.key)
        text = figure(metric, value, marks, pending=figures.pending)
        rows.append((metric.label, text if value is None else text + metric.unit.suffix, metric.meaning))
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
        ("eager ends", eager_ends, "Times that the service signalled a possible end of the turn."),
        ("resumes", resumes, "Eager ends that turn.resume revoked."),
        ("wasted replies", wasted, "Eager ends that were resumed, or whose text is not the final one."),
        ("guess text", match, "Text at the confirmed eager end, compared with the final text."),
        ("cut off", _yes_no(figures.false_cutoff), f"{CUT_OFF.capitalize()}."),
        ("pause survived", survived, "The longest pause inside the turn that did not end it."),
        ("pause cut", cut, "The pause inside the turn that ended it: a cut-off."),
        ("spurious", _yes_no(figures.spurious), "The service ended the turn, and it has no reference speech."),
        ("slow", _yes_no(figures.slow), "This machine or its network delayed it by over 0.3 s: summaries exclude it."),
        ("first", _yes_no(first), "First turn of its connection: summaries exclude it, because services warm up."),
        ("settings", "", settings_in_full(schema, finished.turn.settings)),
        *([("languages", "", languages)] if (languages := _languages(finished.turn)) else []),
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


def _event_rows(finished: FinishedTurn) -> list[Row]:
    """Return the events of a turn in order of time, each with what the service said of it."""
    turn = finished.turn
    moments = [*_speech(finished), *_eager_ends(turn)]
    if turn.begin in _STARTS:
        began = _STARTS[turn.begin] + _said(turn, TurnStart.name, turn.started_at)
        moments.append((turn.started_at, "turn.start", began))
    if turn.ended_at is not None:
        moments.append((turn.ended_at, "■ turn.end", _why(finished) + _said(turn, TurnEnd.name, turn.ended_at)))
    moments += [
        (at, name, meaning)
        for at, name, meaning in (
            (turn.first_text_at, "first text", "the first turn.update with words"),
            (turn.text_at, "final text", "the text of the turn, after its end"),
            (turn.formatted_at, "formatted text", "a copy of its text, written better"),
        )
        if at is not None
    ]
    rows = [(name, clock_ms(at), meaning) for at, name, meaning in sorted(moments)]
    if turn.ended_at is None:
        rows.append(("no end", NO_VALUE, _REASONS["dangling"]))
    return rows


def _speech(finished: FinishedTurn) -> Iterator[_Moment]:
    """Yield onset and end of the turn's reference speech."""
    turn, figures = finished.turn, finished.metrics
    if figures.onset_latency is not None:
        at = turn.started_at - figures.onset_latency
        yield at, "speech onset", f"reference speech, {_position(figures.speech_start_position)} of audio"
    if figures.eot_latency is not None and turn.ended_at is not None:
        at = turn.ended_at - figures.eot_latency
        yield at, "speech end", f"reference speech, {_position(figures.speech_end_position)} of audio"


def _eager_ends(turn: Turn) -> Iterator[_Moment]:
    """Yield the eager ends, and what came of them."""
    for eager_end in turn.eager_ends:
        fate = "confirmed" if eager_end is turn.confirmed_eager_end else "neither confirmed nor resumed"
        if eager_end.resumed_at is not None:
            fate = f"resumed {milliseconds(eager_end.resumed_at - eager_end.at)} ms later"
            went_on = f"the turn continues{_said(turn, TurnResume.name, eager_end.resumed_at)}"
            yield eager_end.resumed_at, "↺ resume", went_on
        text, more = _begun(eager_end.transcript, _LONGEST_EAGER_TEXT)
        yield eager_end.at, "◐ eager end", f"{fate}{_said(turn, EagerEnd.name, eager_end.at)}: “{text}”{more}"


def _why(finished: FinishedTurn) -> str:
    """Say why a turn ended, and how that is known."""
    turn, figures = finished.turn, finished.metrics
    reason = figures.end_reason or (turn.end_reason.value if turn.end_reason else "")
    if figures.end_reason_told is None:
        return f"{reason}: {_REASONS[reason]}" if reason in _REASONS else reason
    if figures.end_reason_told:
        return f"{reason} (told)" + (f": {_TOLD[reason]}" if reason in _TOLD else "")
    return f"{reason} (guessed): {_REASONS[reason]}"


def _said(turn: Turn, event: str, at: float) -> str:
    """Say which position and confidence the service gave with an event; nothing where it gave none."""
    said = next((each for each in turn.said if (each.name, each.at) == (event, at)), None)
    if said is None:
        return ""
    position = [] if said.position is None else [f"it says {_position(said.position)} of audio"]
    confidence = [] if said.confidence is None else [f"confidence of the end {said.confidence:.2f}"]
    return "".join(f", {each}" for each in (*position, *confidence))


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


def _position(seconds: float | None) -> str:
    return NO_VALUE if seconds is None else f"at {round(seconds * MS) / MS:.3f} s"


def _yes_no(fact: bool | None) -> str:  # noqa: FBT001 - True, False or unknown, to be worded
    return NO_VALUE if fact is None else "yes" if fact else "no"
