"""Makes `tui/docs/json.md` from the types and docstrings of `core.records`.

    UPDATE_SNAPSHOTS=1 pytest tests/docs/test_json_page.py

writes it anew.
"""

import ast
import inspect
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Final, get_args

import msgspec
from msgspec import inspect as types

from stt_monitor.core.metrics.definitions import SESSION_METRICS, TURN_METRICS
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import SCHEMA_VERSION
from stt_monitor.core.settings.requested import Setting, TurnSettings
from stt_monitor.core.sweep.lines import CellRecord
from stt_monitor.headless.tap import TapRecord
from stt_monitor.services.registry import services
from stt_monitor.tap.calls import CallRecord

PAGE: Final = Path(__file__).parents[2] / "tui" / "docs" / "json.md"

_HEAD: Final = f"""# JSON lines

`stt-monitor … --json` prints one object a line on standard output, in UTF-8, without control characters. Every object
has a `kind`; every one but `session` and `tap` has `t`, the seconds since the session began (in a `total`: since the
first session began). Diagnostics go to standard error.

    stt-monitor talk.wav --json | jq 'select(.kind == "turn") | .eot_latency_ms'

The first line is `session`, with `schema_version` {SCHEMA_VERSION}. Fields and kinds may be added under the same
version: ignore those that you do not know. A field that is renamed or taken away makes the next version. Several
recordings give several sessions, one after another, and a `total`. Several services at once, or with `-j` several
files, give as many sessions, whose lines come mixed: then every line says which `service` or `file` it is about.
`stt-monitor replay SESSION --json` prints what the session printed; `stt-monitor assert SESSION --json` prints
`assertion` lines alone.

`stt-monitor sweep --json` prints a `cell` line for each session that is over, in the order of their ends, and `sweep`,
the result, last: the object of [sweep.md](sweep.md) 6. Their `t` is seconds since this run of the sweep began.

`stt-monitor tap --json` prints `tap` first, and a `call` line as a call begins, is watched no more, or ends; the lines
of its calls' sessions come mixed, each with the number of its `call`.

A field that is `null` has no value: an anchor is missing, or nobody can tell. What the figures mean and which turns
count: [metrics.md](metrics.md). This page is generated from the program's types.
"""

_SHARED: Final = {"t": "Seconds since the session began."}
_PRIMITIVES: Final = {
    types.StrType: "string", types.IntType: "integer", types.FloatType: "number", types.BoolType: "boolean",
    types.NoneType: "null",
}  # fmt: skip


def page() -> str:
    """Return the page.

    Raises:
        KeyError: a field has no docstring, and is no metric either; or its type is none that the page knows.
    """
    records = (*get_args(Record), TapRecord, CallRecord, CellRecord)
    kinds = ", ".join(_link(each) for each in records)
    sections = [f"## {_title(each)}\n\n{_section(each)}" for each in (*records, *_inside(records))]
    sections.append(f"## object `{TurnSettings.__name__}`\n\n{_settings_section()}")
    return "\n".join([_HEAD, f"Kinds: {kinds}.\n", *sections])


def _section(struct: type[msgspec.Struct]) -> str:
    told = {**_SHARED, **_metrics(), **_docstrings(struct)}
    tag = struct.__struct_config__.tag
    rows = [("field", "type", "meaning"), ("---", "---", "---")]
    rows += [("`kind`", "string", f"`{tag}`")] if tag is not None else []
    rows += [
        (f"`{field.name}`", _written(field.type), _for_json(told[field.name]) + _absence(struct, field))
        for field in _fields(struct)
    ]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"{_for_json(inspect.getdoc(struct) or '')}\n\n{table}"


def _settings_section() -> str:
    rows = [("field", "type", "meaning"), ("---", "---", "---")]
    rows += [
        (f"`{each.name}`", "number", f"{service.title}: {each.meaning}{_numbered(each)}. Left out where it is not set.")
        for service in services()
        for each in service.all_settings
    ]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"{inspect.getdoc(TurnSettings)}\n\n{table}"


def _numbered(setting: Setting) -> str:
    words = ", ".join(f"{number} {word}" for number, word in enumerate(setting.words))
    return words and f" ({words})"


def _absence(struct: type[msgspec.Struct], field: types.Field) -> str:
    return " Left out where it is not set." if struct.__struct_config__.omit_defaults and not field.required else ""


def _fields(struct: type[msgspec.Struct]) -> tuple[types.Field, ...]:
    info = types.type_info(struct)
    assert isinstance(info, types.StructType)
    return info.fields


def _title(struct: type[msgspec.Struct]) -> str:
    tag = struct.__struct_config__.tag
    return f"object `{struct.__name__}`" if tag is None else f"kind `{tag}`"


def _link(struct: type[msgspec.Struct]) -> str:
    title = _title(struct).replace("`", "")
    return f"[{title.split()[1]}](#{title.lower().replace(' ', '-')})"


@cache
def _metrics() -> dict[str, str]:
    """What the registry of metrics says, by the name that a metric has in records."""
    told = {metric.key: metric.meaning for metric in SESSION_METRICS}
    return told | {metric.column: f"{metric.meaning} {metric.unit.title.capitalize()}." for metric in TURN_METRICS}


def _docstrings(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the docstrings of fields: the strings that follow them, in the struct and in what it extends."""
    found: dict[str, str] = {}
    for each in reversed(struct.__mro__):
        if not each.__module__.startswith("stt_monitor."):
            continue
        body = ast.parse(dedent(inspect.getsource(each))).body[0]
        assert isinstance(body, ast.ClassDef)
        found |= {
            field.target.id: text.value.value
            for field, text in pairwise(body.body)
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
        }
    return found


def _inside(records: tuple[type[msgspec.Struct], ...]) -> list[type[msgspec.Struct]]:
    """Return the structs that records hold, in the order in which they are met."""
    found: list[type[msgspec.Struct]] = []
    waiting = [field.type for record in records for field in _fields(record)]
    while waiting:
        first = waiting.pop(0)
        if isinstance(first, types.StructType) and first.cls not in (*found, *records):
            found.append(first.cls)
            waiting += [field.type for field in _fields(first.cls)]
        waiting += _parts(first)
    return found


def _parts(info: types.Type) -> list[types.Type]:
    match info:
        case types.UnionType(types=parts) | types.TupleType(item_types=parts):
            return list(parts)
        case types.VarTupleType(item_type=part) | types.ListType(item_type=part) | types.DictType(value_type=part):
            return [part]
    return []


def _written(info: types.Type) -> str:
    match info:
        case types.UnionType():
            text = " or ".join(_written(part) for part in _parts(info) if not isinstance(part, types.CustomType))
        case types.VarTupleType(item_type=part) | types.ListType(item_type=part):
            text = f"array of {_written(part)}"
        case types.TupleType():
            text = f"[{', '.join(_written(part) for part in _parts(info))}]"
        case types.DictType(value_type=part):
            text = "object" if isinstance(part, types.AnyType) else f"object of {_written(part)}"
        case types.EnumType(cls=enum):
            text = ", ".join(f"`{member.value}`" for member in enum)
        case types.StructType(cls=struct):
            text = _link(struct)
        case types.CustomType(cls=cls) if cls is TurnSettings:
            text = "[TurnSettings](#object-turnsettings)"
        case _:
            text = _PRIMITIVES[type(info)]
    return text


def _for_json(docstring: str) -> str:
    text = " ".join(docstring.split()).replace("|", "\\|")
    return re.sub(r"\bNone\b", "null", re.sub(r"^None\b", "Null", text))
