"""What Prometheus scrapes of calls, over real HTTP."""

import http.client
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.overheard import PATH, QUERY, Line, Overhearing
from tests.support.patience import PATIENCE_S
from tests.tap.test_call_sessions import Spoken, in_order, sound, turn

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.core.exposition import (
    CALLS,
    CALLS_DROPPED,
    EXPOSED,
    FALSE_CUTOFFS,
    STALLS,
    TIMES,
    TURNS,
    TURNS_CHECKED,
)
from stt_monitor.server.visitors import Visitors
from stt_monitor.tap.events import CallDropped, CallEvent
from stt_monitor.tap.prometheus import MOST_REQUESTS, PrometheusMeter

SECRET = "sk_live_0123456789abcdef"
EOT = TIMES["eot_latency"].name


class Scraped:
    """A meter, and what is scraped of it."""

    def __init__(self, meter: PrometheusMeter, port: int) -> None:
        self.meter = meter
        self.port = port

    def text(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=PATIENCE_S) as answer:
            return str(answer.read(), "utf-8")

    def total(self, name: str, **labels: str) -> float | None:
        """Return the sum of the samples of a name with these labels; None without one."""
        samples = [
            sample.value
            for family in text_string_to_metric_families(self.text())
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(samples) if samples else None

    def status(self, **headers: str) -> int:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            client.request("GET", "/metrics", headers=headers)
            return client.getresponse().status
        finally:
            client.close()


@contextmanager
def scraped() -> Iterator[Scraped]:
    listening = socket.create_server(("127.0.0.1", 0))
    with PrometheusMeter(listening, Visitors.of("127.0.0.1")) as meter:
        yield Scraped(meter, listening.getsockname()[1])


@pytest.fixture
def metrics() -> Iterator[Scraped]:
    with scraped() as each:
        yield each


def twice(_: AudioFormat) -> Spoken:
    """Find two spans of speech: 0.5 to 1.5 s, and 3.5 to 4.5 s."""
    both, second = Spoken(0.5, 1.5), Spoken(3.5, 4.5)
    both._edges += second._edges
    return both


def two_turns(line: Line, pace: float = 1.0) -> list[CallEvent]:
    """A call of two turns, up to its end."""
    turns = [*turn(line, 0.8 / pace, 2.0 / pace), *turn(line, 3.8 / pace, 5.0 / pace)]
    return [*line.begins(), *in_order([*sound(line, 7.0, pace=pace), *turns])]


def test_each_turn_of_a_call_is_counted_once_when_it_is_final(metrics: Scraped):
    line = Line(target=f"{PATH}?{QUERY}&turn_end_threshold=0.3&api_key={SECRET}", secrets=(SECRET,))
    heard = Overhearing(twice, meter=metrics.meter)
    heard.handle(*two_turns(line))
    during = metrics.text()
    heard.handle(line.closes(7.5, 1000), line.ends(7.5))
    assert [told["eot_latency_ms"] for told in heard.lines("turn")] == [500.0, 500.0]
    assert metrics.total(TURNS.name, service="cartesia", settings="end 0.3", inclusion="first") == 1
    assert metrics.total(TURNS.name, service="cartesia", settings="end 0.3", inclusion="summary") == 1
    assert metrics.total(TURNS.name) == metrics.total(TURNS_CHECKED.name, settings="end 0.3") == 2
    assert metrics.total(FALSE_CUTOFFS.name, settings="end 0.3") == 0
    assert metrics.total(f"{EOT}_count", settings="end 0.3") == 1
    assert metrics.total(f"{EOT}_sum") == pytest.approx(0.5)
    assert metrics.total(f"{EOT}_bucket", le="0.4") == 0
    assert metrics.total(f"{EOT}_bucket", le="0.6") == 1
    assert metrics.total(CALLS.name, service="cartesia") == 1
    assert metrics.total(CALLS_DROPPED.name, service="cartesia") == 0
    for text in (during, metrics.text()):
        assert {each.name for each in text_string_to_metric_families(text)} == {
            each.name.removesuffix("_total") for each in EXPOSED
        }
        assert SECRET not in text
        assert "Hello" not in text


def test_a_stall_is_counted_once_it_is_over_by_what_was_known_then(metrics: Scraped):
    line = Line()
    heard = Overhearing(lambda _: Spoken(0.5, 60.0), meter=metrics.meter)
    heard.handle(*line.begins(), *in_order([*sound(line, 10.0), *line.pings(7.0, 7.05)]))
    assert metrics.total(STALLS.name, service="cartesia") == 0
    heard.handle(line.ends(10.5, "agent"))
    assert metrics.total(STALLS.name) == metrics.total(STALLS.name, blame="service") == 1


def test_a_call_of_slow_turns_adds_nothing_to_histograms(metrics: Scraped):
    line = Line()
    heard = Overhearing(twice, meter=metrics.meter)
    heard.handle(*two_turns(line, pace=2.0), line.ends(9.0, "agent"))
    assert all(told["slow"] for told in heard.lines("turn"))
    assert metrics.total(TURNS.name, inclusion="slow") == metrics.total(TURNS.name) == 2
    for name in (*(f"{each.name}_count" for each in TIMES.values()), TURNS_CHECKED.name, FALSE_CUTOFFS.name):
        assert metrics.total(name) is None


def test_calls_add_up_and_those_that_are_watched_no_more_are_counted(metrics: Scraped):
    heard = Overhearing(twice, meter=metrics.meter)
    for number in (1, 2, 3):
        line = Line(number)
        events = two_turns(line)
        heard.handle(*(events if number < 3 else [*events[:30], CallDropped(3, events[30].at)]), line.ends(9.0))
    refused, unknown = Line(4), Line(5, service="")
    heard.handle(*refused.begins(status=401), refused.ends(0.1), *unknown.begins(), unknown.ends(0.2))
    assert metrics.total(CALLS.name) == 3
    assert metrics.total(CALLS_DROPPED.name) == heard.calls.state.dropped == 1
    assert metrics.total(f"{EOT}_count") == 2


def test_a_bug_that_ends_the_watching_of_a_call_is_counted(metrics: Scraped, monkeypatch: pytest.MonkeyPatch):
    def raise_it(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("stt_monitor.tap.sessions.session.CallSession.hear", raise_it)
    heard = Overhearing(twice, meter=metrics.meter)
    heard.handle(*two_turns(Line()))
    assert metrics.total(CALLS_DROPPED.name, service="cartesia") == 1


def test_pages_of_other_sites_are_refused(metrics: Scraped):
    own = f"127.0.0.1:{metrics.port}"
    assert metrics.status() == metrics.status(Host=own) == metrics.status(Host="localhost") == 200
    assert metrics.status(Host="rebound.example") == 421
    assert metrics.status(Host=own, Origin="https://evil.example") == 403


def test_clients_that_send_nothing_hold_nobody_up(metrics: Scraped):
    idle = [socket.create_connection(("127.0.0.1", metrics.port)) for _ in range(MOST_REQUESTS)]
    try:
        with pytest.raises(OSError):  # noqa: PT011  closed or reset, as the system has it
            metrics.text()
    finally:
        for each in idle:
            each.close()
    while True:  # until their threads have noticed
        with suppress(OSError):
            assert metrics.text()
            break
