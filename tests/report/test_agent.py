"""The agent's side of a call in a report."""

import msgspec
from tests.report.page import Page
from tests.report.sessions import kept, report
from tests.report.test_other_forms import cells

from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.html.timeline import timeline
from stt_monitor.report.model import LoadedSession
from stt_monitor.report.redaction import redacted


def call() -> LoadedSession:
    session = kept("One.", "Two.", "Three.")
    did = ({"response_gap": 0.7}, {"response_gap": 2.5}, {"interruption": True, "talk_over_s": 1.25})
    finished = tuple(
        msgspec.structs.replace(each, metrics=msgspec.structs.replace(each.metrics, **its))
        for each, its in zip(session.snapshot.finished, did, strict=True)
    )
    after = finished[0].end_position + 0.1
    spans = (Span(after, after, after + 0.2, after + 0.2), Span(900.0, 900.0, 901.0, 901.0))
    snapshot = msgspec.structs.replace(session.snapshot, finished=finished, agent_speech=spans)
    return msgspec.structs.replace(session, snapshot=snapshot, clip=lambda turn: f"data:audio/x,{turn.turn.number}")


def test_interruptions_come_first_then_the_slowest_replies():
    rows = cells("".join(FORMATS["md"](report(call()))))
    listed = [(row[0], *row[2:]) for row in rows if len(row) == 4 and row[2].startswith(("interrupts", "replies"))]
    assert listed == [
        ("3", "interrupts; both speak for 1.2 s", "Three."),
        ("2", "replies after 2500 ms", "Two."),
        ("1", "replies after 700 ms", "One."),
    ]
    text = "".join(FORMATS["html"](report(call())))
    told = [text.index(f"<td>{what}</td>") for _, what, _ in listed]
    assert told == sorted(told)
    table = text[text.index('<table class="agent">') :]
    assert [table.index(f'src="data:audio/x,{number}"') for number, *_ in listed]


def test_the_agent_has_a_lane_in_the_timelines_of_the_turns_that_it_speaks_in():
    text = "".join(FORMATS["html"](report(call())))
    assert text.count('<rect class="agent"') == 1
    assert "the agent speaks" in Page(text).texts


def test_a_slow_reply_is_drawn_to_its_beginning():
    (slow,) = (each for each in call().snapshot.finished if each.metrics.response_gap == 2.5)
    begins = (slow.metrics.speech_end_position or 0.0) + 2.5
    snapshot = msgspec.structs.replace(call().snapshot, agent_speech=(Span(begins, begins, begins + 4, begins + 4),))
    drawn = timeline(slow, of=(snapshot, call().schema))
    (reply,) = drawn.agent
    assert drawn.end < reply.x < 100 - 5
    assert timeline(slow, of=(call().snapshot, call().schema)).end == drawn.end


def test_without_the_agents_side_a_report_is_silent_about_it():
    for name in ("md", "html"):
        text = "".join(FORMATS[name](report(kept("One."))))
        assert "The agent: " not in text
        assert '<rect class="agent"' not in text


def test_redacted_what_is_said_is_hidden_and_the_figures_stay():
    for name in ("md", "html"):
        text = "".join(FORMATS[name](report(*redacted([call()]))))
        assert "replies after 2500 ms" in text
        assert "Two." not in text
        assert "data:audio/x" not in text
