"""When keys apply, and what is said where they do not."""

from collections.abc import Callable
from typing import Final

from stt_monitor.ui.keymap.keys import KeyContext

RECORDED: Final = "this is a saved session: its {} cannot be changed"
OF_ITS_AGENT: Final = "this is a call of your agent, which alone decides its {}"
ONLY_SAVED: Final = "you can {} in saved sessions only: press o to open one"
NO_AGENT: Final = "the agent's side is not heard: start with --agent right and a recorded call"
ONE_SERVICE: Final = "this session has one service: start with --service for each of several"
ALL_SHOWN: Final = "all services are shown: press b for one"
NO_TURN: Final = "no turn has ended yet"
SIDEWAYS: Final = "left and right scroll the timeline, or select a metric of the latency: press Tab to go there"


def mute_is(*, on: bool, file: bool) -> Callable[[KeyContext], bool]:
    """Return whether mute or pause is as given, of a file or of a microphone."""
    return lambda now: now.live and not now.call and now.file is file and now.quiet is not on


def saved(now: KeyContext) -> bool:
    """Return whether a saved session is shown."""
    return now.saved


def ours(now: KeyContext) -> bool:
    """Return whether a live session of our own is shown, or none."""
    return not now.saved and not now.call


def why_fixed(what: str) -> Callable[[KeyContext], str]:
    """Return what says why something of a session cannot be changed."""
    return lambda now: (OF_ITS_AGENT if now.call else RECORDED).format(what)


def startable(now: KeyContext) -> bool:
    """Return whether sessions are ours to start and to stop, and the program is not about to end."""
    return not now.leaving and not now.call


def timeline(now: KeyContext) -> bool:
    """Return whether the timeline is shown, and something on it."""
    return now.timeline and now.session


def turns(now: KeyContext) -> bool:
    """Return whether there is a turn to select, or side by side a row."""
    return now.turns or now.beside


def several(now: KeyContext) -> bool:
    """Return whether several services are shown, or one of them."""
    return now.several


def stopped(now: KeyContext) -> bool:
    """Return whether a session has ended and has results to look at."""
    return now.turns and not now.live and not now.leaving


def turn_chosen(now: KeyContext) -> bool:
    """Return whether a turn is selected."""
    return now.chosen


def chosen_or_stopped(now: KeyContext) -> bool:
    """Return whether a turn is selected, or a session is over."""
    return turn_chosen(now) or stopped(now)


def playing(now: KeyContext) -> bool:
    """Return whether a turn is played."""
    return now.heard


def searching(now: KeyContext) -> bool:
    """Return whether words are searched for."""
    return now.searching


def one_shown(now: KeyContext) -> bool:
    """Return whether everything about one service is shown."""
    return not now.beside


def what_escape_does(now: KeyContext) -> str:
    """Name what Escape ends; where there is nothing to end, it goes to the newest turn."""
    return "End search" if searching(now) else "Deselect" if turn_chosen(now) else "Newest"


def why_not_quiet(now: KeyContext) -> str:
    """Say why there is nothing to mute or to pause."""
    if now.call:
        return OF_ITS_AGENT.format("sound")
    return "the session is starting" if now.live else "nothing is running: press s to start"


def why_no_start(now: KeyContext) -> str:
    """Say why nothing is started or stopped."""
    if now.leaving:
        return "the program is about to end; q ends it at once"
    return OF_ITS_AGENT.format("beginning and end") if now.call else ""


def why_no_timeline(now: KeyContext) -> str:
    """Say why there is nothing to freeze or to zoom."""
    return "nothing to show yet" if now.timeline else "the timeline is hidden: press v, or enlarge the window"


def why_no_details(now: KeyContext) -> str:
    """Say why no turn's details are opened."""
    if now.beside:
        return "select a row of the table first: press Tab to go there, then up or down"
    return NO_TURN if not now.turns else "select a turn first: press up or down, or click it"


def why_no_choice(now: KeyContext) -> str:
    """Say why there is nothing to switch to."""
    if not now.drawn:
        return ""
    if now.beside:
        return "everything is already shown"
    return "both are already shown" if now.timeline else "the window is too small for a timeline"


def why_no_service(now: KeyContext) -> str:
    """Say why no other service can be chosen."""
    if now.saved or now.call:
        return why_fixed("service")(now)
    return "there are several services: start with --url NAME=URL"
