"""Keys of the view: turns, metrics, search, timeline; help and quit."""

from typing import Final

from stt_monitor.core.commands import StopPlaying
from stt_monitor.ui.keymap.conditions import (
    ALL_SHOWN,
    NO_TURN,
    SIDEWAYS,
    chosen_or_stopped,
    one_shown,
    playing,
    searching,
    timeline,
    turn_chosen,
    turns,
    what_escape_does,
    why_no_choice,
    why_no_details,
    why_no_timeline,
)
from stt_monitor.ui.keymap.keys import Key, KeyGroup, Where

VIEW_KEYS: Final = (
    KeyGroup(
        "help: the focused part, the keys, the definition of every metric",
        (
            Key(
                "question_mark,f1", "Help", "help", "Show the keys and the definition of every metric", footer=0,
                docked=True, everywhere=True,
            ),
        ),
    ),
    KeyGroup(
        "quit; press it again to quit at once",
        (Key("q", "Quit", "quit", "End the session and quit", footer=13, docked=True, everywhere=True),),
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
        hidden=(
            Key("up", "Previous turn, from anywhere", "choose_turn(-1)", "", turns, NO_TURN, where=Where.SCREEN),
            Key("down", "Next turn, from anywhere", "choose_turn(1)", "", turns, NO_TURN, where=Where.SCREEN),
        ),
    ),
    KeyGroup(
        "show details of the selected turn: metrics, anchors, text (or click it again)",
        (
            Key(
                "enter", "Details", "open", refusal=why_no_details, where=Where.TURNS, footer=21, leads=turn_chosen,
            ),
            Key(
                "enter", "Details from the timeline", "open", where=Where.TIMELINE,
                label="Details", footer=21, leads=turn_chosen,
            ),
        ),
    ),
    KeyGroup(
        "go to the worst turn, pressed again to the next worst; through the cut-offs",
        (
            Key(
                "x", "Worst turn", "worst", "Go to the slowest turn, then to the next one", turns, NO_TURN,
                where=Where.SCREEN,
                label=lambda now: "Next worst" if now.chosen else "Worst", footer=25, leads=chosen_or_stopped,
            ),
            Key(
                "X", "Cut-off", "cut_off", "Go to the first cut-off, then to the next one", turns, NO_TURN,
                where=Where.SCREEN, footer=29,
            ),
        ),
    ),
    KeyGroup(
        "show the frames of the selected turn in the wire log",
        (
            Key(
                "W", "Frames", "frames", "Show the frames of the selected turn in the wire log", turn_chosen,
                "select a turn first, with ↑ and ↓", where=Where.SCREEN, footer=35,
            ),
        ),
    ),
    KeyGroup(
        "play the selected turn, else from where the timeline is held or the replay is, else the newest; again: stop",
        (
            Key(
                "a", "Play", "play", "Play the selected turn, else the newest", lambda now: not now.heard,
                footer=22, leads=turn_chosen,
            ),
            Key(
                "a", "Stop playing", StopPlaying(), "Play no more", playing,
                footer=22, leads=playing,
            ),
        ),
    ),
    KeyGroup(
        "side by side: select a stretch of speech; show details of the chosen service's turn",
        (
            Key("up", "Select the previous row", "choose(-1)", where=Where.ROWS),
            Key("down", "Select the next row", "choose(1)", where=Where.ROWS),
            Key("enter", "Details of the row", "open", where=Where.ROWS, label="Details", footer=21, leads=turn_chosen),
        ),
    ),
    KeyGroup(
        "select the next or previous metric: its definition and distribution",
        (
            Key(
                "f", "Metric", "figure(1)", "Select the next metric: its definition and distribution",
                footer=33,
            ),
            Key("F", "Previous metric", "figure(-1)", footer=49),
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
        (Key("escape", "Deselect", "clear", where=Where.SCREEN, label=what_escape_does, footer=30, leads=turn_chosen),),
    ),
    KeyGroup(
        "search the transcript; go to the next or previous match",
        (
            Key(
                "slash", "Search", "search", "Find words in the transcript", one_shown, ALL_SHOWN, where=Where.SCREEN,
                footer=32,
            ),
            Key(
                "n", "Next match", "match(1)", when=lambda now: now.searching,
                refusal="no search yet: press / first", where=Where.SCREEN, footer=28, leads=searching,
            ),
            Key(
                "N", "Previous match", "match(-1)", when=lambda now: now.searching,
                refusal="no search yet: press / first", where=Where.SCREEN, footer=29, leads=searching,
            ),
        ),
    ),
    KeyGroup(
        "copy the selected turn (else the newest), or the whole transcript; works over ssh",
        (
            Key(
                "y", "Copy turn", "copy_turn", "Copy the selected turn, else the newest", turns, NO_TURN,
                where=Where.SCREEN, label="Copy", footer=23, leads=turn_chosen,
            ),
            Key(
                "Y", "Copy all", "copy_all", "Copy the whole transcript", turns, NO_TURN, where=Where.SCREEN,
                footer=45,
            ),
        ),
    ),
    KeyGroup(
        "in a small window: the timeline instead of the state diagram; side by side, the transcripts",
        (
            Key(
                "v", "Timeline", "timeline", "Show or hide the timeline, side by side the texts, in a small window",
                lambda now: now.switchable, why_no_choice, where=Where.SCREEN,
                label=lambda now: "Texts" if now.beside else "Timeline", footer=16,
            ),
        ),
    ),
    KeyGroup(
        "freeze or resume the timeline; the session goes on",
        (Key("space", "Freeze", "hold", "Freeze or resume the timeline", timeline, why_no_timeline, footer=42),),
    ),
    KeyGroup(
        "zoom the timeline in or out",
        (
            Key(
                "plus", "Zoom in", "zoom(-1)", "Show fewer seconds on the timeline", timeline, why_no_timeline,
                footer=43,
            ),
            Key(
                "minus", "Zoom out", "zoom(1)", "Show more seconds on the timeline", timeline, why_no_timeline,
                footer=44,
            ),
        ),
    ),
    KeyGroup(
        "scroll the focused timeline; follow the newest again",
        (
            Key("left", "Earlier", "earlier", refusal=SIDEWAYS, where=Where.TIMELINE),
            Key("right", "Later", "later", refusal=SIDEWAYS, where=Where.TIMELINE),
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
        (Key("p", "Screenshot", "save_screenshot", "Save a screenshot (SVG)", footer=46, everywhere=True),),
    ),
    KeyGroup(
        "all commands, and themes",
        (Key("ctrl+p", "Commands", "command_palette", footer=34, everywhere=True, first=True),),
        hidden=(Key("", "Theme", "change_theme", "Choose a colour theme"),),
    ),
    KeyGroup(
        "suspend the program; fg resumes it",
        (Key("ctrl+z", "Suspend", "suspend_process", everywhere=True, first=True),),
    ),
)  # fmt: skip
