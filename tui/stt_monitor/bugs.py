"""A mistake of ours that ends something: told in one sentence, written down in full."""

from pathlib import Path


def told(error: BaseException, consequence: str = "") -> str:
    """Write an exception down, and return the sentence that the user gets: none of what it was about is quoted.

    Args:
        error: what went wrong.
        consequence: what comes of it, say "the session has ended".
    """
    from stt_monitor.error_log import write_down  # only now that something went wrong

    path = write_down(error)
    said = f"a bug of stt-monitor ({place_of(error)})"
    details = "" if path is None else f"details are in {path}"
    return "; ".join(part for part in (said, consequence, details) if part)


def place_of(error: BaseException) -> str:
    """Say what sort of exception it is and where it was raised, in a few words."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    if where is None:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(where.tb_frame.f_code.co_filename).name}, line {where.tb_lineno}"
