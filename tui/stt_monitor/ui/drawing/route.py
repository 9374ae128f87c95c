"""What goes where, in words: `bundled sample → local server (Moonshine); no key in the environment`."""

from typing import Final

from textual.content import Content

from stt_monitor.core.local_server import LOCAL_SERVER
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.services.registry import service, service_of
from stt_monitor.ui.formatting import host, on_this_machine

_CELLS: Final = (32, 20, 12)
"""Cells for the name of a source or a saved session, in ever shorter wordings."""
_FEWEST: Final = 9
"""Cells for the name of a host where there is no room for anything else."""


def routes(snapshot: Snapshot, no_key: str = "") -> list[str]:
    """Return wordings of what is sent or was measured, and where, the longest first.

    Args:
        snapshot: of a session.
        no_key: variable of the key that is not set, which is why sessions go to the local server; empty otherwise.
    """
    session = snapshot.session
    full, brief, briefest = _targets(session)
    if snapshot.playback is not None:
        names = [_cut(snapshot.playback.name or session.source, cells) for cells in _CELLS]
        against = [
            f"saved session {names[0]}, measured against {full}",
            f"saved session {names[1]}, measured against {brief}",
            f"saved session {names[1]}, {brief}",
            f"saved {names[1]}, {briefest}",
        ]
        return [*(against if full else [f"saved session {names[0]}"]), f"saved {names[2]}", "saved"]
    sources = [_source(session, cells) for cells in _CELLS]
    if not full:  # the address is not known yet
        return sources
    why = f"; no {no_key}" if no_key and session.server else ""
    return [
        *([f"{sources[0]} → {full}{why}", f"{sources[1]} → {brief}{why}"] if why else []),
        f"{sources[0]} → {full}",
        f"{sources[1]} → {brief}",
        f"{sources[2]} → {briefest}",
        f"→ {briefest}",
    ]


def _source(session: SessionRecord, cells: int) -> str:
    """Return the source, with the channel sent, in about the given width."""
    name = _cut(session.source, cells)
    channel = f", {clean(session.sent_channel)}" if session.channel else ""
    return f"microphone ({name})" if session.source_kind is SourceKind.MICROPHONE else f"{name}{channel}"


def _targets(session: SessionRecord) -> tuple[str, str, str]:
    """Return wordings of where the audio goes, the longest first; empty where that is not known yet."""
    spoken, where = service_of(session), host(session.url)
    if session.server:
        local = LOCAL_SERVER.partition(" (")[0]
        protocol = "" if spoken is service() else f", {spoken.title} protocol"
        away = f" at {where}" if where and not on_this_machine(where) else ""
        return f"{clean(session.server)}{protocol}{away}", f"{local}{protocol}", "local"
    if not where:
        return "", "", ""
    if where == host(spoken.url):
        return f"{spoken.title} {clean(session.model)}", f"{spoken.title} {clean(session.model)}", spoken.title
    told = f"{where} ({spoken.title} protocol, {clean(session.model)})"
    return told, where, "localhost" if on_this_machine(where) else _cut(where, _FEWEST)


def _cut(name: str, cells: int) -> str:
    return Content(clean(name)).truncate(cells, ellipsis=True).plain
