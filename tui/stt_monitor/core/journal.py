"""The journal of a session: every input of a `Monitor`, one entry each, in the order of time.

A session is its entries: applied to another monitor they give the same records and the same snapshot, to the last
digit (JSON keeps floats exactly). So writing entries is recording, and applying them again is replaying. A new input of
the monitor is a new entry here, with its handler in `Monitor.apply`.

Times are seconds of session, positions seconds of audio.
"""

from collections.abc import Callable

import msgspec

from stt_monitor.core.records.session import Connection, RecordingState, SessionRecord
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Retry
from stt_monitor.core.sound.audio_clock import Seconds, SentChunk
from stt_monitor.core.wire_frame import FrameKind


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind"):
    """Base of all entries but the first two: the time, seconds of session."""

    at: Seconds


class Began(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="began"):
    """The first entry: makes the monitor. `session.started_at` is the wall-clock time of second 0."""

    session: SessionRecord
    duration: Seconds | None = None
    """Length of the audio; None when unknown."""

    @property
    def at(self) -> float:
        """Time of the entry: second 0."""
        return 0.0


class Sent(msgspec.Struct, frozen=True, tag_field="kind", tag="sent"):
    """A chunk of audio was handed to the socket."""

    chunk: SentChunk
    level_db: float | None = None
    """Peak, dB relative to full scale."""

    @property
    def at(self) -> float:
        """Time of the handover."""
        return self.chunk.sent_at


class Addressed(_Entry, frozen=True, tag="addressed"):
    """The URL of the service is known. `url` has no credentials and no query; empty when none was found."""

    url: str
    local: bool = False
    """Whether it is the local server, started by this program."""


class ConnectionChanged(_Entry, frozen=True, tag="connection"):
    """The state of the connection changed; `detail` is a sentence for the user, or empty."""

    state: Connection
    detail: str = ""
    retry: Retry | None = None
    local: bool = False
    """Whether the handshake identified the local server."""


class Failed(_Entry, frozen=True, tag="failed"):
    """An error for the user."""

    sentence: str
    warning: bool = False
    """It is no failure: something looks wrong with what was given, such as its sample rate."""


class Received(_Entry, frozen=True, tag="received"):
    """A text frame from the service, verbatim."""

    text: str


class ReceivedBytes(_Entry, frozen=True, tag="received_bytes"):
    """A binary frame from the service."""

    data: bytes


class FramePassed(_Entry, frozen=True, tag="frame"):
    """A frame without an entry of its own: a handshake, ping, pong or close, or a text frame that we sent.

    For the wire log only. The fields are those of `WireFrame`, verbatim but for our secrets.
    """

    frame: FrameKind
    sent: bool = False
    size: int = 0
    text: str | None = None
    code: int | None = None
    took: Seconds | None = None


class Configured(_Entry, frozen=True, tag="config"):
    """Changed turn settings were sent to the service."""

    turn: TurnSettings


class Quieted(_Entry, frozen=True, tag="quiet"):
    """A file was paused or live audio muted, or no longer."""

    quiet: bool


class Returned(_Entry, frozen=True, tag="returned"):
    """Audio from `position` on was lost; `length` seconds of it will be sent again, at new positions."""

    position: Seconds
    length: Seconds


class CloseSent(_Entry, frozen=True, tag="close_sent"):
    """`close` is being sent: it flushes the turns that end from now on."""

    goes_on: bool = False
    """Whether the audio goes on over another connection, which other settings need."""


class ConnectionLost(_Entry, frozen=True, tag="connection_lost"):
    """The socket is gone, whatever the cause."""


class SpeechOnset(_Entry, frozen=True, tag="speech_onset"):
    """Reference speech began at `position`."""

    position: Seconds
    continues: bool = False
    """Whether it goes on with the labelled turn of the speech before, after a pause (`Span.continues`)."""


class SpeechEnd(_Entry, frozen=True, tag="speech_end"):
    """Reference speech ended at `position`."""

    position: Seconds
    pauses: bool = False
    """Whether its labelled turn goes on after a pause (`Span.pauses`)."""


class SpeechDecided(_Entry, frozen=True, tag="speech_decided"):
    """All reference speech up to `position` is known."""

    position: Seconds


class SpeechFinished(_Entry, frozen=True, tag="speech_finished"):
    """The audio has ended: all reference speech is known."""


class AgentOnset(_Entry, frozen=True, tag="agent_onset"):
    """The agent of the call began to speak at `position` of the audio sent; echoes of the caller are none."""

    position: Seconds


class AgentEnd(_Entry, frozen=True, tag="agent_end"):
    """The agent fell silent at `position`."""

    position: Seconds


class AgentDecided(_Entry, frozen=True, tag="agent_decided"):
    """All speech of the agent up to `position` is known; `SpeechFinished` ends it too."""

    position: Seconds


class SpeechAbandoned(_Entry, frozen=True, tag="speech_abandoned"):
    """No more reference speech is looked for: the detector was too slow. What it has found stays."""


class HealthReported(_Entry, frozen=True, tag="vitals"):
    """Health of connection and capture, as in `Health`; None keeps the last round trip."""

    round_trip: Seconds | None = None
    waiting_s: Seconds = 0.0
    dropped_s: Seconds = 0.0
    unconfirmed_s: Seconds = 0.0
    overruns: int = 0
    send_lag: Seconds = 0.0
    """Of the chunk that waits for the socket; 0 without one."""
    unacknowledged_s: float | None = None
    """Audio sent that the other end of the line has not acknowledged, if more than usual, else 0; None where the system
    does not tell."""


class RecordingChanged(_Entry, frozen=True, tag="recording"):
    """Recording started or stopped, or deleted old recordings."""

    state: RecordingState


class Finished(_Entry, frozen=True, tag="finished"):
    """The last entry, unless the program was killed."""

    turns: int = 0
    """Finished turns, for readers of this entry alone."""


Entry = (
    Began | Sent | Addressed | ConnectionChanged | Failed | Received | ReceivedBytes | FramePassed
    | Configured | Quieted | Returned | CloseSent | ConnectionLost | SpeechOnset | SpeechEnd | SpeechDecided
    | SpeechFinished | SpeechAbandoned | AgentOnset | AgentEnd | AgentDecided | HealthReported | RecordingChanged
    | Finished
)  # fmt: skip

Append = Callable[[Entry], None]
"""Appends an entry to a session's journal."""


def received(at: float, frame: str | bytes) -> Received | ReceivedBytes:
    """Make the entry of a frame from the service."""
    return Received(at, frame) if isinstance(frame, str) else ReceivedBytes(at, frame)
