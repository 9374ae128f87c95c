"""Makes the tables of `tui/docs/metrics.md` from the registries of metrics; the rest of the page is written by hand.

    UPDATE_SNAPSHOTS=1 pytest tests/docs/test_metrics_page.py

writes them anew.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stt_monitor.core.metrics.definitions import SESSION_METRICS, TURN_METRICS
from stt_monitor.core.why.words import MEANINGS

PAGE: Final = Path(__file__).parents[2] / "tui" / "docs" / "metrics.md"

_NAMES: Final = re.compile(r"\b(turn\.(?:start|update|eager_end|resume|end)|resent_s|send_lag|server_lag)\b")
"""What is set in type of one width within a sentence."""


def with_tables(page: str) -> str:
    """Return the page with its tables as the registries have them."""
    turns = [(f"`{metric.key}`", metric.heading, metric.meaning) for metric in TURN_METRICS]
    numbers = [(f"`{metric.key}`", metric.unit.value, metric.meaning) for metric in SESSION_METRICS]
    page = _filled(page, "turn metrics", [("name", "on screen", "from → to"), *turns])
    page = _filled(page, "session metrics", [("name", "unit", "meaning"), *numbers])
    return _filled(page, "words", [("word", "why"), *((f"`{word.value}`", why) for word, why in MEANINGS.items())])


def _filled(page: str, what: str, rows: Sequence[tuple[str, ...]]) -> str:
    head, *others = ["| " + " | ".join((*row[:-1], _NAMES.sub(r"`\1`", row[-1]))) + " |" for row in rows]
    begin, end = f"<!-- {what}: made from the registry -->\n", "<!-- end -->\n"
    before, _, rest = page.partition(begin)
    return before + begin + "\n".join([head, "|---" * len(rows[0]) + "|", *others, end]) + rest.partition(end)[2]
