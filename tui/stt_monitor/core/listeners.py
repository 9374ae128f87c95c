"""A listener for when there is none."""


def ignore(_: object) -> None:
    """Do nothing."""
