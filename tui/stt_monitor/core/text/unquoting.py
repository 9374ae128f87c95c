"""Paths as people paste or drag them: quoted, escaped, or as file:// URLs. Pure."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

_QUOTES: Final = "'\""
_ESCAPED: Final = re.compile(r"\\([ '\"()&\[\]])")
"""What terminals escape in the name of a file that is dragged into them."""


def unquoted(text: str) -> str:
    """Return a path without what is put around it; it may be typed only in part."""
    text = text.strip()
    if text.startswith("file://"):
        return unquote(urlsplit(text).path)
    if text and text[0] in _QUOTES:
        return text[1:].removesuffix(text[0])
    return _ESCAPED.sub(r"\1", text)
