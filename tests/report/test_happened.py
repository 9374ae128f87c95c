"""Changed settings, pauses and outages in a report."""

import msgspec
from tests.report.page import Page
from tests.report.sessions import kept, report
from tests.report.test_other_forms import cells

from stt_monitor.core.notes import Note, NoteKind
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.report.formats import FORMATS


def test_what_happened_beside_the_turns_is_told_with_its_place():
    session = kept("One.", "Two.")
    notes = (
        Note(NoteKind.PAUSED, 0.25, 1.25),
        Note(NoteKind.SETTINGS, 5.0, settings=TurnSettings(end_threshold=0.45)),
        Note(NoteKind.MUTED, 7.0),
        Note(NoteKind.RECONNECTED, 11.5, 12.5, reason="1006 <b>|\x1b[31m"),
    )
    told = report(msgspec.structs.replace(session, snapshot=msgspec.structs.replace(session.snapshot, notes=notes)))
    expected = [
        ["0:00.2", "paused 1.0 s"],
        ["0:05.0, after turn 1", "settings: end 0.45"],
        ["0:07.0, in turn 2", "muted"],
        ["0:11.5, after turn 2", "reconnected after 1.0 s: 1006 <b>|[31m"],
    ]
    rows = cells("".join(FORMATS["md"](told)))
    assert [row for row in rows if row in expected] == expected
    page = Page("".join(FORMATS["html"](told)))
    assert "What else happened" in page.texts
    assert all(text in page.texts for row in expected for text in row)
    assert "What else happened" not in "".join(FORMATS["html"](report(session)))
