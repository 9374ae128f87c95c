"""A recorded terminal, in asciicast v2: the format of asciinema, which players on web pages take too."""

from collections.abc import Iterable, Iterator

import msgspec

_BLANK = "\x1b[?25l\x1b[2J\x1b[H"
"""Hides the cursor, and begins on an empty screen."""


def asciicast(
    frames: Iterable[tuple[float, str]], *, title: str, timestamp: int | None, columns: int, rows: int
) -> Iterator[str]:
    """Yield the lines of a recording.

    Args:
        frames: times in seconds, and what the terminal gets then.
        title: what a player shows.
        timestamp: when it began, seconds since 1970; None: not known.
        columns: width of the terminal.
        rows: height of the terminal.
    """
    header = {"version": 2, "width": columns, "height": rows, "title": title, "env": {"TERM": "xterm-256color"}}
    yield _line(header if timestamp is None else header | {"timestamp": timestamp})
    yield _line([0.0, "o", _BLANK])
    for at, output in frames:
        if output:
            yield _line([round(at, 3), "o", output])


def _line(value: object) -> str:
    return msgspec.json.encode(value).decode() + "\n"
