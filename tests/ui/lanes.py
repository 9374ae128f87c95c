"""Sessions with several services, for the screen."""

from collections.abc import Callable

import msgspec
from tests.support.lanes import Run

from stt_monitor.core.snapshot import Playback, Snapshot

SERVICES = ("cartesia", "flux", "voxtral")
WORDS = (
    "Hello there, I am calling about the booking that I made.",
    "It was for two, not for twenty.",
    "Yes, on Friday at eight o'clock.",
    "No, that is all, thank you.",
)
MISHEARD = (
    "Hello there, I am calling about booking that I made.",
    "It was for two, not for twelve.",
    "Yes, on Friday at eight o'clock.",
    "No, that is all, thank you.",
)
PAUSED, MISSED = 4, 3
"""The stretches with a pause, in which the last service ends the turn, and that which the second one misses."""


def talk(*services: str) -> Run:
    """Let all hear nine stretches of speech. They do as `PAUSED` and `MISSED` say, and the first makes up a turn."""
    run = Run(*(services or SERVICES)).to(0.1).connect()
    names = list(run.lanes)
    for number in range(9):
        _stretch(run, number, 1.0 + 4 * number, names)
    run.to(38).say(38.2, names[0], "turn.start").say(38.6, names[0], "turn.end", "Thank you.")
    return run.to(42).decided()


def _stretch(run: Run, number: int, at: float, names: list[str]) -> None:
    acts: list[tuple[float, Callable[[float], object]]] = [(at, run.onset), (at + 2, run.silence)]
    if number == PAUSED:
        acts += [(at + 1.0, run.silence), (at + 1.6, run.onset)]
    for place, name in enumerate(names):
        if number == MISSED and place == 1:
            continue
        text = (MISHEARD if place == 1 else WORDS)[number % len(WORDS)]
        said = [(0.2 + place / 10, "turn.start", None), (0.5 + place / 10, "turn.update", text[:12])]
        if number == PAUSED and name == names[-1]:
            said += [(1.3, "turn.end", text[:20]), (1.8, "turn.start", None)]
            text = text[20:]
        said += [
            (2.1 + place / 20, "turn.eager_end", text),
            (2.3 + (number + place) % len(names) / 10, "turn.end", text),
        ]
        acts += [(at + after, _say(run, name, kind, words)) for after, kind, words in said]
    for when, act in sorted(acts, key=lambda each: each[0]):
        act(when)


def _say(run: Run, name: str, kind: str, words: str | None) -> Callable[[float], object]:
    return lambda at: run.say(at, name, kind, words)


def growing(*services: str) -> Run:
    """Go on with an open turn of each service."""
    run = talk(*services).onset(42)
    names = list(run.lanes)
    for name in names:
        run.say(42.4, name, "turn.start").say(42.8, name, "turn.update", "One more")
    return run.say(43.0, names[-1], "turn.update", "One more thing").to(43.5)


def troubled(*services: str) -> Run:
    """Lose the connection of the first service, and have the last one refuse."""
    run = growing(*services)
    names = list(run.lanes)
    run.lose(names[0], "The service closed the connection (1011).")
    return run.refuse(names[-1], "The service refused the connection (401): its key is not valid.")


def several() -> tuple[Snapshot, ...]:
    """Return pictures at all moments."""
    playing = growing().snapshot()
    return (
        Run(*SERVICES).snapshot(),
        Run(*SERVICES).to(0.5).connect().snapshot(),
        talk().snapshot(),
        playing,
        troubled().snapshot(),
        growing().finish().snapshot(),
        msgspec.structs.replace(playing, playback=Playback(2.0, paused=True, duration=60.0)),
    )
