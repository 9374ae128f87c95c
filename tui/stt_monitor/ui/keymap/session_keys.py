"""Keys of sessions: start, mute, tune, choose, replay."""

from typing import Final

from stt_monitor.core.commands import Mute, RetryNow, Seek, SeekTurn, Speed, Start, Step, Stop
from stt_monitor.ui.keymap.conditions import (
    NO_AGENT,
    NO_TURN,
    ONE_SERVICE,
    ONLY_SAVED,
    mute_is,
    ours,
    saved,
    several,
    startable,
    stopped,
    turns,
    why_fixed,
    why_no_service,
    why_no_start,
    why_not_quiet,
)
from stt_monitor.ui.keymap.keys import Key, KeyGroup, Where

SESSION_KEYS: Final = (
    KeyGroup(
        "start or stop a session; restart it, or replay a saved one from its beginning",
        (
            Key(
                "s", "Start", Start(), "Start a session", lambda now: not now.live and startable(now), why_no_start,
                footer=10,
            ),
            Key(
                "s", "Stop", Stop(), "End the session", lambda now: now.live and startable(now), why_no_start,
                footer=10,
            ),
            Key(
                "R", "Restart", "restart", "End the session and start another", startable, why_no_start,
                label=lambda now: "Restart" if now.live else "Again", footer=26, leads=stopped,
            ),
        ),
    ),
    KeyGroup(
        "mute the microphone, or pause the audio file; silence is sent meanwhile",
        (
            Key(
                "m", "Pause", Mute(on=True), "Pause the audio file and send silence",
                mute_is(on=True, file=True), why_not_quiet, footer=14,
            ),
            Key("m", "Resume", Mute(on=False), "Resume the audio file", mute_is(on=False, file=True), footer=14),
            Key(
                "m", "Mute", Mute(on=True), "Mute the microphone and send silence",
                mute_is(on=True, file=False), footer=14,
            ),
            Key(
                "m", "Unmute", Mute(on=False), "Unmute the microphone",
                mute_is(on=False, file=False), footer=14,
            ),
        ),
    ),
    KeyGroup(
        "tune: change thresholds and timeout during the session, and see the effect",
        (
            Key(
                "t", "Tune", "tune", "Change thresholds and timeout during the session", ours,
                why_fixed("settings"), footer=15,
            ),
        ),
    ),
    KeyGroup(
        "wire log: every frame sent and received, filtered and decoded",
        (Key("w", "Wire log", "wire", "Show every frame sent and received", label="Wire", footer=17),),
    ),
    KeyGroup(
        "compare metrics by settings and by file, over all sessions since the program started",
        (Key("c", "Compare", "compare", "Compare metrics by settings and by file", footer=27, leads=stopped),),
    ),
    KeyGroup(
        "write a report (HTML) beside the saved session, and open it; of a running one on what is there so far",
        (
            Key(
                "g", "Report", "report", "Write a report beside the saved session, and open it", turns, NO_TURN,
                footer=24, leads=stopped,
            ),
        ),
        hidden=(
            Key("", "Export subtitles", "export('srt')", "Write the turns as subtitles (SRT)", turns),
            Key("", "Export a table", "export('csv')", "Write the turns as a table (CSV)", turns),
            Key("", "Export text", "export('txt')", "Write the transcript as text", turns),
        ),
    ),
    KeyGroup(
        "list the agent's interruptions and slowest replies, and select the turn",
        (
            Key(
                "A", "Agent", "agent", "List the agent's interruptions and slowest replies", lambda now: now.agent,
                NO_AGENT, where=Where.SCREEN, footer=28,
            ),
        ),
    ),
    KeyGroup(
        "choose the input (microphone, audio file, sample); choose the service",
        (
            Key(
                "i", "Input", "input", "Choose a microphone, an audio file or the sample", ours,
                why_fixed("input"), footer=35,
            ),
            Key(
                "e", "Service", "service", "Choose the local server, the vendor's service, or an address",
                lambda now: ours(now) and not now.several, why_no_service,
                footer=36,
            ),
        ),
    ),
    KeyGroup(
        "several services: all side by side, or one; choose the next one, which commands are for",
        (
            Key(
                "b", "Side by side", "beside", "Show all services side by side, or one", several, ONE_SERVICE,
                label="Beside", footer=11,
            ),
            Key(
                "l", "Next service", "next_service", "Choose the next service; commands are for it", several,
                ONE_SERVICE, label="Next", footer=12,
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
        (Key("o", "Open", "open_recording", "Open a saved session", footer=31),),
    ),
    KeyGroup(
        "in a sweep: go back to its cells and its curve",
        (
            Key(
                "S", "Sweep", "sweep", "Go back to the cells of the sweep", lambda now: now.sweep,
                "there is no sweep: start one with stt-monitor sweep", where=Where.SWEEP, footer=3,
            ),
        ),
    ),
    KeyGroup(
        "in a tap: go back to the list of calls",
        (
            Key(
                "C", "Calls", "calls", "Go back to the list of calls", lambda now: now.calls,
                "there are no calls: watch those of an agent with stt-monitor tap", where=Where.CALLS, footer=3,
            ),
        ),
    ),
    KeyGroup(
        "in a saved session: go to the next or previous event; m pauses or resumes it",
        (
            Key(
                "full_stop", "Step", Step(1), "Go to the saved session's next event", saved,
                ONLY_SAVED.format("step by event"), footer=18,
            ),
            Key(
                "comma", "Step back", Step(-1), "Go to the saved session's previous event", saved,
                ONLY_SAVED.format("step by event"), footer=37,
            ),
        ),
    ),
    KeyGroup(
        "in a saved session: play faster or slower",
        (
            Key(
                "right_square_bracket", "Faster", Speed(1), "Play the saved session faster", saved,
                ONLY_SAVED.format("change the speed"), footer=19,
            ),
            Key(
                "left_square_bracket", "Slower", Speed(-1), "Play the saved session slower", saved,
                ONLY_SAVED.format("change the speed"), footer=20,
            ),
        ),
    ),
    KeyGroup(
        "in a saved session: go to the next or previous turn; 10 s forward or back",
        (
            Key(
                "right_curly_bracket", "Next turn", SeekTurn(1), "Go to the saved session's next turn", saved,
                ONLY_SAVED.format("step by turn"), footer=38,
            ),
            Key(
                "left_curly_bracket", "Previous turn", SeekTurn(-1), "Go to the saved session's previous turn", saved,
                ONLY_SAVED.format("step by turn"), footer=39,
            ),
            Key(
                "right_parenthesis", "10 s forward", Seek(10), when=saved,
                refusal=ONLY_SAVED.format("go back and forth"), footer=40,
            ),
            Key(
                "left_parenthesis", "10 s back", Seek(-10), when=saved,
                refusal=ONLY_SAVED.format("go back and forth"), footer=41,
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
)  # fmt: skip
