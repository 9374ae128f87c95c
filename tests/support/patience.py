"""How long tests wait for what will come."""

from typing import Final

PATIENCE_S: Final = 300.0
"""Only a hang lasts so long: on a busy machine everything takes its time, and no test is about that."""
