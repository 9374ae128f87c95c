"""Failures a person can mend. Their text is one sentence: what is wrong, where, and how to mend it."""


class UserError(Exception):
    """A failure that is told to the user in its own words, never as a traceback."""

    exit_code = 1


class InputError(UserError):
    """Bad usage, or audio that cannot be read."""

    exit_code = 2


class ServiceUnavailableError(UserError):
    """The service could not be reached, or refused."""

    exit_code = 3
