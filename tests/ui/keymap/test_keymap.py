"""One table of keys, and all that is made from it."""

import os
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import msgspec
import pytest
from tests.ui.snapshots import UPDATE
from textual.binding import Binding
from textual.widget import Widget

from stt_monitor.core.commands import Command
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.calls.app import CallsApp
from stt_monitor.ui.calls.screen import CallsScreen
from stt_monitor.ui.calls.table import CallsTable
from stt_monitor.ui.keymap.bindings import KEYS, action_of, command_of, keys_and_meanings, refusal
from stt_monitor.ui.keymap.keys import Key, KeyContext, Where
from stt_monitor.ui.screens.agent import AgentScreen
from stt_monitor.ui.screens.comparison import ComparisonScreen
from stt_monitor.ui.screens.details import DetailsScreen
from stt_monitor.ui.screens.input import InputScreen
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.screens.recordings import RecordingsScreen
from stt_monitor.ui.screens.service import ServiceScreen
from stt_monitor.ui.screens.settings import SettingsScreen
from stt_monitor.ui.screens.wire import WireScreen
from stt_monitor.ui.sweep.app import SweepApp
from stt_monitor.ui.toolkit.turn_list import TurnList
from stt_monitor.ui.widgets.metrics_table import MetricsTable
from stt_monitor.ui.widgets.side_by_side.table import StretchTable
from stt_monitor.ui.widgets.side_by_side.texts import Texts
from stt_monitor.ui.widgets.side_by_side.timeline import LanesTimeline
from stt_monitor.ui.widgets.timeline import Timeline
from stt_monitor.ui.widgets.transcript import Transcript

ROOT = Path(__file__).parents[3]
HEAD = "| key | what it does |\n|---|---|\n"
LIVE = KeyContext(drawn=True, live=True, session=True, file=True, turns=True, timeline=True)
STATES = (
    KeyContext(drawn=True),
    KeyContext(drawn=True, live=True),
    LIVE,
    msgspec.structs.replace(LIVE, file=False, quiet=True),
    msgspec.structs.replace(LIVE, live=False),
    msgspec.structs.replace(LIVE, leaving=True),
    msgspec.structs.replace(LIVE, retry=True, error=True),
    msgspec.structs.replace(LIVE, saved=True),
    msgspec.structs.replace(LIVE, saved=True, live=False),
    msgspec.structs.replace(LIVE, saved=True, sweep=True),
    msgspec.structs.replace(LIVE, calls=True, call=True, file=False),
    msgspec.structs.replace(LIVE, calls=True, call=True, live=False),
    msgspec.structs.replace(LIVE, several=True, beside=True),
    msgspec.structs.replace(LIVE, timeline=False, switchable=True),
)
SENTENCE = re.compile(r"[a-z].{10,100}[^.]")
HANDLERS = {
    Where.APP: MonitorApp,
    Where.SWEEP: SweepApp,
    Where.CALLS: CallsApp,
    Where.SCREEN: MonitorScreen,
    Where.TURNS: TurnList,
    Where.TIMELINE: Timeline,
    Where.METRICS: MetricsTable,
    Where.ROWS: StretchTable,
}


def test_the_page_of_the_screen_has_the_same_keys_and_words():
    """`UPDATE_SNAPSHOTS=1` writes them."""
    page = ROOT / "tui" / "docs" / "screen.md"
    before, head, after = page.read_text(encoding="utf-8").partition(HEAD)
    assert head
    table, end, rest = after.partition("\n\n")
    made = "\n".join(
        f"| {' '.join(f'`{key}`' for key in keys.split())} | {meaning} |" for keys, meaning in keys_and_meanings()
    )
    if os.environ.get(UPDATE):
        page.write_text(before + head + made + end + rest, encoding="utf-8")
    else:
        assert table == made


def test_titles_are_unique_and_so_are_keys_at_any_moment():
    titles = [key.title for key in KEYS]
    assert len(titles) == len(set(titles))
    for one, other in combinations((key for key in KEYS if key.where in (Where.APP, Where.SWEEP, Where.SCREEN)), 2):
        same = set(filter(None, one.keys.split(","))) & set(other.keys.split(","))
        assert not same or not any(one.when(now) and other.when(now) for now in contexts())


@pytest.mark.parametrize("key", [key for key in KEYS if key.does], ids=lambda key: key.title)
def test_each_key_does_something(key: Key):
    name = action_of(key).partition("(")[0]
    handler = MonitorApp if name.startswith("app.") else HANDLERS[key.where]
    assert hasattr(handler, f"action_{name.removeprefix('app.')}")


FLAGS = [field.name for field in msgspec.structs.fields(KeyContext) if field.name not in ("drawn", "too_small")]


def contexts() -> Iterator[KeyContext]:
    """Yield the states of the program, each also with anything else being so or not."""
    for now in STATES:
        yield now
        for flag in FLAGS:
            for fact in (True, False, *([None] if flag == "file" else [])):
                yield msgspec.structs.replace(now, **{flag: fact})


@pytest.mark.slow
def test_of_every_key_in_every_state_that_does_not_apply_there_is_a_reason():
    for now in contexts():
        for key in KEYS:
            for name in filter(None, key.keys.split(",")):
                same = [other for other in KEYS if name in other.keys.split(",") and other.when(now)]
                if all(other.where.needs_focus for other in same) and key.does != "follow":  # End scrolls elsewhere
                    assert SENTENCE.fullmatch(refusal(name, now)), (key.title, now)


def test_a_window_that_is_too_small_has_room_for_no_reason():
    assert refusal("t", KeyContext(drawn=True, too_small=True, saved=True)) == ""


HAS_KEYS = (
    AgentScreen, ComparisonScreen, DetailsScreen, InputScreen, RecordingsScreen, ServiceScreen, SettingsScreen,
    CallsScreen, CallsTable, WireScreen, Transcript, MetricsTable, Timeline, StretchTable, LanesTimeline, Texts,
)  # fmt: skip


@pytest.mark.parametrize("part", HAS_KEYS)
def test_every_key_of_a_footer_is_in_the_help_of_its_part(part: type[Modal | Widget]):
    (_, lines) = vars(part)["ABOUT"]
    explained = {name for names, _ in lines for name in names.split()}
    for parent in part.__mro__:
        for binding in vars(parent).get("BINDINGS", []):
            if part is LanesTimeline and binding.action == "open":  # which it does not
                continue
            if isinstance(binding, Binding) and binding.show and not binding.action.startswith("app."):
                assert {"Esc": "Escape"}.get(name := str(binding.key_display), name) in explained, binding


def test_a_command_is_sent_by_its_title():
    sent = {key.title: key.does for key in KEYS if isinstance(key.does, Command)}
    assert sent
    assert {title: command_of(title) for title in sent} == sent
