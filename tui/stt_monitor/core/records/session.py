"""Records of a session's setup and health, as `--json` prints them."""

from enum import Enum
from typing import Final

import msgspec

from stt_monitor.core.local_server import LOCAL_SERVER, MODEL
from stt_monitor.core.records.fields import Line
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.stall import Evidence

SCHEMA_VERSION: Final = 1
"""Version of the lines of `--json`. Adding fields keeps it; renaming or removing one raises it."""


ARRIVAL: Final = "arrival"
"""Of `SessionRecord.anchor`."""

_SIDES: Final = {"channel 1 of 2": "left of 2", "channel 2 of 2": "right of 2"}
"""What people call the channels of two."""


class Connection(Enum):
    """State of the connection to the service."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


class SessionRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="session"):
    """The first line of each session: its source and its service. The only record without `t`."""

    started_at: str
    """Wall-clock time of second 0 of the session, RFC 3339, UTC."""
    source: str
    """Name of the file or microphone, or number of the call."""
    url: str
    """URL of the service, without credentials and query; empty where it was not known yet."""
    model: str
    """The recogniser, if the server reported it; else the model requested, which is also in `settings`."""
    encoding: str
    """Encoding of the audio sent, by the service's name: `pcm_s16le`."""
    sample_rate: int
    """Sample rate of the audio sent, Hz."""
    chunk_ms: int
    """Audio per frame, milliseconds; 0 in a call where that is not known before the audio."""
    settings: Settings
    """Settings requested from the service when connecting."""
    reference: str
    """Source of reference speech: `vad`, `labels`, or `none`."""
    source_kind: SourceKind = SourceKind.FILE
    """Kind of source."""
    server: str = ""
    """The server, where known: `local server (Moonshine)`. Empty: whatever answers at `url`."""

    channel: str = ""
    """Channel of the source: `mix of 2`, `channel 1 of 2`; empty for mono."""
    service: str | msgspec.UnsetType = msgspec.UNSET
    """Name of the service; missing in recordings from before there was a choice."""
    labelled_turns: bool = False
    """Whether the reference tells turns and the pauses in them, as labels do: then `false_cutoff` is exact, else a
    proxy. False in recordings from before that."""
    audio_id: str | msgspec.UnsetType = msgspec.UNSET
    """Hash of the file's audio in the chosen channel: equal for all sessions of the same audio. Missing
    without a file, and in old recordings."""
    degraded: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    """What `--degrade` did to the audio before it was sent, in order: `phone`, `noise:10`. Missing: nothing."""
    agent: str | msgspec.UnsetType = msgspec.UNSET
    """Channel of the agent, measured but not sent: `channel 2 of 2`. Missing without `--agent`."""
    file: str | msgspec.UnsetType = msgspec.UNSET
    """The file that it is about; missing but with `-j`, where several play at once."""
    call: int | msgspec.UnsetType = msgspec.UNSET
    """Number of the call that it is about; missing but in what a tap prints."""
    anchor: str | msgspec.UnsetType = msgspec.UNSET
    """`arrival` in calls: sound counts as spoken when it arrives at the tap, so that the way from the caller to the
    agent is not in the figures. Missing: when it was captured, or when it was due in the file."""
    schema_version: int = SCHEMA_VERSION
    """Version of the lines that follow; old recordings are printed in the current one."""

    def __post_init__(self) -> None:
        """Set the version that is printed, not the one that wrote a recording."""
        msgspec.structs.force_setattr(self, "schema_version", SCHEMA_VERSION)

    @property
    def sent_channel(self) -> str:
        """The channel that is sent, for display: `left of 2 (agent right)`; empty for mono."""
        sent, agent = (_SIDES.get(each, each) for each in (self.channel, self.agent or ""))
        return f"{sent} (agent {agent.removesuffix(' of 2')})" if agent else sent

    @property
    def recogniser_name(self) -> str:
        """The recogniser, for display: the local server, or the model requested."""
        return self.server or self.model

    def with_local_server(self) -> "SessionRecord":
        """Return the record of the same session, with the local server as its server."""
        return msgspec.structs.replace(self, server=LOCAL_SERVER, model=MODEL)


class ConfigRecord(Line, frozen=True, tag_field="kind", tag="config"):
    """The turn settings changed."""

    t: float
    settings: TurnSettings
    """All settings from now on; those not set are the service's defaults."""
    refused: bool = False
    """The service rejected the last change: these are the settings from before it."""


class QuietRecord(Line, frozen=True, tag_field="kind", tag="quiet"):
    """A file was paused or live audio muted: silence is sent in its place. Or no longer."""

    t: float
    quiet: bool
    """Whether it is from now on."""
    how: str
    """`paused` (a file) or `muted` (live audio)."""


class Health(msgspec.Struct, frozen=True):
    """Health of audio and connection. Times are seconds.

    All audio captured is `audio_sent_s` - `resent_s` + `waiting_s` + `dropped_s`.
    """

    audio_sent_s: float = 0.0
    """Audio handed to a socket; audio sent again counts again, so that this only grows."""
    send_lag: float = 0.0
    """From the last sample of the newest chunk to its handover, less the jitter that was asked for (`--degrade`); grows
    while the socket accepts no data."""
    send_lag_max: float = 0.0
    """The greatest `send_lag` of the session."""
    round_trip: float | None = None
    """Round trip of the last answered websocket ping, or the age of an unanswered one once that is more."""
    waiting_s: float = 0.0
    """Audio captured but not sent yet: grows while the connection is slow or down."""
    dropped_s: float = 0.0
    """Audio captured but never sent, because it had waited for too long."""
    unconfirmed_s: float = 0.0
    """Part of `audio_sent_s` that may not have reached the service: sent after the last answered ping. Includes audio
    sent over connections that died, and audio in flight if that is more than half a second."""
    resent_s: float = 0.0
    """Part of `audio_sent_s` that goes out again because its connection died: files lose nothing there."""
    overruns: int = 0
    """Times that the system lost audio before capture."""
    clipped: int = 0
    """Chunks whose peak reached full scale."""
    peak_db: float | None = None
    """The highest peak of all chunks, dB relative to full scale; None before the first."""
    level_db: float | None = None
    """The peak of the newest chunk, dB relative to full scale."""
    reconnects: int = 0
    """Connections after the first, but for those that other settings needed."""
    stalls: int = 0
    """Stalls: times without events during speech (`stall`)."""
    server_lag: float | None = None
    """Audio that the local server has received but not processed, by its last report; None where unknown."""
    server_lag_max: float | None = None
    """The greatest `server_lag` of the session."""


class StatusRecord(Line, frozen=True, tag_field="kind", tag="status"):
    """The state of the connection changed."""

    t: float
    connection: str
    """`connecting`, `connected`, `reconnecting`, `closed`."""
    detail: str
    """The reason, in a sentence for people; may be empty."""
    health: Health
    """Health at that time."""
    server: str = ""
    """As in `session`, which may have been written before the server was known."""


class WarningRecord(Line, frozen=True, tag_field="kind", tag="warning"):
    """Something looks wrong with what was given, such as the sample rate: no failure, but figures may be wrong."""

    t: float
    sentence: str
    """For people: what, and how to mend it."""


class StallRecord(Line, frozen=True, tag_field="kind", tag="stall"):
    """A stall: no events during speech, more is known of the cause, or events come again."""

    t: float
    blame: str
    """Whose fault it is: `line`, `service`, `machine` (this one), `unknown`; empty: events come again."""
    sentence: str
    """For people: how that is known; empty when events come again."""
    since: float
    """When the last event came, or the connection was opened, seconds of session."""
    evidence: Evidence
    """What was known when it began, or when the cause became known."""


class RecordingState(msgspec.Struct, frozen=True, omit_defaults=True):
    """State of a session's recording."""

    path: str
    """Folder of the saved session; services side by side have one together."""
    stopped: str = ""
    """Why recording stopped; empty while it goes on."""
    deleted: int = 0
    """Old recordings deleted to make room."""
    first: bool = False
    """Whether no session had been saved there before: then the user is told that they are."""


class RecordingRecord(Line, frozen=True, tag_field="kind", tag="recording"):
    """Recording has started or stopped."""

    t: float
    path: str
    """Folder of the saved session; services side by side have one together."""
    stopped: str
    """Why recording stopped; empty while it goes on."""
    deleted: int
    """Old recordings deleted to make room."""
    first: bool | msgspec.UnsetType = msgspec.UNSET
    """True where no session had been saved there before; absent otherwise."""


class HealthRecord(Line, frozen=True, tag_field="kind", tag="health"):
    """Health of audio and connection, every two seconds while audio is sent or waits."""

    t: float
    connection: str
    """As in `status`."""
    health: Health
    """Health now."""
