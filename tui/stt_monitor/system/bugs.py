"""A mistake of ours that ends something: told in one sentence, written down in full."""

from stt_monitor.core.errors import place_of


def told(error: BaseException, consequence: str = "") -> str:
    """Write an exception down, and return the sentence that the user gets: none of what it was about is quoted.

    Args:
        error: what went wrong.
        consequence: what comes of it, say "the session has ended".
    """
    from stt_monitor.system.error_log import write_down  # only now that something went wrong

    path = write_down(error)
    said = f"a bug of stt-monitor ({place_of(error)})"
    details = "" if path is None else f"details are in {path}"
    return "; ".join(part for part in (said, consequence, details) if part)
