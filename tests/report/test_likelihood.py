"""The likelihood in the timeline of a turn."""

import re
from itertools import pairwise

import msgspec
from tests.report.page import Page
from tests.report.sessions import kept, report

from stt_monitor.core.notes import Note, NoteKind
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.report.html.likelihood import Likelihood, likelihood
from stt_monitor.report.html.page import html
from stt_monitor.report.model import LoadedSession


def told(*, every_s: float = 0.04, without: range = range(0)) -> LoadedSession:
    """A session of three turns whose likelihood falls from 1 to 0 in each, without that of some turns' numbers."""
    session = kept("One.", "Two.", "Three.")
    points = []
    for each in session.snapshot.finished:
        turn, steps = each.turn, int((each.turn.over_at - each.turn.started_at) / every_s)
        if turn.number not in without:
            points += [
                LikelihoodPoint(
                    each.start_position + step * every_s, 1 - step / steps, turn.started_at + step * every_s
                )
                for step in range(steps + 1)
            ]
    return msgspec.structs.replace(
        session, snapshot=msgspec.structs.replace(session.snapshot, likelihood=tuple(points))
    )


def drawn(session: LoadedSession, place: int = 1) -> Likelihood:
    turn = session.snapshot.finished[place]
    found = likelihood(turn, session.snapshot, session.schema, lambda at: 10 * (at - turn.start_position))
    assert found is not None
    return found


def test_the_curve_runs_from_the_start_of_a_turn_to_its_end():
    found = drawn(told())
    (line,) = found.lines
    assert line.split(" ")[0] == "0.00,0.0"
    assert line.split(" ")[-1].endswith(",100.0")
    assert [label.text for label in found.labels] == ["0.8 start", "0.6 eager", "0.3 end"]


def test_no_line_joins_points_that_are_far_apart():
    assert drawn(told(every_s=0.5)).lines[0].count(" ") == 0
    assert len(drawn(told(every_s=0.5)).lines) > 1


def test_thresholds_are_those_in_force_then():
    session = told()
    turn = session.snapshot.finished[1].turn
    middle, after = (turn.started_at + turn.over_at) / 2, TurnSettings(end_threshold=0.5)
    note = Note(NoteKind.SETTINGS, middle, settings=after, before=TurnSettings(end_threshold=0.2))
    changed = msgspec.structs.replace(session, snapshot=msgspec.structs.replace(session.snapshot, notes=(note,)))
    found = drawn(changed)
    ends = [(each.x1, each.x2, each.y) for each in found.thresholds if each.y in (50.0, 80.0)]
    (_, change, _), (begins, _, _) = ends
    assert [y for _, _, y in ends] == [80.0, 50.0]
    assert change == begins
    assert [label.text for label in found.labels][-1] == "0.5 end"


def test_labels_of_close_thresholds_do_not_overlap():
    session = told()
    close = TurnSettings(start_threshold=0.52, eager_end_threshold=0.51, end_threshold=0.5)
    note = Note(NoteKind.SETTINGS, 0.0, settings=close)
    snapshot = msgspec.structs.replace(session.snapshot, notes=(note,))
    heights = [label.y for label in drawn(msgspec.structs.replace(session, snapshot=snapshot)).labels]
    assert all(after - before >= 26 for before, after in pairwise(heights))
    assert heights[-1] <= 100


def test_a_turn_whose_likelihood_is_not_kept_has_none_and_says_so():
    text = "".join(html(report(told(without=range(1, 2)))))
    assert text.count("<polyline") == 2
    assert text.count("its likelihood is not kept") == 1
    assert Page(text).tags.count("polyline") == 2
    assert "<polyline" not in "".join(html(report(kept("One."))))


def test_the_reader_chooses_the_order_of_turns_without_a_script():
    texts = {
        slowest: "".join(html(msgspec.structs.replace(report(kept(*["word"] * 4)), slowest_first=slowest)))
        for slowest in (False, True)
    }
    orders = {slowest: re.findall(r'turn" style="--turn:(\d+);--rank:(\d+)"', text) for slowest, text in texts.items()}
    assert orders[False] == [("1", "3"), ("2", "2"), ("3", "1"), ("4", "0")]
    assert orders[True] == orders[False][::-1]
    assert all(text.count(" checked") == 1 for text in texts.values())
    assert re.search("checked class=.by-eot", texts[True])
