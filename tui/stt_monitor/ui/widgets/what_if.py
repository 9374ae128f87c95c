"""A line on what the draft of settings would have done with the turns so far."""

from typing import Final

from textual.content import Content

from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.session import what_if
from stt_monitor.core.what_if.wording import in_words
from stt_monitor.services.registry import schema_of
from stt_monitor.ui.toolkit.line_widget import Page
from stt_monitor.ui.toolkit.wrapping import wrap

_INDENT: Final = 2

_Turns = tuple[int, bool]
"""Finished turns, and whether the last of them is still being measured: while both stay, so does the line."""


class WhatIfLine(Page):
    """Says what the draft would have done; takes no line where no likelihood is known, or nothing was changed."""

    def __init__(self, schema: Schema, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._schema = schema
        self._snapshot: Snapshot | None = None
        self._turns: _Turns = (0, False)
        self._evidence: Evidence | None = None
        self._draft: TurnSettings | None = None
        self._sentence = ""

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot; recompute verdicts after each new turn."""
        turns = len(snapshot.finished), bool(snapshot.finished) and snapshot.finished[-1].metrics.pending
        restarted = self._snapshot is not None and self._snapshot.number != snapshot.number
        self._snapshot = snapshot
        if turns != self._turns or restarted:
            self._turns, self._evidence = turns, None
            self._judge()

    def draft(self, draft: TurnSettings | None) -> None:
        """Judge by a draft; None: there is nothing to apply."""
        if draft != self._draft:
            self._draft = draft
            self._judge()

    def all_lines(self, width: int) -> list[Content]:
        """Compose the sentence, on as many lines as it takes."""
        if not self._sentence:
            return []
        lines = wrap(self._sentence, max(1, width - _INDENT))
        return [Content.assemble((f"{'':{_INDENT}}{self._sentence[start:stop]}", "")) for start, stop in lines]

    def _judge(self) -> None:
        sentence = self._found() if self._draft is not None else ""
        if sentence != self._sentence:
            self._sentence = sentence
            self.rewrite()

    def _found(self) -> str:
        snapshot = self._snapshot
        if snapshot is None or not snapshot.likelihood or self._draft is None:
            return ""
        if self._evidence is None:
            if schema_of(snapshot.session) != self._schema:
                return ""
            self._evidence = Evidence.of_newest(snapshot, self._schema)
        return in_words(what_if(self._evidence, self._draft))
