"""What the program remembers of a user from run to run: the theme, and recent recordings and addresses."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

MOST: Final = 8
"""Recent recordings, and addresses, that are kept."""


class UserState(msgspec.Struct, frozen=True):
    """All of it."""

    theme: str = ""
    """The theme that was chosen on the screen last; empty: none was."""
    theme_instead_of: str = ""
    """The theme of `config.toml` at that time: once another is there, that one is meant."""
    files: tuple[str, ...] = ()
    """Paths of recordings, newest first."""
    addresses: tuple[str, ...] = ()
    """Addresses of services, newest first."""


def read_state() -> UserState:
    """Return what is remembered; nothing if there is no file, or none that can be read."""
    with suppress(OSError, RuntimeError, msgspec.DecodeError):  # RuntimeError: the user has no home
        return msgspec.json.decode(_file().read_bytes(), type=UserState)
    return UserState()


def remember_theme(theme: str, instead_of: str) -> None:
    """Remember a theme that was chosen on the screen, and that of `config.toml`."""
    _write(msgspec.structs.replace(read_state(), theme=theme, theme_instead_of=instead_of))


def remember_recent(*, files: tuple[str, ...] = (), addresses: tuple[str, ...] = ()) -> None:
    """Remember absolute paths of recordings, and addresses without secrets, as the newest."""
    state = read_state()
    newer = msgspec.structs.replace(
        state, files=_newest(files, state.files), addresses=_newest(addresses, state.addresses)
    )
    if newer != state:
        _write(newer)


def _newest(these: tuple[str, ...], before: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*these, *before)))[:MOST]


def _file() -> Path:
    from platformdirs import user_state_path  # not needed to print help

    return user_state_path("stt-monitor", appauthor=False) / "state.json"


def _write(state: UserState) -> None:
    """Write it whole or not at all. Nothing depends on it: where it cannot be written, it is not remembered."""
    with suppress(OSError, RuntimeError, UnicodeEncodeError):
        path = _file()
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.write_bytes(msgspec.json.format(msgspec.json.encode(state)))
        new.replace(path)
