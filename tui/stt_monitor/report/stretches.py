"""What services side by side made of each stretch of reference speech, in words."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.side_by_side.differences import differences
from stt_monitor.core.side_by_side.figures import Figure, Kind, best, figures
from stt_monitor.core.side_by_side.rows import Answer, Row
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.report.formatting import cell_value, clock
from stt_monitor.report.model import SavedRun

HOW_READ: Final = (
    f"A row for each stretch of reference speech; for each service {HEADLINE.key} and the words of turns that end "
    "there. * is the best of a row."
)
HOW_MARKED: Final = "Words that most others do not have are marked."


class Piece(msgspec.Struct, frozen=True):
    """A piece of a text, and whether most other services do not have it."""

    text: str
    differs: bool


class Cell(msgspec.Struct, frozen=True):
    """One service in a row."""

    service: str
    value: str
    """Or why there is none."""
    is_best: bool
    remarks: tuple[str, ...]
    words: tuple[Piece, ...]


class Stretch(msgspec.Struct, frozen=True):
    """A row."""

    at: str
    cells: tuple[Cell, ...]


def stretches(run: SavedRun, most: int) -> Iterator[Stretch]:
    """Yield the first `most` rows of a run."""
    services = [each.measured for each in run.sessions]
    for row in run.rows[:most]:
        shown = figures(row, HEADLINE)
        leading = best(HEADLINE, shown)
        cells = (
            Cell(service, _value(figure), place in leading, tuple(_remarks(figure)), said)
            for place, (service, figure, said) in enumerate(zip(services, shown, _words(row), strict=True))
        )
        yield Stretch(_at(row), tuple(cells))


def _at(row: Row) -> str:
    """Return where a row begins in the audio; between stretches, where the first of its turns does."""
    if row.speech is not None:
        return clock(row.speech.onset_position)
    return clock(min(part.finished.start_position for answer in row.answers for part in answer.parts))


def _value(figure: Figure) -> str:
    if figure.kind is Kind.VALUE:
        return cell_value(figure.value, HEADLINE.unit)
    return NO_VALUE if figure.kind is Kind.NONE else figure.kind.value


def _remarks(figure: Figure) -> Iterator[str]:
    if figure.cut:
        yield f"{figure.cut} off"
    if figure.first:
        yield "first"


def _words(row: Row) -> list[tuple[Piece, ...]]:
    """Return the texts of the turns that end in a row, with marks where all services have the same speech there."""
    texts = [_text(answer) for answer in row.answers]
    alike = all(part.begins and part.ends for answer in row.answers for part in answer.parts)
    found = differences([text for text in texts if text]) if alike else None
    if found is None:
        return [(Piece(text, differs=False),) if text else () for text in texts]
    marks = iter(found)
    return [tuple(_pieces(text, next(marks).words)) if text else () for text in texts]


def _text(answer: Answer) -> str:
    ending = (part.finished.turn.transcript for part in answer.parts if part.ends)
    return clean(" ".join(text.strip() for text in ending if text))


def _pieces(text: str, marked: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    done = 0
    for start, stop in marked:
        if done < start:
            yield Piece(text[done:start], differs=False)
        yield Piece(text[start:stop], differs=True)
        done = stop
    if done < len(text):
        yield Piece(text[done:], differs=False)
