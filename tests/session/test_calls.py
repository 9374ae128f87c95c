"""A call of an agent gives the figures of a session of our own on the same audio, to the last digit."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.session.test_figures import EVENTS, LENGTH_S, PAUSE, SPEECH
from tests.support.overheard import PATH, QUERY, Line, Overhearing, Placed, copies
from tests.support.service import Dialogue, ScriptedService
from tests.support.timed_service import Heard, from_file, label, says, watch

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.recording.recorder import Recorder
from stt_monitor.recording.replay import replay_records
from stt_monitor.recording.saved_sessions import open_saved
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import labelled_speech

OWN = ("call", "t", "first_turn", "health", "speech_start_file_s", "speech_end_file_s", "why")
TURN = "&turn_start_threshold=0.8&turn_eager_end_threshold=0.4&turn_end_threshold=0.2&turn_end_timeout_ms=640"


def figures(line: dict[str, Any]) -> dict[str, Any]:
    """All but who it is, and when it is told."""
    return {name: value for name, value in line.items() if name not in OWN}


@pytest.mark.slow
async def test_the_figures_are_those_of_a_session_of_our_own(tmp_path: Path):
    async def script(dialogue: Dialogue) -> None:
        await says(EVENTS, Heard())(dialogue)
        await dialogue.say("turn.end", transcript="Eight")

    labels = label(tmp_path / "labels.txt", SPEECH, PAUSE)
    async with ScriptedService(script) as service:
        direct = watch(from_file(tmp_path, LENGTH_S), service.url, labels)
        assert await direct.run() == Outcome()
    find = labelled_speech(labels, ["speech.wav"])[0]
    saved = tmp_path / "saved"

    def placed(audio: AudioFormat) -> Placed:
        finder = find(audio).finder
        assert finder is not None
        return Placed(finder, audio)

    tapped = Overhearing(placed, lambda _: Recorder(saved, None))
    tapped.handle(*copies(Line(target=f"{PATH}?{QUERY}{TURN}"), direct.journal, bytes(direct.audio)))
    turns = list(zip(tapped.lines("turn"), direct.lines("turn"), strict=True))
    assert len(turns) == 8
    for mine, theirs in turns:
        if mine["turn"] != 6:  # cut off in a pause that labels alone can tell
            assert figures(mine) == figures(theirs)
            assert mine["why"]["equation"] == theirs["why"]["equation"]
            assert mine["why"]["word"].removeprefix("~") == theirs["why"]["word"]  # what only labels make sure
    (summary,) = tapped.lines("summary")
    assert summary["transcript"] == direct.summary.transcript
    assert (summary["counts"]["closed"], summary["health"]["send_lag_max"]) == (1, 0.0)
    (session,) = tapped.lines("session")
    assert (session["source"], session["anchor"], session["reference"]) == ("call 1", "arrival", "vad")
    (folder,) = saved.iterdir()
    assert folder.name.endswith("_call-1")
    replayed = [record for record in replay_records(open_saved(folder)) if isinstance(record, TurnRecord)]
    assert [to_json(msgspec.structs.replace(turn, call=1)) for turn in replayed] == [
        to_json(record) for record in tapped.records if isinstance(record, TurnRecord)
    ]
