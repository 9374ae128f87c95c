"""Every key of the main screen, once: bindings, footer, command palette, help, notices and README come from here."""

from collections.abc import Callable
from typing import Final

from stt_monitor.core.commands import Mute, RetryNow, Seek, SeekTurn, Speed, Start, Step, Stop
from stt_monitor.ui.keys import Key, Line, Now, Where


def _mute_is(*, on: bool, file: bool) -> Callable[[Now], bool]:
    return lambda now: now.live and now.file is file and now.quiet is not on


def _saved(now: Now) -> bool:
    return now.saved


def _not_saved(now: Now) -> bool:
    return not now.saved


def _timeline(now: Now) -> bool:
    return now.timeline


def _why_no_choice(now: Now) -> str:
    if not now.drawn:
        return ""
    return "both are shown already" if now.timeline else "the window is too small for a timeline"


_RECORDED: Final = "this is a saved session: {} cannot be changed any more"
_ONLY_SAVED: Final = "only saved sessions {}: press o to open one"
_NO_TIMELINE: Final = "no timeline is shown: press v, or make the window larger"
_NOT_RUNNING: Final = "nothing is running: press s to start"

KEYMAP: Final = (
    Line(
        "start or stop a session; stop it and start another, or play a saved one anew",
        (
            Key("s", "Start", Start(), "Start a session", lambda now: not now.live and not now.leaving, footer=3),
            Key("s", "Stop", Stop(), "End the session in order", lambda now: now.live and not now.leaving, footer=3),
            Key("R", "Restart", "restart", "End the session, and start another", lambda now: not now.leaving),
        ),
    ),
    Line(
        "mute a microphone, or pause a recording; silence is sent meanwhile",
        (
            Key(
                "m", "Pause", Mute(on=True), "Pause the recording; silence is sent in its place",
                _mute_is(on=True, file=True), _NOT_RUNNING, footer=6,
            ),
            Key("m", "Resume", Mute(on=False), "Go on with the recording", _mute_is(on=False, file=True), footer=6),
            Key(
                "m", "Mute", Mute(on=True), "Send silence in the microphone's place",
                _mute_is(on=True, file=False), footer=6,
            ),
            Key(
                "m", "Unmute", Mute(on=False), "Listen to the microphone again",
                _mute_is(on=False, file=False), footer=6,
            ),
        ),
    ),
    Line(
        "tune: change thresholds and timeout while the session runs, and see what they do",
        (
            Key(
                "t", "Tune", "tune", "Change thresholds and timeout while it runs", _not_saved,
                _RECORDED.format("what was asked of the service"), footer=7,
            ),
        ),
    ),
    Line(
        "wire log: every frame out and in, filtered and taken apart",
        (Key("w", "Wire log", "wire", "See every frame out and in", label="Wire", footer=8),),
    ),
    Line(
        "compare figures by settings and by files, over all sessions since the program was started",
        (Key("c", "Compare", "compare", "Figures by settings and by files, beside each other"),),
    ),
    Line(
        "choose the input (microphone, recording, sample); choose the service",
        (
            Key(
                "i", "Input", "input", "Choose a microphone, a recording or the sample", _not_saved,
                _RECORDED.format("what was heard"),
            ),
            Key(
                "e", "Service", "service", "Choose the service: local, the vendor's, or an address", _not_saved,
                _RECORDED.format("the service"),
            ),
        ),
    ),
    Line(
        "connect at once, while a retry is waited for",
        (
            Key(
                "r", "Retry now", RetryNow(), "Connect at once, without waiting", lambda now: now.live and now.retry,
                "no connection is waited for", footer=2,
            ),
        ),
    ),
    Line(
        "open a saved session in the place of live ones",
        (Key("o", "Open", "open_recording", "Show a saved session again"),),
    ),
    Line(
        "in a saved session: go to the next event, or to the one before; m pauses it, or lets it go on",
        (
            Key(
                "full_stop", "Step", Step(1), "Go to the saved session's next event", _saved,
                _ONLY_SAVED.format("go by event"), footer=9,
            ),
            Key(
                "comma", "Step back", Step(-1), "Go to the saved session's event before", _saved,
                _ONLY_SAVED.format("go by event"),
            ),
        ),
    ),
    Line(
        "in a saved session: play it faster, or slower",
        (
            Key(
                "right_square_bracket", "Faster", Speed(1), "Play the saved session faster", _saved,
                _ONLY_SAVED.format("have a speed"), footer=10,
            ),
            Key(
                "left_square_bracket", "Slower", Speed(-1), "Play the saved session slower", _saved,
                _ONLY_SAVED.format("have a speed"), footer=11,
            ),
        ),
    ),
    Line(
        "in a saved session: go to the next turn, or the one before; 10 s on, or back",
        (
            Key(
                "right_curly_bracket", "Next turn", SeekTurn(1), "Go to the saved session's next turn", _saved,
                _ONLY_SAVED.format("go by turn"),
            ),
            Key(
                "left_curly_bracket", "Turn before", SeekTurn(-1), "Go to the saved session's turn before", _saved,
                _ONLY_SAVED.format("go by turn"),
            ),
            Key(
                "right_parenthesis", "10 s on", Seek(10), when=_saved, refusal=_ONLY_SAVED.format("go back and forth")
            ),
            Key(
                "left_parenthesis", "10 s back", Seek(-10), when=_saved, refusal=_ONLY_SAVED.format("go back and forth")
            ),
        ),
    ),
    Line(
        "dismiss the error",
        (
            Key(
                "d", "Dismiss", "dismiss_error", "Take the error off the screen", lambda now: now.error,
                "no error is shown", footer=1,
            ),
        ),
    ),
    Line(
        "help: on the focused part, the keys, the definition of every figure",
        (
            Key(
                "question_mark,f1", "Help", "help", "Keys, and the definition of every figure", footer=4,
                everywhere=True,
            ),
        ),
    ),
    Line(
        "quit; a second time at once",
        (Key("q", "Quit", "quit", "End the session and leave", footer=5, everywhere=True),),
        hidden=(
            Key("ctrl+q", "Quit at any time", "quit", everywhere=True, first=True),
            Key("ctrl+c", "Interrupt", "interrupt", everywhere=True, first=True),
        ),
    ),
    Line(
        "choose a turn, in all parts at once (a click does it too)",
        (
            Key("up", "Choose the turn before", "choose(-1)", where=Where.TURNS),
            Key("down", "Choose the turn after", "choose(1)", where=Where.TURNS),
        ),
    ),
    Line(
        "all about the chosen turn: its figures, their anchors, its text (or click it again)",
        (
            Key("enter", "Details", "open", where=Where.TURNS),
            Key("enter", "Details from the timeline", "open", where=Where.TIMELINE),
        ),
    ),
    Line(
        "choose the next figure, or the one before: its definition, its spread",
        (
            Key("f", "Figure", "figure(1)", "Choose the next figure: what it means, how it is spread"),
            Key("F", "Figure before", "figure(-1)"),
        ),
        hidden=(
            Key("right", "Figure to the right", "app.figure(1)", where=Where.FIGURES),
            Key("left", "Figure to the left", "app.figure(-1)", where=Where.FIGURES),
        ),
    ),
    Line(
        "end the search, choose no turn, follow the newest again",
        (Key("escape", "Let go", "let_go", where=Where.SCREEN),),
    ),
    Line(
        "search the transcript; go to the next match, or to the one before",
        (
            Key("slash", "Search", "search", "Find words in the transcript", where=Where.SCREEN),
            Key(
                "n", "Next match", "match(1)", when=lambda now: now.searching,
                refusal="nothing is searched for: press / first", where=Where.SCREEN,
            ),
            Key(
                "N", "Match before", "match(-1)", when=lambda now: now.searching,
                refusal="nothing is searched for: press / first", where=Where.SCREEN,
            ),
        ),
    ),
    Line(
        "copy the chosen turn (the newest if none is), or the whole transcript (over ssh too)",
        (
            Key("y", "Copy turn", "copy_turn", "Copy the chosen turn, or the newest", where=Where.SCREEN),
            Key("Y", "Copy all", "copy_all", "Copy the whole transcript", where=Where.SCREEN),
        ),
    ),
    Line(
        "in a small window: show the timeline, and the turn machine in words; or the machine again",
        (
            Key(
                "v", "Timeline", "timeline", "Show the timeline in the turn machine's place, or the machine again",
                lambda now: now.switchable, _why_no_choice, where=Where.SCREEN,
            ),
        ),
    ),
    Line(
        "hold the timeline, or let it go on; the session always goes on",
        (Key("space", "Hold", "hold", "Hold the timeline, or let it go on", _timeline, _NO_TIMELINE),),
    ),
    Line(
        "show fewer or more seconds on the timeline",
        (
            Key("plus", "Zoom in", "zoom(-1)", "Show fewer seconds on the timeline", _timeline, _NO_TIMELINE),
            Key("minus", "Zoom out", "zoom(1)", "Show more seconds on the timeline", _timeline, _NO_TIMELINE),
        ),
    ),
    Line(
        "move along the timeline, where it has the focus; follow the newest again",
        (
            Key("left", "Earlier", "earlier", where=Where.TIMELINE),
            Key("right", "Later", "later", where=Where.TIMELINE),
            Key("end", "Follow", "follow", where=Where.TIMELINE),
        ),
    ),
    Line("move between timeline, transcript and figures", (Key("tab", "Next part", where=Where.TEXTUAL),)),
    Line(
        "scroll; End follows the newest again",
        (
            Key("pageup", "A page up", where=Where.TEXTUAL),
            Key("pagedown", "A page down", where=Where.TEXTUAL),
        ),
    ),
    Line(
        "save a picture (SVG) of the screen, in the working directory, else with the session",
        (Key("p", "Picture", "picture", "Save a picture (SVG) of the screen", everywhere=True),),
    ),
    Line(
        "all commands, themes too",
        (Key("ctrl+p", "Commands", "command_palette", everywhere=True, first=True),),
        hidden=(Key("", "Theme", "change_theme", "Choose other colours"),),
    ),
    Line(
        "suspend the program; fg brings it back",
        (Key("ctrl+z", "Suspend", "suspend_process", everywhere=True, first=True),),
    ),
)  # fmt: skip
