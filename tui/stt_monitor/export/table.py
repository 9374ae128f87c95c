"""Turns as rows with everything known of each, as CSV and JSON; times in ms, positions in seconds of audio."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.units import Unit, in_data
from stt_monitor.core.records.fields import Line
from stt_monitor.core.records.turns import TurnRecord, Why, turn_record
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NOT_APPLICABLE
from stt_monitor.core.why.accounts import Accounts
from stt_monitor.core.why.record import why_of
from stt_monitor.export.json_stream import json_pieces
from stt_monitor.export.tiers import agent_tier
from stt_monitor.services.registry import schema_of

Row = dict[str, Any]

_COMMANDS: Final = ("=", "+", "-", "@")
"""A spreadsheet takes a cell that begins with one of these for a formula."""

_PLACES: Final = ("turn", "turn_start_s", "turn_end_s")
_NOT_RECORDED: Final = (*Line.__struct_fields__, "t", "turn", "settings")
_RECORDED: Final = tuple(name for name in TurnRecord.__struct_fields__ if name not in _NOT_RECORDED)


def column_names(schemas: Iterable[Schema]) -> tuple[str, ...]:
    """Return the columns of rows, in order; the settings of their services come last."""
    settings = dict.fromkeys(name for schema in schemas for name in schema.names)
    recorded = (name for name in _RECORDED if name != "not_applicable")
    return (*_PLACES, *recorded, "why_in_full", "eager_wasted_ms", *settings)


def turn_rows(snapshot: Snapshot) -> Iterator[Row]:
    """Yield each turn of a session as `--json` has it, with its settings and its position in the audio."""
    return (cells for _, cells in _with_rows(snapshot))


def csv_turn_rows(snapshot: Snapshot) -> Iterator[Row]:
    """Yield the rows with texts alone: `n/a` for what the service cannot have, as an empty cell is unknown."""
    return map(_in_texts, turn_rows(snapshot))


def _with_rows(snapshot: Snapshot) -> Iterator[tuple[FinishedTurn, Row]]:
    schema = schema_of(snapshot.session)
    accounts = Accounts(snapshot, schema)
    return ((each, _row(each, schema, accounts)) for each in snapshot.finished)


def _row(each: FinishedTurn, schema: Schema, accounts: Accounts) -> Row:
    record = turn_record(0.0, each.turn, each.metrics, each.marks, why_of(accounts.of(each)))
    return {
        "turn": record.turn,
        "turn_start_s": round(each.start_position, 3),
        "turn_end_s": round(each.end_position, 3),
        **{name: getattr(record, name) for name in _RECORDED},
        "eager_wasted_ms": in_data(each.metrics.eager_wasted, Unit.MILLISECONDS),
        **{name: each.turn.settings.get(name) for name in schema.names},
    }


def _in_texts(cells: Row) -> Row:
    languages = ", ".join(language.language for language in cells["languages"] or ())
    why: Why = cells["why"]
    in_words = {
        "why": why.word,
        "why_in_full": " ".join([*([f"{why.equation}."] if why.equation else []), *why.sentences]),
    }
    absent = dict.fromkeys(cells["not_applicable"], NOT_APPLICABLE)
    causes = ", ".join(cells["slow_because"])
    return {**cells, **absent, "languages": languages, "slow_because": causes, **in_words}


def csv_rows(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield rows as CSV (RFC 4180) with a header, in UTF-8 without a byte order mark.

    With the mark Excel would open the file right by a double click, but most programs take it for a part of the first
    name: the help says how to import the file instead. A value that would be a formula in a spreadsheet gets an
    apostrophe in front.
    """
    line = io.StringIO()
    writer = csv.writer(line)
    for cells in chain([names], ([_cell(each.get(name)) for name in names] for each in rows)):
        writer.writerow(cells)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def csv_text(snapshot: Snapshot) -> Iterator[str]:
    """Yield a row for each turn."""
    return csv_rows(column_names([schema_of(snapshot.session)]), csv_turn_rows(snapshot))


def csv_side_by_side(lanes: Mapping[str, Snapshot]) -> Iterator[str]:
    """Yield a row for each turn of several services, one after another; the first column says whose it is."""
    schemas = (schema_of(snapshot.session) for snapshot in lanes.values())
    rows = ({"service": service, **cells} for service, snapshot in lanes.items() for cells in csv_turn_rows(snapshot))
    return csv_rows(("service", *column_names(schemas)), rows)


def json_text(snapshot: Snapshot) -> Iterator[str]:
    """Yield the session and its turns, each with its eager ends, as one JSON object."""
    return json_pieces(_document(snapshot))


def json_side_by_side(lanes: Mapping[str, Snapshot]) -> Iterator[str]:
    """Yield the sessions of several services, each as `json_text` has it."""
    sessions = ({"service": service, **_document(snapshot)} for service, snapshot in lanes.items())
    return json_pieces({"side_by_side": sessions})


def _document(snapshot: Snapshot) -> dict[str, Any]:
    turns = ({**cells, "eager_ends_at": _eager_ends(each)} for each, cells in _with_rows(snapshot))
    agent = ({"start_s": each.start / 1000, "end_s": each.end / 1000} for each in agent_tier(snapshot))
    heard = {"agent_speech": agent} if snapshot.session.agent else {}
    return {"session": msgspec.to_builtins(snapshot.session), "turns": turns, **heard}


def _eager_ends(each: FinishedTurn) -> list[Row]:
    return [
        {
            "at_s": round(each.position_at(eager.at), 3),
            "resumed_at_s": None if eager.resumed_at is None else round(each.position_at(eager.resumed_at), 3),
            "transcript": eager.transcript,
        }
        for eager in each.turn.eager_ends
    ]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(_COMMANDS) else text
