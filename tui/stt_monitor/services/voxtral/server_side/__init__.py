"""Its protocol as the local server speaks it; sections are those of `docs/services.md`."""

from typing import Final

from stt_monitor.services.server_side import ServerSide
from stt_monitor.services.voxtral.request import SOCKET_PATH
from stt_monitor.services.voxtral.server_side.rejections import UNAUTHORIZED, answer
from stt_monitor.services.voxtral.server_side.session import VoxtralSession, shows_key
from stt_monitor.services.voxtral.settings import MODEL


def _point_sdk(base_url: str, key: str) -> str:
    shown = f"api_key={key!r}, " if key else ""
    return f"Mistral({shown}server_url={base_url!r})"


SERVER_SIDE: Final = ServerSide(
    title="Mistral Voxtral",
    path=SOCKET_PATH,
    example_query=f"model={MODEL}",
    shows_key=shows_key,
    unauthorized=UNAUTHORIZED,
    answer=answer,
    open=VoxtralSession,
    point_sdk=_point_sdk,
)
