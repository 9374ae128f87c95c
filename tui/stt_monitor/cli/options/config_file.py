"""Reads `config.toml`, in the user's configuration directory: `[defaults]`, profiles, the theme of the screen."""

import stat
from pathlib import Path
from typing import Any, NamedTuple

from stt_monitor.core.errors import InputError
from stt_monitor.core.text.suggestion import did_you_mean

_PROFILES = "profile"
"""The profile `phone` is the table `[profile.phone]`."""
_DEFAULTS = "defaults"
_SCREEN = "screen"
_TABLES = (_DEFAULTS, _PROFILES, _SCREEN)
_THEME = "theme"


class Profile(NamedTuple):
    """Options, as they are written."""

    place: str
    """Where they are, for messages."""
    options: dict[str, Any]
    """Values as TOML has them, by the names of options without the dashes."""


def config_file() -> Path:
    """Return the path of `config.toml`, where this system keeps a user's configuration."""
    from platformdirs import user_config_path  # not needed to print help, as is what follows

    return user_config_path("stt-monitor", appauthor=False) / "config.toml"


def has_config() -> bool:
    """Return whether there is such a file, as far as can be seen."""
    try:
        return config_file().exists()
    except (RuntimeError, OSError):  # as below; or nobody may look
        return False


def why_unseen() -> str:
    """Say why nobody can see whether there is such a file; empty where that can be seen."""
    try:
        config_file().stat()
    except (RuntimeError, FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return f"{config_file()}: {error.strerror}"
    return ""


def read_profile(name: str) -> Profile:
    """Read a profile by its name.

    Raises:
        InputError: there is no such file or profile, or it cannot be read; the message says which file.
    """
    try:
        path = config_file()
    except RuntimeError as error:  # older versions of platformdirs raise where the user has no home
        raise InputError(f"--profile {name}: no home directory to read it from: set HOME, or leave it out") from error
    whole = _read(path)
    if whole is None:
        raise InputError(f"--profile {name}: there is no {path}")
    profiles = _profiles(path, whole, name)
    if name not in profiles:
        known = f"it has {', '.join(profiles)}" if profiles else f"write [{_PROFILES}.{name}], and the options below it"
        raise InputError(f"{path} has no profile {name}{did_you_mean(name, profiles)} ({known})")
    return Profile(f"{path}, profile {name}", profiles[name])


def read_defaults() -> Profile | None:
    """Read the options that hold without a profile too; None: there are none.

    Raises:
        InputError: the file cannot be read; the message says which.
    """
    whole = _read_any()
    if whole is None:
        return None
    options = _table(*whole, _DEFAULTS)
    return Profile(f"{whole[0]}, {_DEFAULTS}", options) if options else None


def profile_names() -> list[str]:
    """Return the names of all profiles.

    Raises:
        InputError: the file cannot be read; the message says which.
    """
    whole = _read_any()
    return [] if whole is None else list(_profiles(*whole, "NAME"))


def wanted_theme() -> str:
    """Return the theme that the screen is to begin with; empty: none is set.

    Raises:
        InputError: the file cannot be read; the message says which.
    """
    whole = _read_any()
    if whole is None:
        return ""
    screen = _table(*whole, _SCREEN)
    for name in screen.keys() - {_THEME}:
        raise InputError(f"{whole[0]}, {_SCREEN}: {name}: there is no such option{did_you_mean(name, [_THEME])}")
    theme = screen.get(_THEME, "")
    if not isinstance(theme, str):
        raise InputError(f"{whole[0]}, {_SCREEN}: {_THEME} takes the name of a theme, in quotes")
    return theme


def _read_any() -> tuple[Path, dict[str, Any]] | None:
    """Return the path and the content of the file; None if there is none, or no home directory."""
    try:
        path = config_file()
    except RuntimeError:
        return None
    whole = _read(path)
    return None if whole is None else (path, whole)


def _profiles(path: Path, whole: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    profiles = _table(path, whole, _PROFILES, f".{name}")
    if not all(isinstance(each, dict) for each in profiles.values()):
        raise InputError(f"{path}: {_PROFILES} is no table: write [{_PROFILES}.{name}], and the options below it")
    return profiles


def _table(path: Path, whole: dict[str, Any], name: str, below: str = "") -> dict[str, Any]:
    table = whole.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f"{path}: {name} is no table: write [{name}{below}], and the options below it")
    return table


def _read(path: Path) -> dict[str, Any] | None:
    """Return what is in the file; None: there is none."""
    import tomllib

    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # reading a pipe would wait for good
            raise InputError(f"{path}: not a regular file; write the options into one")
        whole = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is not TOML: {error}") from error
    for name in whole.keys() - set(_TABLES):
        known = ", ".join(f"[{each}]" for each in _TABLES)
        raise InputError(f"{path}: {name}: there is no such table{did_you_mean(name, _TABLES)} (there are {known})")
    return whole
