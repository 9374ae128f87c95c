"""Failures a person can mend. Their text is one sentence: what is wrong, where, and how to mend it."""


class UserError(Exception):
    """A failure that is told to the user in its own words, never as a traceback."""

    exit_code = 2
    """Of the contract (design 5). 1 is no failure: an assertion did not hold."""

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
