"""Whoever speaks, names a file, runs a server or writes a recording can put text into a report."""

import re
from collections.abc import Callable
from enum import Enum
from functools import cache
from pathlib import Path

import msgspec
import pytest
from markdown_it import MarkdownIt
from tests.report.page import Page
from tests.report.sessions import kept

import stt_monitor.report.html
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.text.sanitize import clean, printable
from stt_monitor.report.html.page import html
from stt_monitor.report.markdown import markdown
from stt_monitor.report.model import By, LoadedSession, Report, compose

HOSTILE = [
    "</title></style><script>alert(1)</script>",
    "\"onx=1 '><img src=x onerror=alert(1)>",
    "{{ 6666*7777 }}{{ sessions }}{{ self }}",
    "{% raw %}{% include 'page.css' %}{# note #}",
    "\x1b[31m]]><!--<b>&lt;&amp;&#60;\u202e",
]
HARMLESS = "harmless"
EVALUATED = str(6666 * 7777)
KNOWN = ("service",)
"""Fields that are looked up: a recording with other values in them is not read."""


def filled(value: object, text: str) -> object:
    """Put text into every field of records that has text, and into names of settings."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return text
    if isinstance(value, TurnSettings):
        return TurnSettings(dict.fromkeys([text] * len(value), next(iter(value.values()), 0.0)))
    if isinstance(value, msgspec.Struct):
        names = [name for name in value.__struct_fields__ if name not in KNOWN]
        return msgspec.structs.replace(value, **{name: filled(getattr(value, name), text) for name in names})
    if isinstance(value, tuple):
        return tuple(filled(member, text) for member in value)
    return value


def session(text: str) -> LoadedSession:
    plain = kept("one", "two", "three", said="one two")
    snapshot = plain.snapshot
    asked = Settings(keyterms=("term",), turn=TurnSettings(end_threshold=0.5))
    record = msgspec.structs.replace(snapshot.session, server="server", channel="left", settings=asked)
    turns = [replaced_settings(each) for each in snapshot.finished]
    snapshot = msgspec.structs.replace(snapshot, session=record, finished=tuple(turns), detail="detail", error="error")
    plain = msgspec.structs.replace(plain, snapshot=snapshot, folder="folder")
    hostile = filled(plain, text)
    assert isinstance(hostile, LoadedSession)
    return msgspec.structs.replace(hostile, aggregate=plain.aggregate)


def replaced_settings(each: FinishedTurn) -> FinishedTurn:
    settings = TurnSettings(end_threshold=0.5 if each.turn.number % 2 else 0.4)
    return msgspec.structs.replace(each, turn=msgspec.structs.replace(each.turn, settings=settings))


def both(text: str, by: By) -> Report:
    return compose([session(text), kept("x", name="other")], by)


def side_by_side(text: str, by: By) -> Report:
    """Their group has the same text for its name: they heard the same audio."""
    report = compose([session(text), session(text)], by)
    assert len(report.runs) == 1
    return report


@cache
def harmless(made: Callable[[str, By], Report], by: By) -> Page:
    """What is written of a text that is no markup."""
    return Page("".join(html(made(HARMLESS, by))))


@pytest.mark.parametrize("made", [both, side_by_side])
@pytest.mark.parametrize("by", By)
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_any_record_is_markup_or_evaluated_in_a_page(text: str, by: By, made: Callable[[str, By], Report]):
    written = "".join(html(made(text, by)))
    page, plain = Page(written), harmless(made, by)
    assert page.tags == plain.tags
    assert [name for name, _ in page.attributes] == [name for name, _ in plain.attributes]
    assert EVALUATED not in written
    assert "None" not in written
    if set(text) & set("<>\"'&"):
        assert text not in written
    assert printable(written.replace("\n", "")) == written.replace("\n", "")
    seen = " ".join((*page.texts, *(value or "" for _, value in page.attributes)))
    assert seen.count(clean(text)) > 10  # it was there, and is shown as it came


@pytest.mark.parametrize("made", [both, side_by_side])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_any_record_is_markup_in_markdown(text: str, made: Callable[[str, By], Report]):
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])

    def markup(text: str) -> list[str]:
        tokens = reader.parse("".join(markdown(made(text, By.SESSION))))
        kinds = [part.type for token in tokens for part in (token, *(token.children or ()))]
        return [kind for kind in kinds if kind not in ("text", "text_special")]

    assert markup(text) == markup(HARMLESS)


def test_templates_leave_escaping_to_their_environment():
    folder = Path(stt_monitor.report.html.__file__).parent
    for path in (path for ending in ("html", "css", "py") for path in folder.rglob(f"*.{ending}")):
        assert not re.search(r"\|\s*safe|Markup|{%-? autoescape|autoescape=False", path.read_text("utf-8")), path
