"""Errors for the user, each in one sentence: what is wrong, where, and how to fix it."""

from pathlib import Path


class UserError(Exception):
    """An error shown to the user as its sentence, never as a traceback."""

    exit_code = 2
    """Exit code of the contract (architecture.md 4). 1 is no error: an assertion failed."""

    def __init__(self, sentence: str, *more: str) -> None:
        """Make an error of a sentence and of `more` lines below it, such as the place."""
        super().__init__(sentence)
        self.more = more


class InputError(UserError):
    """Bad usage, or input that cannot be read."""

    exit_code = 2


class ServiceUnavailableError(UserError):
    """The service could not be reached, or refused."""

    exit_code = 3


class BugError(UserError):
    """A bug of ours, reported by another process."""

    exit_code = 70


def place_of(error: BaseException) -> str:
    """Return an exception's type and where it was raised, in a few words."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    if where is None:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(where.tb_frame.f_code.co_filename).name}, line {where.tb_lineno}"
