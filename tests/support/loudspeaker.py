"""A loudspeaker without hardware: the real PortAudio and ALSA, which write what is played to a file."""

import os
import time
from pathlib import Path

import pytest
from tests.support.patience import PATIENCE_S

from stt_monitor.core.commands import Play
from stt_monitor.session.switching import SwitchingController

_SINK = 'pcm.null {{ type null }}\npcm.sink {{ type file slave.pcm null file "{path}" format "raw" }}\n'
_DEFAULTS = {
    "any": 'pcm.!default {{ type file slave.pcm null file "{path}" format "raw" }}\n',
    "mono": "pcm.!default {{ type multi slaves.a {{ pcm sink channels 1 }} bindings.0 {{ slave a channel 0 }} }}\n",
}


class Loudspeaker:
    """The default output of ALSA in this process and those that it starts.

    Kinds: `any` takes everything, and is played on two channels; `mono` has one.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, kind: str = "any", *, slow: bool = False) -> None:
        """`slow`: it takes only what the test `hears`, and little beyond that."""
        self.path = folder / "played"
        self.configuration = folder / "alsa.conf"
        self.configuration.write_text((_SINK + _DEFAULTS[kind]).format(path=self.path))
        patch.setenv("ALSA_CONFIG_PATH", str(self.configuration))
        self._fd: int | None = None
        if slow:
            os.mkfifo(self.path)
            self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    @property
    def played(self) -> bytes:
        """All that a speaker that is not slow has played."""
        return self.path.read_bytes() if self.path.exists() else b""

    def hears(self, size: int) -> bytes:
        """Take so many bytes from a slow speaker."""
        assert self._fd is not None
        data, until = b"", time.monotonic() + PATIENCE_S
        while len(data) < size:
            assert time.monotonic() < until, "nothing is played"
            try:
                data += os.read(self._fd, size - len(data))
            except BlockingIOError:
                time.sleep(0.005)
        return data

    def rest(self) -> bytes:
        """Take what is left in a slow speaker."""
        assert self._fd is not None
        pieces = []
        try:
            while piece := os.read(self._fd, 1 << 16):
                pieces.append(piece)
        except BlockingIOError:
            pass
        return b"".join(pieces)

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)


def until_silent(controller: SwitchingController) -> None:
    """Wait until nothing is played any more."""
    until = time.monotonic() + PATIENCE_S
    while (hearing := controller._playing._hearing) is not None and hearing.position is not None:
        assert time.monotonic() < until, "it goes on and on"
        time.sleep(0.005)


def play(problems: list[str], turn: int | None = None, at: float | None = None) -> Play:
    """Ask for a turn; what goes wrong is added to `problems`."""
    return Play(problems.append, turn, at)
