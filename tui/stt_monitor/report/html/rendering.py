"""Renders the templates of the page. They escape all output; nothing is marked as safe."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from stt_monitor.core.text.sanitize import printable

if TYPE_CHECKING:
    from jinja2 import Environment

_BUFFERED: Final = 200
"""Pieces that are joined into one: most have a few characters."""


def render(template: str, **values: Any) -> Iterator[str]:  # noqa: ANN401  variables of any type
    """Render a template piece by piece; text in `values` is escaped, never markup.

    Args:
        template: name of a file in `templates/`.
        values: variables of the template; iterators are consumed while it renders.
    """
    stream = _environment().get_template(template).stream(values)
    stream.enable_buffering(_BUFFERED)
    return stream


@cache
def _environment() -> "Environment":
    """Return what has the templates; each is compiled once."""
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
    return environment


def _shown(value: Any) -> Any:  # noqa: ANN401  whatever a template prints
    """Remove control characters from text before it is escaped; the output of macros is done already."""
    if value is None:
        raise TypeError("a template prints None")
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _percent(value: float, digits: int = 2) -> str:
    """Format a length in a chart, percent."""
    return f"{value:.{digits}f}%"
