"""Bugs of the program: reported in one sentence, logged in full."""

from stt_monitor.core.errors import place_of


def told(error: BaseException, consequence: str = "") -> str:
    """Log an exception and return the sentence for the user, which quotes none of the exception's text.

    Args:
        error: what went wrong.
        consequence: what follows, such as "the session has ended".
    """
    from stt_monitor.system.error_log import write_down  # only now that something went wrong

    path = write_down(error)
    said = f"a bug of stt-monitor ({place_of(error)})"
    details = "" if path is None else f"details are in {path}"
    return "; ".join(part for part in (said, consequence, details) if part)
