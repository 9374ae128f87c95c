"""The environment of a session: its audio, its service, and what recorded it."""

from typing import Final

from stt_monitor import __version__
from stt_monitor.core.local_server import with_protocol
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.sound.arms import arms_of
from stt_monitor.core.text.moments import when_exactly
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.report.formatting import clock
from stt_monitor.report.model import LoadedSession
from stt_monitor.services.registry import dialect_of, service_of

_REFERENCE: Final = {
    "vad": "detected in the audio that was sent (voice activity detection): false cut-offs are a proxy (~)",
    "clean vad": "detected in the audio before it was degraded: false cut-offs are a proxy (~)",
    "labels": "read from labels",
    "none": f"none: figures that need it are {NO_VALUE}",
}


def environment(each: LoadedSession) -> list[tuple[str, str]]:
    """Return names and values; text is as it came."""
    snapshot, session = each.snapshot, each.snapshot.session
    arms = arms_of(session)
    found_in = "clean vad" if arms and session.reference == "vad" else session.reference
    sound = f"{session.encoding}, {session.sample_rate} Hz, {session.chunk_ms} ms per frame"
    return [
        ("recording", each.name),
        ("source", f"{session.source}, {session.sent_channel}" if session.channel else session.source),
        ("started", when_exactly(session.started_at)),
        ("audio", f"{clock(snapshot.audio.position)} sent, as {sound}"),
        *([("degraded", f"{arms}: before it was sent, with a fixed seed")] if arms else []),
        ("reference speech", _REFERENCE.get(found_in, session.reference)),
        *_service(session),
        ("turn starts", f"{service_of(session).title} {dialect_of(session).onset.value}"),
        ("key terms", ", ".join(session.settings.keyterms) or NO_VALUE),
        ("recorded by", each.program or NO_VALUE),
        ("on", each.platform or NO_VALUE),
        ("report by", f"stt-monitor {__version__}"),
        *([("ended", snapshot.detail)] if snapshot.detail else []),
        *([("warning", snapshot.warning)] if snapshot.warning else []),
        *([("error", snapshot.error)] if snapshot.error and snapshot.error != snapshot.detail else []),
    ]


def local_server_note(each: LoadedSession) -> str:
    """Return a note that the local server was measured, not the vendor's service; empty if it was not."""
    session = each.snapshot.session
    if not session.server:
        return ""
    return f"Figures measured against the local server, not against {service_of(session).title}."


def _service(session: SessionRecord) -> list[tuple[str, str]]:
    if session.server:
        return [
            ("service", with_protocol(session.server, service_of(session).title)),
            ("address", session.url or NO_VALUE),
        ]
    return [("service", session.url or NO_VALUE), ("model", session.model)]


def settings_changed(each: LoadedSession) -> bool:
    """Return whether turn settings changed during the session."""
    return len({turn.turn.settings for turn in each.snapshot.finished} | {each.snapshot.settings}) > 1
