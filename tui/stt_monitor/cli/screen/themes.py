"""The theme that a screen begins with, and remembering another one that is chosen on it."""

from typing import TYPE_CHECKING

from stt_monitor.cli.options.config_file import has_config, wanted_theme
from stt_monitor.core.errors import InputError
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.system.user_state import read_state, remember_theme

if TYPE_CHECKING:
    from stt_monitor.ui.guarded_app import GuardedApp


def run_in_theme(app: "GuardedApp") -> int:
    """Run an app in the user's theme until the user quits; return its exit code.

    Raises:
        InputError: `config.toml` names a theme that there is not.
    """
    configured = wanted_theme() if has_config() else ""
    known = app.available_themes
    if configured and configured not in known:
        raise InputError(f"config.toml, screen: there is no theme {configured}{did_you_mean(configured, known)}")
    state = read_state()
    chosen = state.theme if state.theme in known and state.theme_instead_of == configured else ""
    begun = chosen or configured or app.theme
    if begun != app.theme:
        app.theme = begun
    code = app.run_to_end()
    if app.theme != begun:
        remember_theme(app.theme, configured)
    return code
