"""What a part of the program loads, looked at from outside: each case is a fresh interpreter."""

import subprocess
import sys

import pytest

from stt_monitor.services import registry

HEAVY = (
    "numpy", "textual", "websockets", "httpx", "sounddevice", "soundfile", "onnxruntime", "soxr", "rapidfuzz",
    "whisper_normalizer", "jinja2", "stt_monitor.core.text.spoken",
)  # fmt: skip


def loaded(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules), file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stderr.splitlines()[-1].split())


def run_cli(*arguments: str) -> str:
    return f"from stt_monitor.cli.main import main\ntry:\n    main({list(arguments)!r})\nexcept SystemExit:\n    pass"


@pytest.mark.parametrize(
    "statement",
    [
        "import stt_monitor.core.monitoring.monitor, stt_monitor.core.metrics.running",
        run_cli("--help"),
        run_cli("--version"),
        run_cli("--bogus"),
        run_cli("serve", "--help"),
        run_cli("tap", "--help"),
        run_cli("report", "--help"),
        run_cli("export", "--help"),
        run_cli("assert", "--help"),
        "import stt_monitor.report.formats, stt_monitor.export.formats",
        "import stt_monitor.server.child",
        "import stt_monitor.session.thread, stt_monitor.session.sources",
        "import stt_monitor.headless.run, stt_monitor.transport.address",
    ],
)
def test_what_must_start_fast_loads_nothing_heavy(statement: str):
    assert not loaded(statement) & set(HEAVY)


@pytest.mark.slow
def test_the_screen_loads_no_sound_and_no_network():
    assert not loaded("import stt_monitor.ui.app") & (set(HEAVY) - {"textual"})


@pytest.mark.slow
def test_a_session_over_a_recording_loads_no_microphone_and_no_recogniser():
    assert not loaded("import stt_monitor.session.client") & {"sounddevice", "onnxruntime", "textual", "httpx"}


UNTIL_THE_FIRST_PAINT = """
from stt_monitor.cli.screen import launch as launch
from stt_monitor.cli.main import main
launch.can_show_screen = lambda: True
launch.ensure_keyboard = lambda: None
def run_screen(*_, **__):
    import stt_monitor.ui.app
    return 0
launch.run_screen = run_screen
assert main(["--no-record"]) == 0
"""
"""All that the command does and loads before the screen is drawn."""
MOST_BEFORE_THE_FIRST_PAINT = 122
"""Each of our modules costs it about 0.2 ms, a thousandth."""


@pytest.mark.slow
def test_the_first_paint_waits_for_nothing_that_it_does_not_show():
    found = loaded(UNTIL_THE_FIRST_PAINT)
    assert "stt_monitor.ui.app" in found
    assert not found & {
        "stt_monitor.ui.screens.help", "stt_monitor.ui.screens.rest", "stt_monitor.ui.screens.details",
        "stt_monitor.ui.screens.modal", "stt_monitor.ui.widgets.search_input", "stt_monitor.ui.formatting",
        "textual.widgets._footer", "json", "html", "importlib.resources", "stt_monitor.core.monitoring.monitor",
        "stt_monitor.core.events", "stt_monitor.core.snapshot", "stt_monitor.core.records.session",
        "stt_monitor.core.metrics.definitions", "stt_monitor.session.runner", "stt_monitor.recording.player",
        "stt_monitor.transport.redact", "wave",
    }  # fmt: skip


@pytest.mark.slow
def test_the_first_paint_loads_few_modules():
    own = sorted(name for name in loaded(UNTIL_THE_FIRST_PAINT) if name.startswith("stt_monitor."))
    assert len(own) <= MOST_BEFORE_THE_FIRST_PAINT, f"a session, or what is drawn of one, can wait: {own}"


@pytest.mark.slow
def test_the_first_paint_waits_for_no_more_of_a_service_than_its_declaration():
    parts = {"codec", "decoder", "failures", "labels", "server_side"}
    found = {name for name in loaded(UNTIL_THE_FIRST_PAINT) if name.startswith("stt_monitor.services.")}
    assert len(found) > len(registry.NAMES)
    assert not [name for name in found if parts.intersection(name.split("."))], "declare them with services/later.py"


LISTENING = """
import numpy as np
import stt_monitor.session.client
from stt_monitor.audio.declared_rate import RateCheck
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.vad.reference import make_detector
from stt_monitor.audio.sample import SAMPLE
import soundfile
speech = soundfile.read(SAMPLE, dtype="int16")[0].tobytes()
sound = AudioFormat(Encoding.PCM_S16LE, 16_000)
check = RateCheck(sound)
check.feed(speech)
check.finish()
make_detector(sound).feed(speech[:64_000])
"""


@pytest.mark.slow
def test_what_listens_in_a_session_loads_nothing_that_it_does_not_need():
    """Masked arrays take a megabyte and 30 ms, in the middle of it; numpy's percentiles and medians load them."""
    assert not loaded(LISTENING) & {"numpy.ma", "stt_monitor.audio.vad.echo"}
