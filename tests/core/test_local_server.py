"""The local server is called what it is, and nothing else is."""

import json

import pytest

from stt_monitor import __version__
from stt_monitor.core.journal import Addressed, ConnectionChanged, received
from stt_monitor.core.local_server import is_local_server, server_header
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection, SessionRecord, StatusRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.services.cartesia import DIALECT

ASKED = SessionRecord("2026-01-01T00:00:00Z", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings("ink-2"), "none")
URL = "ws://127.0.0.1:8765/stt/turns/websocket"


@pytest.mark.parametrize("header", [server_header("0.1.0"), server_header(__version__), "stt-monitor"])
def test_it_is_known_by_its_header(header: str):
    assert is_local_server(header)


@pytest.mark.parametrize(
    "header", ["", "Python/3.11 websockets/17.4", "nginx", "stt-monitor-proxy/1", "a stt-monitor/1"]
)
def test_nobody_else_is(header: str):
    assert not is_local_server(header)


def connected(monitor: Monitor, *, local: bool) -> list[Record]:
    return monitor.apply(ConnectionChanged(0.2, Connection.CONNECTED, local=local))


def test_a_session_that_started_it_says_so_from_the_first():
    (first,) = Monitor(ASKED, DIALECT).apply(Addressed(0.1, URL, local=True))
    assert isinstance(first, SessionRecord)
    assert (first.server, first.model, first.recogniser_name) == (
        "local server (Moonshine)", "Moonshine", "local server (Moonshine)",
    )  # fmt: skip
    assert first.settings.model == "ink-2"


def test_one_that_is_told_in_the_handshake_says_so_from_then_on():
    monitor = Monitor(ASKED, DIALECT)
    monitor.apply(Addressed(0.1, URL))
    assert monitor.session.recogniser_name == "ink-2"
    (status,) = connected(monitor, local=True)
    assert isinstance(status, StatusRecord)
    assert status.server == monitor.session.recogniser_name == "local server (Moonshine)"


def test_what_was_not_said_is_not_claimed():
    monitor = Monitor(ASKED, DIALECT)
    monitor.apply(Addressed(0.1, URL))
    connected(monitor, local=False)
    monitor.apply(received(0.3, '{"type":"turn.start"}'))
    monitor.apply(received(0.3, '{"type":"x.likelihood","points":[]}'))
    assert (monitor.session.server, monitor.session.recogniser_name) == ("", "ink-2")


def test_an_older_one_is_known_by_what_no_other_server_sends():
    monitor = Monitor(ASKED, DIALECT)
    monitor.apply(Addressed(0.1, URL))
    connected(monitor, local=False)
    likelihood = received(0.3, json.dumps({"type": "x.likelihood", "points": [[0.032, 0.1]]}))
    (status,) = (record for record in monitor.apply(likelihood) if isinstance(record, StatusRecord))
    assert (status.server, status.connection) == ("local server (Moonshine)", "connected")
    assert not any(isinstance(record, StatusRecord) for record in monitor.apply(likelihood))
