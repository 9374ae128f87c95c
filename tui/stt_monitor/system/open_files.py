"""How many files and sockets this process may have open."""

from contextlib import suppress


def allow_open_files(wanted: int) -> int:
    """Raise this process's own limit to `wanted`, as far as the system lets it; return how many it may have open.

    Systems begin with 256 or 1024, which some hundred connections use up.
    """
    try:
        import resource  # Windows has none, and no such limit
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    least = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < least:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (least, hard))
            soft = least
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
