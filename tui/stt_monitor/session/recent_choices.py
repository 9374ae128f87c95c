"""Remembers which recordings were played and which addresses were used, for the lists of the screen."""

from pathlib import Path

from stt_monitor.core.session_options import FileChoice, ServiceChoice, SourceChoice, UrlService


def remember_choice(*choices: SourceChoice | ServiceChoice) -> None:
    """Remember what was chosen; the last one is the newest. An address that may hold a secret is not written down."""
    from stt_monitor.system.user_state import remember_recent  # not before the first paint

    newest_first = choices[::-1]
    files = (Path(each.path).expanduser().absolute() for each in newest_first if isinstance(each, FileChoice))
    addresses = (each.url for each in newest_first if isinstance(each, UrlService) and each.shown == each.url)
    remember_recent(files=tuple(map(str, files)), addresses=tuple(addresses))
