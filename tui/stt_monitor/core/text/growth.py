"""Whether a text goes on with the one before it. Pure."""

from stt_monitor.core.key import MASK


def grows(before: str, text: str) -> bool:
    """Return whether a text begins with the one before; a redacted secret counts as equal."""
    return text.startswith(before) or MASK in text or MASK in before
