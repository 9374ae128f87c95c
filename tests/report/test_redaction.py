"""`--redact`: what is left out of a report, and what stays."""

import json

import msgspec
import pytest
from tests.report.sessions import kept
from tests.report.test_other_forms import quotes

from stt_monitor.core.notes import Note, NoteKind
from stt_monitor.core.snapshot import Outage
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.model import By, LoadedSession, compose
from stt_monitor.report.redaction import redacted

SECRET = "tellme"


def telling(name: str, eot: float = 0.4) -> LoadedSession:
    """A session in which every text of the user's tells."""
    session = kept(*[f"{SECRET} said"] * 8, name=f"{SECRET}-{name}", source=f"{SECRET}.wav", eot=eot, said=SECRET)
    record = session.snapshot.session
    record = msgspec.structs.replace(
        record,
        url=f"wss://{SECRET}.example/stt",
        audio_id=f"{SECRET}{SECRET}",
        file=f"{SECRET}.wav",
        settings=msgspec.structs.replace(record.settings, keyterms=(SECRET, f"{SECRET}2")),
    )
    snapshot = msgspec.structs.replace(
        session.snapshot,
        session=record,
        detail=SECRET,
        warning=SECRET,
        error=f"{SECRET} broke",
        notes=(Note(NoteKind.RECONNECTED, 3.0, 4.0, reason=SECRET),),
        outages=(Outage(3.0, 4.0, SECRET, over=True),),
    )
    return msgspec.structs.replace(session, snapshot=snapshot, folder=f"/home/{SECRET}", group=f"/home/{SECRET}/both")


@pytest.mark.parametrize("by", By)
@pytest.mark.parametrize("form", FORMATS)
def test_nothing_that_tells_is_in_any_form(form: str, by: By):
    sessions = [telling("a"), telling("b", eot=0.9)]
    assert SECRET in "".join(FORMATS[form](compose(sessions, by)))
    assert SECRET not in "".join(FORMATS[form](compose(redacted(sessions), by)))


def test_figures_and_pairs_stay():
    sessions = [telling("a"), telling("b", eot=0.9)]
    open_, closed = (
        json.loads("".join(FORMATS["json"](compose(of, By.SESSION)))) for of in (sessions, redacted(sessions))
    )
    for before, after in zip(open_["groups"], closed["groups"], strict=True):
        left_out = ("label", "turn_by_turn")
        assert {k: v for k, v in before.items() if k not in left_out} == {
            k: v for k, v in after.items() if k not in left_out
        }
    for before, after in zip(open_["sessions"], closed["sessions"], strict=True):
        assert [row["eot_latency_ms"] for row in before["turns"]] == [row["eot_latency_ms"] for row in after["turns"]]
        assert before["counts"] == after["counts"]
    assert closed["groups"][1]["against_first_group"]["eot_latency"]["pairs"] == 7


def test_a_turn_without_words_is_told_from_one_that_is_redacted():
    text = "".join(FORMATS["md"](compose(redacted([kept("", "Hello.")]), By.SESSION)))
    assert quotes(text) == ["no words", "(redacted)"]
