"""Records of how a session is set up and how it is doing, as `--json` prints them."""

from enum import Enum
from typing import Final

import msgspec

from stt_monitor.core.local_server import LOCAL_SERVER, MODEL
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings import Settings, TurnSettings

SCHEMA_VERSION: Final = 1
"""Of the lines of `--json`. Fields may be added under the same version; one renamed or taken away makes the next."""


class Connection(Enum):
    """How things stand between us and the service."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


class SessionRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="session"):
    """The first line of each session: what is heard, and by which service. It alone has no `t`."""

    started_at: str
    """When second 0 of the session was, RFC 3339, UTC."""
    source: str
    """Name of the recording or microphone."""
    url: str
    """The address asked for, without credentials and query; empty where it was not known yet."""
    model: str
    """What recognises, if the server said that; else the model that is asked for, which `settings` has in any case."""
    encoding: str
    """Of the samples as they are sent, in the service's words: `pcm_s16le`."""
    sample_rate: int
    """Of the samples as they are sent, Hz."""
    chunk_ms: int
    """Audio in one frame, milliseconds."""
    settings: Settings
    """What the session asks of the service when it connects."""
    reference: str
    """Where reference speech comes from: `vad`, `labels`, or `none`."""
    source_kind: SourceKind = SourceKind.FILE
    """What sort of sound is heard."""
    server: str = ""
    """What is measured, where that is known: `local server (Moonshine)`. Empty: whatever answers at `url`."""

    channel: str = ""
    """What of the source's channels is heard: `mix of 2`, `channel 1 of 2`; empty where there is one alone."""
    service: str | msgspec.UnsetType = msgspec.UNSET
    """Which service it is about; not there in recordings from before there was a choice."""
    schema_version: int = SCHEMA_VERSION
    """Version of the lines that follow; an old recording is printed in the present one."""

    def __post_init__(self) -> None:
        """Tell the version that is printed, whichever wrote a recording."""
        msgspec.structs.force_setattr(self, "schema_version", SCHEMA_VERSION)

    @property
    def heard_by(self) -> str:
        """What recognises, for people: the local server, or the model that is asked for."""
        return self.server or self.model

    def heard_locally(self) -> "SessionRecord":
        """Return the record of the same session, once it is known that the local server hears it."""
        return msgspec.structs.replace(self, server=LOCAL_SERVER, model=MODEL)


class ConfigRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="config"):
    """Other turn settings apply from now on."""

    t: float
    settings: TurnSettings
    """All of them; what is not set is left to the service."""
    refused: bool = False
    """The service refused the last change: these are the settings from before it."""


class Health(msgspec.Struct, frozen=True):
    """How sound and line are doing. Times are seconds.

    Of the audio that was captured, `audio_sent_s` - `resent_s` + `waiting_s` + `dropped_s` is the whole.
    """

    audio_sent_s: float = 0.0
    """Handed to a socket; what was sent again counts again, so that it only grows."""
    send_lag: float = 0.0
    """From the last sample of the newest chunk to its having been sent; it grows while the socket does not take it."""
    send_lag_max: float = 0.0
    """The greatest `send_lag` of the session."""
    round_trip: float | None = None
    """Of the last websocket ping that was answered, or the age of one that was not as soon as that is more."""
    waiting_s: float = 0.0
    """Captured, and to be sent still: it grows while the line is slow or down."""
    dropped_s: float = 0.0
    """Captured and never sent, because it had waited for too long."""
    unconfirmed_s: float = 0.0
    """The part of `audio_sent_s` of which nobody knows whether the service has heard it: sent after the last ping that
    was answered. It counts what went to connections that then died, and what is on its way if that is more than half a
    second."""
    resent_s: float = 0.0
    """The part of `audio_sent_s` that was taken back from connections that were found dead, to be sent again: of a file
    none is lost in them."""
    overruns: int = 0
    """How often the system lost audio before it could be captured."""
    clipped: int = 0
    """Chunks whose peak reached full scale."""
    peak_db: float | None = None
    """The highest peak of all chunks, dB below full scale; None before the first."""
    level_db: float | None = None
    """The peak of the newest chunk, dB below full scale."""
    reconnects: int = 0
    """Connections after the first."""
    server_lag: float | None = None
    """Of the local server: audio received and not judged yet, as it told last; None where nobody tells."""
    server_lag_max: float | None = None
    """The greatest `server_lag` of the session."""


class StatusRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="status"):
    """The connection changed."""

    t: float
    connection: str
    """`connecting`, `connected`, `reconnecting`, `closed`."""
    detail: str
    """Why, in a sentence for people; empty where there is nothing to say."""
    health: Health
    """How sound and line were doing then."""
    server: str = ""
    """As in the session's record, which may have been written before it was known."""


class RecordingState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a session is being kept, and how that goes."""

    path: str
    """The folder of the recording."""
    stopped: str = ""
    """Why no more of the session is kept; empty while it is."""
    deleted: int = 0
    """How many old recordings had to make room for it."""


class RecordingRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="recording"):
    """The session is being recorded, or is so no longer."""

    t: float
    path: str
    """The folder of the recording."""
    stopped: str
    """Why no more of the session is recorded; empty while it is."""
    deleted: int
    """How many old recordings had to make room for it."""


class HealthRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="health"):
    """How sound and line are doing: every two seconds, as long as audio is being sent or waits."""

    t: float
    connection: str
    """As in `status`."""
    health: Health
    """How they are doing now."""
