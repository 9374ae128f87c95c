"""Reads a profile: options for `stt-monitor` in a TOML file in the user's configuration directory."""

import stat
from pathlib import Path
from typing import Any, NamedTuple

from stt_monitor.core.errors import InputError
from stt_monitor.core.text.suggestion import did_you_mean

_TABLE = "profile"
"""The profile `phone` is the table `[profile.phone]`."""


class Profile(NamedTuple):
    """A profile, as it is written."""

    place: str
    """Where it is, for messages."""
    options: dict[str, Any]
    """Values as TOML has them, by the names of options without the dashes."""


def config_file() -> Path:
    """Return the file of profiles: `config.toml`, where this system keeps a user's configuration."""
    from platformdirs import user_config_path  # not needed without a profile, as is what follows

    return user_config_path("stt-monitor", appauthor=False) / "config.toml"


def read_profile(name: str) -> Profile:
    """Read a profile by its name.

    Raises:
        InputError: there is no such file or profile, or it cannot be read; the message says which file.
    """
    try:
        path = config_file()
    except RuntimeError as error:  # older versions of platformdirs raise where the user has no home
        raise InputError(f"--profile {name}: no home directory to read it from: set HOME, or leave it out") from error
    profiles = _read(path, name).get(_TABLE, {})
    if not (isinstance(profiles, dict) and all(isinstance(each, dict) for each in profiles.values())):
        raise InputError(f"{path}: {_TABLE} is no table: write [{_TABLE}.{name}], and the options below it")
    if name not in profiles:
        known = f"it has {', '.join(profiles)}" if profiles else f"write [{_TABLE}.{name}], and the options below it"
        raise InputError(f"{path} has no profile {name}{did_you_mean(name, profiles)} ({known})")
    return Profile(f"{path}, profile {name}", profiles[name])


def _read(path: Path, name: str) -> dict[str, Any]:
    import tomllib

    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # reading a pipe would wait for good
            raise InputError(f"{path}: not a regular file; write the profiles into one")
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError as error:
        raise InputError(f"--profile {name}: there is no {path}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is not TOML: {error}") from error
