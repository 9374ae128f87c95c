"""The journal of a session: all that a `Monitor` is ever told, one entry for each thing, in the order of time.

A session knows nothing but what its entries say: fed to another monitor they give the same records and the same
snapshot, to the last digit (JSON keeps a float exactly). So writing them down is recording, and feeding them again is
replaying. A new input of the monitor is a new entry here, with its case in `Monitor.take`.

All times are seconds of session, all positions seconds of audio.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection, RecordingState, SessionRecord
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Retry, Snapshot
from stt_monitor.core.sound.audio_clock import Seconds, SentChunk
from stt_monitor.core.wire_frame import FrameKind, WireFrame


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind"):
    """What all entries but the first two have: when the monitor was told, seconds of session."""

    at: Seconds


class Began(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="began"):
    """Always the first: makes the monitor. `session.started_at` is the wall-clock time of second 0."""

    session: SessionRecord
    duration: Seconds | None = None
    """How long the audio is; None when nobody knows."""

    @property
    def at(self) -> float:
        """The beginning."""
        return 0.0


class Sent(msgspec.Struct, frozen=True, tag_field="kind", tag="sent"):
    """A chunk of audio was handed to the socket."""

    chunk: SentChunk
    level_db: float | None = None
    """Its peak, dB of full scale."""

    @property
    def at(self) -> float:
        """When it was."""
        return self.chunk.sent_at


class Addressed(_Entry, frozen=True, tag="addressed"):
    """It is known where the service is. `url` has no credentials and no query; it is empty when none was found."""

    url: str
    local: bool = False
    """It is the local server, started by this program."""


class ConnectionChanged(_Entry, frozen=True, tag="connection"):
    """The connection changed; `detail` is a sentence for the user, or empty."""

    state: Connection
    detail: str = ""
    retry: Retry | None = None
    local: bool = False
    """The other end said in the handshake that it is the local server."""


class Failed(_Entry, frozen=True, tag="failed"):
    """Something went wrong that the user should read."""

    sentence: str


class Received(_Entry, frozen=True, tag="received"):
    """A text frame came from the service; `text` is it, verbatim."""

    text: str


class ReceivedBytes(_Entry, frozen=True, tag="received_bytes"):
    """A binary frame came, though the service sends none."""

    data: bytes


class FramePassed(_Entry, frozen=True, tag="frame"):
    """A frame went by that no other entry tells of: a handshake, a ping, pong or close, or a text that was sent.

    The monitor learns nothing from it. The fields are those of `WireFrame`; what the service says in them is without
    our secrets, and else verbatim.
    """

    frame: FrameKind
    sent: bool = False
    size: int = 0
    text: str | None = None
    code: int | None = None
    took: Seconds | None = None


class Configured(_Entry, frozen=True, tag="config"):
    """Other turn settings are asked of the service."""

    turn: TurnSettings


class Quieted(_Entry, frozen=True, tag="quiet"):
    """A file is paused, or something live is muted; or no longer."""

    quiet: bool


class Returned(_Entry, frozen=True, tag="returned"):
    """What was sent from `position` on has not arrived; `length` seconds of it will be sent again, at new positions."""

    position: Seconds
    length: Seconds


class CloseSent(_Entry, frozen=True, tag="close_sent"):
    """`close` is being sent: turns that end from now on were flushed by it."""


class ConnectionLost(_Entry, frozen=True, tag="connection_lost"):
    """The socket is gone, in whatever way."""


class SpeechOnset(_Entry, frozen=True, tag="speech_onset"):
    """Reference speech began at `position`."""

    position: Seconds


class SpeechEnd(_Entry, frozen=True, tag="speech_end"):
    """Reference speech ended at `position`."""

    position: Seconds


class SpeechDecided(_Entry, frozen=True, tag="speech_decided"):
    """All reference speech up to `position` is known."""

    position: Seconds


class SpeechFinished(_Entry, frozen=True, tag="speech_finished"):
    """No more audio will come: all reference speech is known."""


class VitalsReported(_Entry, frozen=True, tag="vitals"):
    """How connection and capture are doing, in the terms of `Health`; None leaves the round trip as it was."""

    round_trip: Seconds | None = None
    waiting_s: Seconds = 0.0
    dropped_s: Seconds = 0.0
    unconfirmed_s: Seconds = 0.0
    overruns: int = 0
    send_lag: Seconds = 0.0
    """Of a chunk that the socket does not take, so far; 0 while none waits for it."""


class RecordingChanged(_Entry, frozen=True, tag="recording"):
    """The session is being kept, or is so no longer, or others were deleted for it."""

    state: RecordingState


class Finished(_Entry, frozen=True, tag="finished"):
    """The session is over: always the last, unless the program was killed."""

    turns: int = 0
    """How many ended in it, for those who read nothing else."""


Entry = (
    Began | Sent | Addressed | ConnectionChanged | Failed | Received | ReceivedBytes | FramePassed
    | Configured | Quieted | Returned | CloseSent | ConnectionLost | SpeechOnset | SpeechEnd | SpeechDecided
    | SpeechFinished | VitalsReported | RecordingChanged | Finished
)  # fmt: skip

Take = Callable[[Entry], None]
"""Takes an entry for a session: its monitor is told, its records go out, its observer sees it."""


def received(at: float, frame: str | bytes) -> Received | ReceivedBytes:
    """Make the entry of a frame from the service."""
    return Received(at, frame) if isinstance(frame, str) else ReceivedBytes(at, frame)


class Observer(Protocol):
    """Sees a session go by, to keep it. Called inside the session's event loop: it must return at once."""

    def entered(self, entry: Entry) -> None:
        """See an entry, before the monitor takes it; all of them come, in order."""

    @property
    def state(self) -> RecordingState | None:
        """How it goes; None when there is nothing to say."""

    def close(self) -> None:
        """Take note that no more will come. The one call that may wait, for a few seconds: give it a thread."""

    def heard(self, position: int, data: bytes) -> None:
        """See audio that was sent: whole samples, the first of them at `position` (in samples of the session)."""


class Listeners(msgspec.Struct, frozen=True):
    """Who is told what a session does, inside its event loop; they must return at once."""

    on_record: Callable[[Record], None]
    """Gets every record, in order."""
    on_snapshot: Callable[[Snapshot], None]
    """Gets a snapshot at every event, and 20 times a second."""
    on_frame: Callable[[WireFrame], None] | None = None
    """Gets every frame of the websocket, in or out."""
    observer: Observer | None = None
    """Sees the journal and the audio."""
