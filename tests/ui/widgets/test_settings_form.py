"""How the settings panel shows a setting that is off unless it is set."""

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.report.formatting import settings_rows
from stt_monitor.services.registry import service
from stt_monitor.ui.formatting import settings_in_short
from stt_monitor.ui.widgets.settings_form import SettingsForm

SCHEMA = service("flux").schema


def line(turn: TurnSettings) -> str:
    return SettingsForm(SCHEMA, turn).compose_lines(100, 3)[1].plain


def test_a_setting_without_a_default_is_off_and_has_no_knob():
    off, on = line(TurnSettings()), line(TurnSettings(eager_eot_threshold=0.5))
    assert "eager end" in off
    assert " off " in off
    assert not {"○", "●"} & set(off)
    assert " 0.5 " in on
    assert "●" in on
    assert len(off.rstrip()) >= len(on.rstrip())  # the scale keeps its place


def test_it_is_off_wherever_settings_are_listed():
    assert settings_in_short(SCHEMA, TurnSettings(eot_threshold=0.8, eot_timeout_ms=900)) == ".8 off 900"
    assert settings_rows(SCHEMA, TurnSettings()) == [
        ("eot_threshold", "server default"), ("eager_eot_threshold", "off"), ("eot_timeout_ms", "server default"),
    ]  # fmt: skip
