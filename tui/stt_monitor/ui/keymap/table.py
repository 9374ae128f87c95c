"""Every key of the main screen: source of bindings, footer, command palette, help, notices and README."""

from typing import Final

from stt_monitor.ui.keymap.session_keys import SESSION_KEYS
from stt_monitor.ui.keymap.view_keys import VIEW_KEYS

KEYMAP: Final = (*SESSION_KEYS, *VIEW_KEYS)
"""In the order of the help."""
