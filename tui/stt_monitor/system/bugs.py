"""Bugs of the program: reported in one sentence, logged in full."""

from stt_monitor.core.errors import place_of


def report_bug(error: BaseException, consequence: str = "") -> str:
    """Log an exception and return a sentence for the user, without the exception's text: it may hold a key.

    Args:
        error: the exception.
        consequence: what follows from it, such as "the session has ended".
    """
    from stt_monitor.system.error_log import log_error  # only needed after a bug

    path = log_error(error)
    sentence = f"a bug of stt-monitor ({place_of(error)})"
    details = "" if path is None else f"details are in {path}"
    return "; ".join(part for part in (sentence, consequence, details) if part)
