import subprocess
import sys
from pathlib import Path


def test_libraries_write_to_the_log_and_python_to_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = f"""
import os, sys
from pathlib import Path
from stt_monitor.audio.devices.stderr_guard import redirect_stderr
before = sys.stderr
with redirect_stderr(log=Path({str(log)!r})) as own:
    os.write(2, b"ALSA lib\\n")
    print("python", file=sys.stderr)
    print("textual", file=sys.__stderr__)
    os.write(own.fileno(), b"driver\\n")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # as PortAudio does
    print("still", file=sys.stderr)
assert sys.stderr is before and sys.__stderr__ is before
os.write(2, b"after\\n")
with redirect_stderr():
    os.write(2, b"thrown away\\n")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.split() == ["python", "textual", "driver", "still", "after"]
    assert log.read_text() == "ALSA lib\n"
