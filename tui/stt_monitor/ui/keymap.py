"""Every key of the main screen: source of bindings, footer, command palette, help, notices and README."""

from typing import Final

from stt_monitor.core.commands import Mute, RetryNow, Seek, SeekTurn, Speed, Start, Step, Stop, StopPlaying
from stt_monitor.ui.key_conditions import (
    ALL_SHOWN,
    NO_AGENT,
    NO_TIMELINE,
    NOT_RUNNING,
    ONE_SERVICE,
    ONLY_SAVED,
    RECORDED,
    mute_is,
    not_saved,
    one_shown,
    saved,
    several,
    timeline,
    why_no_choice,
    why_no_service,
)
from stt_monitor.ui.keys import Key, KeyGroup, Where

KEYMAP: Final = (
    KeyGroup(
        "start or stop a session; restart it, or replay a saved one from its beginning",
        (
            Key("s", "Start", Start(), "Start a session", lambda now: not now.live and not now.leaving, footer=3),
            Key("s", "Stop", Stop(), "End the session", lambda now: now.live and not now.leaving, footer=3),
            Key("R", "Restart", "restart", "End the session and start another", lambda now: not now.leaving),
        ),
    ),
    KeyGroup(
        "mute the microphone, or pause the audio file; silence is sent meanwhile",
        (
            Key(
                "m", "Pause", Mute(on=True), "Pause the audio file and send silence",
                mute_is(on=True, file=True), NOT_RUNNING, footer=6,
            ),
            Key("m", "Resume", Mute(on=False), "Resume the audio file", mute_is(on=False, file=True), footer=6),
            Key(
                "m", "Mute", Mute(on=True), "Mute the microphone and send silence",
                mute_is(on=True, file=False), footer=6,
            ),
            Key(
                "m", "Unmute", Mute(on=False), "Unmute the microphone",
                mute_is(on=False, file=False), footer=6,
            ),
        ),
    ),
    KeyGroup(
        "tune: change thresholds and timeout during the session, and see the effect",
        (
            Key(
                "t", "Tune", "tune", "Change thresholds and timeout during the session", not_saved,
                RECORDED.format("settings"), footer=7,
            ),
        ),
    ),
    KeyGroup(
        "wire log: every frame sent and received, filtered and decoded",
        (Key("w", "Wire log", "wire", "Show every frame sent and received", label="Wire", footer=8),),
    ),
    KeyGroup(
        "compare metrics by settings and by file, over all sessions since the program started",
        (Key("c", "Compare", "compare", "Compare metrics by settings and by file"),),
    ),
    KeyGroup(
        "list the agent's interruptions and slowest replies, and select the turn",
        (
            Key(
                "g", "Agent", "agent", "List the agent's interruptions and slowest replies", lambda now: now.agent,
                NO_AGENT, where=Where.SCREEN,
            ),
        ),
    ),
    KeyGroup(
        "choose the input (microphone, audio file, sample); choose the service",
        (
            Key(
                "i", "Input", "input", "Choose a microphone, an audio file or the sample", not_saved,
                RECORDED.format("input"),
            ),
            Key(
                "e", "Service", "service", "Choose the local server, the vendor's service, or an address",
                lambda now: not now.saved and not now.several, why_no_service,
            ),
        ),
    ),
    KeyGroup(
        "several services: all side by side, or one; choose the next one, which commands are for",
        (
            Key(
                "b", "Side by side", "beside", "Show all services side by side, or one", several, ONE_SERVICE,
                label="Beside", footer=3,
            ),
            Key(
                "l", "Next service", "next_service", "Choose the next service; commands are for it", several,
                ONE_SERVICE, label="Next", footer=3,
            ),
        ),
    ),
    KeyGroup(
        "connect now, without waiting for the next retry",
        (
            Key(
                "r", "Retry now", RetryNow(), "Connect without waiting for the next retry",
                lambda now: now.live and now.retry, "no retry is pending", footer=2,
            ),
        ),
    ),
    KeyGroup(
        "open a saved session",
        (Key("o", "Open", "open_recording", "Open a saved session"),),
    ),
    KeyGroup(
        "in a sweep: go back to its cells and its curve",
        (
            Key(
                "S", "Sweep", "sweep", "Go back to the cells of the sweep", lambda now: now.sweep,
                "there is no sweep: start one with stt-monitor sweep", where=Where.SWEEP, footer=2,
            ),
        ),
    ),
    KeyGroup(
        "in a saved session: go to the next or previous event; m pauses or resumes it",
        (
            Key(
                "full_stop", "Step", Step(1), "Go to the saved session's next event", saved,
                ONLY_SAVED.format("step by event"), footer=9,
            ),
            Key(
                "comma", "Step back", Step(-1), "Go to the saved session's previous event", saved,
                ONLY_SAVED.format("step by event"),
            ),
        ),
    ),
    KeyGroup(
        "in a saved session: play faster or slower",
        (
            Key(
                "right_square_bracket", "Faster", Speed(1), "Play the saved session faster", saved,
                ONLY_SAVED.format("change the speed"), footer=10,
            ),
            Key(
                "left_square_bracket", "Slower", Speed(-1), "Play the saved session slower", saved,
                ONLY_SAVED.format("change the speed"), footer=11,
            ),
        ),
    ),
    KeyGroup(
        "in a saved session: go to the next or previous turn; 10 s forward or back",
        (
            Key(
                "right_curly_bracket", "Next turn", SeekTurn(1), "Go to the saved session's next turn", saved,
                ONLY_SAVED.format("step by turn"),
            ),
            Key(
                "left_curly_bracket", "Previous turn", SeekTurn(-1), "Go to the saved session's previous turn", saved,
                ONLY_SAVED.format("step by turn"),
            ),
            Key(
                "right_parenthesis", "10 s forward", Seek(10), when=saved,
                refusal=ONLY_SAVED.format("go back and forth"),
            ),
            Key(
                "left_parenthesis", "10 s back", Seek(-10), when=saved, refusal=ONLY_SAVED.format("go back and forth")
            ),
        ),
    ),
    KeyGroup(
        "dismiss the error",
        (
            Key(
                "d", "Dismiss", "dismiss_error", "Hide the error", lambda now: now.error,
                "no error is shown", footer=1,
            ),
        ),
    ),
    KeyGroup(
        "help: the focused part, the keys, the definition of every metric",
        (
            Key(
                "question_mark,f1", "Help", "help", "Show the keys and the definition of every metric", footer=4,
                everywhere=True,
            ),
        ),
    ),
    KeyGroup(
        "quit; press it again to quit at once",
        (Key("q", "Quit", "quit", "End the session and quit", footer=5, everywhere=True),),
        hidden=(
            Key("ctrl+q", "Quit at any time", "quit", everywhere=True, first=True),
            Key("ctrl+c", "Interrupt", "interrupt", everywhere=True, first=True),
        ),
    ),
    KeyGroup(
        "select a turn in all parts at once (or click it)",
        (
            Key("up", "Select the previous turn", "choose(-1)", where=Where.TURNS),
            Key("down", "Select the next turn", "choose(1)", where=Where.TURNS),
        ),
    ),
    KeyGroup(
        "show details of the selected turn: metrics, anchors, text (or click it again)",
        (
            Key("enter", "Details", "open", where=Where.TURNS),
            Key("enter", "Details from the timeline", "open", where=Where.TIMELINE),
        ),
    ),
    KeyGroup(
        "play the selected turn, else from where the timeline is held or the replay is, else the newest; again: stop",
        (
            Key("a", "Play", "play", "Play the selected turn, else the newest", lambda now: not now.heard),
            Key("a", "Stop playing", StopPlaying(), "Play no more", lambda now: now.heard),
        ),
    ),
    KeyGroup(
        "side by side: select a stretch of speech; show details of the chosen service's turn",
        (
            Key("up", "Select the previous row", "choose(-1)", where=Where.ROWS),
            Key("down", "Select the next row", "choose(1)", where=Where.ROWS),
            Key("enter", "Details of the row", "open", where=Where.ROWS),
        ),
    ),
    KeyGroup(
        "select the next or previous metric: its definition and distribution",
        (
            Key("f", "Metric", "figure(1)", "Select the next metric: its definition and distribution"),
            Key("F", "Previous metric", "figure(-1)"),
        ),
        hidden=(
            Key("right", "Metric to the right", "app.figure(1)", where=Where.METRICS),
            Key("left", "Metric to the left", "app.figure(-1)", where=Where.METRICS),
            Key("right", "Metric to the right, side by side", "app.figure(1)", where=Where.ROWS),
            Key("left", "Metric to the left, side by side", "app.figure(-1)", where=Where.ROWS),
        ),
    ),
    KeyGroup(
        "end the search, select no turn, follow the newest again",
        (Key("escape", "Deselect", "clear", where=Where.SCREEN),),
    ),
    KeyGroup(
        "search the transcript; go to the next or previous match",
        (
            Key(
                "slash", "Search", "search", "Find words in the transcript", one_shown, ALL_SHOWN, where=Where.SCREEN,
            ),
            Key(
                "n", "Next match", "match(1)", when=lambda now: now.searching,
                refusal="no search yet: press / first", where=Where.SCREEN,
            ),
            Key(
                "N", "Previous match", "match(-1)", when=lambda now: now.searching,
                refusal="no search yet: press / first", where=Where.SCREEN,
            ),
        ),
    ),
    KeyGroup(
        "copy the selected turn (else the newest), or the whole transcript; works over ssh",
        (
            Key("y", "Copy turn", "copy_turn", "Copy the selected turn, else the newest", where=Where.SCREEN),
            Key("Y", "Copy all", "copy_all", "Copy the whole transcript", where=Where.SCREEN),
        ),
    ),
    KeyGroup(
        "in a small window: the timeline instead of the state diagram; side by side, the transcripts",
        (
            Key(
                "v", "Timeline", "timeline", "Show the timeline, or side by side the transcripts, in a small window",
                lambda now: now.switchable, why_no_choice, where=Where.SCREEN,
            ),
        ),
    ),
    KeyGroup(
        "freeze or resume the timeline; the session goes on",
        (Key("space", "Freeze", "hold", "Freeze or resume the timeline", timeline, NO_TIMELINE),),
    ),
    KeyGroup(
        "zoom the timeline in or out",
        (
            Key("plus", "Zoom in", "zoom(-1)", "Show fewer seconds on the timeline", timeline, NO_TIMELINE),
            Key("minus", "Zoom out", "zoom(1)", "Show more seconds on the timeline", timeline, NO_TIMELINE),
        ),
    ),
    KeyGroup(
        "scroll the focused timeline; follow the newest again",
        (
            Key("left", "Earlier", "earlier", where=Where.TIMELINE),
            Key("right", "Later", "later", where=Where.TIMELINE),
            Key("end", "Follow", "follow", where=Where.TIMELINE),
        ),
    ),
    KeyGroup("move between timeline, transcript and latency", (Key("tab", "Next part", where=Where.TEXTUAL),)),
    KeyGroup(
        "scroll; End follows the newest again",
        (
            Key("pageup", "Page up", where=Where.TEXTUAL),
            Key("pagedown", "Page down", where=Where.TEXTUAL),
        ),
    ),
    KeyGroup(
        "save a screenshot (SVG) in the working directory, else with the session",
        (Key("p", "Screenshot", "save_screenshot", "Save a screenshot (SVG)", everywhere=True),),
    ),
    KeyGroup(
        "all commands, and themes",
        (Key("ctrl+p", "Commands", "command_palette", everywhere=True, first=True),),
        hidden=(Key("", "Theme", "change_theme", "Choose a colour theme"),),
    ),
    KeyGroup(
        "suspend the program; fg resumes it",
        (Key("ctrl+z", "Suspend", "suspend_process", everywhere=True, first=True),),
    ),
)  # fmt: skip
