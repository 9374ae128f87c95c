"""Whether a text goes on with the one before it. Pure."""

from stt_monitor.core.key import MASK


def grows(before: str, text: str) -> bool:
    """Tell whether a text begins with the one before; where we replaced a secret, nobody knows that it does not."""
    return text.startswith(before) or MASK in text or MASK in before
