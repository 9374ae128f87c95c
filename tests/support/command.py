"""The installed command, run to its end without a key."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from tests.support.patience import PATIENCE_S

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with these arguments."""
    environment = {name: value for name, value in os.environ.items() if name != "CARTESIA_API_KEY"}
    return await asyncio.to_thread(
        subprocess.run, [COMMAND, *arguments],
        capture_output=True, text=True, env=environment, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
