"""Pieces of HTML. All text from outside goes through `e`."""

from html import escape

from stt_monitor.core.text.sanitize import printable


def e(text: str) -> str:
    """Return text as HTML shows it: nothing in it is markup, nothing in it is a control character."""
    return escape(printable(text))


def note(text: str) -> str:
    """Return a remark."""
    return f'<p class="note">{e(text)}</p>\n'


def row_head(name: str, meaning: str, label: str = "") -> str:
    """Return the head of a row that is about a figure: its short name, its name in data, and what it means."""
    title = f"{e(label)} " if label else ""
    definition = f'<span class="meaning">{e(meaning)}</span>' if meaning else ""
    return f'<th scope="row">{title}<code>{e(name)}</code>{definition}</th>'
