"""Commands about saved services side by side, as their user runs them."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import parse as read_xml

import pytest
from markdown_it import MarkdownIt
from praatio import textgrid
from tests.e2e.test_kept_sessions import run
from tests.report.page import Page
from tests.support.kept import keep, keep_beside

from stt_monitor.recording.manifest import AUDIO, EVENTS, GROUP, MANIFEST

SERVICES = ["cartesia", "flux"]


@pytest.fixture
def group(tmp_path: Path) -> str:
    return keep_beside(tmp_path / "talk", eots=(0.4, 0.9))


def report(capsys: pytest.CaptureFixture[str], *arguments: str, form: str = "json") -> str:
    code, out, err = run(capsys, "report", *arguments, "--format", form)
    assert (code, err) == (0, "")
    return out


def test_the_report_compares_services_by_the_same_speech(capsys: pytest.CaptureFixture[str], group: str):
    document = json.loads(report(capsys, group))
    assert document["by"] == "service"
    assert [each["label"] for each in document["groups"]] == ["Cartesia", "Deepgram Flux"]
    late = document["groups"][1]["against_first_group"]["eot_latency"]
    assert late == {
        "p50_ms": 500.0, "interval_ms": [500.0, 500.0], "sure": True, "pairs": 5, "pairs_less": 0, "pairs_more": 5,
        "pairs_equal": 0, "only_here": 0, "only_in_first_group": 0,
    }  # fmt: skip
    (together,) = document["side_by_side"]
    assert together["recordings"] == ["talk/cartesia", "talk/flux"]
    assert together["services"] == SERVICES
    assert [(row["start_s"], row["end_s"]) for row in together["speech"]] == [(1 + 5 * n, 3 + 5 * n) for n in range(6)]
    assert [[answer["turns"] for answer in row["answers"]] for row in together["speech"]] == [
        [[number], [number]] for number in range(1, 7)
    ]
    assert [each["recording"] for each in document["sessions"]] == ["talk/cartesia", "talk/flux"]
    rows = list(csv.DictReader(io.StringIO(report(capsys, group, form="csv"), newline="")))
    assert [row["service"] for row in rows] == ["cartesia"] * 6 + ["flux"] * 6


def test_what_only_one_service_heard_is_counted(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    words = ("Hello there.",) * 8
    group = Path(keep_beside(tmp_path / "talk"))
    for service, missing in (("cartesia", {3, 5}), ("flux", {6})):
        for file in (group / service).iterdir():
            file.unlink()
        (group / service).rmdir()
        texts = tuple("" if number in missing else text for number, text in enumerate(words))
        keep(group / service, texts=texts, service=service, eot=0.4 if service == "cartesia" else 0.7)
    document = json.loads(report(capsys, str(group)))
    found = document["groups"][1]["against_first_group"]["eot_latency"]
    assert (found["pairs"], found["only_here"], found["only_in_first_group"]) == (4, 2, 1)
    assert found["interval_ms"] is None
    missed = [[answer["missed"] for answer in row["answers"]] for row in document["side_by_side"][0]["speech"]]
    assert [number for number, each in enumerate(missed) if each[0]] == [3, 5]
    assert [number for number, each in enumerate(missed) if each[1]] == [6]
    assert [each["counts"]["missed"] for each in document["groups"]] == [2, 1]
    text = report(capsys, str(group), form="md")
    squeezed = re.sub(" +", " ", text)
    assert "| +300 (too few pairs) | 4 of 4 turns slower; 1 turn only in A, 2 turns only in B |" in squeezed
    assert "| 0:16.0 | missed | 700 Hello there. |" in squeezed
    assert "| 0:11.0 | **400** \\* Hello there. | 700 Hello there. |" in squeezed
    assert MarkdownIt("commonmark").enable("table").render(text)


def test_the_page_has_services_for_columns_and_a_row_for_each_stretch(capsys: pytest.CaptureFixture[str], group: str):
    page = Page(report(capsys, group, form="html"))
    seen = " ".join(" ".join(page.texts).split())
    assert "a.wav: 2 services side by side" in seen
    assert "A · Cartesia (baseline) B · Deepgram Flux" in seen
    assert "All heard the same audio: the same turns are compared" in seen
    assert "+500 [+500 … +500] ▲ slower 5 of 5 turns slower" in seen
    assert "at Cartesia Deepgram Flux 0:01.0 400 * first Hello there. 900 first Hello" in seen
    assert seen.index("By stretch of speech") < seen.index("Counts and health")
    alone = " ".join(Page(report(capsys, f"{group}/flux", form="html")).texts)
    assert "a.wav: Deepgram Flux" in alone
    assert "side by side" not in alone
    named = report(capsys, f"{group}/cartesia", f"{group}/flux")
    assert json.loads(named) == json.loads(report(capsys, group))


def test_what_a_service_cannot_have_is_not_applicable(capsys: pytest.CaptureFixture[str], group: str):
    manifest = Path(group) / "flux" / MANIFEST
    events = Path(group) / "flux" / EVENTS
    for file in (manifest, events):  # eager ends are off unless asked for
        text = file.read_text()
        assert "eager_eot_threshold" in text
        file.write_text(text.replace('"eager_eot_threshold":0.5', "").replace('"eager_eot_threshold": 0.5', ""))
    lines = events.read_text().splitlines(keepends=True)
    events.write_text("".join(line for line in lines if "EagerEndOfTurn" not in line))
    document = json.loads(report(capsys, group))
    can, cannot = (set(group["not_applicable"]) for group in document["groups"])
    assert {"eager_latency_ms", "eager_ends"} <= cannot - can
    assert document["groups"][1]["counts"]["eager_ends"] is None
    squeezed = re.sub(" +", " ", report(capsys, group, form="md"))
    assert "| `eager_latency` | A | **200** | [200 … 200] | 5 | 200 | | |\n| | B | **n/a** |" in squeezed
    seen = " ".join(" ".join(Page(report(capsys, group, form="html")).texts).split())
    assert "eager ends confirmed n/a" in seen
    code, out, _ = run(capsys, "assert", group, "--assert", "eager_latency.p50<=300ms")
    assert code == 4
    assert out.splitlines() == [
        "PASS  cartesia: eager_latency.p50<=300ms  actual 200 ms (n 5)",
        "CANNOT TELL  flux: eager_latency.p50<=300ms  n/a: Deepgram Flux cannot have this metric",
    ]


def test_assertions_are_about_each_service_or_one(capsys: pytest.CaptureFixture[str], group: str, tmp_path: Path):
    junit = tmp_path / "verdicts.xml"
    code, out, _ = run(
        capsys, "assert", group, "--assert", "eot_latency.p90<=500ms", "--assert", "cartesia.turns==6",
        "--junit", str(junit),
    )  # fmt: skip
    assert code == 1
    assert out.splitlines() == [
        "PASS  cartesia: eot_latency.p90<=500ms  actual 400 ms (n 5)",
        "FAIL  flux: eot_latency.p90<=500ms  actual 900 ms (n 5)",
        *(f"      a.wav at 0:{at:04.1f}, 900 ms, “Hello there.”" for at in (6, 11, 16)),
        "PASS  cartesia.turns==6  actual 6",
    ]
    assert [case.get("name") for case in read_xml(junit).iter("testcase")] == [
        "cartesia: eot_latency.p90<=500ms", "flux: eot_latency.p90<=500ms", "cartesia.turns==6",
    ]  # fmt: skip
    assert run(capsys, "assert", f"{group}/flux", "--assert", "eot_latency.p90<=900ms")[0] == 0
    code, _, err = run(capsys, "assert", group, "--assert", "flx.turns==6")
    assert code == 2
    assert "no service called flx here; did you mean flux?" in err
    code, out, _ = run(capsys, "assert", group, "--json", "--assert", "turns==6")
    assert [json.loads(line)["service"] for line in out.splitlines()] == SERVICES
    (tmp_path / "said.txt").write_text("Hello there. " * 6)
    said = ("--reference", str(tmp_path / "said.txt"))
    assert run(capsys, "assert", group, "--assert", "wer<=0%", *said)[0] == 0


def test_sessions_of_one_service_are_pooled_and_those_of_others_never(
    capsys: pytest.CaptureFixture[str], group: str, tmp_path: Path
):
    alone = keep(tmp_path / "alone", texts=("Hello.",) * 2, service="flux")
    code, out, _ = run(capsys, "assert", group, alone, "--assert", "turns==6", "--assert", "flux.turns==8")
    assert code == 1
    assert out.splitlines() == [
        "PASS  cartesia: turns==6  actual 6",
        "FAIL  flux: turns==6  actual 8",
        "PASS  flux.turns==8  actual 8",
    ]
    apart = run(capsys, "assert", f"{group}/cartesia", alone, "--assert", "turns>=2")[1]
    assert apart.splitlines() == ["PASS  cartesia: turns>=2  actual 6", "PASS  flux: turns>=2  actual 2"]


def test_a_service_that_cannot_be_read_leaves_no_pass(capsys: pytest.CaptureFixture[str], group: str):
    (Path(group) / "flux" / MANIFEST).write_text("{")
    code, out, err = run(capsys, "assert", group, "--assert", "turns==6")
    assert code == 4
    assert "flux/manifest.json: damaged" in err
    assert out.splitlines() == [
        "PASS  cartesia: turns==6  actual 6",
        "CANNOT TELL  flux: turns==6  it was not played",
    ]


Damage = Callable[[bytes], bytes]

DAMAGES: tuple[tuple[Damage, str], ...] = (
    (lambda _: b"", "empty; the program was stopped as the session began"),
    (lambda whole: b"{" + whole, "line 1 is damaged"),
    (lambda whole: whole.partition(b"\n")[2], "the beginning of the recording is missing"),
    (lambda whole: whole.replace(b'"t":', b'"u":').replace(b'"at":', b'"u":'), "is damaged"),
    (lambda whole: whole + b"[]\n", "is damaged"),
    (lambda whole: bytes(len(whole)), "empty"),
    (lambda whole: whole.replace(b'"service":"flux"', b'"service":"another"'), "does not know the service"),
)


@pytest.mark.parametrize(("damage", "why"), DAMAGES)
def test_a_service_with_a_damaged_journal_is_told_and_hides_no_other(
    capsys: pytest.CaptureFixture[str], group: str, tmp_path: Path, damage: Damage, why: str
):
    journal = Path(group) / "flux" / EVENTS
    whole = journal.read_bytes()
    journal.write_bytes(damage(whole))
    assert journal.read_bytes() != whole
    page, table = tmp_path / "report.json", tmp_path / "turns.csv"
    for command in (
        ["report", group, "-o", str(page)],
        ["export", group, "-o", str(table)],
        ["replay", group, "--json"],
        ["replay", group],
    ):
        code, out, err = run(capsys, *command)
        assert code == 0
        told = [line for line in err.splitlines() if "wrote" not in line]
        assert len(told) == 1
        assert str(journal.parent) in told[0]
        assert why in told[0]
        assert "flux" not in out.lower()
    assert [each["recording"] for each in json.loads(page.read_text())["sessions"]] == ["talk/cartesia"]
    assert {row["service"] for row in csv.DictReader(io.StringIO(table.read_text(), newline=""))} == {"cartesia"}
    code, out, err = run(capsys, "assert", group, "--assert", "turns==6", "--assert", "flux.spurious==0")
    assert code == 4
    assert why in err
    assert [line.partition("  ")[::2] for line in out.splitlines()] == [
        ("PASS", "cartesia: turns==6  actual 6"),
        ("CANNOT TELL", "flux: turns==6  it was not played"),
        ("CANNOT TELL", "flux.spurious==0  it was not played"),
    ]
    assert run(capsys, "report", f"{group}/flux", "-o", str(page))[0] == 2


def test_without_any_service_that_can_be_read_it_is_unreadable_input(
    capsys: pytest.CaptureFixture[str], group: str, tmp_path: Path
):
    for service in SERVICES:
        (Path(group) / service / EVENTS).write_bytes(b"")
    for command in (
        ["report", group, "-o", str(tmp_path / "a.html")],
        ["export", group, "-o", str(tmp_path / "a.csv")],
        ["replay", group, "--plain"],
        ["assert", group, "--assert", "turns==6"],
    ):
        code, out, err = run(capsys, *command)
        assert (code, out) == (2, "")
        assert "no session in it can be read (cartesia: events.jsonl: empty" in err


def test_runs_are_compared_folder_by_folder_and_service_by_service(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    for folder, eots in (("before", (0.4, 0.9)), ("after", (0.5, 0.6))):
        (tmp_path / folder).mkdir()
        for name in ("1", "2"):
            keep_beside(tmp_path / folder / name, eots=eots)
    document = json.loads(report(capsys, "before", "after"))
    assert [(each["label"], each["turns"]) for each in document["groups"]] == [
        ("before, Cartesia", 12), ("before, Deepgram Flux", 12), ("after, Cartesia", 12), ("after, Deepgram Flux", 12),
    ]  # fmt: skip
    differences = [each["against_first_group"]["eot_latency"] for each in document["groups"][1:]]
    assert [(each["pairs"], each["p50_ms"]) for each in differences] == [(10, 500.0), (10, 100.0), (10, 200.0)]
    document = json.loads(report(capsys, "before"))
    assert [(each["label"], each["turns"]) for each in document["groups"]] == [("Cartesia", 12), ("Deepgram Flux", 12)]
    assert len(document["side_by_side"]) == 2
    by_settings = json.loads(report(capsys, "before", "--by", "settings"))["groups"]
    assert [each["label"] for each in by_settings] == [
        "Cartesia, end_timeout_ms 4000", "Deepgram Flux, eager_eot_threshold 0.5",
    ]  # fmt: skip


def test_exports_name_the_service(capsys: pytest.CaptureFixture[str], group: str, tmp_path: Path):
    code, out, _ = run(capsys, "export", group, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert code == 0
    assert out.startswith("service,turn,")
    assert [(row["service"], row["turn"]) for row in rows] == [
        (service, str(number)) for service in SERVICES for number in range(1, 7)
    ]
    assert [(row["service_end_error_ms"] == "n/a", row["formatted_latency_ms"]) for row in rows] == [
        (service == "cartesia", "n/a") for service in SERVICES for _ in range(6)
    ]
    code, out, _ = run(capsys, "export", group, "--format", "json")
    sessions = json.loads(out)["side_by_side"]
    assert [(each["service"], len(each["turns"])) for each in sessions] == [("cartesia", 6), ("flux", 6)]
    for service, document in zip(SERVICES, sessions, strict=True):
        alone = json.loads(run(capsys, "export", f"{group}/{service}", "--format", "json")[1])
        assert {"service": service, **alone} == document
    code, out, _ = run(capsys, "export", group, "--format", "rttm")
    assert [line.split()[7] for line in out.splitlines()] == ["cartesia"] * 6 + ["flux"] * 6
    file = tmp_path / "out.TextGrid"
    assert run(capsys, "export", group, "-o", str(file))[0] == 0
    tiers = textgrid.openTextgrid(str(file), includeEmptyIntervals=False)
    assert list(tiers.tierNames) == [
        f"{service} {tier}" for service in SERVICES for tier in ("speech", "turns", "state", "events")
    ]
    assert [entry.label for entry in tiers.getTier("flux turns").entries] == ["Hello there."] * 6


@pytest.mark.parametrize("form", ["srt", "vtt", "txt", "audacity"])
def test_what_has_room_for_one_service_is_a_file_of_each(
    capsys: pytest.CaptureFixture[str], group: str, tmp_path: Path, form: str
):
    file = tmp_path / f"out.{form}"
    code, out, err = run(capsys, "export", group, "--format", form, "-o", str(file))
    assert (code, out) == (0, "")
    assert not file.exists()
    for service in SERVICES:
        own = tmp_path / f"out.{service}.{form}"
        assert f"wrote {own}" in err
        assert own.read_text() == run(capsys, "export", f"{group}/{service}", "--format", form)[1]
    code, out, err = run(capsys, "export", group, "--format", form)
    assert (code, out) == (2, "")
    assert (
        f"{form} has room for one service: give -o FILE for a file of each, or name one, such as talk/cartesia" in err
    )


def test_a_replay_is_that_of_all_of_them(capsys: pytest.CaptureFixture[str], group: str):
    code, out, _ = run(capsys, "replay", group, "--json")
    assert code == 0
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["service"] for line in lines} == set(SERVICES)
    times = [line["t"] for line in lines if line["kind"] == "event"]
    assert times == sorted(times)
    for service in SERVICES:
        alone = [json.loads(line) for line in run(capsys, "replay", f"{group}/{service}", "--json")[1].splitlines()]
        own = [line for line in lines if line["service"] == service]
        assert own == [{**line, "service": service} for line in alone]
    code, out, _ = run(capsys, "replay", group)
    assert code == 0
    assert "=== Cartesia" in out
    assert "=== Deepgram Flux" in out


def test_they_are_listed_as_one(capsys: pytest.CaptureFixture[str], group: str, tmp_path: Path):
    (Path(group) / AUDIO).write_bytes(bytes(2_000_000))
    code, out, _ = run(capsys, "recordings", str(tmp_path))
    assert code == 0
    _, line = out.splitlines()
    figures = ["–/–"] * 3  # of each: turns, median latency, false cut-offs
    assert line.split()[2:] == [
        "a.wav", "cartesia/flux", "end_timeout_ms", "4000/eager_eot_t…", *figures, "–", "2.1", "talk",
        "(cartesia:", "incomplete;", "flux:", "incomplete)",
    ]  # fmt: skip


@pytest.mark.parametrize("lost", [(), ("cartesia",)])
def test_without_their_manifest_they_are_listed_as_what_they_are(
    capsys: pytest.CaptureFixture[str], group: str, tmp_path: Path, lost: tuple[str, ...]
):
    (Path(group) / GROUP).unlink()
    for service in lost:
        (Path(group) / service / MANIFEST).unlink()
    (tmp_path / "before").mkdir()  # a folder of sessions is none itself
    keep(tmp_path / "before" / "2026-11-22_09-00-00_talk")
    code, out, _ = run(capsys, "recordings", str(tmp_path))
    assert code == 0
    _, line = out.splitlines()
    first = next(service for service in SERVICES if service not in lost)
    assert "talk" in line.split()
    assert f"no {GROUP} in it; its sessions are read one by one, such as {group}/{first})" in line
    found = json.loads(report(capsys, group))["sessions"]
    assert [each["recording"] for each in found] == [service for service in SERVICES if service not in lost]
