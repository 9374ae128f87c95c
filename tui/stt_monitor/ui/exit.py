"""How the screen is left: the session is asked to stop, and given a while."""

import signal
from typing import Final

INTERRUPTED: Final = 128 + signal.SIGINT
"""The exit code of a program that was interrupted."""

PATIENCE_S: Final = 2.0
"""How long a session may take to end in order."""

POLL_S: Final = 0.05
"""How often it is asked whether it has ended."""
