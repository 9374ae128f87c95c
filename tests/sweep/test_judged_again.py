"""Sweeps without a session: saved ones are judged again, and what cannot be told is said."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from tests.support.kept import keep_journal
from tests.support.long_session import long_session
from tests.support.traced import traced

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Began, Entry
from stt_monitor.core.metrics.intervals import share_interval
from stt_monitor.core.settings.requested import Settings
from stt_monitor.recording.reader import Recording
from stt_monitor.sweep.judged_again import judge_again

TURNS = 8


@pytest.fixture
def saved(tmp_path: Path) -> Recording:
    return keep_journal(tmp_path / "saved", traced(TURNS))


def heard_with(entries: Iterable[Entry], **changes: object) -> Iterable[Entry]:
    """The same session, with another first entry."""
    for entry in entries:
        if isinstance(entry, Began):
            yield Began(msgspec.structs.replace(entry.session, **changes), entry.duration)
        else:
            yield entry


def test_each_setting_has_the_figures_of_a_run(saved: Recording):
    result = judge_again([saved], ["end_threshold=0.3,0.45,0.5"])
    (part,) = result.parts
    assert [each.options for each in part.settings] == [f"--set end_threshold={end}" for end in (0.3, 0.45, 0.5)]
    p50 = [each.figures.eot_p50.value or 0.0 for each in part.settings]
    assert p50 == pytest.approx([0.7131, 0.6131, 0.5797], abs=0.001)
    assert [each.cells for each in part.settings] == [1, 1, 1]
    assert not result.missing
    assert result.recordings == ("saved",)


def test_what_cannot_be_told_is_missing_with_the_reason(saved: Recording):
    result = judge_again([saved], ["end_threshold=0.2,0.3"])
    assert [each.why for each in result.missing] == ["cannot tell: a later end threshold"]
    assert "cannot tell: a later end threshold" in result.left_out
    assert [each.figures.turns for each in result.parts[0].settings] == [0, TURNS - 1]


def test_settings_that_the_service_would_refuse_are_left_out(saved: Recording):
    result = judge_again([saved], ["end_threshold=0.3,0.5", "eager_end_threshold=0.4,0.6"])
    assert len(result.parts[0].settings) == 3
    assert result.left_out.startswith("left out 1 combination that the service would refuse")


def test_sessions_of_the_same_name_are_told_apart(saved: Recording, tmp_path: Path):
    (tmp_path / "other").mkdir()
    other = keep_journal(tmp_path / "other" / "saved", traced(TURNS))
    assert judge_again([saved, other], ["end_threshold=0.4"]).recordings == ("saved", "saved (2)")


@pytest.mark.parametrize(
    ("audio", "recordings"), [(("x", "x"), ("0",)), (("x", "y"), ("0", "1")), ((msgspec.UNSET,) * 2, ("0", "1"))]
)
def test_sessions_of_the_same_audio_are_repetitions_of_the_same_turns(
    tmp_path: Path, audio: tuple[str, str], recordings: tuple[str, ...]
):
    two = [
        keep_journal(tmp_path / str(number), heard_with(traced(TURNS), audio_id=each))
        for number, each in enumerate(audio)
    ]
    result = judge_again(two, ["end_threshold=0.4"])
    assert result.recordings == recordings
    cut = result.parts[0].settings[0].figures.cut_turns
    assert (cut.value, cut.n) == (0.0, 2 * (TURNS - 1))
    assert cut.interval == share_interval(0, (TURNS - 1) * len(recordings)), "turns heard again are no others"


def test_without_settings_there_is_nothing_to_judge(saved: Recording):
    with pytest.raises(InputError, match="give --set NAME=VALUES"):
        judge_again([saved], [])


def test_a_session_without_a_likelihood_is_refused(tmp_path: Path):
    silent = keep_journal(tmp_path / "silent", long_session(TURNS))
    with pytest.raises(InputError, match="silent: its service reported no likelihood"):
        judge_again([silent], ["end_threshold=0.4"])


def test_a_session_without_reference_speech_is_refused(tmp_path: Path):
    deaf = keep_journal(tmp_path / "deaf", heard_with(traced(TURNS), reference="none"))
    with pytest.raises(InputError, match="deaf: it has no reference speech"):
        judge_again([deaf], ["end_threshold=0.4"])


def test_sessions_of_several_models_are_refused(saved: Recording, tmp_path: Path):
    other = keep_journal(tmp_path / "other", heard_with(traced(TURNS), settings=Settings(model="ink-preview")))
    with pytest.raises(InputError, match="other has another service or model than saved"):
        judge_again([saved, other], ["end_threshold=0.4"])
