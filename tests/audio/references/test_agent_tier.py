"""The agent's tier of a TextGrid is none of the caller's labels."""

import pytest

from stt_monitor.audio.references.label import FormatError, Label
from stt_monitor.audio.references.textgrid import read_textgrid


def grid(*names: str) -> str:
    tiers = " ".join(f'"IntervalTier" "{name}" 0 9 1 {at} {at + 1} "x"' for at, name in enumerate(names))
    return f'"ooTextFile" "TextGrid" 0 9 <exists> {len(names)} {tiers}'


@pytest.mark.parametrize("for_times", [True, False])
def test_the_agents_tier_is_not_asked_about_nor_taken_for_the_callers(for_times: bool):
    assert read_textgrid(grid("Agent", "Mary"), for_times=for_times) == [Label("x", 1.0, 2.0)]
    with pytest.raises(FormatError, match="only interval tier is the agent's"):
        read_textgrid(grid("agent"), for_times=for_times)
