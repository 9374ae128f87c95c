"""What happened beside the turns: one list, from the journal alone."""

from tests.ui.scripted import Script

from stt_monitor.core.journal import Configured, ConnectionChanged, ConnectionLost, Entry, Quieted
from stt_monitor.core.notes import NoteKind, note_words, settings_since
from stt_monitor.core.records.session import Connection, QuietRecord
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Retry, Snapshot
from stt_monitor.services.cartesia import SERVICE

END = TurnSettings(end_threshold=0.45)


def told(*entries: Entry, source: str = "interview.wav") -> Snapshot:
    script = Script(source=source).connect()
    for entry in entries:
        script.to(entry.at).monitor.apply(entry)
    return script.snapshot(20.0)


def words(snapshot: Snapshot) -> list[str]:
    return [note_words(note, SERVICE.schema) for note in snapshot.notes]


def lost(at: float) -> tuple[Entry, Entry]:
    why = "the service hung up"
    return ConnectionLost(at), ConnectionChanged(at + 0.1, Connection.RECONNECTING, "", Retry(1, 5, at + 1, why))


def test_settings_pauses_and_outages_stand_in_the_order_of_time():
    snapshot = told(
        Quieted(2.0, quiet=True),
        Configured(3.0, END),
        Quieted(5.25, quiet=False),
        *lost(7.0),
        ConnectionChanged(8.8, Connection.CONNECTED),
        Configured(9.0, TurnSettings(end_threshold=0.45, end_timeout_ms=4000)),
    )
    assert words(snapshot) == [
        "paused 3.2 s",
        "settings: end 0.45",
        "reconnected after 1.8 s: the service hung up",
        "settings: timeout 4000 ms",
    ]
    assert [note.at for note in snapshot.notes] == [2.0, 3.0, 7.0, 9.0]


def test_what_goes_on_has_no_length_and_no_outage_is_called_over_when_the_session_was():
    assert words(told(Quieted(2.0, quiet=True), *lost(7.0))) == ["paused", "connection lost: the service hung up"]
    ended = told(*lost(7.0), ConnectionChanged(9.0, Connection.CLOSED))
    assert words(ended) == ["connection lost: the service hung up"]


def test_the_records_of_a_session_tell_when_it_was_quiet():
    monitor = Script().monitor
    entries = [Quieted(1.0, quiet=False), *[Quieted(2.0, quiet=True)] * 2, Quieted(5.25, quiet=False)]
    records = [record for entry in entries for record in monitor.apply(entry)]
    assert records == [QuietRecord(2.0, quiet=True, how="paused"), QuietRecord(5.25, quiet=False, how="paused")]


def test_nothing_is_noted_where_nothing_changed():
    again = told(Configured(3.0, END), Configured(4.0, END), Quieted(5.0, quiet=False), Quieted(6.0, quiet=True),
                 Quieted(7.0, quiet=True))  # fmt: skip
    assert [note.kind for note in again.notes] == [NoteKind.SETTINGS, NoteKind.PAUSED]
    assert again.notes[-1].at == 6.0


def test_a_refused_change_is_taken_back():
    script = Script().connect()
    script.to(3.0).monitor.apply(Configured(3.0, END))
    snapshot = script.event(3.2, "error", status_code=400, message="end_threshold").snapshot(5.0)
    assert words(snapshot) == ["settings: end 0.45", "settings refused, back to end 0.3"]
    assert settings_since(snapshot.notes, snapshot.settings) == [
        (0.0, TurnSettings()), (3.0, END), (3.2, TurnSettings()),
    ]  # fmt: skip


def test_the_settings_of_each_time_are_known_without_any_change_and_after_very_many():
    assert settings_since((), END) == [(0.0, END)]
    many = told(*(Configured(1 + second / 100, TurnSettings(end_threshold=second / 1000)) for second in range(1, 500)))
    assert len(many.notes) < 500
    in_force = settings_since(many.notes, many.settings)
    assert in_force[0] == (0.0, TurnSettings(end_threshold=(500 - len(many.notes) - 1) / 1000))
    assert in_force[-1][1] == many.settings
