"""Fills in the templates of the page. Nothing else escapes, and nothing is marked as safe."""

from collections.abc import Iterator
from typing import Any, Final

from stt_monitor.core.text.sanitize import printable

_BUFFERED: Final = 200
"""Pieces that are joined before they are handed out: most are some characters long."""


def fill_in(template: str, **values: Any) -> Iterator[str]:  # noqa: ANN401  what a template prints or asks for its parts
    """Yield a filled-in template piece by piece; text in `values` is printed as text, whatever is in it.

    Args:
        template: name of a file in `templates/`.
        values: by the names that the template has for them; iterators are consumed while it is printed.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # 0.05 s that only a page needs

    environment = Environment(
        loader=PackageLoader("stt_monitor.report.html"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["percent"] = _percent
    stream = environment.get_template(template).stream(values)
    stream.enable_buffering(_BUFFERED)
    return stream


def _shown(value: Any) -> Any:  # noqa: ANN401  whatever a template prints
    """Take control characters out of text, before it is escaped; what a macro returns went through here already."""
    if value is None:
        raise TypeError("a template prints nothing where there is nothing; it does not print None")
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _percent(value: float, digits: int = 2) -> str:
    """Write a length or a place in a picture, of which 100 is all."""
    return f"{value:.{digits}f}%"
