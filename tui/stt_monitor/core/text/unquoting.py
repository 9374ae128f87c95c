"""Parses paths as people paste or drag them: quoted, escaped, or as file:// URLs. Pure."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

_QUOTES: Final = "'\""
_ESCAPED: Final = r"\\([ '\"()&\[\]])"
"""Characters that terminals escape in the name of a dropped file. Not compiled before there is one."""


def unquoted(text: str) -> str:
    """Remove quotes, escapes or a file:// scheme from a path, which may be incomplete."""
    text = text.strip()
    if text.startswith("file://"):
        return unquote(urlsplit(text).path)
    if text and text[0] in _QUOTES:
        return text[1:].removesuffix(text[0])
    return re.sub(_ESCAPED, r"\1", text)
