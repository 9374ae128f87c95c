from stt_monitor.core.journal import ConnectionChanged
from stt_monitor.core.monitoring.link import Link
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Outage, Retry


def change(link: Link, at: float, state: Connection, detail: str = "", reason: str = "") -> None:
    retry = Retry(1, 5, at + 1, reason) if reason else None
    link.change(ConnectionChanged(at, state, detail, retry))


def test_an_outage_begins_with_the_loss_of_the_socket_and_has_its_first_reason():
    link = Link()
    change(link, 0.1, Connection.CONNECTED)
    link.lose(5.0)
    change(link, 5.5, Connection.RECONNECTING, "reset; attempt 1 of 5 in 1.0 s", "reset")
    assert link.outages == (Outage(5.0, None, "reset"),)
    change(link, 7.0, Connection.RECONNECTING, "refused; attempt 2 of 5 in 2.0 s", "refused")
    assert link.outages == (Outage(5.0, None, "reset"),)
    assert link.retry is not None
    assert link.retry.reason == "refused"
    change(link, 9.0, Connection.CONNECTED)
    assert link.outages == (Outage(5.0, 9.0, "reset", over=True),)
    link.lose(20.0)
    change(link, 20.1, Connection.RECONNECTING, "recorded before reasons were")
    change(link, 30.0, Connection.CLOSED)
    assert link.outages[-1] == Outage(20.0, 30.0, "recorded before reasons were")


def test_an_end_in_order_and_a_first_connection_in_vain_are_no_outages():
    link = Link()
    change(link, 0.1, Connection.CONNECTING, "refused", "refused")
    change(link, 3.0, Connection.CONNECTED)
    link.lose(5.0)
    change(link, 5.1, Connection.CLOSED)
    assert link.outages == ()


def test_of_very_many_outages_the_newest_are_known():
    link = Link()
    for second in range(1000):
        change(link, second, Connection.RECONNECTING if second % 2 else Connection.CONNECTED)
    assert len(link.outages) < 500
    assert link.outages[-1].start == 999
