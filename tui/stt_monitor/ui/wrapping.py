"""Where to break a text into lines of so many cells."""

from rich.cells import cell_len, chop_cells


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Return the start and stop of each line of `text`; a word that is longer than a line is broken.

    Args:
        text: without line breaks.
        width: cells in a line; at least one.

    Returns:
        At least one pair; the blanks at which lines were broken belong to no line.
    """
    width = max(1, width)
    return _wrap_ascii(text, width) if text.isascii() else _wrap_cells(text, width)


def line_count(text: str, width: int) -> int:
    """Return how many lines `wrap` makes of a text; much faster for a short one."""
    if len(text) <= width and text.isascii():
        return 1
    return len(wrap(text, width))


def _wrap_ascii(text: str, width: int) -> list[tuple[int, int]]:
    """One character is one cell: the last blank that fits is found without looking at words."""
    lines: list[tuple[int, int]] = []
    start, length = 0, len(text)
    while length - start > width:
        cut = text.rfind(" ", start + 1, start + width + 1)
        if cut < 0:
            lines.append((start, start + width))
            start += width
        else:
            lines.append((start, cut))
            start = cut + 1
    lines.append((start, length))
    return lines


def _wrap_cells(text: str, width: int) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    start = stop = position = used = 0
    for word in text.split(" "):
        cells = cell_len(word)
        if stop > start and used + 1 + cells > width:
            lines.append((start, stop))
            start, used = position, 0
        elif stop > start:
            used += 1
        else:
            start = position
        if cells > width:
            for piece in chop_cells(word, width)[:-1]:
                lines.append((start, start + len(piece)))
                start += len(piece)
            used, cells = 0, cell_len(text[start : position + len(word)])
        stop = position + len(word)
        used += cells
        position = stop + 1
    lines.append((start, stop))
    return lines
