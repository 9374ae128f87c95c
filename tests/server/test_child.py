import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.patience import PATIENCE_S

from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.server.child import LocalServerProcess
from stt_monitor.services.registry import services


@pytest.fixture
def server(command: tuple[str, str]) -> Iterator[LocalServerProcess]:
    with LocalServerProcess(command) as local:
        yield local


def health(url: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{url}/health", timeout=PATIENCE_S) as response:
        answer: dict[str, object] = json.load(response)
        return answer


def wait_for_end(pid: int) -> None:
    """Wait until a process that is no child of ours is gone; the test's time limit is the limit."""
    gone = threading.Event()
    while not gone.wait(0.01):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        # An orphan whose new parent does not collect it stays as a zombie.
        if Path(f"/proc/{pid}/stat").exists() and " Z " in Path(f"/proc/{pid}/stat").read_text():
            return


@pytest.mark.slow
def test_starts_once_and_serves(server: LocalServerProcess) -> None:
    url = server.start()
    pid = server.pid
    assert url.startswith("http://127.0.0.1:")
    assert health(url)["status"] == "ok"
    assert server.start() == url
    assert server.pid == pid


@pytest.mark.slow
async def test_starts_without_blocking_an_event_loop(server: LocalServerProcess) -> None:
    url = await server.start_async()
    assert server.start() == url
    await server.close_async()
    assert server.pid is None


@pytest.mark.slow
def test_close_ends_the_process_and_may_be_repeated(server: LocalServerProcess) -> None:
    server.start()
    process = server._process
    assert process is not None
    server.close()
    server.close()
    assert process.returncode == 0


@pytest.mark.slow
def test_starts_again_after_close_and_after_death(server: LocalServerProcess) -> None:
    server.start()
    server.close()
    health(server.start())
    process = server._process
    assert process is not None
    process.kill()
    process.wait()
    health(server.start())
    assert server.pid != process.pid


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_signals_of_the_terminal_do_not_end_it(server: LocalServerProcess) -> None:
    url = server.start()
    pid = server.pid
    assert pid is not None
    assert os.getsid(pid) != os.getsid(0)
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGHUP)
    assert health(url)["status"] == "ok"


PARENT = """
    import sys
    from stt_monitor.server.child import LocalServerProcess
    server = LocalServerProcess({command!r})
    server.start()
    print(server.pid, flush=True)
    {end}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("end", ["killed", "sys.exit()", "raise SystemExit(3)", "__import__('os').abort()"])
def test_ends_with_its_parent_however_that_ends(command: tuple[str, str], end: str) -> None:
    last = "sys.stdin.read()" if end == "killed" else end
    script = textwrap.dedent(PARENT.format(command=command, end=last))
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        if end == "killed":
            parent.kill()
        parent.wait()
        wait_for_end(child)


def child_that(tmp_path: Path, code: str) -> LocalServerProcess:
    script = tmp_path / "child.py"
    script.write_text(textwrap.dedent(code))
    return LocalServerProcess((sys.executable, str(script)))


def test_a_missing_part_is_told_in_its_own_sentence(tmp_path: Path) -> None:
    code = """
        import sys
        from stt_monitor.core.errors import UserError
        from stt_monitor.server import __main__ as child, serve
        def load():
            raise UserError("The recogniser is missing: no wheel for this machine.")
        serve._load_detector = load
        sys.exit(child.main())
    """
    with pytest.raises(ServiceUnavailableError, match=r"^The recogniser is missing: no wheel for this machine\.$"):
        child_that(tmp_path, code).start()


@pytest.mark.parametrize(
    ("code", "last_words"),
    [
        ("import no_such_module_at_all", "No module named 'no_such_module_at_all'"),
        ("print('nonsense')", "it left no message"),
        ("print('[1]')", "it left no message"),
        ("import os, signal; os.kill(os.getpid(), 9)", "it left no message"),
    ],
)
def test_a_child_that_dies_is_an_error_with_its_last_words(tmp_path: Path, code: str, last_words: str) -> None:
    with pytest.raises(ServiceUnavailableError, match="did not start") as failure:
        child_that(tmp_path, code).start()
    assert last_words in str(failure.value)


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ServiceUnavailableError, match="did not start"):
        LocalServerProcess(("/no/such/program",)).start()


def test_a_child_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stt_monitor.server.child.START_TIMEOUT_S", 0.3)
    with pytest.raises(ServiceUnavailableError, match="did not start"):
        child_that(tmp_path, "import time; time.sleep(100)").start()


def test_closing_does_not_wait_for_a_start_that_hangs(tmp_path: Path) -> None:
    server = child_that(tmp_path, "import sys; sys.stderr.write('up\\n'); sys.stderr.flush(); sys.stdin.read()")
    failures: list[Exception] = []

    def start() -> None:
        try:
            server.start()
        except ServiceUnavailableError as error:
            failures.append(error)

    starting = threading.Thread(target=start)
    starting.start()
    paused = threading.Event()
    while not server._stderr_lines:
        paused.wait(0.01)
    server.close()
    starting.join(PATIENCE_S)
    assert len(failures) == 1
    assert server.pid is None


def test_keeps_all_keys_to_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for service in services():
        monkeypatch.setenv(service.key_variable, "sk_secret")
    code = "import json, os; print(json.dumps({'error': f'has {list(os.environ.values()).count(\"sk_secret\")}'}))"
    with pytest.raises(ServiceUnavailableError, match=r"^has 0$"):
        child_that(tmp_path, code).start()


def test_the_parent_loads_nothing_heavy() -> None:
    code = "import sys, stt_monitor.server.child, stt_monitor.server.serve; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "onnxruntime", "websockets", "textual", "soxr"} & {name.partition(".")[0] for name in loaded}
