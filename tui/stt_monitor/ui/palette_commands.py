"""What the command palette offers: all that keys do, as far as it applies now."""

from typing import Final, NamedTuple


class Command(NamedTuple):
    """A line of the palette."""

    title: str
    meaning: str
    action: str
    """Of the app, or `screen.` of the one screen."""


COMMANDS: Final = (
    Command("Start", "Start a session", "start"),
    Command("Stop", "End the session in order", "stop"),
    Command("Restart", "End the session, and start another", "restart"),
    Command("Retry now", "Connect at once, without waiting", "retry_now"),
    Command("Pause", "Pause the recording; silence is sent in its place", "quiet(True,'file')"),
    Command("Resume", "Go on with the recording", "quiet(False,'file')"),
    Command("Mute", "Send silence in the microphone's place", "quiet(True,'live')"),
    Command("Unmute", "Listen to the microphone again", "quiet(False,'live')"),
    Command("Open", "Show a recorded session again", "open_kept"),
    Command("Step", "Go to the recorded session's next event", "step(1)"),
    Command("Step back", "Go to the recorded session's event before", "step(-1)"),
    Command("Faster", "Play the recorded session faster", "speed(1)"),
    Command("Slower", "Play the recorded session slower", "speed(-1)"),
    Command("Next turn", "Go to the recorded session's next turn", "seek_turn(1)"),
    Command("Turn before", "Go to the recorded session's turn before", "seek_turn(-1)"),
    Command("Tune", "Change thresholds and timeout while it runs", "tune"),
    Command("Wire log", "See every frame out and in", "wire"),
    Command("Compare", "Figures by settings and by files, beside each other", "compare"),
    Command("Input", "Choose a microphone, a recording or the sample", "source"),
    Command("Service", "Choose the service: local, the vendor's, or an address", "service"),
    Command("Figure", "Choose the next figure: what it means, how it is spread", "figure(1)"),
    Command("Search", "Find words in the transcript", "screen.search"),
    Command("Copy turn", "Copy the chosen turn, or the newest", "screen.copy_turn"),
    Command("Copy all", "Copy the whole transcript", "screen.copy_all"),
    Command("Timeline", "Show the timeline in the turn machine's place, or the machine again", "screen.timeline"),
    Command("Hold", "Hold the timeline, or let it go on", "hold"),
    Command("Zoom in", "Show fewer seconds on the timeline", "zoom(-1)"),
    Command("Zoom out", "Show more seconds on the timeline", "zoom(1)"),
    Command("Dismiss", "Take the error off the screen", "dismiss_error"),
    Command("Help", "Keys, and the definition of every figure", "help"),
    Command("Theme", "Choose other colours", "change_theme"),
    Command("Picture", "Save a picture (SVG) of the screen", "picture"),
    Command("Quit", "End the session and leave", "quit"),
)
