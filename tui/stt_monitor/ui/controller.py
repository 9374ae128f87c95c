"""What the screen can ask of whoever runs the sessions."""

from collections.abc import Callable
from typing import Protocol

from stt_monitor.core.snapshot import Snapshot


class Controller(Protocol):
    """Runs sessions on a thread of its own. All methods return at once and may be called from the screen's thread."""

    def subscribe(self, on_snapshot: Callable[[Snapshot], None]) -> None:
        """Have every snapshot handed to `on_snapshot`, on the sessions' thread: at events and 20 times a second."""

    def start(self) -> None:
        """Start a session; without effect while one is running."""

    def stop(self) -> None:
        """End the session in order (`close` is sent, the last events awaited); without effect when none is running."""

    @property
    def running(self) -> bool:
        """Whether a session is running, from `start` until its last snapshot."""
