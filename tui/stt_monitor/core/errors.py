"""Failures a person can mend. Their text is one sentence: what is wrong, where, and how to mend it."""

from pathlib import Path


class UserError(Exception):
    """A failure that is told to the user in its own words, never as a traceback."""

    exit_code = 2
    """Of the contract (architecture.md 4). 1 is no failure: an assertion did not hold."""

    def __init__(self, sentence: str, *more: str) -> None:
        """Say what is wrong in a sentence; `more` are lines to show beneath it, say the place."""
        super().__init__(sentence)
        self.more = more


class InputError(UserError):
    """Bad usage, or input that cannot be read."""

    exit_code = 2


class ServiceUnavailableError(UserError):
    """The service could not be reached, or refused."""

    exit_code = 3


class BugError(UserError):
    """A mistake of ours, in a process that told of it."""

    exit_code = 70


def place_of(error: BaseException) -> str:
    """Say what sort of exception it is and where it was raised, in a few words."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    if where is None:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(where.tb_frame.f_code.co_filename).name}, line {where.tb_lineno}"
