"""`--service` and what comes with it: an invented service, as the command line and the local server know the others."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import soundfile
from tests.e2e.test_cli import refused
from tests.server.parrot import PARROT as SPOKEN
from tests.server.stand_in import TWO_TURNS, LoudnessDetector
from tests.session.test_another_service import PARROT, Ear
from tests.support.beside import beside
from tests.support.registered import registered
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import beginning, write_wav

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.cli.main import main
from stt_monitor.core.dialect import Dialect
from stt_monitor.core.key import Keys
from stt_monitor.core.local_server import LOCAL_SERVER
from stt_monitor.core.settings.requested import Schema, Setting, Settings
from stt_monitor.server.server import LocalServer
from stt_monitor.services import registry
from stt_monitor.session.check.findings import Grade
from stt_monitor.session.check.health_check import examine


@pytest.fixture(autouse=True)
def _parrot(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with registered(PARROT, SPOKEN):
        for service in registry.services():
            monkeypatch.delenv(service.key_variable, raising=False)
        yield


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "talk.wav", decode(TWO_TURNS, Encoding.PCM_S16LE), 16_000)
    return tmp_path / "talk.wav"


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    """Run the program; return the lines that it prints."""
    assert main(arguments) == 0
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_session_is_about_the_service_that_is_asked_for_and_its_recording_says_so(
    wav: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    kept = str(tmp_path / "kept")
    with beside(LocalServer(LoudnessDetector)) as server:
        arguments = ("--service", "parrot", "--url", f"{server.base_url}?bird=grey", "--set", "patience=1.5")
        lines = run(capfd, str(wav), *arguments, "--record", kept, "--json")
    assert (lines[0]["service"], lines[0]["model"]) == ("parrot", PARROT.model)
    assert lines[0]["settings"]["turn"] == {"patience": 1.5}  # type: ignore[index]
    turns = [line["transcript"] for line in lines if line["kind"] == "turn"]
    assert turns == ["word1 word2 word3", "word1"]
    again = run(capfd, "replay", kept, "--json")
    assert again[0]["service"] == "parrot"
    assert [line["transcript"] for line in again if line["kind"] == "turn"] == turns
    assert main(["report", kept, "-o", str(tmp_path / "page.html")]) == 0
    assert "not against Parrot" in (tmp_path / "page.html").read_text()
    assert main(["export", kept, "-o", str(tmp_path / "turns.csv")]) == 0
    assert "patience" in (tmp_path / "turns.csv").read_text().splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--service", "parot"], "no service is called parot; did you mean parrot? (give cartesia"),
        (["--service", "Parrot"], "did you mean parrot?"),
        (["--service", "\x1b[2Jx"], "or parrot)"),
        (["--service", ""], "--service is empty"),
        (["--service", "parrot", "--service", "parrot"], "--service parrot is given twice"),
        (["doctor", "--service", "parrot", "--service", "cartesia"], "this command is about one service"),
        (["--service", "flux", "--service", "parrot"], "Flux needs a key: set DEEPGRAM_API_KEY, or give --local"),
        (["--service", "parrot"], "Parrot needs a key: set CRACKER, or give --local for the local server"),
        (["--service", "cartesia"], "Cartesia needs a key: set CARTESIA_API_KEY, or give --local"),
        (["web", "--service", "parrot"], "Parrot needs a key: set CRACKER"),
        (["doctor", "--service", "parrots"], "did you mean parrot?"),
        (["--service", "flux,parrot"], "one name each time: give --service flux --service parrot"),
        (["--service", "flux, parot"], "one name each time: give --service flux --service parot"),
        (["--service", "flux+parrot"], "one name each time: give --service flux --service parrot"),
        (["--service", "parrot", "--local", "--model", "a", "--model", "b"], "--model is given twice for parrot"),
        (["--service", "parrot", "--url", "ws://h", "--say", "hi"], "Parrot has no speech synthesis"),
        (["--service", "parrot", "--local", "--keyterm", "polly"], "Parrot has no --keyterm: leave it out"),
    ],
)
def test_which_service_is_meant_must_be_clear(capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str):
    assert hint in refused(capsys, *arguments)


@pytest.mark.parametrize(("chunk_ms", "refused"), [(49, True), (50, False), (1000, False), (10, True)])
def test_frames_are_of_a_length_that_the_service_takes(
    capsys: pytest.CaptureFixture[str], chunk_ms: int, *, refused: bool
):
    with registered(msgspec.structs.replace(PARROT, chunk_ms=(50, 1000)), SPOKEN):
        said = settings_are_refused(capsys, "--service", "parrot", "--local", "--chunk-ms", str(chunk_ms))
    hint = f"--chunk-ms {chunk_ms}: Parrot takes 50 to 1000 ms of audio in a frame"
    assert (hint if refused else "missing.wav") in said


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["ws://u:pass@h/?token=tok"], "--url: for which service? Give --url parrot=URL or --url cartesia=URL"),
        (["parot=ws://u:pass@h"], "--url: no service of this run is called parot; did you mean parrot?"),
        (["fluxx=ws://u:pass@h"], "no service of this run is called fluxx; did you mean flux? (parrot, cartesia)"),
        (["flux=ws://u:pass@h"], "--url: Deepgram Flux is not in this run: add --service flux"),
        (["parrot=ws://u:pass@h", "parrot=ws://i"], "--url is given twice for parrot: leave one out"),
        (["parrot=ws://u:pass@h", "ws://i"], "--url: for which service?"),
        (["parrot="], "--url parrot= is empty: give it a value"),
        (["parrot=//u:pass@h"], "--url h: give an address such as wss://host:port"),
        (["parrot=ws://u:pass@h", "cartesia=ws://i", "--local"], "--local is not allowed where every service has its"),
        (["parrot=ws://u:pass@h"], "Cartesia needs a key: set CARTESIA_API_KEY, or give --local"),
        (["parrot=ws://u:pass@h\udcff"], "--url: parrot=ws://h\ufffd is not UTF-8"),
        (["parrot=ws://h", "--ulr=ws://u:pass@h/?token=tok"], "unrecognized arguments: --ulr=ws://h/; see"),
    ],
)
def test_which_service_is_where_must_be_clear_and_no_login_is_shown(
    capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
):
    options = [part for text in arguments for part in ([text] if text.startswith("-") else ["--url", text])]
    said = refused(capsys, "missing.wav", "--service", "parrot", "--service", "cartesia", *options)
    assert hint in said
    assert "pass" not in said
    assert "tok" not in said


def test_a_url_is_for_the_service_that_it_names(wav: Path, capfd: pytest.CaptureFixture[str]):
    with beside(LocalServer(LoudnessDetector)) as one, beside(LocalServer(LoudnessDetector)) as other:
        bases = {"cartesia": other.base_url, "parrot": one.base_url}
        urls = ("--url", f"cartesia={bases['cartesia']}?trace=1", "--url", f"parrot={bases['parrot']}?bird=grey")
        services = ("--service", "parrot", "--service", "cartesia")
        lines = run(capfd, str(wav), *services, *urls, "--json", "--no-record")
    where = {str(line["service"]): str(line["url"]) for line in lines if line["kind"] == "session"}
    assert all(where[name].startswith(base.replace("http", "ws")) for name, base in bases.items())


def test_services_without_a_url_are_the_local_servers_with_local(capsys: pytest.CaptureFixture[str]):
    services = ("--service", "parrot", "--service", "cartesia", "--local")
    assert "missing.wav" in refused(capsys, "missing.wav", *services, "--url", "parrot=ws://127.0.0.1:1")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--set", "tone=low"], "missing.wav"),
        (["--set", "tone=1"], "missing.wav"),
        (["--set", "tone=hihg"], "--set tone: 'hihg' is none of low, high; did you mean high?"),
        (["--set", "tone=2"], "2 is out of range: it must be low or high"),
        (["--set", "tone=0.5"], "0.5 is out of range: it must be low or high"),
    ],
)
def test_a_setting_may_be_a_word(capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str):
    tone = Setting("tone", 0, 1, 0, label="tone", meaning="", hint="", larger="", step=1, fine=1, words=("low", "high"))
    schema = Schema((tone,))
    bird = msgspec.structs.replace(
        PARROT, dialect=lambda _: Dialect(schema, Ear), problem=lambda asked, _: schema.problem(asked.turn)
    )
    with registered(bird, SPOKEN):
        assert hint in settings_are_refused(capsys, "--service", "parrot", "--local", *arguments)
        assert main(["services"]) == 0
    assert "settings   tone                  low or high, default low\n" in capsys.readouterr().out


def test_a_setting_is_off_if_it_is_left_out(capsys: pytest.CaptureFixture[str]):
    said = refused(capsys, "--service", "flux", "--local", "--set", "eager_eot_threshold=off")
    assert "'off' is not a number: leave eager_eot_threshold out to keep it off" in said


def test_what_is_asked_of_the_local_server_needs_no_key(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    missing = str(tmp_path / "missing.wav")
    for way in (["--local"], ["--url", "ws://127.0.0.1:1"]):
        assert missing in refused(capsys, missing, "--service", "parrot", *way)


def settings_are_refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the sentence; where none is needed the missing recording is refused, and no session begins."""
    return refused(capsys, "missing.wav", *arguments)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--set", "patiense=1"], "--set patiense: Parrot has no setting patiense; did you mean patience?"),
        (["--set", "colour=1"], "Parrot has no setting colour (--set takes patience)"),
        (
            ["--start-threshold", "0.7"],
            "Parrot has no setting start_threshold; that is one of Cartesia (--set takes patience)",
        ),
        (["--set", "patience"], "'patience' is not of the form NAME=VALUE"),
        (["--set", "patience="], "is not of the form NAME=VALUE"),
        (["--set", "=1"], "is not of the form NAME=VALUE"),
        (["--set", ""], "is not of the form NAME=VALUE"),
        (["--set", "patience=long"], "--set patience: 'long' is not a number"),
        (["--set", "patience=nan"], "is not a number"),
        (["--set", "patience=1=2"], "'1=2' is not a number"),
        (["--set", "patience=inf"], "inf is out of range: it must lie from 0.1 to 9"),
        (["--set", "patience=9.01"], "--set patience: 9.01 is out of range"),
        (["--set", "patience=1", "--set", "patience=2"], "--set patience: patience is given twice"),
        (["--set", "caf\udce9=1"], "is not UTF-8"),
        (["--set", "patience=9"], "missing.wav"),
        (["--set", " patience = 0.1 "], "missing.wav"),
    ],
)
def test_a_setting_is_checked_by_the_service_before_anything_is_connected(
    capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
):
    assert hint in settings_are_refused(capsys, "--service", "parrot", "--local", *arguments)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--set", "end-threshold=0.3"], "did you mean end_threshold?"),
        (["--set", "end_threshold=0.3", "--end-threshold", "0.3"], "end_threshold is given twice"),
        (["--set", "eager_end_threshold=0.4", "--set", "end_threshold=0.4"], "0.4 must be greater than end"),
        (["--set", "eager_end_threshold=0.3"], "end threshold 0.3 (the default)"),
        (["--set", "end_timeout_ms=1e3"], "missing.wav"),
    ],
)
def test_the_default_service_has_its_settings_by_both_names(
    capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
):
    assert hint in settings_are_refused(capsys, "--local", *arguments)


def two_models(settings: Settings) -> Dialect:
    """A kind of parrot that takes other settings: `polly` has patience, any other has none, but a temper."""
    polite = PARROT.schema
    rude = Schema((msgspec.structs.replace(polite["patience"], name="temper", default=2),))
    return Dialect(polite if settings.model == PARROT.model else rude, Ear, eager_ends=False, resumes=False)


BIRDS = msgspec.structs.replace(
    PARROT,
    dialect=two_models,
    other_models=("pete",),
    problem=lambda settings, with_defaults: two_models(settings).schema.problem(
        settings.turn, with_defaults=with_defaults
    ),
)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--set", "patience=1"], "missing.wav"),
        (["--set", "temper=1"], "Parrot's polly has no setting temper; that is one of pete (--set takes patience)"),
        (["--model", "pete", "--set", "temper=1"], "missing.wav"),
        (["--model", "pat", "--set", "patience=1"], "Parrot's pat has no setting patience; that is one of polly"),
        (["--model", "pete", "--set", "tempers=1"], "Parrot's pete has no setting tempers; did you mean temper?"),
        (["--model", "pete", "--set", "end_threshold=0.3"], "that is one of Cartesia (--set takes temper)"),
    ],
)
def test_settings_may_depend_on_the_model(capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str):
    with registered(BIRDS, SPOKEN):
        assert hint in settings_are_refused(capsys, "--service", "parrot", "--local", *arguments)
        assert main(["services"]) == 0
    said = capsys.readouterr().out
    assert "\n  settings   temper" in said.partition("with --model pete\n")[2]


def test_a_session_keeps_the_settings_of_its_model(wav: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with registered(BIRDS, SPOKEN), beside(LocalServer(LoudnessDetector)) as server:
        arguments = ("--service", "parrot", "--url", f"{server.base_url}?bird=grey", "--model", "pete")
        kept = str(tmp_path / "kept")
        lines = run(capfd, str(wav), *arguments, "--set", "temper=3", "--record", kept, "--json")
        assert lines[0]["settings"]["turn"] == {"temper": 3}  # type: ignore[index]
        assert main(["export", kept, "-o", str(tmp_path / "turns.csv")]) == 0
    names = (tmp_path / "turns.csv").read_text().splitlines()[0].split(",")
    assert "temper" in names
    assert "patience" not in names


def test_no_key_of_the_environment_is_shown_or_sent_to_another_service(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    keys = {"CARTESIA_API_KEY": "sk_car_hush_one", "CRACKER": "crumbs_hush_two"}
    for name, key in keys.items():
        monkeypatch.setenv(name, key)

    async def blab(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("error", status_code=400, title="No", message=" ".join(keys.values()))
        await dialogue.hear_close()

    sound, kept = str(write_wav(tmp_path / "short.wav", 0.3)), tmp_path / "kept"
    with beside(ScriptedService(blab)) as service:
        for name in ("cartesia", "parrot"):
            for form in ("--json", "--plain"):
                arguments = [sound, "--service", name, "--url", service.url, "--record", str(kept), form]
                main(arguments)
    said = "".join(capfd.readouterr()) + "".join(path.read_text() for path in kept.rglob("*.json*"))
    assert "***" in said
    assert not [key for key in keys.values() if key in said]
    sent = [str(list(dialogue.headers.raw_items())) + dialogue.path for dialogue in service.dialogues]
    assert [[key in each for key in keys.values()] for each in sent] == [[True, False]] * 2 + [[False, True]] * 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["{}"], ["{}", "--plain"], ["--service", "{}"], ["--service", "parrot", "--local", "--set", "patience={}"],
        ["--set", "{}"], ["--url", "{}"], ["--{}"], ["--local", "--set", "{}=1"], ["replay", "{}"],
        ["--chunk-ms", "{}"], ["doctor", "--service", "{}"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("variable", ["CARTESIA_API_KEY", "CRACKER"])
@pytest.mark.parametrize("copied", ["{}", 'export KEY="Bearer {}";'])
def test_a_key_in_the_wrong_place_is_not_repeated(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    copied: str,
    variable: str,
):
    monkeypatch.setenv(variable, copied.format("crumbs_hush/two+3"))
    said = refused(capsys, *(each.format("crumbs_hush/two+3") for each in arguments))
    assert "hush" not in said


def test_a_malformed_key_of_another_service_is_no_hindrance(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CRACKER", "a b")
    assert "missing.wav" in refused(capsys, "missing.wav", "--local")
    assert "CRACKER is malformed" in refused(capsys, "missing.wav", "--service", "parrot", "--local")


def test_the_doctor_looks_at_the_service_that_is_asked_for(tmp_path: Path):
    def key(without_key: str, own: str | None = None) -> tuple[Grade, str]:
        found = examine(lambda: str(tmp_path), None, PARROT, Keys(own), without_key=without_key)
        return next((each.grade, each.sentence) for each in found if each.subject == "key")

    assert key("give --local") == (Grade.BAD, "CRACKER is not set: set it, or give --local")
    assert key("") == (Grade.OPTIONAL, "CRACKER is not set: sessions use the local server")
    assert key("give --local", own="crumbs") == (Grade.GOOD, "CRACKER is set")


def test_the_local_server_is_not_asked_to_speak_what_it_does_not(capsys: pytest.CaptureFixture[str]):
    mute = msgspec.structs.replace(PARROT, has_server_side=False)
    with registered(mute, SPOKEN):
        said = refused(capsys, "--service", "parrot", "--local")
        assert "the local server does not speak Parrot: set CRACKER, or give --url" in said
        assert "Parrot needs a key: set CRACKER, or give --url" in refused(capsys, "--service", "parrot")
        assert "missing.wav" in refused(capsys, "missing.wav", "--service", "parrot", "--url", "ws://127.0.0.1:1")
        assert SPOKEN not in registry.server_sides()
        assert main(["doctor", "--service", "parrot"]) == 3
    out = capsys.readouterr().out
    assert "CRACKER is not set: set it, or give --url" in out
    assert "it does not speak Parrot" in out


@pytest.mark.parametrize("name", [each.name for each in registry.services() if each.has_server_side])
def test_the_local_server_speaks_the_protocol_of_every_service(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    lines = run(capfd, str(beginning(tmp_path / "first.wav")), "--service", name, "--local", "--no-record", "--json")
    assert lines[0]["service"] == name
    assert {line["server"] for line in lines if line["kind"] == "status" and "server" in line} == {LOCAL_SERVER}
    assert [line for line in lines if line["kind"] == "turn" and line["transcript"]]
    assert not [line for line in lines if line["kind"] in {"violation", "error"}]


@pytest.mark.parametrize("name", registry.NAMES)
def test_of_a_model_that_the_local_server_has_not_no_key_is_wanted(
    wav: Path, name: str, capfd: pytest.CaptureFixture[str]
):
    arguments = ("--service", name, "--local", "--model", "no-such-model", "--plain", "--no-record")
    assert main([str(wav), *arguments]) == 3
    said = capfd.readouterr().err
    assert "check" in said
    assert "model" in said.rpartition(": ")[2]
    assert registry.service(name).key_variable not in said
