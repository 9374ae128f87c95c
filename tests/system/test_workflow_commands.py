import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.runner import COMMANDS, workflow_command

from stt_monitor.core.text.sanitize import printable
from stt_monitor.system.workflow_commands import command, disarmed, disarmed_json

pieces = st.lists(
    st.sampled_from(["::", ":", "##[", "#", "[", "]", " ", "\u00a0", "\u200d", "%", "%0A", ",", "=", "\n", "\r", "…"])
    | st.sampled_from(sorted(COMMANDS))
    | st.text(max_size=4)
).map("".join)


@given(pieces)
@example("::add-mask::x")
@example("  ::stop-commands::x")
@example("\u00a0::error title=x::y")
@example("\u200d::error::y")
@example(":::add-mask::x")
@example("0.004  update | ##[add-mask]x")
def test_a_line_that_somebody_else_wrote_is_no_command(text: str):
    line = printable(text)
    assert workflow_command(disarmed(line)) is None
    assert disarmed(line).replace(" ", "") == line.replace(" ", "")


@given(pieces)
@example("##[add-mask]x")
@example("###[add-mask]x")
def test_a_line_of_json_is_no_command_and_says_the_same(text: str):
    line = disarmed_json(json.dumps({"transcript": text}))
    assert workflow_command(line) is None
    assert json.loads(line) == {"transcript": text}


@given(pieces, pieces)
@example("a,file=b::c", "%0A::error::x")
def test_a_command_is_one_whatever_is_in_it(title: str, message: str):
    line = command("error", f"stt-monitor: {title}.", message)
    assert "\n" not in line
    assert "\r" not in line
    assert workflow_command(line) == ("error", {"title": f"stt-monitor: {title}."}, message)


@pytest.mark.parametrize("line", ["0.004  update | a::b ::c", "talk at 12::30", '{"a":"::error::x"}'])
def test_what_is_no_command_stays_as_it_is(line: str):
    assert disarmed(line) == line
