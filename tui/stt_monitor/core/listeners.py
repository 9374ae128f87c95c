"""What listens where nobody does."""


def ignore(_: object) -> None:
    """Take anything, and do nothing."""
