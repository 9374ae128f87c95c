"""Assertions about services side by side."""

from pathlib import Path
from xml.etree.ElementTree import parse as read_xml

import msgspec
import pytest
from markdown_it import MarkdownIt
from tests.support.runner import workflow_command
from tests.ui.scripted import Script

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import ConnectionChanged, Finished
from stt_monitor.core.metrics.marks import marks_of
from stt_monitor.core.records.session import Connection
from stt_monitor.core.records.summaries import Verdict
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.headless.printer import plain_printer
from stt_monitor.headless.verdict_files import VerdictFiles
from stt_monitor.headless.verdicts import AssertionChecker, prepare_checker
from stt_monitor.services.registry import dialect_of

SERVICES = ("cartesia", "flux")


def heard(service: str, *eots: float, detail: str = "", text: str = "Book a table.") -> Snapshot:
    """A session whose turns are ended so long after speech."""
    script = Script(duration=None)
    script.monitor.session = msgspec.structs.replace(script.monitor.session, service=service)
    script.connect()
    for number, eot in enumerate(eots):
        script.turn(1.0 + 5 * number, text, eot=eot)
    script.to(script.at + 5).decided()
    script.monitor.apply(ConnectionChanged(script.at, Connection.CLOSED, detail))
    script.monitor.apply(Finished(script.at))
    script.running = False
    snapshot = script.snapshot()
    return msgspec.structs.replace(snapshot, marks=marks_of(dialect_of(snapshot.session), snapshot.settings))


def side_by_side(*lanes: Snapshot) -> Snapshot:
    return msgspec.structs.replace(lanes[0], lanes=lanes)


def checker(*expressions: str, services: tuple[str, ...] = SERVICES, files: int = 1) -> AssertionChecker:
    return prepare_checker(expressions, [], [f"{n}.wav" for n in range(files)], [services] * files)


def said(checker: AssertionChecker) -> list[tuple[object, Verdict, float | None]]:
    return [(each.service, each.verdict, each.actual) for each in checker.verdicts()]


def test_an_assertion_is_about_each_service_or_the_one_in_front():
    asked = checker("eot_latency.max<=500ms", "flux.eot_latency.max<=900ms", "cartesia.first.eot_latency.n==1")
    asked.add(side_by_side(heard("cartesia", 0.3, 0.4, 0.5), heard("flux", 0.3, 0.8, 0.6)))
    assert said(asked) == [
        ("cartesia", Verdict.PASS, 500.0),
        ("flux", Verdict.FAIL, 800.0),
        ("flux", Verdict.PASS, 800.0),
        ("cartesia", Verdict.PASS, 1),
    ]


def test_a_service_that_failed_leaves_the_verdict_on_the_others():
    asked = checker("turns==2")
    asked.add(side_by_side(heard("cartesia", 0.3, 0.4), heard("flux", 0.3, 0.4, detail="the service is gone")))
    assert [(each.service, each.verdict, each.reason) for each in asked.verdicts()] == [
        ("cartesia", Verdict.PASS, ""),
        ("flux", Verdict.CANNOT_TELL, "the service is gone"),
    ]


def test_several_recordings_are_one_verdict_of_each_service():
    asked = checker("turns==3", files=2)
    for number, turns in ((1, 1), (2, 2)):
        lanes = [heard(name, *[0.4] * turns) for name in SERVICES]
        asked.add(msgspec.structs.replace(side_by_side(*lanes), playing=(number, 2)))
    assert said(asked) == [("cartesia", Verdict.PASS, 3), ("flux", Verdict.PASS, 3)]


def test_what_a_service_cannot_have_nobody_can_tell():
    """Flux has eager ends only where their threshold is set."""
    asked = checker("eager_latency.p50<=900ms", "flux.eager_ends==0")
    asked.add(side_by_side(heard("cartesia", 0.3, 0.4), heard("flux", 0.3, 0.4)))
    assert [(each.service, each.verdict, each.reason) for each in asked.verdicts()] == [
        ("cartesia", Verdict.PASS, ""),
        ("flux", Verdict.CANNOT_TELL, "n/a: Deepgram Flux cannot have this metric"),
        ("flux", Verdict.CANNOT_TELL, "n/a: Deepgram Flux cannot have this metric"),
    ]


def test_a_run_of_one_service_is_as_before_and_may_name_it():
    asked = checker("turns==2", "cartesia.turns==2", services=("cartesia",))
    asked.add(heard("cartesia", 0.3, 0.4))
    one, other = asked.verdicts()
    assert (one.service, one.verdict) == (msgspec.UNSET, Verdict.PASS)
    assert (other.service, other.verdict) == ("cartesia", Verdict.PASS)


@pytest.mark.parametrize("expression", ["flx.turns==2", "flx.eot_latency.p90<=1s", "flx.first.eot_latency.p90<=1s"])
def test_a_service_that_is_not_there_is_refused_with_a_suggestion(expression: str):
    with pytest.raises(InputError, match="no service called flx here; did you mean flux") as refusal:
        checker(expression)
    assert refusal.value.more[1:] == ("  ^", "services: cartesia, flux")


def test_lines_and_junit_name_the_service(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    asked = checker("turns==2", "flux.turns==1")
    asked.add(side_by_side(heard("cartesia", 0.3, 0.4), heard("flux", 0.3)))
    junit = tmp_path / "verdicts.xml"
    assert asked.report(plain_printer(), VerdictFiles(str(junit))) == 1
    assert capsys.readouterr().out.splitlines() == [
        "PASS  cartesia: turns==2  actual 2",
        "FAIL  flux: turns==2  actual 1",
        "PASS  flux.turns==1  actual 1",
    ]
    names = [case.get("name") for case in read_xml(junit).iter("testcase")]
    assert names == ["cartesia: turns==2", "flux: turns==2", "flux.turns==1"]


HOSTILE = "::stop-commands::x\r\n::add-mask::y ##[add-mask]z %0A|<img src=x> ]]>"


def test_a_failure_names_its_worst_turns_and_no_transcript_commands_the_runner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    summary, junit = tmp_path / "summary.md", tmp_path / "verdicts.xml"
    summary.write_text("# Of another step\n")
    asked = checker("eot.max<=350ms", "turns==4", "eot.p95<=1s", services=("cartesia",))
    asked.add(heard("cartesia", 0.3, 0.4, 0.5, 0.6, text=HOSTILE))
    assert asked.report(plain_printer(), VerdictFiles(str(junit), str(summary))) == 1
    said = capsys.readouterr()
    fail, *worst, passed, unknown = said.out.splitlines()
    assert fail == "FAIL  eot.max<=350ms  actual 600 ms (n 3)"
    assert [line.split(", ")[:2] for line in worst] == [
        ["      0.wav at 0:16.0", "600 ms"], ["      0.wav at 0:11.0", "500 ms"], ["      0.wav at 0:06.0", "400 ms"]
    ]  # fmt: skip
    assert all(": :stop-commands" not in line and "##[" not in line for line in worst)
    assert passed == "PASS  turns==4  actual 4"
    assert unknown.startswith("CANNOT TELL  eot.p95<=1s")
    error, warning = map(workflow_command, said.err.splitlines())
    assert error is not None
    assert warning is not None
    assert (error.name, error.properties) == ("error", {"title": "stt-monitor: eot.max<=350ms"})
    first, *others = error.data.split("\n")
    assert first == "FAIL: actual 600 ms (n 3)"
    assert [line.split(", ")[:2] for line in others] == [
        ["0.wav at 0:16.0", "600 ms"], ["0.wav at 0:11.0", "500 ms"], ["0.wav at 0:06.0", "400 ms"]
    ]  # fmt: skip
    assert "%0A" in others[0]  # as spoken, not a line break
    assert warning.name == "warning"
    failure = read_xml(junit).find(".//failure")
    assert failure is not None
    assert "at 0:16.0, 600 ms" in (failure.text or "")
    written = summary.read_text()
    assert written.startswith("# Of another step\n### stt-monitor: 1 of 3 assertions failed\n")
    assert "<img" not in MarkdownIt("commonmark").enable("table").render(written)
